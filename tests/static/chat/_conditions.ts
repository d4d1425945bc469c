const PATIENCE = 5_000;

/** Conditions that somebody waits for; looked at on each change. */
export class Conditions {
  #waiting: { holds: () => boolean; resolve: () => void }[] = [];

  /** Waits until it holds; fails when it does not within five seconds. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#waiting.push({ holds, resolve });
    const timer = setTimeout(
      () => reject(new Error(`Waited in vain for ${holds}`)),
      PATIENCE,
    );
    await promise.finally(() => clearTimeout(timer));
  }

  /** Something has changed. */
  check(): void {
    this.#waiting = this.#waiting.filter(({ holds, resolve }) => {
      const kept = !holds();
      if (!kept) resolve();
      return kept;
    });
  }
}
