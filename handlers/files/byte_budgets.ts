/** How many bytes there are for each key. */
export interface ByteBudget {
  /** How many at once, and in each period from then on. */
  readonly bytes: number;
  /** How many milliseconds it takes until all of them are there again. */
  readonly period: number;
}

/** So many bytes, at a time in milliseconds of any clock. */
export interface BytesAt {
  readonly bytes: number;
  readonly now: number;
}

/** The most keys that are remembered. */
const MOST_KEYS = 16_384;

/**
 * Bytes that each key may use, which come back steadily.
 *
 * A key that has all its bytes is forgotten. When there are too many others, the
 * one that has used none for the longest time is forgotten too.
 */
export class ByteBudgets {
  readonly #budget: ByteBudget;
  /** When each has all its bytes again; who has used some last comes last. */
  readonly #fullAt = new Map<string, number>();

  /** Gives each key a full budget. */
  constructor(budget: ByteBudget) {
    this.#budget = budget;
  }

  /** In how many milliseconds a key has so many bytes; 0 if it has them. */
  wait(key: string, { bytes, now }: BytesAt): number {
    const { bytes: most, period } = this.#budget;
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now);
    return Math.max(0, fullAt + bytes / most * period - now - period);
  }

  /** Uses bytes of a key, more than it has if need be. */
  use(key: string, { bytes, now }: BytesAt): void {
    const { bytes: most, period } = this.#budget;
    const fullAt = Math.max(this.#fullAt.get(key) ?? now, now);
    this.#fullAt.delete(key);
    this.#fullAt.set(key, fullAt + bytes / most * period);
    this.#forget(now);
  }

  /** Two at most each time, so that it never takes long. */
  #forget(now: number): void {
    let left = 2;
    for (const [key, fullAt] of this.#fullAt) {
      if (left-- === 0) return;
      if (fullAt > now && this.#fullAt.size <= MOST_KEYS) return;
      this.#fullAt.delete(key);
    }
  }
}
