/** Options of {@linkcode RefillTimes}. */
export interface RefillTimesOptions {
  /** How many keys are kept. The default is 16,384. */
  readonly most?: number | undefined;
}

/**
 * When each of many keys has all again that it may use, for a bounded number of
 * them. Times are milliseconds of any clock that the caller has.
 *
 * A key whose time has come is forgotten. When there are too many others, the
 * one that has used nothing for the longest time is forgotten too.
 */
export class RefillTimes {
  readonly #most: number;
  /** The one that was set last comes last. */
  readonly #times = new Map<string, number>();

  constructor({ most = 16_384 }: RefillTimesOptions = {}) {
    this.#most = most;
  }

  /** How many keys are kept now. */
  get size(): number {
    return this.#times.size;
  }

  /** The time of a key, if it is kept. */
  get(key: string): number | undefined {
    return this.#times.get(key);
  }

  /** Sets the time of a key that has used something now. */
  set(
    key: string,
    { time, now }: { readonly time: number; readonly now: number },
  ): void {
    this.#times.delete(key);
    this.#times.set(key, time);
    this.#forget(now);
  }

  /** Two at most for each one that is set, so that it never takes long. */
  #forget(now: number): void {
    let left = 2;
    for (const [key, time] of this.#times) {
      if (left-- === 0) return;
      if (time > now && this.#times.size <= this.#most) return;
      this.#times.delete(key);
    }
  }
}
