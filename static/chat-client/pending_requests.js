// @ts-check

import { ChatError } from "./errors.js";

/** @import { ServerMessage } from "./wire.d.ts" */

/**
 * What is done with the answer to a request. All are called in the turn in which
 * the answer came, before what came after it is looked at.
 * @typedef {object} Asker
 * @property {(answer: any) => void} answered
 * @property {(error: ChatError) => void} refused
 * @property {() => void} lost the connection has ended
 */

/** The requests of a connection that have not been answered. */
export class PendingRequests {
  /** @type {Map<string, Asker>} */
  #askers = new Map();
  #last = 0;

  /**
   * @param {Asker} asker
   * @returns {string} the request's `ref`
   */
  add(asker) {
    const ref = String(++this.#last);
    this.#askers.set(ref, asker);
    return ref;
  }

  /**
   * @param {ServerMessage} message
   * @returns {boolean} whether it is an answer that was waited for
   */
  settle(message) {
    const asker = this.#askers.get(message.ref ?? "");
    if (asker === undefined) return false;
    this.#askers.delete(message.ref ?? "");
    if (message.type === "error") asker.refused(ChatError.of(message));
    else asker.answered(message);
    return true;
  }

  /** The connection has ended. */
  lose() {
    const askers = [...this.#askers.values()];
    this.#askers.clear();
    for (const asker of askers) asker.lost();
  }
}
