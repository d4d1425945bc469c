// @ts-check

/**
 * How long to wait before the next attempt to connect.
 * @module
 */

/** The longest first wait, in milliseconds. */
export const BASE_DELAY = 500;

/** No wait is longer than this, in milliseconds. */
export const MAX_DELAY = 30_000;

/**
 * Exponential back-off with full jitter: somewhere between nothing and a bound
 * that doubles with each attempt, so that the clients of a restarted server
 * come back spread out.
 *
 * @param {number} attempt 0 for the first wait after a connection was lost
 * @param {() => number} [random] from 0 up to but not including 1
 * @returns {number} milliseconds
 */
export function reconnectDelay(attempt, random = Math.random) {
  // 2 ** 1024 is Infinity, and min() still answers the cap.
  return random() * Math.min(MAX_DELAY, BASE_DELAY * 2 ** attempt);
}
