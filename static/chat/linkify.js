// @ts-check

/**
 * Finds the links in a message.
 * @module
 */

/** @typedef {{ text: string, href?: string }} Piece */

// Only these two schemes: a `javascript:` or `data:` link must never be one
// click away. Quotes and angle brackets end a link as they do in prose.
const CANDIDATE = /https?:\/\/[^\s<>"“”«»]+/giu;

const CLOSING = new Map([[")", "("], ["]", "["], ["}", "{"]]);

/**
 * Cuts a text into plain pieces and links, in order; joined, the pieces are
 * the text again.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export function linkify(text) {
  /** @type {Piece[]} */
  const pieces = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    // "xhttp://…" is a word, not a link.
    if (match.index > 0 && /[\p{L}\p{N}_]/u.test(text[match.index - 1] ?? "")) {
      continue;
    }
    const address = trimPunctuation(match[0]);
    const href = toHref(address);
    if (href === undefined) continue;
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/**
 * "See http://a.example/x." ends a sentence, and "(http://a.example/)" a
 * bracket; but "http://a.example/x_(y)" keeps the bracket it opened.
 *
 * @param {string} address
 * @returns {string}
 */
function trimPunctuation(address) {
  // Counted once: a row of brackets may be as long as a message.
  /** @type {Map<string, number>} */
  const unopened = new Map();
  for (const [closing, opening] of CLOSING) {
    const count = address.split(closing).length - address.split(opening).length;
    unopened.set(closing, count);
  }
  let end = address.length;
  while (end > 0) {
    const last = /** @type {string} */ (address[end - 1]);
    const count = unopened.get(last) ?? 0;
    if (count <= 0 && !/[.,:;!?'’…*_~]/u.test(last)) break;
    unopened.set(last, count - 1);
    end--;
  }
  return address.slice(0, end);
}

/**
 * @param {string} address
 * @returns {string | undefined}
 */
function toHref(address) {
  let url;
  try {
    // Safari before 17 has no `URL.canParse()`.
    url = new URL(address);
  } catch {
    return undefined;
  }
  // "https://user@bank.example@evil.example" shows one host and opens another.
  if (url.username !== "" || url.password !== "") return undefined;
  return url.href;
}
