// @ts-check

/**
 * People who are named in a text by an `@`.
 * @module
 */

/** @import { Person } from "../chat-client/wire.d.ts" */

/** @typedef {{ text: string, person?: Person }} MentionPiece */

/**
 * Cuts a text at the names in it, in order; joined, the pieces are the text
 * again. A longer name goes before a shorter one that it begins with.
 *
 * @param {string} text
 * @param {Iterable<Person>} people who may be named
 * @returns {MentionPiece[]}
 */
export function cutMentions(text, people) {
  const longestFirst = [...people].sort((a, b) =>
    b.name.length - a.name.length
  );
  /** @type {MentionPiece[]} */
  const pieces = [];
  let end = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", at + 1)) {
    if (at < end || isInWord(text[at - 1])) continue;
    const person = longestFirst.find(({ name }) =>
      text.startsWith(name, at + 1) && !isInWord(text[at + 1 + name.length])
    );
    if (person === undefined) continue;
    if (at > end) pieces.push({ text: text.slice(end, at) });
    end = at + 1 + person.name.length;
    pieces.push({ text: text.slice(at, end), person });
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/**
 * @param {string} text
 * @param {Iterable<Person>} people
 * @param {number} most
 * @returns {string[]} the ids of those who are named, each once
 */
export function mentionedIn(text, people, most = 20) {
  const ids = cutMentions(text, people).flatMap(({ person }) =>
    person === undefined ? [] : [person.id]
  );
  return [...new Set(ids)].slice(0, most);
}

/**
 * What is being written at the cursor, if it may become a name.
 *
 * @param {string} text up to the cursor
 * @returns {string | undefined} what stands after the `@`
 */
export function openMention(text) {
  const at = text.lastIndexOf("@");
  if (at < 0 || isInWord(text[at - 1])) return undefined;
  const begun = text.slice(at + 1);
  // Names may have spaces, but hardly this many letters.
  return begun.includes("\n") || begun.length > 32 ? undefined : begun;
}

/**
 * @param {string} begun what stands after the `@`
 * @param {Iterable<Person>} people
 * @param {number} most
 * @returns {Person[]} those whose names, or a word in them, begin so
 */
export function completions(begun, people, most = 6) {
  const wanted = begun.toLocaleLowerCase();
  const found = [...people].filter(({ name }) => {
    const lower = name.toLocaleLowerCase();
    return lower.startsWith(wanted) || lower.includes(` ${wanted}`);
  });
  return found.sort((a, b) => a.name.localeCompare(b.name)).slice(0, most);
}

/**
 * @param {string | undefined} letter
 * @returns {boolean}
 */
function isInWord(letter) {
  return letter !== undefined && /[\p{L}\p{N}\p{M}_]/u.test(letter);
}
