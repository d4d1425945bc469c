// @ts-check

/** The bound of the first wait, in milliseconds. */
const FIRST_BOUND = 500;

/** No wait is longer than this, in milliseconds. */
const LAST_BOUND = 30_000;

/** @type {typeof import("./mod.d.ts").fullJitter} */
export function fullJitter(failures, random = Math.random) {
  // 2 ** 1024 is Infinity, and min() still answers the last bound.
  return random() * Math.min(LAST_BOUND, FIRST_BOUND * 2 ** failures);
}
