import { RefillTimes, type RefillTimesOptions } from "./refill_times.ts";

/** How often something may be done. */
export interface Rate {
  /** How often at once, 1 or more. */
  readonly burst: number;
  /** After how many seconds once more; 0 for no limit. */
  readonly every: number;
}

/**
 * A bucket that holds `burst` tokens and gets a new one every so many seconds.
 *
 * It keeps one number, the time at which it will be full again, and has no
 * clock: times are milliseconds of any clock that the caller has.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { TokenBucket } from "./token_bucket.ts";
 *
 * const bucket = new TokenBucket({ burst: 2, every: 10 });
 * assertEquals([bucket.take(0), bucket.take(0)], [0, 0]);
 * assertEquals(bucket.take(4000), 6);
 * assertEquals(bucket.take(10_000), 0);
 * ```
 */
export class TokenBucket {
  readonly #rate: Rate;
  #fullAt = Number.NEGATIVE_INFINITY;

  /** Makes a full bucket. */
  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** Takes a token: 0, or after how many seconds there will be one. */
  take(now: number): number {
    const wait = waitFor(this.#fullAt, { rate: this.#rate, now });
    if (wait === 0) {
      this.#fullAt = withOneLess(this.#fullAt, { rate: this.#rate, now });
    }
    return wait;
  }
}

/**
 * A bucket for each key, a bounded number of them: when there are too many, the
 * one from which nothing has been taken for the longest time is full again. A
 * refusal changes nothing and takes no memory.
 */
export class TokenBuckets {
  readonly #rate: Rate;
  readonly #fullAt: RefillTimes;

  /** `most` is how many buckets are kept; the default is 16,384. */
  constructor(rate: Rate, options: RefillTimesOptions = {}) {
    this.#rate = rate;
    this.#fullAt = new RefillTimes(options);
  }

  /** How many buckets are kept now. */
  get size(): number {
    return this.#fullAt.size;
  }

  /** After how many seconds there is a token; 0 if there is one. */
  wait(key: string, now: number): number {
    const fullAt = this.#fullAt.get(key);
    if (fullAt === undefined) return 0;
    return waitFor(fullAt, { rate: this.#rate, now });
  }

  /** Takes a token: 0, or after how many seconds there will be one. */
  take(key: string, now: number): number {
    const wait = this.wait(key, now);
    if (wait > 0) return wait;
    const fullAt = this.#fullAt.get(key) ?? Number.NEGATIVE_INFINITY;
    const time = withOneLess(fullAt, { rate: this.#rate, now });
    this.#fullAt.set(key, { time, now });
    return 0;
  }
}

interface At {
  readonly rate: Rate;
  readonly now: number;
}

/**
 * How many milliseconds a bucket lacks to be full. A clock that was put back
 * does not make it lack more than it holds.
 */
function missing(fullAt: number, { rate, now }: At): number {
  return Math.min(Math.max(fullAt - now, 0), rate.burst * rate.every * 1000);
}

function waitFor(fullAt: number, at: At): number {
  const { burst, every } = at.rate;
  const wait = missing(fullAt, at) - (burst - 1) * every * 1000;
  // In whole milliseconds: nobody waits in finer ones. A millionth of one is an
  // error of rounding.
  return wait < 1e-6 ? 0 : Math.ceil(wait) / 1000;
}

function withOneLess(fullAt: number, at: At): number {
  return at.now + missing(fullAt, at) + at.rate.every * 1000;
}
