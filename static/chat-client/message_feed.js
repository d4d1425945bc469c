// @ts-check

import { withResolvers } from "./live_socket.js";

/** @import { ChatMessage } from "./wire.d.ts" */

/**
 * Messages for one loop, as they come. What comes while it does something else
 * waits.
 *
 * @implements {AsyncIterator<ChatMessage, undefined>}
 */
export class MessageFeed {
  /** @type {ChatMessage[]} */
  #waiting = [];
  /** @type {PromiseWithResolvers<IteratorResult<ChatMessage, undefined>>[]} */
  #takers = [];
  #isOver = false;
  #options;

  /**
   * @param {object} options
   * @param {(message: ChatMessage) => void} options.onTake the loop has got one
   * @param {(feed: MessageFeed) => void} options.onReturn the loop was left
   */
  constructor(options) {
    this.#options = options;
  }

  /** @param {ChatMessage} message */
  push(message) {
    const taker = this.#takers.shift();
    if (taker === undefined) this.#waiting.push(message);
    else taker.resolve(this.#take(message));
  }

  /** Nothing more will come. */
  end() {
    this.#isOver = true;
    for (const taker of this.#takers.splice(0)) {
      taker.resolve({ done: true, value: undefined });
    }
  }

  /** @returns {Promise<IteratorResult<ChatMessage, undefined>>} */
  next() {
    const value = this.#waiting.shift();
    if (value !== undefined) return Promise.resolve(this.#take(value));
    if (this.#isOver) return Promise.resolve({ done: true, value: undefined });
    const taker = withResolvers();
    this.#takers.push(taker);
    return taker.promise;
  }

  /** @returns {Promise<IteratorResult<ChatMessage, undefined>>} */
  return() {
    this.#waiting = [];
    this.end();
    this.#options.onReturn(this);
    return this.next();
  }

  /**
   * @param {ChatMessage} value
   * @returns {IteratorResult<ChatMessage, undefined>}
   */
  #take(value) {
    this.#options.onTake(value);
    return { done: false, value };
  }
}
