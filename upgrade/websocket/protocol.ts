import { CLOSE_CODE, isSendableCloseCode, OPCODE } from "./codes.ts";
import { WebSocketError } from "./errors.ts";
import { MAX_CONTROL_BYTES } from "./frame.ts";
import { FrameParser, type Role } from "./frame_parser.ts";
import { FrameQueue } from "./frame_queue.ts";
import { MessageAssembler } from "./message_assembler.ts";
import { type WebSocketData, WebSocketMessage } from "./message.ts";
import { randomMaskingKey } from "./masking_key.ts";
import { isUtf8 } from "node:buffer";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array(0);
const MAX_REASON_BYTES = MAX_CONTROL_BYTES - 2;

/** The peer sent a ping, which has been answered, or a pong. */
export interface WebSocketPingEvent {
  /** Which of the two. */
  readonly type: "ping" | "pong";
  /** The payload, at most 125 bytes. */
  readonly bytes: Uint8Array;
}

/** The peer sent its Close frame; nothing follows. */
export interface WebSocketCloseEvent {
  /** Tells it from the other events. */
  readonly type: "close";
  /** The close code, 1005 if there was none. */
  readonly code: number;
  /** The reason, often empty. */
  readonly reason: string;
}

/** What the peer did. */
export type WebSocketEvent =
  | WebSocketMessage
  | WebSocketPingEvent
  | WebSocketCloseEvent;

/** The limits of a {@linkcode WebSocketProtocol}. */
export interface WebSocketLimits {
  /** Bytes of a message at most; more is answered by 1009. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /** Frames of a message at most; more is answered by 1009. Default: 131,072. */
  readonly maxFragments?: number;
}

/**
 * One side of a WebSocket connection after the opening handshake, without any
 * I/O (RFC 6455): bytes in, events and bytes out.
 *
 * Give it what was read with {@linkcode WebSocketProtocol.receive}, take events
 * with {@linkcode WebSocketProtocol.next} until there are none, and write what
 * is in {@linkcode WebSocketProtocol.output}. Pings and Close frames have been
 * answered there when their event is returned.
 *
 * ```ts
 * import { WebSocketProtocol } from "./mod.ts";
 *
 * const server = new WebSocketProtocol("server");
 * const client = new WebSocketProtocol("client");
 * client.send("hello");
 * server.receive(client.output.take());
 * const event = server.next();
 * console.log(event?.type === "message" && event.text()); // hello
 * ```
 */
export class WebSocketProtocol {
  readonly #parser: FrameParser;
  readonly #message = new MessageAssembler();
  // The payload of a control frame that came in pieces.
  #control: Uint8Array<ArrayBuffer> = NOTHING;
  readonly #maxMessageBytes: number;
  readonly #maxFragments: number;
  #inFrame = false;
  #ended = false;
  #closeSent = false;
  #closeReceived = false;
  /** What is to be written to the peer. */
  readonly output: FrameQueue;

  /** Begins the protocol as `role`, right after the opening handshake. */
  constructor(role: Role, limits: WebSocketLimits = {}) {
    this.#parser = new FrameParser(role);
    this.output = new FrameQueue(
      role === "client" ? randomMaskingKey : undefined,
    );
    this.#maxMessageBytes = limits.maxMessageBytes ?? 1 << 20;
    this.#maxFragments = limits.maxFragments ?? 1 << 17;
  }

  /** Whether a Close frame is among what was put out. */
  get closeSent(): boolean {
    return this.#closeSent;
  }

  /** Whether the peer has sent its Close frame. */
  get closeReceived(): boolean {
    return this.#closeReceived;
  }

  /**
   * Takes bytes that were read, after `next()` has returned `undefined` for the
   * last ones. They are changed in place, and events refer to them.
   */
  receive(bytes: Uint8Array<ArrayBuffer>): void {
    this.#parser.feed(bytes);
  }

  /**
   * The next event, or `undefined` when more bytes are needed. An event's bytes
   * are valid until the next call.
   *
   * Throws a {@linkcode WebSocketError} when the peer broke a rule; the Close
   * frame that says so is then in `output`, and nothing further is read.
   */
  next(): WebSocketEvent | undefined {
    if (this.#ended) return undefined;
    this.#message.release();
    try {
      return this.#next();
    } catch (error) {
      this.#ended = true;
      if (error instanceof WebSocketError) {
        this.close(error.closeCode, error.message);
      }
      throw error;
    }
  }

  /** Puts out a message as one frame; nothing once a Close frame was put out. */
  send(data: WebSocketData): void {
    if (!this.#closeSent) this.output.pushMessage(data);
  }

  /**
   * Puts out a ping with at most 125 bytes of payload (RFC 6455 §5.5.2); nothing
   * once a Close frame was put out.
   *
   * Throws a `RangeError` when the payload is longer.
   */
  ping(payload: Uint8Array = NOTHING): void {
    if (payload.length > MAX_CONTROL_BYTES) {
      throw new RangeError(
        `Cannot ping: the payload has ${payload.length} bytes, over ${MAX_CONTROL_BYTES}`,
      );
    }
    if (!this.#closeSent) this.output.push(OPCODE.ping, payload);
  }

  /**
   * Puts out the Close frame (RFC 6455 §5.5.1), unless there was one: without a
   * code it is empty.
   *
   * Throws a `RangeError` when the code may not be sent, when there is a reason
   * without a code, or when the reason is over 123 bytes of UTF-8.
   */
  close(code?: number, reason = ""): void {
    const payload = closePayload(code, reason);
    if (this.#closeSent) return;
    this.#closeSent = true;
    this.output.push(OPCODE.close, payload);
  }

  #next(): WebSocketEvent | undefined {
    const parser = this.#parser;
    for (;;) {
      if (!this.#inFrame) {
        if (!parser.readHeader()) return undefined;
        this.#inFrame = true;
        if (parser.opcode < OPCODE.close) this.#beginDataFrame();
      }
      const piece = parser.readPayload();
      const ended = parser.remaining === 0;
      if (ended) this.#inFrame = false;
      const event = parser.opcode < OPCODE.close
        ? this.#readData(piece, ended)
        : this.#readControl(piece, ended);
      if (event !== undefined) return event;
      if (!ended) return undefined;
    }
  }

  // RFC 6455 §5.4.
  #beginDataFrame(): void {
    const { opcode, length } = this.#parser;
    const message = this.#message;
    if (opcode === OPCODE.continuation) {
      if (!message.active) throw new WebSocketError("unexpected_continuation");
    } else {
      if (message.active) throw new WebSocketError("expected_continuation");
      message.begin(opcode === OPCODE.text);
    }
    message.countFragment();
    if (message.fragments > this.#maxFragments) {
      throw new WebSocketError("too_many_fragments");
    }
    if (message.length + length > this.#maxMessageBytes) {
      throw new WebSocketError("message_too_big");
    }
  }

  #readData(
    piece: Uint8Array<ArrayBuffer>,
    ended: boolean,
  ): WebSocketMessage | undefined {
    const { fin, length, remaining } = this.#parser;
    const message = this.#message;
    // Most messages are one frame that came in one piece: they need no copy.
    if (fin && message.fragments === 1 && piece.length === length) {
      message.active = false;
      if (message.isText && !isUtf8(piece)) {
        throw new WebSocketError("invalid_utf8");
      }
      return new WebSocketMessage(message.isText, piece);
    }
    message.push(piece, remaining);
    if (!ended || !fin) return undefined;
    return new WebSocketMessage(message.isText, message.end());
  }

  #readControl(
    piece: Uint8Array,
    ended: boolean,
  ): WebSocketPingEvent | WebSocketCloseEvent | undefined {
    const { opcode, length, remaining } = this.#parser;
    let bytes = piece;
    if (piece.length < length) {
      if (this.#control.length !== length) {
        this.#control = new Uint8Array(length);
      }
      this.#control.set(piece, length - remaining - piece.length);
      bytes = this.#control;
    }
    if (!ended) return undefined;
    switch (opcode) {
      case OPCODE.ping:
        // RFC 6455 §5.5.2: unless a Close frame has been sent.
        if (!this.#closeSent) this.output.push(OPCODE.pong, bytes);
        return { type: "ping", bytes };
      case OPCODE.pong:
        return { type: "pong", bytes };
      default:
        return this.#readClose(bytes);
    }
  }

  // RFC 6455 §5.5.1: the answer echoes the code; what comes after is ignored.
  #readClose(payload: Uint8Array): WebSocketCloseEvent {
    if (payload.length === 1) throw new WebSocketError("bad_close_payload");
    let code: number = CLOSE_CODE.noStatus;
    if (payload.length > 0) {
      code = payload[0]! << 8 | payload[1]!;
      if (!isSendableCloseCode(code)) {
        throw new WebSocketError("bad_close_code");
      }
      if (!isUtf8(payload.subarray(2))) {
        throw new WebSocketError("invalid_utf8");
      }
    }
    const reason = decoder.decode(payload.subarray(2));
    this.#ended = true;
    this.#closeReceived = true;
    this.close(code === CLOSE_CODE.noStatus ? undefined : code);
    return { type: "close", code, reason };
  }
}

function closePayload(code: number | undefined, reason: string): Uint8Array {
  if (code === undefined) {
    if (reason === "") return NOTHING;
    throw new RangeError("Cannot close: a reason needs a close code");
  }
  if (!isSendableCloseCode(code)) {
    throw new RangeError(`Cannot close: ${code} may not be sent`);
  }
  const text = encoder.encode(reason);
  if (text.length > MAX_REASON_BYTES) {
    throw new RangeError(
      `Cannot close: the reason has ${text.length} bytes, over ${MAX_REASON_BYTES}`,
    );
  }
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >>> 8;
  payload[1] = code;
  payload.set(text, 2);
  return payload;
}
