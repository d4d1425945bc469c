// @ts-check

/** The server's clock, for the one of this machine may be wrong. */
export class ServerClock {
  #time = Date.now();
  #setAt = performance.now();

  /** @returns {number} the server's time, in milliseconds since 1970 */
  get now() {
    return this.#time + performance.now() - this.#setAt;
  }

  /** @param {string} time what it is now; ISO 8601 */
  set(time) {
    this.#time = Date.parse(time);
    this.#setAt = performance.now();
  }
}
