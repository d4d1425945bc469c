// In milliseconds: more than anything should take on a busy machine.
const TIME_LIMIT = 20_000;

/** What has come and not been taken, in order. */
export class Inbox<T> {
  readonly #come: T[] = [];
  readonly #takers: PromiseWithResolvers<T>[] = [];
  #end: string | undefined;

  /** Puts one in. */
  push(item: T): void {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#come.push(item);
    else taker.resolve(item);
  }

  /** Nothing more will come: who waits is told why. */
  end(why: string): void {
    this.#end = why;
    for (const { reject } of this.#takers.splice(0)) reject(new Error(why));
  }

  /**
   * Takes the next one, as soon as it has come. Rejects after the end, or when
   * nothing has come for 20 s.
   */
  async next(): Promise<T> {
    if (this.#come.length > 0) return this.#come.shift()!;
    if (this.#end !== undefined) throw new Error(this.#end);
    const taker = Promise.withResolvers<T>();
    this.#takers.push(taker);
    const timer = setTimeout(
      () => taker.reject(new Error("Nothing has come")),
      TIME_LIMIT,
    );
    try {
      return await taker.promise;
    } finally {
      clearTimeout(timer);
    }
  }
}
