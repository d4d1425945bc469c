// @ts-check

/**
 * What happens in a room that its user cannot listen to yet, because the promise
 * of it has not been seen: it waits for the next turn of the event loop.
 */
export class HeldSteps {
  /** @type {(() => void)[] | undefined} `undefined` when nothing waits any more */
  #held = [];
  #timer = setTimeout(() => this.release());

  /** @param {() => void} step done now, or when what waits is released */
  do(step) {
    if (this.#held === undefined) step();
    else this.#held.push(step);
  }

  /** Does what has waited, and from now on all at once. */
  release() {
    clearTimeout(this.#timer);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const step of held) step();
  }
}
