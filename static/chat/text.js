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

/** Letters written from right to left, and marks that turn the direction. */
const TURNS =
  /[\u0590-\u08FF\u200F\u202A-\u202E\u2066-\u2069\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

/**
 * What people wrote, in the midst of other words where there can be no `<bdi>`:
 * what is written from right to left does not turn what stands around it.
 *
 * @param {string} text
 * @returns {string} the text, between U+2068 and U+2069 if it needs that
 */
export function isolate(text) {
  return TURNS.test(text) ? `\u2068${text}\u2069` : text;
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
