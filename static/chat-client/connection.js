// @ts-check

import { afterClose, REST_TIME } from "./close_codes.js";
import { ChatError } from "./errors.js";
import { LiveSocket } from "./live_socket.js";
import { PendingRequests } from "./pending_requests.js";

/** @import { ChatStatus, OfflineReason, WebSocketConstructor } from "./types.d.ts" */
/** @import { ServerMessage } from "./wire.d.ts" */
/** @import { Asker } from "./pending_requests.js" */

/** A longer request ends the connection. In bytes. */
const MAX_REQUEST = 64 * 1024;

/**
 * A connection that held for so long was a good one: waiting begins anew after
 * it. In milliseconds.
 */
const STEADY_TIME = 5_000;

/**
 * @typedef {object} ConnectionOptions
 * @property {WebSocketConstructor} WebSocket
 * @property {(failures: number) => number} backoff
 * @property {number} silence as of `LiveSocket`, in milliseconds
 * @property {number} answerTime the same
 * @property {(status: ChatStatus) => void} onStatus
 * @property {(message: ServerMessage) => void} onMessage
 * @property {() => void} onGone it is over; what was on its way is lost next
 * @property {() => boolean} onSessionEnd the server has ended the session; tells
 * whether another one can be had
 * @property {() => boolean} isIdentified whether the server can be told who one is
 */

/** A connection to the server that comes back. */
export class Connection {
  #url;
  #options;
  /** @type {LiveSocket | undefined} */
  #socket;
  /** @type {Set<Promise<void>>} WebSockets that are not closed yet */
  #open = new Set();
  #pending = new PendingRequests();
  /** How many attempts have failed in a row. */
  #failures = 0;
  /** When it became a good one; `performance.now()`. */
  #readyAt = Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;

  /**
   * @param {string} url
   * @param {ConnectionOptions} options
   */
  constructor(url, options) {
    this.#url = url;
    this.#options = options;
  }

  /** @returns {() => boolean} whether it is still the one that it is now */
  watch() {
    const socket = this.#socket;
    return () => this.#socket === socket;
  }

  /** Connects, as if nothing had failed. */
  connect() {
    this.#failures = 0;
    this.#connect();
  }

  /** The server has taken who one is. */
  setReady() {
    this.#readyAt = performance.now();
  }

  /** Asks the server for a sign of life. */
  probe() {
    this.#socket?.probe();
  }

  /**
   * Ends it: what was on its way is lost.
   *
   * @returns {boolean} whether it was a good one
   */
  hangUp() {
    clearTimeout(this.#retryTimer);
    const isSteady = performance.now() - this.#readyAt >= STEADY_TIME;
    this.#readyAt = Infinity;
    if (isSteady) this.#failures = 0;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    this.#options.onGone();
    this.#pending.lose();
    return isSteady;
  }

  /**
   * Hangs up, and connects again after a while.
   *
   * @param {ChatError} error
   * @param {{ least?: number }} [options] in milliseconds
   */
  comeBack(error, options) {
    this.hangUp();
    this.#retry({ error, ...options });
  }

  /**
   * There is no connection, until somebody asks for one.
   *
   * @param {OfflineReason} reason
   * @param {{ closeCode?: number, error?: ChatError }} [why]
   */
  goOffline(reason, why = {}) {
    this.hangUp();
    this.#options.onStatus({ state: "offline", reason, ...why });
  }

  /**
   * Sends a request now, if it can.
   *
   * @param {Record<string, unknown>} request
   * @param {Asker} asker
   */
  ask(request, asker) {
    const socket = this.#socket;
    if (socket === undefined) {
      asker.lost();
      return;
    }
    // "ref" is the last one: it is the shortest.
    const text = JSON.stringify(request);
    if (isTooLarge(text)) {
      asker.refused(ChatError.local("too_large"));
      return;
    }
    const ref = this.#pending.add(asker);
    socket.send(`${text.slice(0, -1)},"ref":"${ref}"}`);
  }

  /** @param {Record<string, unknown>} request what has no answer */
  tell(request) {
    this.#socket?.send(JSON.stringify(request));
  }

  /**
   * @param {ServerMessage} message
   * @returns {boolean} whether it is an answer that was waited for
   */
  settle(message) {
    return this.#pending.settle(message);
  }

  /** Resolves when all that was opened is closed. */
  async allClosed() {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    // A server that is gone does not answer a Close frame.
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#options.answerTime);
    });
    await Promise.race([Promise.all(this.#open), late]);
    clearTimeout(timer);
  }

  #connect() {
    clearTimeout(this.#retryTimer);
    const { WebSocket, silence, answerTime } = this.#options;
    const socket = new LiveSocket(this.#url, {
      WebSocket,
      silence,
      answerTime,
      onMessage: (message) => {
        if (this.#socket === socket) this.#options.onMessage(message);
      },
      onEnd: (code) => {
        if (this.#socket === socket) this.#ended(code);
      },
    });
    this.#socket = socket;
    this.#open.add(socket.closed);
    socket.closed.then(() => this.#open.delete(socket.closed));
    this.#options.onStatus({ state: "connecting" });
  }

  /** @param {number} closeCode */
  #ended(closeCode) {
    const isSteady = this.hangUp();
    const next = afterClose(closeCode);
    switch (next) {
      case "disconnected":
      case "banned":
      case "broken":
        this.goOffline(next, { closeCode });
        break;
      case "ended":
        if (this.#options.onSessionEnd()) this.#retry({ closeCode });
        else this.goOffline("ended", { closeCode });
        break;
      case "anew":
        if (this.#options.isIdentified()) this.#retry({ closeCode });
        else this.goOffline("signed_out", { closeCode });
        break;
      case "rest":
        this.#retry({ closeCode, least: REST_TIME });
        break;
      case "at_once":
        this.#retry(isSteady ? { closeCode, most: 0 } : { closeCode });
        break;
      case "back_off":
        this.#retry({ closeCode });
    }
  }

  /** @param {{ closeCode?: number, error?: ChatError, least?: number, most?: number }} how */
  #retry({ least = 0, most = Infinity, ...why }) {
    const wait = least +
      Math.min(most, this.#options.backoff(this.#failures++));
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
    const retryAt = Date.now() + wait;
    this.#options.onStatus({
      state: "offline",
      reason: "lost",
      retryAt,
      ...why,
    });
  }
}

/** @param {string} text */
function isTooLarge(text) {
  // With room for the "ref".
  const most = MAX_REQUEST - 100;
  // A UTF-16 code unit is at most three bytes of UTF-8.
  return text.length * 3 > most &&
    new TextEncoder().encode(text).length > most;
}
