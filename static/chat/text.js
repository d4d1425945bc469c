// @ts-check

/**
 * Small questions about text that people wrote.
 * @module
 */

/**
 * What names, rooms and messages are limited in.
 *
 * @param {string} text
 * @returns {number}
 */
export function countCodePoints(text) {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * The form in which the server keeps names and rooms.
 *
 * @param {string} label
 * @returns {string}
 */
export function normalizeLabel(label) {
  return label.normalize("NFC").trim();
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * What stands in a person's jack: the first letter (or emoji) of the name.
 *
 * @param {string} name
 * @returns {string} `""` for an empty name
 */
export function initial(name) {
  for (const { segment } of graphemes.segment(name)) {
    return segment.toLocaleUpperCase();
  }
  return "";
}

/**
 * @param {number} count
 * @param {string} one
 * @param {string} many
 * @returns {string} e.g. `1 message`, `3 messages`
 */
export function plural(count, one, many) {
  return `${count} ${count === 1 ? one : many}`;
}

/**
 * @param {string} text
 * @returns {boolean} whether it is one to three emoji and nothing else, which
 * are shown large
 */
export function isEmojiOnly(text) {
  const letters = [...graphemes.segment(text.trim())];
  return letters.length >= 1 && letters.length <= 3 &&
    letters.every(({ segment }) =>
      /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F)/u.test(
        segment,
      )
    );
}
