// @ts-check

import { ChatError } from "./errors.js";
import { withResolvers } from "./live_socket.js";
import { retryTime } from "./retry_time.js";

/** @import { Asker } from "./pending_requests.js" */

/** Requests that change nothing, or the same when they are made twice. */
const REPEATABLE = new Set([
  "audit",
  "bans",
  "direct",
  "history",
  "join",
  "members",
  "read",
  "rooms",
  "search",
  "sessions",
  "status",
  "tokens",
  "versions",
]);

/** Requests that wait when the server says that it is too soon. */
const PATIENT = new Set(["create", "direct", "join"]);

/** @typedef {Record<string, unknown> & { type: string }} Request */

/**
 * @typedef {object} CallOptions
 * @property {number} [timeout] in milliseconds; without it, it may take forever
 * @property {AbortSignal | undefined} [signal]
 * @property {(answer: any) => unknown} [take] makes of the answer what the call
 * resolves to, in the turn in which it comes
 */

/**
 * @typedef {object} Call
 * @property {Request} request
 * @property {(answer: any) => unknown} take
 * @property {PromiseWithResolvers<any>} done
 * @property {ReturnType<typeof setTimeout> | undefined} retryTimer
 * @property {() => void} release
 */

/** Requests that wait for a connection, or on it for their answer. */
export class Calls {
  /** @type {Set<Call>} */
  #calls = new Set();
  #ask;

  /**
   * @param {(request: Request, asker: Asker) => void} ask sends it now; it is
   * lost if there is no connection
   */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * @param {Request} request
   * @param {CallOptions & { isOnline: boolean }} options
   * @returns {Promise<any>}
   */
  make(request, { timeout = Infinity, signal, take = asIs, isOnline }) {
    /** @type {Call} */
    const call = {
      request,
      take,
      done: withResolvers(),
      retryTimer: undefined,
      release: () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      },
    };
    const abort = () => this.#reject(call, signal?.reason);
    const timer = timeout === Infinity ? undefined : setTimeout(
      () => this.#reject(call, ChatError.local("timeout")),
      timeout,
    );
    this.#calls.add(call);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted) abort();
    else if (isOnline) this.#send(call);
    return call.done.promise;
  }

  /** There is a connection. */
  sendAll() {
    for (const call of [...this.#calls]) this.#send(call);
  }

  /**
   * There will be no connection.
   *
   * @param {ChatError} error
   */
  rejectAll(error) {
    for (const call of [...this.#calls]) this.#reject(call, error);
  }

  /** @param {Call} call */
  #send(call) {
    const { request } = call;
    clearTimeout(call.retryTimer);
    this.#ask(request, {
      answered: (answer) => {
        // Nobody waits for it any more.
        if (!this.#calls.has(call)) return;
        this.#end(call);
        const { ref: _, ...told } = answer;
        call.done.resolve(call.take(told));
      },
      refused: (error) => {
        const wait = retryTime(error);
        if (wait === undefined || !PATIENT.has(request.type)) {
          this.#reject(call, error);
        } else if (this.#calls.has(call)) {
          call.retryTimer = setTimeout(() => this.#send(call), wait);
        }
      },
      lost: () => {
        if (REPEATABLE.has(request.type)) return;
        this.#reject(call, ChatError.local("disconnected"));
      },
    });
  }

  /**
   * @param {Call} call
   * @param {unknown} error
   */
  #reject(call, error) {
    this.#end(call);
    call.done.reject(error);
  }

  /** @param {Call} call */
  #end(call) {
    this.#calls.delete(call);
    clearTimeout(call.retryTimer);
    call.release();
  }
}

/** @param {unknown} answer */
function asIs(answer) {
  return answer;
}
