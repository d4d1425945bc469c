import { CLOSE_CODE, isSendableCloseCode, OPCODE } from "./codes.ts";
import { WebSocketError } from "./errors.ts";
import { MAX_CONTROL_BYTES } from "./frame.ts";
import { FrameParser, type Role } from "./frame_parser.ts";
import { FrameQueue } from "./frame_queue.ts";
import { MessageAssembler } from "./message_assembler.ts";
import { MessageDeflater, MessageInflater } from "./deflate.ts";
import type { DeflateParams } from "./deflate_negotiation.ts";
import type { DeflateOptions } from "./deflate_options.ts";
import {
  EncodedMessage,
  type EncodedMessages,
  payloadOf,
  type WebSocketData,
  WebSocketMessage,
} from "./message.ts";
import { randomMaskingKey } from "./masking_key.ts";
import { isUtf8 } from "node:buffer";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array(0);
const MAX_REASON_BYTES = MAX_CONTROL_BYTES - 2;
const MAX_MESSAGE_BYTES = 1 << 20;
const MAX_FRAGMENTS = 1 << 17;
const COMPRESSED_OVERHEAD = 64;

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

/** A piece of a message came, which was asked for by `readInPieces()`. */
export interface WebSocketPieceEvent {
  /** Tells it from the other events. */
  readonly type: "piece";
  /** Whether the message is text, whose characters a piece may cut. */
  readonly isText: boolean;
  /** What came of the payload; the last piece may be empty. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether the message ends with it. */
  readonly isLast: boolean;
}

/** What the peer did. */
export type WebSocketEvent =
  | WebSocketMessage
  | WebSocketPieceEvent
  | WebSocketPingEvent
  | WebSocketCloseEvent;

/** The limits of a {@linkcode WebSocketProtocol}. */
export interface WebSocketLimits {
  /** Bytes of a message at most; more is answered by 1009. Default: 1 MiB. */
  readonly maxMessageBytes?: number;
  /**
   * Bytes of a frame's payload at most; more is answered by 1009. Default:
   * `Infinity`, for a frame is part of a message and has its limit.
   */
  readonly maxFrameBytes?: number;
  /** Frames of a message at most; more is answered by 1009. Default: 131,072. */
  readonly maxFragments?: number;
}

/** How both sides compress messages (RFC 7692). */
export interface AgreedDeflate {
  /** What they have agreed on. */
  readonly params: DeflateParams;
  /** How this side goes about it. */
  readonly options: DeflateOptions;
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
  readonly #limits: WebSocketLimits;
  // Nothing up to these needs a closer look.
  readonly #unsuspiciousBytes: number;
  readonly #maxFragments: number;
  #wantsPieces = false;
  // Whether a message that begins, or has begun, is given in pieces.
  #inPieces = false;
  // Whether a message that is being sent in pieces has begun and not ended.
  #sendsPieces = false;
  readonly #masks: boolean;
  readonly #deflater: MessageDeflater | undefined;
  readonly #inflater: MessageInflater | undefined;
  #inFrame = false;
  #ended = false;
  #closeSent = false;
  #closeReceived = false;
  /** What is to be written to the peer. */
  readonly output: FrameQueue;

  /**
   * Begins the protocol as `role`, right after the opening handshake, in which
   * compression may have been agreed on.
   */
  constructor(
    role: Role,
    limits: WebSocketLimits = {},
    deflate?: AgreedDeflate,
  ) {
    this.#parser = new FrameParser(role, deflate !== undefined);
    if (deflate !== undefined) {
      this.#deflater = new MessageDeflater(deflate.params, deflate.options);
      this.#inflater = new MessageInflater(deflate.params);
    }
    this.#masks = role === "client";
    this.output = new FrameQueue(
      role === "client" ? randomMaskingKey : undefined,
    );
    this.#limits = limits;
    this.#unsuspiciousBytes = Math.min(
      limits.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      limits.maxFrameBytes ?? Infinity,
    );
    this.#maxFragments = limits.maxFragments ?? MAX_FRAGMENTS;
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

  /**
   * From the next message on, gives the messages that come in pieces as such, as
   * {@linkcode WebSocketPieceEvent}s, and keeps nothing of them. A limit on
   * their bytes or fragments then holds only if one was given.
   */
  readInPieces(): void {
    this.#wantsPieces = true;
    this.#inPieces = !this.#message.active;
  }

  /**
   * Puts out a message as one frame; nothing once a Close frame was put out.
   *
   * Throws an `Error` within a message that is put out in pieces: they may not
   * interleave (RFC 6455 §5.4).
   */
  send(data: WebSocketData): void {
    if (this.#closeSent) return;
    this.#mustNotBeInPieces();
    const deflater = this.#deflater;
    if (deflater === undefined) this.output.pushMessage(data);
    else this.#sendDeflated(data, deflater);
  }

  /** As `send()` of each of them. */
  sendAll(batch: EncodedMessages): void {
    if (this.#masks || this.#deflater !== undefined) {
      for (const message of batch.messages) this.send(message);
    } else if (!this.#closeSent) {
      this.#mustNotBeInPieces();
      this.output.pushShared(batch.frames);
    }
  }

  /**
   * Puts out one frame of a message in pieces (RFC 6455 §5.4), which is never
   * compressed; nothing once a Close frame was put out. The first one decides
   * whether the message is text.
   */
  sendPiece(
    bytes: Uint8Array,
    { isText, isLast }: { isText: boolean; isLast: boolean },
  ): void {
    if (this.#closeSent) return;
    const opcode = this.#sendsPieces
      ? OPCODE.continuation
      : isText
      ? OPCODE.text
      : OPCODE.binary;
    this.#sendsPieces = !isLast;
    this.output.pushPiece(opcode, bytes, isLast);
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

  #mustNotBeInPieces(): void {
    if (!this.#sendsPieces) return;
    throw new Error("Cannot send: a message in pieces has not ended");
  }

  #sendDeflated(data: WebSocketData, deflater: MessageDeflater): void {
    const { isText, bytes } = payloadOf(data);
    const isShared = data instanceof EncodedMessage;
    if (
      bytes.length < deflater.threshold || isShared && !data.mayCompress
    ) this.output.pushMessage(data);
    else if (isShared && !this.#masks) {
      this.output.pushShared(data.compressedFrame(deflater.settings));
      deflater.remember(bytes);
    } else {
      const opcode = isText ? OPCODE.text : OPCODE.binary;
      this.output.pushCompressed(opcode, deflater.deflate(bytes));
    }
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
      message.begin(opcode === OPCODE.text, this.#parser.compressed);
    }
    message.countFragment();
    if (
      message.length + length > this.#unsuspiciousBytes ||
      message.fragments > this.#maxFragments
    ) this.#checkLimits();
  }

  // A message in pieces takes no memory: it is limited only if a limit was given.
  #checkLimits(): void {
    const { maxFragments, maxMessageBytes, maxFrameBytes } = this.#limits;
    const { fragments, length } = this.#message;
    const frameLength = this.#parser.length;
    const { compressed } = this.#message;
    const otherwise = this.#inPieces && !compressed ? Infinity : undefined;
    if (fragments > (maxFragments ?? otherwise ?? MAX_FRAGMENTS)) {
      throw new WebSocketError("too_many_fragments");
    }
    if (frameLength > (maxFrameBytes ?? Infinity)) {
      throw new WebSocketError("frame_too_big");
    }
    const most = maxMessageBytes ?? otherwise ?? MAX_MESSAGE_BYTES;
    // What cannot be compressed is longer when it is, by a sixth when it is
    // flushed all the time; how long it really is, inflating tells.
    const overhead = compressed ? COMPRESSED_OVERHEAD + most / 4 : 0;
    if (length + frameLength > most + overhead) {
      throw new WebSocketError("message_too_big");
    }
  }

  #readData(
    piece: Uint8Array<ArrayBuffer>,
    ended: boolean,
  ): WebSocketMessage | WebSocketPieceEvent | undefined {
    const { fin, length, remaining } = this.#parser;
    const message = this.#message;
    // Most messages are one frame that came in one piece: they need no copy.
    if (fin && message.fragments === 1 && piece.length === length) {
      message.active = false;
      if (message.compressed) return this.#inflate(piece);
      if (message.isText && !isUtf8(piece)) {
        throw new WebSocketError("invalid_utf8");
      }
      return new WebSocketMessage(message.isText, piece);
    }
    if (this.#inPieces && !message.compressed) {
      return this.#passPiece(piece, ended && fin);
    }
    message.push(piece, remaining);
    if (!ended || !fin) return undefined;
    this.#inPieces = this.#wantsPieces;
    if (message.compressed) return this.#inflate(message.end());
    return new WebSocketMessage(message.isText, message.end());
  }

  // RFC 7692 §6.2.
  #inflate(payload: Uint8Array): WebSocketMessage {
    const { isText } = this.#message;
    const { maxMessageBytes = MAX_MESSAGE_BYTES } = this.#limits;
    const bytes = this.#inflater!.inflate(payload, maxMessageBytes);
    if (isText && !isUtf8(bytes)) throw new WebSocketError("invalid_utf8");
    return new WebSocketMessage(isText, bytes);
  }

  #passPiece(
    bytes: Uint8Array<ArrayBuffer>,
    isLast: boolean,
  ): WebSocketPieceEvent | undefined {
    const message = this.#message;
    message.pass(bytes);
    if (isLast) message.end();
    else if (bytes.length === 0) return undefined;
    return { type: "piece", isText: message.isText, bytes, isLast };
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

/**
 * The payload of a Close frame. Throws a `RangeError` when the code may not be
 * sent, when there is a reason without one, or when the reason is too long.
 */
export function closePayload(
  code: number | undefined,
  reason: string,
): Uint8Array {
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
