// @ts-check

/**
 * The figures of a series of ping times. Immutable.
 * @module
 */

/** How many of the latest times the chart shows. */
export const KEPT_TIMES = 60;

/** A growing series of times, in milliseconds. */
export class PingTimes {
  /** How many there were. */
  count = 0;
  /** The shortest; `Infinity` before the first. */
  min = Infinity;
  /** The longest; 0 before the first. */
  max = 0;
  /** The mean of all; `NaN` before the first. */
  average = NaN;
  /**
   * The latest {@linkcode KEPT_TIMES}, oldest first.
   * @type {readonly number[]}
   */
  latest = [];

  /**
   * @param {number} time in milliseconds
   * @returns {PingTimes} the series with one more
   */
  add(time) {
    const next = new PingTimes();
    next.count = this.count + 1;
    next.min = Math.min(this.min, time);
    next.max = Math.max(this.max, time);
    next.average = this.count === 0
      ? time
      : this.average + (time - this.average) / next.count;
    next.latest = [...this.latest, time].slice(-KEPT_TIMES);
    return next;
  }
}

/**
 * @param {number} time in milliseconds
 * @returns {string} e.g. `0.34 ms`, `12.3 ms`, `250 ms`
 */
export function formatTime(time) {
  const digits = time < 1 ? 2 : time < 100 ? 1 : 0;
  return `${time.toFixed(digits)} ms`;
}
