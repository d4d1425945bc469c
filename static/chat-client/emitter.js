// @ts-check

/**
 * Listeners by the type of what they listen to.
 *
 * @template {Record<keyof E, unknown[]>} E the values that each type comes with
 */
export class Emitter {
  /** @type {Map<keyof E, Set<(...values: any[]) => void>>} */
  #listeners = new Map();

  /**
   * @template {keyof E} T
   * @param {T} type
   * @param {(...values: E[T]) => void} listener
   * @returns {() => void} ends it
   */
  on(type, listener) {
    const listeners = this.#listeners.get(type) ?? new Set();
    this.#listeners.set(type, listeners);
    // A function that listens twice is called twice.
    /** @param {E[T]} values */
    const own = (...values) => listener(...values);
    listeners.add(own);
    return () => listeners.delete(own);
  }

  /**
   * @template {keyof E} T
   * @param {T} type
   * @param {E[T]} values
   */
  emit(type, ...values) {
    for (const listener of [...this.#listeners.get(type) ?? []]) {
      try {
        listener(...values);
      } catch (error) {
        // The program's mistake: told as an uncaught error, harming nobody else.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }
}
