import type { Upgraded } from "../upgraded.ts";
import type { WebSocketCloseInfo } from "./close_info.ts";
import { CLOSE_CODE } from "./codes.ts";
import { ConnDriver, READY_STATE } from "./conn_driver.ts";
import type { WebSocketConnOptions, WebSocketSession } from "./conn_options.ts";
import type { ReceivedData } from "./inbox.ts";
import type {
  EncodedMessages,
  WebSocketMessage,
  WebSocketSource,
} from "./message.ts";
import type { StreamedMessage } from "./streamed_message.ts";
import { readableOf, writableOf } from "./web_streams.ts";

/**
 * A WebSocket connection, the same on both sides (RFC 6455).
 *
 * It reads and answers pings and Close frames by itself, reads no further than
 * its messages are taken, and writes what one turn of the event loop sent as
 * one piece. So somebody has to take the messages: with nobody to read them,
 * it stops at the first one, and sees neither pings nor a Close frame behind
 * it. Who only sends calls `socket.forEach(() => {})`.
 *
 * ```ts
 * import { serve, upgradeWebSocket } from "../../mod.ts";
 *
 * await using server = serve({ port: 0 }, (request) => {
 *   const { socket, response } = upgradeWebSocket(request);
 *   (async () => {
 *     for await (const message of socket) await socket.send(message);
 *   })();
 *   return response;
 * });
 * ```
 */
export class WebSocketConn implements AsyncDisposable {
  /** The opening handshake is not over yet. */
  static readonly CONNECTING: 0 = READY_STATE.connecting;
  /** Messages can be sent and received. */
  static readonly OPEN: 1 = READY_STATE.open;
  /** A Close frame was sent or received. */
  static readonly CLOSING: 2 = READY_STATE.closing;
  /** The connection is over. */
  static readonly CLOSED: 3 = READY_STATE.closed;

  /** The URL of the WebSocket. */
  readonly url: string;
  /** The subprotocol that was agreed on, or an empty string. */
  readonly protocol: string;
  /** The extensions that were agreed on, or an empty string. */
  readonly extensions: string;
  /** Resolves when the connection is over; it never rejects. */
  readonly closed: Promise<WebSocketCloseInfo>;

  readonly #driver: ConnDriver;
  #readable: ReadableStream<ReceivedData> | undefined;
  #writable: WritableStream<WebSocketSource> | undefined;

  /** Takes over a connection, or one that is still being upgraded. */
  constructor(
    opening: Upgraded | Promise<Upgraded>,
    session: WebSocketSession,
    options: WebSocketConnOptions = {},
  ) {
    this.url = session.url;
    this.protocol = session.protocol;
    this.extensions = session.extensions ?? "";
    this.#driver = new ConnDriver(opening, session, options);
    this.closed = this.#driver.closed;
  }

  /** As of WHATWG: 0 connecting, 1 open, 2 closing, 3 closed. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#driver.readyState;
  }

  /**
   * Resolves when the opening handshake is over, and rejects with a
   * {@linkcode WebSocketClosedError} when it has failed. Nobody has to await it.
   */
  get opened(): Promise<void> {
    return this.#driver.opened;
  }

  /**
   * How many bytes wait to be written: frames, and the payloads of Blobs and of
   * messages that wait behind a stream.
   */
  get bufferedAmount(): number {
    return this.#driver.bufferedAmount;
  }

  /**
   * How many milliseconds the answer to the latest answered ping took, the time
   * that this side took to read it included; `undefined` before the first.
   */
  get latency(): number | undefined {
    return this.#driver.latency;
  }

  /**
   * Sends a message: strings as text, bytes and Blobs as binary, a received
   * message as what it was. Bytes are copied at once and may be changed
   * afterwards.
   *
   * A `ReadableStream` is sent as one message in fragments, each as it comes, and
   * pulled only as the peer takes them; it is text when its first piece is a
   * string. What is sent meanwhile waits behind it. When it errors, the connection
   * is closed with 1011, as when the callback of `forEach()` throws.
   *
   * Returns nothing while the peer keeps up, and otherwise, when more than
   * `maxBufferedBytes` wait to be written, a promise that resolves when they do
   * not any more. Await it, or what you send piles up in memory. For a Blob or a
   * stream it is always a promise, which resolves when all of it was put out. It
   * never rejects.
   *
   * A message sent before the connection is open goes out when it is. One sent
   * after it began to close is dropped, as `closed` tells.
   *
   * Throws a `TypeError` when a stream is locked, or when it is no message.
   */
  send(data: WebSocketSource): Promise<void> | undefined {
    return this.#driver.send(data);
  }

  /**
   * Sends several messages, as `send()` of each would, and says like it when to
   * go on: for a broadcast to many sockets at the price of one message each.
   */
  sendAll(batch: EncodedMessages): Promise<void> | undefined {
    return this.#driver.sendAll(batch);
  }

  /**
   * Sends a ping (RFC 6455 §5.5.2) and resolves to the time that its answer took,
   * in milliseconds. Rejects when the connection ends before that, also when it
   * ends cleanly.
   */
  ping(): Promise<number> {
    return this.#driver.ping();
  }

  /**
   * Begins the closing handshake (RFC 6455 §7): what was sent before goes out,
   * then a Close frame, without a code if none is given. A stream that is being
   * sent is cut off, and what waits behind it is dropped. Messages that come
   * afterwards are dropped. `closed` tells when it is over.
   *
   * Throws a `RangeError` when the code may not be sent (1000 to 1003, 1007 to
   * 1014 and 3000 to 4999 may) or the reason is over 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string): void {
    this.#driver.close(code, reason);
  }

  /**
   * Calls `callback` with each message, without a copy of its bytes: the fastest
   * way to read. While a promise that it returned is pending, nothing is read.
   *
   * Resolves when the connection is over. When the callback throws, the
   * connection is closed with 1011, the server's `onError` is told, and the
   * promise rejects with the error at the end. Nobody has to await it.
   *
   * Throws a `TypeError` when the messages are already being read.
   */
  forEach(
    callback: (message: WebSocketMessage) => Promise<void> | void | undefined,
  ): Promise<WebSocketCloseInfo> {
    return this.#driver.forEach(callback);
  }

  /**
   * Iterates over the messages: text as strings, binary as bytes of their own.
   * Ends when the connection does, however it ended; `closed` tells how.
   *
   * A loop that was left can be followed by another. Up to 64 KiB are read ahead
   * of a slow loop, so that pings are answered meanwhile.
   *
   * Throws a `TypeError` when the messages are read in another way.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReceivedData, undefined> {
    return this.#driver.delivery.iterate("iteration");
  }

  /**
   * Iterates over the messages as streams, for what should not be held in
   * memory: each as soon as it begins, one after the other. Ends as iteration
   * does.
   *
   * A limit on the bytes or fragments of a message holds only if it was given.
   * Call it before the first message can come, for one that has begun is
   * received as a whole; so are compressed ones, with the usual limit. Up to
   * 64 KiB are read ahead of who reads slowly, and no further until a message's
   * stream is read or cancelled.
   *
   * ```ts
   * import { serve, upgradeWebSocket } from "../../mod.ts";
   *
   * await using server = serve({ port: 0 }, (request) => {
   *   const { socket, response } = upgradeWebSocket(request);
   *   (async () => {
   *     for await (const message of socket.streams()) {
   *       let length = 0;
   *       for await (const piece of message.readable) length += piece.length;
   *       socket.send(`${length} bytes`);
   *     }
   *   })();
   *   return response;
   * });
   * ```
   *
   * Throws a `TypeError` when the messages are read in another way.
   */
  streams(): AsyncIterableIterator<StreamedMessage, undefined> {
    const messages = this.#driver.delivery.iterateStreams("streams()");
    this.#driver.readInPieces();
    return messages;
  }

  /**
   * The messages as a stream, as a WebSocketStream has it. It ends when the
   * connection has ended cleanly, and errors with a
   * {@linkcode WebSocketClosedError} otherwise. Cancelling it closes the
   * connection, with the `closeCode` and `reason` of the error that it is given,
   * if it has them.
   *
   * Throws a `TypeError` when the messages are read in another way.
   */
  get readable(): ReadableStream<ReceivedData> {
    return this.#readable ??= readableOf(
      this,
      this.#driver.delivery.iterate("readable"),
    );
  }

  /**
   * Sends what is written to it, each piece as a message, as a WebSocketStream
   * has it. Closing it closes the connection without a code, and waits for the
   * end; aborting it closes as cancelling `readable` does. It errors with a
   * {@linkcode WebSocketClosedError} when the connection ends.
   */
  get writable(): WritableStream<WebSocketSource> {
    return this.#writable ??= writableOf(this);
  }

  /** Closes with 1000, unless it is closing, and waits for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close(CLOSE_CODE.normal);
    await this.closed;
  }
}
