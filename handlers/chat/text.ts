/** A control character that is neither line feed nor tab. */
const CONTROL = /[^\P{Cc}\n\t]/u;

/**
 * Tells whether a text has at least `min` and at most `max` code points.
 *
 * It does not count further than it has to, so an oversized text is cheap.
 */
export function hasLength(
  text: string,
  range: { readonly min: number; readonly max: number },
): boolean {
  // A code point takes one or two units, so most texts need no counting.
  if (text.length < range.min || text.length > 2 * range.max) return false;
  if (text.length >= 2 * range.min && text.length <= range.max) return true;
  let count = 0;
  for (const _ of text) count++;
  return count >= range.min && count <= range.max;
}

/**
 * Tells whether a text has at most `max` code points, and no control characters
 * but line feed and tab.
 *
 * A lone surrogate, which JSON can express, is refused as well.
 */
export function isClean(text: string, max: number): boolean {
  return hasLength(text, { min: 0, max }) && text.isWellFormed() &&
    !CONTROL.test(text);
}

/**
 * Tells whether a text may be said in a room: it {@linkcode isClean}, and is not
 * only white space.
 */
export function isSayable(text: string, max: number): boolean {
  return isClean(text, max) && /\S/.test(text);
}
