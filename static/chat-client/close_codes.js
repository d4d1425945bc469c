// @ts-check

/**
 * What becomes of a client when its connection ends.
 *
 * - `back_off`: it connects again, after a while
 * - `at_once`: it connects again
 * - `rest`: it connects again, after a minute at least
 * - `anew`: `back_off` if it has identified itself, or is about to; otherwise
 *   it waits for somebody to do so
 * - `disconnected`, `ended`, `banned`, `broken`: it stays offline, for that reason
 * @typedef {"back_off" | "at_once" | "rest" | "anew" | "disconnected" | "ended" | "banned" | "broken"} AfterClose
 */

/** @type {Readonly<Record<number, AfterClose>>} */
const AFTER_CLOSE = {
  1002: "broken",
  1007: "broken",
  1008: "broken",
  4002: "disconnected",
  4003: "ended",
  4004: "banned",
  4008: "at_once",
  4009: "anew",
  4029: "rest",
};

/** How long `rest` is at least, in milliseconds. */
export const REST_TIME = 60_000;

/**
 * @param {number} code of a connection that somebody else has ended
 * @returns {AfterClose}
 */
export function afterClose(code) {
  return AFTER_CLOSE[code] ?? "back_off";
}
