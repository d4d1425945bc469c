// @ts-check

/**
 * Which colour each person's cord has.
 * @module
 */

/** How many cord colours the style sheet has. */
export const CORD_COLORS = 8;

/**
 * Gives names their colours: a name tends to have the same one on every screen
 * and every day, but no two share one while there are enough.
 */
export class CordColors {
  /** @type {Map<string, number>} */
  #given = new Map();
  /** @type {number[]} */
  #uses = Array(CORD_COLORS).fill(0);

  /**
   * @param {string} name in any case
   * @returns {number} from 0 up to but not including {@linkcode CORD_COLORS}
   */
  of(name) {
    const key = name.normalize("NFC").toLowerCase();
    const known = this.#given.get(key);
    if (known !== undefined) return known;
    const least = Math.min(...this.#uses);
    let color = preferredColor(key);
    while (this.#uses[color] !== least) color = (color + 1) % CORD_COLORS;
    this.#uses[color] = least + 1;
    this.#given.set(key, color);
    return color;
  }
}

/**
 * @param {string} key
 * @returns {number}
 */
function preferredColor(key) {
  let hash = 0x811c9dc5;
  for (const letter of key) {
    hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  // The low bits of this hash (FNV-1a) alone follow the last letters too closely.
  return ((hash ^ (hash >>> 15)) >>> 0) % CORD_COLORS;
}
