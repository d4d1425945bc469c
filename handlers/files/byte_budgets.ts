import { RefillTimes } from "../chat/refill_times.ts";

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

/**
 * Bytes that each key may use, which come back steadily. When there are too many
 * keys, the one that has used none for the longest time has all of them again.
 */
export class ByteBudgets {
  readonly #budget: ByteBudget;
  readonly #fullAt = new RefillTimes();

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
    this.#fullAt.set(key, { time: fullAt + bytes / most * period, now });
  }
}
