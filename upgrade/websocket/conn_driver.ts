import { Deadline } from "../_deadline.ts";
import { ReadBuffer } from "../_read_buffer.ts";
import { nextTurn } from "../_turn.ts";
import type { Upgraded } from "../upgraded.ts";
import { WebSocketClosedError, type WebSocketCloseInfo } from "./close_info.ts";
import { CLOSE_CODE } from "./codes.ts";
import type { WebSocketConnOptions, WebSocketSession } from "./conn_options.ts";
import { type Consumer, Delivery } from "./delivery.ts";
import { WebSocketError } from "./errors.ts";
import type { Role } from "./frame_parser.ts";
import { FrameWriter, type FrameWriterOwner } from "./frame_writer.ts";
import { linger } from "./linger.ts";
import type {
  EncodedMessages,
  WebSocketMessage,
  WebSocketSource,
} from "./message.ts";
import { discard } from "./outbox.ts";
import { Pings } from "./pings.ts";
import {
  type WebSocketCloseEvent,
  type WebSocketPieceEvent,
  type WebSocketPingEvent,
  WebSocketProtocol,
} from "./protocol.ts";

// A peer that pings without reading the answers is not read on from here.
const MAX_PONG_BYTES = 0x10000;
// A peer that has left so many pings unanswered is not sent more by itself.
const MOST_PINGS = 16;
// How long bytes that the peer still sends are read and dropped, so that a
// reset does not destroy the Close frame on its way, in milliseconds.
const LINGER = 2_000;

/** The states of a connection, as WHATWG counts them. */
export const READY_STATE = {
  connecting: 0,
  open: 1,
  closing: 2,
  closed: 3,
} as const;

/** One of the states of a connection. */
export type ReadyState = typeof READY_STATE[keyof typeof READY_STATE];

/**
 * Drives one side of a connection: reads, hands messages over, writes, pings,
 * and brings it to its end.
 */
export class ConnDriver implements FrameWriterOwner {
  /** As {@linkcode WebSocketConn.closed}. */
  readonly closed: Promise<WebSocketCloseInfo>;
  /** Who reads the messages. */
  readonly delivery: Delivery = new Delivery();

  readonly #role: Role;
  readonly #protocol: WebSocketProtocol;
  readonly #writer: FrameWriter;
  readonly #idleTimeout: number;
  readonly #pingInterval: number | undefined;
  readonly #closeTimeout: number;
  readonly #deadline = new Deadline(() => this.#expire());
  #tellClosed!: (info: WebSocketCloseInfo) => void;
  #readyState: ReadyState = READY_STATE.connecting;
  #io: Upgraded | undefined;
  #opened: PromiseWithResolvers<void> | undefined;
  #received: WebSocketCloseEvent | undefined;
  #error: unknown;
  // What the callback that takes the messages has thrown.
  #failure: { readonly error: unknown } | undefined;
  // What forEach() has given.
  #done: Promise<WebSocketCloseInfo> | undefined;
  // Whether the peer's stream has ended.
  #peerEnded = false;
  #waitsForPeer = false;
  #heard = true;
  // For how many milliseconds there was no sign of life.
  #quiet = 0;
  #pings: Pings | undefined;

  /** Takes over a connection, or one that is still being upgraded. */
  constructor(
    opening: Upgraded | Promise<Upgraded>,
    { role, deflate }: WebSocketSession,
    options: WebSocketConnOptions,
  ) {
    this.closed = new Promise((resolve) => this.#tellClosed = resolve);
    this.#role = role;
    this.#protocol = new WebSocketProtocol(role, options, deflate);
    this.#writer = new FrameWriter(this.#protocol, this, options);
    this.#idleTimeout = options.idleTimeout ?? 60_000;
    this.#pingInterval = options.pingInterval;
    this.#closeTimeout = options.closeTimeout ?? 10_000;
    this.#run(opening);
  }

  /** As {@linkcode WebSocketConn.readyState}. */
  get readyState(): ReadyState {
    return this.#readyState;
  }

  /** As {@linkcode WebSocketConn.opened}. */
  get opened(): Promise<void> {
    if (this.#opened !== undefined) return this.#opened.promise;
    const opened = this.#opened = Promise.withResolvers();
    opened.promise.catch(() => {});
    if (this.#io !== undefined) opened.resolve();
    else {
      this.closed.then((info) => {
        opened.reject(new WebSocketClosedError("open", info));
      });
    }
    return opened.promise;
  }

  /** As {@linkcode WebSocketConn.bufferedAmount}. */
  get bufferedAmount(): number {
    return this.#writer.length;
  }

  /** As {@linkcode WebSocketConn.latency}. */
  get latency(): number | undefined {
    return this.#pings?.latency;
  }

  /** As {@linkcode WebSocketConn.send}. */
  send(data: WebSocketSource): Promise<void> | undefined {
    if (this.#readyState < READY_STATE.closing) return this.#writer.send(data);
    discard(data);
    return undefined;
  }

  /** As {@linkcode WebSocketConn.sendAll}. */
  sendAll(batch: EncodedMessages): Promise<void> | undefined {
    if (this.#readyState >= READY_STATE.closing) return undefined;
    return this.#writer.sendAll(batch);
  }

  /** As {@linkcode WebSocketConn.ping}. */
  ping(): Promise<number> {
    const pong = Promise.withResolvers<number>();
    pong.promise.catch(() => {});
    if (this.#readyState < READY_STATE.closing) this.#ping(pong);
    else pong.reject(new Error("Cannot ping: the connection is closing"));
    return pong.promise;
  }

  /** As {@linkcode WebSocketConn.close}. */
  close(code?: number, reason?: string): void {
    this.#writer.close(code, reason);
    this.delivery.stop();
    if (this.#readyState >= READY_STATE.closing) return;
    this.#readyState = READY_STATE.closing;
    this.#deadline.set(this.#closeTimeout);
  }

  /** As {@linkcode WebSocketConn.forEach}. */
  forEach(consumer: Consumer): Promise<WebSocketCloseInfo> {
    this.delivery.consume("forEach()", consumer);
    return this.#done = this.closed.then((info) => {
      if (this.#failure !== undefined) throw this.#failure.error;
      return info;
    });
  }

  /** Gives messages that come in pieces as such. */
  readInPieces(): void {
    this.#protocol.readInPieces();
  }

  /** Closes for an error of this side: a callback's, or a stream's. */
  fail(error: unknown): void {
    this.#error ??= error;
    this.#writer.cancel(error);
    this.close(CLOSE_CODE.internalError);
    this.#io?.report(error);
  }

  /** Closes for a peer that reads too slowly, and keeps nothing for it. */
  evict(): void {
    const error = new WebSocketError("too_slow");
    this.#error ??= error;
    this.#writer.drop(error);
    this.close(error.closeCode, error.message);
  }

  /**
   * Nothing can be written any more. What was read is still delivered; then
   * reading fails too, and finishes. Whoever keeps it from that by waiting for
   * room or for a reader is let go, and a callback has the close timeout.
   */
  lose(error: unknown): void {
    this.#error ??= error;
    this.#io?.[Symbol.dispose]();
    this.#writer.cancel(error);
    this.delivery.letGo();
    if (this.#readyState !== READY_STATE.open) return;
    this.#readyState = READY_STATE.closing;
    this.#deadline.set(this.#closeTimeout);
  }

  // One asynchronous function for as long as the connection lasts: each that
  // waits takes half a KiB.
  async #run(opening: Upgraded | Promise<Upgraded>): Promise<void> {
    try {
      const io = await opening;
      this.#open(io);
      const buffer = new ReadBuffer(io);
      while (this.#received === undefined) {
        if (buffer.hadItsTurn()) await nextTurn();
        this.#waitsForPeer = true;
        const read = await io.read(buffer.room());
        if (read === null) {
          this.#peerEnded = true;
          break;
        }
        this.#waitsForPeer = false;
        this.#heard = true;
        buffer.filled(read);
        this.#protocol.receive(buffer.take());
        for (
          let busy = this.#handOver();
          busy !== undefined;
          busy = this.#handOver()
        ) {
          try {
            await busy;
          } catch (error) {
            this.#failToTake(error);
          }
        }
        if (this.#writer.pongBytes > MAX_PONG_BYTES) {
          // Many reads can be done within one turn: do not wait for its end.
          this.#writer.flush();
          await this.#writer.writing;
        }
      }
      buffer.release();
    } catch (error) {
      // The peer broke a rule, or the connection did; neither is ours to throw.
      this.#error ??= error;
    }
    await this.#finish();
  }

  #open(io: Upgraded): void {
    this.#io = io;
    if (this.#readyState === READY_STATE.connecting) {
      this.#readyState = READY_STATE.open;
      this.#deadline.set(this.#tick);
    } else this.#deadline.set(this.#closeTimeout);
    io.onshutdown = () => {
      this.close(CLOSE_CODE.goingAway, "The server is shutting down");
    };
    this.#writer.open(io);
    this.#opened?.resolve();
  }

  /**
   * Hands over what was read, up to the peer's Close frame. A promise says when
   * to go on: whoever takes the messages is busy.
   */
  #handOver(): Promise<void> | undefined {
    const protocol = this.#protocol;
    for (
      let event = protocol.next();
      event !== undefined;
      event = protocol.next()
    ) {
      if (event.type === "message" || event.type === "piece") {
        const busy = this.#deliver(event);
        if (busy !== undefined) return busy;
      } else if (event.type === "close") this.#received = event;
      else this.#notePing(event);
    }
    return undefined;
  }

  #deliver(
    event: WebSocketMessage | WebSocketPieceEvent,
  ): Promise<void> | void {
    if (event.type === "piece") return this.delivery.deliverPiece(event);
    try {
      return this.delivery.deliver(event);
    } catch (error) {
      this.#failToTake(error);
    }
  }

  /** The callback that takes the messages has thrown. */
  #failToTake(error: unknown): void {
    this.#failure = { error };
    // Nobody has to await what rejects now.
    this.#done?.catch(() => {});
    this.fail(error);
  }

  #notePing(event: WebSocketPingEvent): void {
    if (event.type === "ping") {
      this.#writer.pongBytes += event.bytes.length + 2;
      this.#writer.schedule();
    } else this.#pings?.answer(event.bytes);
  }

  #ping(pong?: PromiseWithResolvers<number>): void {
    this.#pings ??= new Pings();
    this.#protocol.ping(this.#pings.ask(pong));
    this.#writer.schedule();
  }

  /** After how many milliseconds a sign of life is looked for again. */
  get #tick(): number {
    return Math.min(this.#pingInterval ?? Infinity, this.#idleTimeout / 2);
  }

  #expire(): void {
    if (this.#readyState !== READY_STATE.open) return this.#cut();
    const { writing, wrote } = this.#writer;
    const stuck = writing !== undefined && !wrote;
    // A ping may stand behind much that the peer is busy reading.
    const silent = this.#waitsForPeer && !this.#heard && writing === undefined;
    this.#quiet = silent || stuck ? this.#quiet + this.#tick : 0;
    if (this.#quiet >= this.#idleTimeout) {
      this.#error = new Error(
        stuck
          ? "The peer has read nothing in time"
          : "Nothing was heard of the peer in time",
      );
      return this.#cut();
    }
    this.#heard = this.#writer.wrote = false;
    const pings = silent || this.#pingInterval !== undefined;
    const unanswered = this.#pings?.waiting ?? 0;
    if (pings && writing === undefined && unanswered < MOST_PINGS) this.#ping();
    this.#deadline.set(this.#tick);
  }

  /** Ends it now, whatever is still waited for. */
  #cut(): void {
    this.#io?.[Symbol.dispose]();
    this.#deadline[Symbol.dispose]();
    this.#end();
  }

  async #finish(): Promise<void> {
    if (this.#readyState < READY_STATE.closing) {
      this.#readyState = READY_STATE.closing;
    }
    this.#deadline.set(this.#closeTimeout);
    this.#writer.cancel(this.#error);
    const io = this.#io;
    if (io !== undefined) {
      this.#writer.flush();
      await this.#writer.writing;
    }
    this.#end();
    if (io !== undefined) {
      this.#deadline.set(LINGER);
      await linger(io, { role: this.#role, ended: this.#peerEnded });
    }
    this.#deadline[Symbol.dispose]();
  }

  #end(): void {
    if (this.#readyState === READY_STATE.closed) return;
    this.#readyState = READY_STATE.closed;
    const received = this.#received;
    const error = this.#error;
    const broken = error instanceof WebSocketError ? error : undefined;
    const info = {
      code: received?.code ?? broken?.closeCode ?? CLOSE_CODE.abnormal,
      reason: received?.reason ?? broken?.message ?? "",
      wasClean: received !== undefined && this.bufferedAmount === 0,
      ...(error !== undefined && { error }),
    };
    this.#writer.cancel(error);
    this.delivery.end(info);
    this.#pings?.end();
    this.#tellClosed(info);
  }
}
