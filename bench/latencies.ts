const LONGEST_US = 1_000_000;

/** How long round trips took, counted by whole microseconds up to a second. */
export class Latencies {
  readonly #counts = new Uint32Array(LONGEST_US + 1);
  #total = 0;

  /** Adds a round trip of so many milliseconds. */
  add(milliseconds: number): void {
    this.#counts[Math.min(LONGEST_US, Math.floor(milliseconds * 1000))]!++;
    this.#total++;
  }

  /** Forgets all round trips. */
  clear(): void {
    this.#counts.fill(0);
    this.#total = 0;
  }

  /**
   * The time, in microseconds, within which this share of the round trips was
   * over: 0.99 is that of all but the slowest hundredth.
   */
  percentile(share: number): number {
    let left = this.#total * share;
    return this.#counts.findIndex((count) => (left -= count) <= 0);
  }
}
