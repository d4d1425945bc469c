/** Lets those that have the same key do their work one after the other. */
export class KeyLock {
  /** The last work of each key that is not done yet. */
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does some work once all earlier work of that key is done. */
  async run<Value>(
    key: string,
    work: () => Promise<Value>,
  ): Promise<Value> {
    const before = this.#last.get(key);
    const turn = (async () => {
      await before;
      return await work();
    })();
    // Whoever comes next is not concerned if this fails.
    const settled = turn.then(() => {}, () => {});
    this.#last.set(key, settled);
    try {
      return await turn;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
