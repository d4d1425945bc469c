// @ts-check

/** @import { ServerMessage } from "./wire.d.ts" */
/** @import { WebSocketConstructor, WebSocketLike } from "./types.d.ts" */

/** The subprotocol. */
export const CHAT_PROTOCOL = "switchboard.chat.v1";

/** The code of a connection that was lost without a word (RFC 6455 §7.4.1). */
const LOST = 1006;

/** The code of a connection that is closed on purpose (RFC 6455 §7.4.1). */
const NORMAL = 1000;

/**
 * @typedef {object} LiveSocketOptions
 * @property {WebSocketConstructor} WebSocket
 * @property {number} silence after so many milliseconds the server is asked for
 * a sign of life
 * @property {number} answerTime and then, as at the beginning, it has so long
 * @property {(message: ServerMessage) => void} onMessage
 * @property {(code: number) => void} onEnd called once, unless this side closes
 */

/**
 * One WebSocket to the chat: JSON both ways, and a watch that notices when the
 * server is gone without a word.
 */
export class LiveSocket {
  /** @type {WebSocketLike} */
  #socket;
  #options;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watch;
  /** When the server was heard last; at first, when it was called. */
  #heard = performance.now();
  /** @type {number | undefined} when it was asked for a sign of life */
  #asked = this.#heard;
  #isOver = false;
  /** @type {PromiseWithResolvers<void>} */
  #closed = withResolvers();

  /**
   * @param {string} url
   * @param {LiveSocketOptions} options
   */
  constructor(url, options) {
    this.#options = options;
    const socket = new options.WebSocket(url, CHAT_PROTOCOL);
    this.#socket = socket;
    socket.onmessage = (/** @type {{ data: unknown }} */ { data }) => {
      if (!this.#isOver) this.#receive(data);
    };
    socket.onclose = (/** @type {{ code: number }} */ { code }) => {
      this.#closed.resolve();
      this.#end(code);
    };
    // What it says, "close" says better; npm:ws throws when nobody listens.
    socket.onerror = () => {};
    this.#look();
  }

  /** Resolves when the WebSocket is closed. */
  get closed() {
    return this.#closed.promise;
  }

  /** @param {string} text */
  send(text) {
    if (!this.#isOver) this.#socket.send(text);
  }

  /** Asks the server for a sign of life, if it has not been. */
  probe() {
    if (this.#isOver || this.#asked !== undefined) return;
    this.#asked = performance.now();
    this.send('{"type":"ping","ref":"ping"}');
    this.#look();
  }

  /** Ends it without calling `onEnd`. */
  close() {
    this.#leave();
    this.#socket.close(NORMAL);
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#heard = performance.now();
    this.#asked = undefined;
    const message = parse(data);
    if (message !== undefined) this.#options.onMessage(message);
  }

  /** Looks whether the server has been silent too long, and when to look again. */
  #look() {
    clearTimeout(this.#watch);
    const { silence, answerTime } = this.#options;
    const due = this.#asked === undefined
      ? this.#heard + silence
      : this.#asked + answerTime;
    const left = due - performance.now();
    // Timers may be early by a fraction of a millisecond.
    if (left > 1) this.#watch = setTimeout(() => this.#look(), left);
    else if (this.#asked === undefined) this.probe();
    else {
      // On a dead network the close event may take a minute to come.
      this.#socket.close();
      this.#end(LOST);
    }
  }

  /** @param {number} code */
  #end(code) {
    if (this.#isOver) return;
    this.#leave();
    this.#options.onEnd(code);
  }

  #leave() {
    this.#isOver = true;
    clearTimeout(this.#watch);
  }
}

/**
 * @template T
 * @returns {PromiseWithResolvers<T>} as `Promise.withResolvers()`, which Node 20
 * does not have
 */
export function withResolvers() {
  /** @type {Partial<PromiseWithResolvers<T>>} */
  const parts = {};
  parts.promise = new Promise((resolve, reject) => {
    Object.assign(parts, { resolve, reject });
  });
  return /** @type {PromiseWithResolvers<T>} */ (parts);
}

/**
 * @param {unknown} data
 * @returns {ServerMessage | undefined}
 */
function parse(data) {
  if (typeof data !== "string") return undefined;
  try {
    const message = JSON.parse(data);
    return typeof message?.type === "string" ? message : undefined;
  } catch {
    return undefined;
  }
}
