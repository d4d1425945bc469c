// @ts-check

/**
 * One WebSocket that comes back: it opens, notices when the other side is
 * gone, and tries again with back-off until it is told to stop.
 * @module
 */

import { reconnectDelay } from "./backoff.js";
import { CLOSE_CODE, parseServerMessage, SUBPROTOCOL } from "./protocol.js";

/** @typedef {import("./protocol.js").ServerMessage} ServerMessage */
/** @typedef {import("./protocol.js").ClientRequest} ClientRequest */

/**
 * How the connection stands.
 * - `connecting`: an attempt is under way
 * - `open`: messages can be sent
 * - `waiting`: the next attempt is at `retryAt` (milliseconds since 1970)
 * - `offline`: the device has no network; it tries again when there is one
 * - `replaced`: another tab or device took the name over; stays so until
 *   {@linkcode Connection.start}
 * - `stopped`: not started, or stopped on purpose
 * @typedef {{ phase: "connecting" | "open" | "offline" | "replaced" | "stopped" } | { phase: "waiting", retryAt: number }} Link
 */

/**
 * The server greets at once and answers every request, so that silence for
 * this long after either means that the connection is dead. Milliseconds.
 */
export const ANSWER_TIME = 10_000;

/**
 * A connection that held for this long was a good one: the back-off begins
 * anew after it. Milliseconds.
 */
const STEADY_TIME = 10_000;

/**
 * @typedef {object} ConnectionOptions
 * @property {(link: Link) => void} onLink called on every change
 * @property {(message: ServerMessage) => void} onMessage
 * @property {EventTarget} [network] where `online` and `offline` are heard;
 * the page by default
 * @property {() => boolean} [isOnline] what the device says of its network
 * @property {() => number} [random] from 0 up to but not including 1
 * @property {number} [answerTime] milliseconds, {@linkcode ANSWER_TIME}
 */

/**
 * The connection to one chat server.
 *
 * ```js
 * const connection = new Connection("/chat", {
 *   onLink: (link) => console.log(link.phase),
 *   onMessage: (message) => console.log(message.type),
 * });
 * connection.start();
 * ```
 */
export class Connection {
  /** @type {string} */
  #url;
  /** @type {Required<ConnectionOptions>} */
  #options;
  /** @type {Link} */
  #link = { phase: "stopped" };
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #answerTimer;
  #attempt = 0;
  #openedAt = Infinity;

  /**
   * @param {string} url
   * @param {ConnectionOptions} options
   */
  constructor(url, options) {
    this.#url = url;
    this.#options = {
      network: globalThis,
      // Only a plain "false" counts: not everything knows.
      isOnline: () =>
        /** @type {{ onLine?: boolean }} */ (navigator).onLine !== false,
      random: Math.random,
      answerTime: ANSWER_TIME,
      ...options,
    };
    this.#options.network.addEventListener("online", this);
    this.#options.network.addEventListener("offline", this);
  }

  /** @returns {Link} */
  get link() {
    return this.#link;
  }

  /** Connects, now; does nothing when connected or connecting. */
  start() {
    if (this.#socket !== undefined) return;
    clearTimeout(this.#retryTimer);
    this.#connect();
  }

  /**
   * Closes the connection; it stays closed until {@linkcode start}.
   *
   * @param {"stopped" | "replaced"} [phase]
   */
  stop(phase = "stopped") {
    clearTimeout(this.#retryTimer);
    this.#dropSocket();
    this.#setLink({ phase });
  }

  /**
   * @param {ClientRequest} request
   * @returns {boolean} whether it went out; that it arrived only an answer tells
   */
  send(request) {
    if (this.#link.phase !== "open" || this.#socket === undefined) return false;
    this.#socket.send(JSON.stringify(request));
    this.#expectAnswer();
    return true;
  }

  /**
   * The device's network came or went.
   *
   * @param {Event} event
   */
  handleEvent(event) {
    const idle = this.#link.phase === "waiting" ||
      this.#link.phase === "offline";
    // A live socket is left alone: it is the better witness.
    if (!idle) return;
    if (event.type === "online") {
      this.#attempt = 0;
      this.start();
    } else {
      clearTimeout(this.#retryTimer);
      this.#setLink({ phase: "offline" });
    }
  }

  #connect() {
    const socket = new WebSocket(this.#url, SUBPROTOCOL);
    this.#socket = socket;
    this.#openedAt = Infinity;
    socket.onopen = () => {
      this.#openedAt = performance.now();
      this.#setLink({ phase: "open" });
    };
    socket.onmessage = (event) => {
      clearTimeout(this.#answerTimer);
      this.#answerTimer = undefined;
      const message = parseServerMessage(event.data);
      if (message !== undefined) this.#options.onMessage(message);
    };
    socket.onclose = (event) => {
      if (event.code === CLOSE_CODE.REPLACED) this.stop("replaced");
      else this.#retry();
    };
    this.#expectAnswer();
    this.#setLink({ phase: "connecting" });
  }

  #expectAnswer() {
    this.#answerTimer ??= setTimeout(
      () => this.#retry(),
      this.#options.answerTime,
    );
  }

  #retry() {
    if (performance.now() - this.#openedAt >= STEADY_TIME) this.#attempt = 0;
    this.#dropSocket();
    if (!this.#options.isOnline()) {
      this.#setLink({ phase: "offline" });
      return;
    }
    const delay = reconnectDelay(this.#attempt++, this.#options.random);
    this.#retryTimer = setTimeout(() => this.#connect(), delay);
    this.#setLink({ phase: "waiting", retryAt: Date.now() + delay });
  }

  /**
   * Forgets the socket at once: on a dead network its close event may take a
   * minute to come.
   */
  #dropSocket() {
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    const socket = this.#socket;
    if (socket === undefined) return;
    this.#socket = undefined;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  /** @param {Link} link */
  #setLink(link) {
    this.#link = link;
    this.#options.onLink(link);
  }
}
