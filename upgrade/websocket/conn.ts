import { Deadline } from "../_deadline.ts";
import { ReadBuffer } from "../_read_buffer.ts";
import { atEndOfTurn } from "../_turn.ts";
import type { Upgraded } from "../upgraded.ts";
import { CLOSE_CODE } from "./codes.ts";
import { WebSocketError } from "./errors.ts";
import type { Role } from "./frame_parser.ts";
import { Inbox, type ReceivedData } from "./inbox.ts";
import type { WebSocketData, WebSocketMessage } from "./message.ts";
import {
  type WebSocketCloseEvent,
  type WebSocketLimits,
  type WebSocketPingEvent,
  WebSocketProtocol,
} from "./protocol.ts";

// Above this many bytes not yet written, `send()` asks its caller to wait.
const HIGH_WATER = 0x10000;
// A peer that pings without reading the answers is not read on from here.
const MAX_PONG_BYTES = 0x10000;
// How long bytes that the peer still sends are read and dropped, so that a
// reset does not destroy the Close frame on its way, in milliseconds.
const LINGER = 2_000;

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

/** How a connection ended. */
export interface WebSocketCloseInfo {
  /**
   * The peer's close code, 1005 if its Close frame had none. Without a Close
   * frame of the peer: the code that it was sent for breaking a rule, or 1006.
   */
  readonly code: number;
  /** The peer's reason, or what rule it broke; often empty. */
  readonly reason: string;
  /** Whether both sides have said goodbye. */
  readonly wasClean: boolean;
  /** What failed on this side: a rule the peer broke, or a callback's error. */
  readonly error?: unknown;
}

/** The options of a {@linkcode WebSocketConn}. */
export interface WebSocketConnOptions extends WebSocketLimits {
  /**
   * A peer that for this many milliseconds has sent nothing, not even the answer
   * to a ping, or has read nothing of what waits for it, is gone. Noticed after
   * one and a half times this at the latest. Default: 60,000; `Infinity` waits
   * forever and never pings.
   */
  readonly idleTimeout?: number;
  /**
   * How many milliseconds the peer has to answer a Close frame before the
   * connection is cut. Default: 10,000.
   */
  readonly closeTimeout?: number;
}

/** What the opening handshake has settled. */
export interface WebSocketSession {
  /** Which side this is. */
  readonly role: Role;
  /** The URL of the WebSocket. */
  readonly url: string;
  /** The subprotocol, or an empty string. */
  readonly protocol: string;
}

type Consumer = (message: WebSocketMessage) => Promise<void> | void;

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
  static readonly CONNECTING: 0 = CONNECTING;
  /** Messages can be sent and received. */
  static readonly OPEN: 1 = OPEN;
  /** A Close frame was sent or received. */
  static readonly CLOSING: 2 = CLOSING;
  /** The connection is over. */
  static readonly CLOSED: 3 = CLOSED;

  /** The URL of the WebSocket. */
  readonly url: string;
  /** The subprotocol that was agreed on, or an empty string. */
  readonly protocol: string;
  /** The extensions that were agreed on: none. */
  readonly extensions: string = "";
  /** Resolves when the connection is over; it never rejects. */
  readonly closed: Promise<WebSocketCloseInfo>;

  readonly #role: Role;
  readonly #protocol: WebSocketProtocol;
  readonly #idleTimeout: number;
  readonly #closeTimeout: number;
  readonly #deadline = new Deadline(() => this.#expire());
  readonly #ended = Promise.withResolvers<WebSocketCloseInfo>();
  #readyState: 0 | 1 | 2 | 3 = CONNECTING;
  #io: Upgraded | undefined;
  #received: WebSocketCloseEvent | undefined;
  #error: unknown;

  // Reading.
  #consumer: Consumer | undefined;
  // Resolved when somebody takes messages, or nobody need wait any more.
  #consumerCame: PromiseWithResolvers<void> | undefined;
  #isDropping = false;
  #inbox: Inbox | undefined;
  #waitsForPeer = false;
  // Whether the peer's stream has ended.
  #peerEnded = false;
  #heard = true;
  // Whether half of the idle timeout has passed without a sign of life.
  #warned = false;
  #pings: { sent: number; pong: PromiseWithResolvers<number> }[] = [];
  #pingsAnswered = 0;

  // Writing.
  #scheduled = false;
  #wrote = false;
  #writing: Promise<void> | undefined;
  #inFlight = 0;
  #pongBytes = 0;
  #drained: PromiseWithResolvers<void> | undefined;

  /** Takes over a connection, or one that is still being upgraded. */
  constructor(
    opening: Upgraded | Promise<Upgraded>,
    session: WebSocketSession,
    options: WebSocketConnOptions = {},
  ) {
    this.url = session.url;
    this.protocol = session.protocol;
    this.closed = this.#ended.promise;
    this.#role = session.role;
    this.#protocol = new WebSocketProtocol(session.role, options);
    this.#idleTimeout = options.idleTimeout ?? 60_000;
    this.#closeTimeout = options.closeTimeout ?? 10_000;
    this.#run(opening);
  }

  /** As of WHATWG: 0 connecting, 1 open, 2 closing, 3 closed. */
  get readyState(): 0 | 1 | 2 | 3 {
    return this.#readyState;
  }

  /** How many bytes of frames wait to be written. */
  get bufferedAmount(): number {
    return this.#protocol.output.length + this.#inFlight;
  }

  /**
   * Sends a message: strings as text, bytes as binary, a received message as
   * what it was. Bytes are copied at once and may be changed afterwards.
   *
   * Returns nothing while the peer keeps up, and otherwise, when more than
   * 64 KiB wait to be written, a promise that resolves when they do not any
   * more. Await it, or what you send piles up in memory. It never rejects.
   *
   * A message sent before the connection is open goes out when it is. One sent
   * after it began to close is dropped, as `closed` tells.
   */
  send(data: WebSocketData): Promise<void> | undefined {
    if (this.#readyState >= CLOSING) return undefined;
    this.#protocol.send(data);
    this.#schedule();
    if (this.bufferedAmount <= HIGH_WATER) return undefined;
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /**
   * Sends a ping (RFC 6455 §5.5.2) and resolves to the time that its answer took,
   * in milliseconds. Rejects when the connection ends before that, also when it
   * ends cleanly.
   */
  ping(): Promise<number> {
    const pong = Promise.withResolvers<number>();
    pong.promise.catch(() => {});
    if (this.#readyState >= CLOSING) {
      pong.reject(new Error("Cannot ping: the connection is closing"));
      return pong.promise;
    }
    this.#pings.push({ sent: performance.now(), pong });
    const payload = new Uint8Array(4);
    new DataView(payload.buffer)
      .setUint32(0, this.#pingsAnswered + this.#pings.length);
    this.#protocol.ping(payload);
    this.#schedule();
    return pong.promise;
  }

  /**
   * Begins the closing handshake (RFC 6455 §7): what was sent before goes out,
   * then a Close frame, without a code if none is given. Messages that come
   * afterwards are dropped. `closed` tells when it is over.
   *
   * Throws a `RangeError` when the code may not be sent (1000 to 1003, 1007 to
   * 1014 and 3000 to 4999 may) or the reason is over 123 bytes of UTF-8.
   */
  close(code?: number, reason?: string): void {
    this.#protocol.close(code, reason);
    if (this.#readyState >= CLOSING) return;
    this.#readyState = CLOSING;
    this.#deadline.set(this.#closeTimeout);
    this.#readOn();
    this.#schedule();
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
    if (this.#consumer !== undefined) {
      throw new TypeError("Cannot read messages: they are already being read");
    }
    let failure: { error: unknown } | undefined;
    const fail = (error: unknown) => {
      failure = { error };
      this.#error ??= error;
      this.close(CLOSE_CODE.internalError);
      this.#io?.report(error);
    };
    this.#consume((message) => {
      try {
        return callback(message)?.catch(fail);
      } catch (error) {
        return fail(error);
      }
    });
    const done = this.closed.then((info) => {
      if (failure !== undefined) throw failure.error;
      return info;
    });
    done.catch(() => {});
    return done;
  }

  /**
   * Iterates over the messages: text as strings, binary as bytes of their own.
   * Ends when the connection does, however it ended; `closed` tells how.
   *
   * A loop that was left can be followed by another. Up to 64 KiB are read ahead
   * of a slow loop, so that pings are answered meanwhile.
   *
   * Throws a `TypeError` when the messages are read by `forEach()`.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<ReceivedData, undefined> {
    if (this.#inbox === undefined) {
      if (this.#consumer !== undefined) {
        throw new TypeError("Cannot iterate: messages are already being read");
      }
      const inbox = this.#inbox = new Inbox();
      this.#consume((message) => inbox.put(message));
      if (this.#readyState === CLOSED) inbox.end();
    }
    const inbox = this.#inbox;
    return {
      next: () => inbox.take(),
      return: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Closes with 1000, unless it is closing, and waits for the end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close(CLOSE_CODE.normal);
    await this.closed;
  }

  #flush(): void {
    this.#scheduled = false;
    if (
      this.#io === undefined || this.#writing !== undefined ||
      this.#protocol.output.length === 0
    ) return;
    this.#writing = this.#write(this.#io);
  }

  async #run(opening: Upgraded | Promise<Upgraded>): Promise<void> {
    try {
      const io = await opening;
      this.#open(io);
      const buffer = new ReadBuffer(io);
      this.#received = await this.#read(buffer);
      buffer.release();
    } catch (error) {
      // The peer broke a rule, or the connection did; neither is ours to throw.
      this.#error ??= error;
    }
    await this.#finish();
  }

  #open(io: Upgraded): void {
    this.#io = io;
    if (this.#readyState === CONNECTING) {
      this.#readyState = OPEN;
      this.#deadline.set(this.#idleTimeout / 2);
    } else this.#deadline.set(this.#closeTimeout);
    io.onshutdown = () => {
      this.close(CLOSE_CODE.goingAway, "The server is shutting down");
    };
    if (this.#protocol.output.length > 0) this.#schedule();
  }

  /** Reads until the peer's Close frame, or the end of the stream. */
  async #read(buffer: ReadBuffer): Promise<WebSocketCloseEvent | undefined> {
    const protocol = this.#protocol;
    for (;;) {
      this.#waitsForPeer = true;
      if (!await buffer.fill()) {
        this.#peerEnded = true;
        return undefined;
      }
      this.#waitsForPeer = false;
      this.#heard = true;
      const bytes = buffer.unread;
      buffer.consume(bytes.length);
      protocol.receive(bytes);
      for (
        let event = protocol.next();
        event !== undefined;
        event = protocol.next()
      ) {
        if (event.type === "message") {
          const busy = this.#deliver(event);
          if (busy !== undefined) await busy;
        } else if (event.type === "close") return event;
        else this.#notePing(event);
      }
      if (this.#pongBytes > MAX_PONG_BYTES) {
        // Many reads can be done within one turn: do not wait for its end.
        this.#flush();
        await this.#writing;
      }
    }
  }

  #deliver(message: WebSocketMessage): Promise<void> | void {
    if (this.#readyState === CLOSED || this.#protocol.closeSent) return;
    if (this.#consumer !== undefined) return this.#consumer(message);
    if (this.#isDropping) return;
    this.#consumerCame ??= Promise.withResolvers();
    return this.#consumerCame.promise.then(() => {
      if (this.#consumer !== undefined) return this.#deliver(message);
    });
  }

  /** Makes reading wait for nobody who would take messages. */
  #readOn(): void {
    this.#isDropping = true;
    this.#consumerCame?.resolve();
    this.#inbox?.lift();
  }

  #consume(consumer: Consumer): void {
    this.#consumer = consumer;
    this.#consumerCame?.resolve();
  }

  #notePing(event: WebSocketPingEvent): void {
    if (event.type === "ping") {
      this.#pongBytes += event.bytes.length + 2;
      this.#schedule();
    } else if (event.bytes.length === 4) {
      const { buffer, byteOffset } = event.bytes;
      this.#notePong(new DataView(buffer, byteOffset).getUint32(0));
    }
  }

  // RFC 6455 §5.5.3: a pong may answer the latest of several pings only.
  #notePong(id: number): void {
    const count = id - this.#pingsAnswered;
    if (count < 1 || count > this.#pings.length) return;
    const now = performance.now();
    for (const { sent, pong } of this.#pings.splice(0, count)) {
      pong.resolve(now - sent);
    }
    this.#pingsAnswered = id;
  }

  #schedule(): void {
    if (
      this.#scheduled || this.#writing !== undefined || this.#io === undefined
    ) return;
    this.#scheduled = true;
    atEndOfTurn(this, (conn) => conn.#flush());
  }

  async #write(io: Upgraded): Promise<void> {
    const { output } = this.#protocol;
    try {
      while (output.length > 0) {
        this.#pongBytes = 0;
        const piece = output.take();
        this.#inFlight = piece.length;
        // The peer's time to take some of it begins now.
        this.#wrote = true;
        this.#inFlight -= await io.write(piece);
        this.#wrote = true;
        while (this.#inFlight > 0) {
          const rest = piece.subarray(piece.length - this.#inFlight);
          this.#inFlight -= await io.write(rest);
          this.#wrote = true;
        }
        output.release();
        if (output.length <= HIGH_WATER) this.#letSendersGo();
      }
    } catch (error) {
      this.#lose(io, error);
    }
    this.#writing = undefined;
  }

  #letSendersGo(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /**
   * Nothing can be written any more. What was read is still delivered; then
   * reading fails too, and finishes. Whoever keeps it from that by waiting for
   * room or for a reader is let go, and a callback has the close timeout.
   */
  #lose(io: Upgraded, error: unknown): void {
    this.#error ??= error;
    io[Symbol.dispose]();
    this.#letSendersGo();
    this.#readOn();
    if (this.#readyState !== OPEN) return;
    this.#readyState = CLOSING;
    this.#deadline.set(this.#closeTimeout);
  }

  #expire(): void {
    if (this.#readyState !== OPEN) return this.#cut();
    const stuck = this.#writing !== undefined && !this.#wrote;
    // A ping may stand behind much that the peer is busy reading.
    const reads = this.#writing !== undefined && this.#wrote;
    const silent = this.#waitsForPeer && !this.#heard && !reads;
    if ((silent || stuck) && this.#warned) {
      this.#error = new Error(
        stuck
          ? "The peer has read nothing in time"
          : "Nothing was heard of the peer in time",
      );
      return this.#cut();
    }
    this.#warned = silent || stuck;
    this.#heard = this.#wrote = false;
    if (silent && !stuck) {
      this.#protocol.ping();
      this.#schedule();
    }
    this.#deadline.set(this.#idleTimeout / 2);
  }

  /** Ends it now, whatever is still waited for. */
  #cut(): void {
    this.#io?.[Symbol.dispose]();
    this.#deadline[Symbol.dispose]();
    this.#end();
  }

  async #finish(): Promise<void> {
    if (this.#readyState < CLOSING) this.#readyState = CLOSING;
    this.#deadline.set(this.#closeTimeout);
    const io = this.#io;
    if (io !== undefined) {
      this.#flush();
      await this.#writing;
    }
    this.#end();
    if (io !== undefined) {
      this.#deadline.set(LINGER);
      await linger(io, { role: this.#role, ended: this.#peerEnded });
    }
    this.#deadline[Symbol.dispose]();
  }

  #end(): void {
    if (this.#readyState === CLOSED) return;
    this.#readyState = CLOSED;
    this.#inbox?.end();
    this.#letSendersGo();
    for (const { pong } of this.#pings) {
      pong.reject(new Error("Cannot ping: the connection has ended"));
    }
    const received = this.#received;
    const error = this.#error;
    const broken = error instanceof WebSocketError ? error : undefined;
    this.#ended.resolve({
      code: received?.code ?? broken?.closeCode ?? CLOSE_CODE.abnormal,
      reason: received?.reason ?? broken?.message ?? "",
      wasClean: received !== undefined && this.bufferedAmount === 0,
      ...(error !== undefined && { error }),
    });
  }
}

/** Drops what the peer still sends until it ends, and closes. */
async function linger(
  io: Upgraded,
  { role, ended }: { role: Role; ended: boolean },
): Promise<void> {
  try {
    if (!ended) {
      // RFC 6455 §7.1.1: the server closes TCP first; the client waits for it.
      if (role === "server") await io.closeWrite();
      const dropped = new Uint8Array(0x1000);
      while (await io.read(dropped) !== null);
    }
  } catch {
    // The peer reset the connection, or its time is over.
  }
  io[Symbol.dispose]();
}
