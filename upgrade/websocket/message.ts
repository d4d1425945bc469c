import { OPCODE } from "./codes.ts";
import { deflateShared } from "./deflate.ts";
import type { DeflaterSettings } from "./primed_deflater.ts";
import { frameHeaderLength, writeFrameHeader } from "./frame.ts";
import type { StreamedMessage } from "./streamed_message.ts";
import { Buffer } from "node:buffer";

// A byte order mark is part of the text that was sent: keep it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();
const RSV1 = 0x40;
const NO_FRAMES: never[] = [];

/** A whole message as it came from the peer, without a copy of its bytes. */
export class WebSocketMessage {
  /** Tells a message from the other events of a protocol. */
  readonly type = "message";
  /** Whether the message is text; otherwise it is binary. */
  readonly isText: boolean;
  /**
   * The payload: a view of a buffer that is used again. It holds this message
   * until the callback that got it has returned, or its promise has settled.
   */
  readonly bytes: Uint8Array<ArrayBuffer>;

  /** Describes a message whose payload is in `bytes`. */
  constructor(isText: boolean, bytes: Uint8Array<ArrayBuffer>) {
    this.isText = isText;
    this.bytes = bytes;
  }

  /** The payload decoded as UTF-8. */
  text(): string {
    return decoder.decode(this.bytes);
  }
}

/** What is a message as it is: strings are text, bytes are binary. */
export type WebSocketData =
  | string
  | ArrayBufferView
  | ArrayBufferLike
  | WebSocketMessage
  | EncodedMessage;

/**
 * All that `send()` takes as one message: besides data that is there, a Blob, a
 * message that is being received, and a stream, which is text when its first
 * piece is a string.
 */
export type WebSocketSource =
  | WebSocketData
  | Blob
  | StreamedMessage
  | ReadableStream<string | Uint8Array>;

/**
 * A message whose frame has been encoded once, to be sent to many sockets
 * without encoding it again. Made by {@linkcode encodeMessage}.
 */
export class EncodedMessage {
  /** Whether the message is text; otherwise it is binary. */
  readonly isText: boolean;
  /** The frame as a server sends it; never changed after it was made. */
  readonly frame: Uint8Array<ArrayBuffer>;
  /** How many bytes of the frame are its header. */
  readonly headerLength: number;
  /** Whether it may be compressed. */
  readonly mayCompress: boolean;
  #compressed: {
    settings: DeflaterSettings;
    frame: Uint8Array<ArrayBuffer>;
  }[] = NO_FRAMES;

  /** Use {@linkcode encodeMessage}. */
  constructor(
    isText: boolean,
    frame: Uint8Array<ArrayBuffer>,
    { headerLength, mayCompress }: {
      readonly headerLength: number;
      readonly mayCompress: boolean;
    },
  ) {
    this.isText = isText;
    this.frame = frame;
    this.headerLength = headerLength;
    this.mayCompress = mayCompress;
  }

  /** The payload. */
  get payload(): Uint8Array<ArrayBuffer> {
    return this.frame.subarray(this.headerLength);
  }

  /** The frame for peers that agreed to these settings, compressed once for all. */
  compressedFrame(settings: DeflaterSettings): Uint8Array<ArrayBuffer> {
    const { windowBits, level } = settings;
    for (const { settings, frame } of this.#compressed) {
      if (settings.windowBits === windowBits && settings.level === level) {
        return frame;
      }
    }
    const { frame } = encodeFrame(
      this.isText,
      deflateShared(this.payload, settings),
    );
    frame[0]! |= RSV1;
    this.#compressed = [...this.#compressed, { settings, frame }];
    return frame;
  }
}

// Frames that are encoded one after the other lie next to each other, so that a
// socket that sends several of them writes them as one piece, without a copy.
const ARENA_BYTES = 0x10000;
let arena = new Uint8Array(0);
let arenaUsed = 0;

/** The options of {@linkcode encodeMessage}. */
export interface EncodeMessageOptions {
  /**
   * Whether the message may be compressed where that was agreed on. Where a
   * secret stands beside text that somebody else chose, its length after that
   * can give it away. Default: `true`.
   */
  readonly compress?: boolean;
}

/**
 * Encodes a message's frame once, for a broadcast. Where compression was agreed
 * on, it is compressed once for all who have agreed to the same.
 *
 * ```ts
 * import { encodeMessage, type WebSocketConn } from "./mod.ts";
 *
 * function broadcast(sockets: Iterable<WebSocketConn>, text: string) {
 *   const message = encodeMessage(text);
 *   for (const socket of sockets) socket.send(message);
 * }
 * ```
 */
export function encodeMessage(
  data: WebSocketData,
  { compress = true }: EncodeMessageOptions = {},
): EncodedMessage {
  if (data instanceof EncodedMessage && data.mayCompress === compress) {
    return data;
  }
  const { isText, bytes } = payloadOf(data);
  const { frame, headerLength } = encodeFrame(isText, bytes);
  const mayCompress = compress;
  return new EncodedMessage(isText, frame, { headerLength, mayCompress });
}

/**
 * Encoded messages that are sent one after the other, to many sockets. Made by
 * {@linkcode joinMessages}.
 */
export class EncodedMessages {
  /** The messages, in order. */
  readonly messages: readonly EncodedMessage[];
  /** Their frames as one piece, as a server sends them; never changed. */
  readonly frames: Uint8Array<ArrayBuffer>;

  /** Use {@linkcode joinMessages}. */
  constructor(
    messages: readonly EncodedMessage[],
    frames: Uint8Array<ArrayBuffer>,
  ) {
    this.messages = messages;
    this.frames = frames;
  }
}

/**
 * Joins encoded messages, for a broadcast of several at a time: each socket then
 * takes all of them at the price of one. Those that were encoded one right after
 * the other are joined without a copy.
 *
 * ```ts
 * import { encodeMessage, joinMessages, type WebSocketConn } from "./mod.ts";
 *
 * function broadcast(sockets: Iterable<WebSocketConn>, texts: string[]) {
 *   const messages = joinMessages(texts.map((text) => encodeMessage(text)));
 *   for (const socket of sockets) socket.sendAll(messages);
 * }
 * ```
 */
export function joinMessages(
  messages: readonly EncodedMessage[],
): EncodedMessages {
  return new EncodedMessages(messages, joinFrames(messages));
}

function joinFrames(
  messages: readonly EncodedMessage[],
): Uint8Array<ArrayBuffer> {
  const first = messages[0]?.frame;
  if (first === undefined) return new Uint8Array(0);
  const { buffer, byteOffset } = first;
  let length = 0;
  let isOnePiece = true;
  for (const { frame } of messages) {
    isOnePiece &&= frame.buffer === buffer &&
      frame.byteOffset === byteOffset + length;
    length += frame.length;
  }
  if (isOnePiece) return new Uint8Array(buffer, byteOffset, length);
  const frames = new Uint8Array(length);
  let at = 0;
  for (const { frame } of messages) {
    frames.set(frame, at);
    at += frame.length;
  }
  return frames;
}

function encodeFrame(
  isText: boolean,
  bytes: Uint8Array,
): { frame: Uint8Array<ArrayBuffer>; headerLength: number } {
  const { length } = bytes;
  const headerLength = frameHeaderLength(length, false);
  const frame = claim(headerLength + length);
  const opcode = isText ? OPCODE.text : OPCODE.binary;
  writeFrameHeader(frame, 0, { opcode, length, masked: false });
  frame.set(bytes, headerLength);
  return { frame, headerLength };
}

/**
 * The opcode's kind and the payload bytes of a message. Throws a `TypeError`
 * when it is none.
 */
export function payloadOf(
  data: WebSocketData,
): { isText: boolean; bytes: Uint8Array } {
  if (typeof data === "string") {
    return { isText: true, bytes: encoder.encode(data) };
  }
  if (data instanceof Uint8Array) return { isText: false, bytes: data };
  if (data instanceof WebSocketMessage) return data;
  if (data instanceof EncodedMessage) {
    const { isText, frame, headerLength } = data;
    return { isText, bytes: frame.subarray(headerLength) };
  }
  return { isText: false, bytes: bytesOf(data) };
}

function bytesOf(data: ArrayBufferView | ArrayBufferLike): Uint8Array {
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer || data instanceof SharedArrayBuffer) {
    return new Uint8Array(data);
  }
  throw new TypeError("Cannot send: this is neither text nor bytes");
}

/** Data that stays as it is, whatever becomes of the bytes that were given. */
export function copyOf(data: WebSocketData): WebSocketData {
  if (typeof data === "string" || data instanceof EncodedMessage) return data;
  const { isText, bytes } = payloadOf(data);
  return new WebSocketMessage(isText, new Uint8Array(bytes));
}

/** How many bytes the payload has. */
export function payloadLength(data: WebSocketData): number {
  return typeof data === "string"
    ? Buffer.byteLength(data)
    : payloadOf(data).bytes.length;
}

function claim(length: number): Uint8Array<ArrayBuffer> {
  if (length > ARENA_BYTES >>> 2) return new Uint8Array(length);
  if (arenaUsed + length > arena.length) {
    arena = new Uint8Array(ARENA_BYTES);
    arenaUsed = 0;
  }
  const bytes = arena.subarray(arenaUsed, arenaUsed + length);
  arenaUsed += length;
  return bytes;
}
