// @ts-check

/** @import { ChatError } from "./errors.d.ts" */

/** Refusals after which the same may be tried again. */
const FOR_NOW = new Set(["too_fast", "slow_mode", "busy"]);

/** If the server does not say when, in seconds. */
const DEFAULT_WAIT = 1;

/**
 * @param {ChatError} error
 * @returns {number | undefined} after how many milliseconds to try the same
 * again; `undefined` if that is no use
 */
export function retryTime({ code, retryAfter = DEFAULT_WAIT }) {
  return FOR_NOW.has(code) ? 1000 * retryAfter : undefined;
}
