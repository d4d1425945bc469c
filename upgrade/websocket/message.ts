import { OPCODE } from "./codes.ts";
import { frameHeaderLength, writeFrameHeader } from "./frame.ts";

// A byte order mark is part of the text that was sent: keep it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

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

/** What can be sent as one message: strings are text, bytes are binary. */
export type WebSocketData =
  | string
  | Uint8Array
  | ArrayBuffer
  | WebSocketMessage
  | EncodedMessage;

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

  /** Use {@linkcode encodeMessage}. */
  constructor(
    isText: boolean,
    frame: Uint8Array<ArrayBuffer>,
    headerLength: number,
  ) {
    this.isText = isText;
    this.frame = frame;
    this.headerLength = headerLength;
  }
}

// Frames that are encoded one after the other lie next to each other, so that a
// socket that sends several of them writes them as one piece, without a copy.
const ARENA_BYTES = 0x10000;
let arena = new Uint8Array(0);
let arenaUsed = 0;

/**
 * Encodes a message's frame once, for a broadcast.
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
export function encodeMessage(data: WebSocketData): EncodedMessage {
  if (data instanceof EncodedMessage) return data;
  const { isText, bytes } = payloadOf(data);
  const length = bytes.length;
  const headerLength = frameHeaderLength(length, false);
  const frame = claim(headerLength + length);
  const opcode = isText ? OPCODE.text : OPCODE.binary;
  writeFrameHeader(frame, 0, { opcode, length, masked: false });
  frame.set(bytes, headerLength);
  return new EncodedMessage(isText, frame, headerLength);
}

/** The opcode's kind and the payload bytes of anything that can be sent. */
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
  return { isText: false, bytes: new Uint8Array(data) };
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
