/** How often housekeeping is done, in milliseconds: once an hour. */
const INTERVAL = 60 * 60 * 1000;

/** Options of {@linkcode Housekeeping}. */
export interface HousekeepingOptions {
  /** Told when a chore fails; the others are done nevertheless. */
  readonly onError: (error: unknown) => void;
  /** Milliseconds between the end of a round and the next. Default: an hour. */
  readonly interval?: number;
}

/**
 * Does chores one after the other, at once and again every hour, until it is
 * disposed of.
 */
export class Housekeeping implements AsyncDisposable {
  readonly #chores: readonly (() => Promise<unknown>)[];
  readonly #onError: (error: unknown) => void;
  readonly #interval: number;
  #round: Promise<void>;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = false;

  /** Begins the first round. */
  constructor(
    chores: readonly (() => Promise<unknown>)[],
    { onError, interval = INTERVAL }: HousekeepingOptions,
  ) {
    this.#chores = chores;
    this.#onError = onError;
    this.#interval = interval;
    this.#round = this.#doAll();
  }

  /** Ends it; resolves when the chore that is under way is done. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  async #doAll(): Promise<void> {
    for (const chore of this.#chores) {
      if (this.#hasEnded) return;
      try {
        await chore();
      } catch (error) {
        this.#onError(error);
      }
    }
    if (this.#hasEnded) return;
    this.#timer = setTimeout(() => {
      this.#round = this.#doAll();
    }, this.#interval);
  }
}
