// @ts-check

import { ChatError } from "./errors.js";
import { withResolvers } from "./live_socket.js";

/** @import { ChatStatus } from "./types.d.ts" */
/** @import { Person } from "./wire.d.ts" */

/** How a client stands, and who waits for it to be online. */
export class Standing {
  /** @type {ChatStatus} */
  status = { state: "connecting" };
  /** @type {PromiseWithResolvers<Person>[]} */
  #waiters = [];

  /** @returns {ChatError | undefined} why nothing is to be waited for */
  get hopeless() {
    const { status } = this;
    if (status.state === "closed") return ChatError.local("closed");
    if (status.state !== "offline" || status.retryAt !== undefined) {
      return undefined;
    }
    const isSignedOut = status.reason === "signed_out" ||
      status.reason === "ended";
    return status.error ??
      ChatError.local(isSignedOut ? "signed_out" : "offline");
  }

  /** @returns {Promise<Person>} who one is, once one is online */
  wait() {
    const error = this.hopeless;
    if (error !== undefined) return Promise.reject(error);
    const waiter = withResolvers();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  /** @param {Person} person */
  resolveAll(person) {
    for (const { resolve } of this.#waiters.splice(0)) resolve(person);
  }

  /** @param {ChatError} error */
  rejectAll(error) {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
  }
}
