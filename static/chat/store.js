// @ts-check

/**
 * Keeps the one state of the page and tells who wants to know of each change.
 *
 * @template State, Action
 */
export class Store {
  /** @type {(state: State, action: Action) => State} */
  #reduce;
  /** @type {State} */
  #state;
  /** @type {((state: State, previous: State) => void)[]} */
  #listeners = [];

  /**
   * @param {(state: State, action: Action) => State} reduce pure
   * @param {State} state the first one
   */
  constructor(reduce, state) {
    this.#reduce = reduce;
    this.#state = state;
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /** @param {Action} action */
  dispatch(action) {
    const previous = this.#state;
    this.#state = this.#reduce(previous, action);
    if (this.#state === previous) return;
    for (const listener of this.#listeners) listener(this.#state, previous);
  }

  /** @param {(state: State, previous: State) => void} listener */
  subscribe(listener) {
    this.#listeners.push(listener);
  }
}
