import {
  copyOf,
  EncodedMessage,
  payloadLength,
  payloadOf,
  type WebSocketData,
  WebSocketMessage,
  type WebSocketSource,
} from "./message.ts";
import { StreamedMessage } from "./streamed_message.ts";

// A Blob over this size is sent in pieces, and so is a larger piece of a stream.
const PIECE_BYTES = 0x10000;
const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();

/** Where the messages of an {@linkcode Outbox} go. */
export interface OutboxTarget {
  /** Puts out a message. */
  put(data: WebSocketData): void;
  /** Puts out a piece of a message. */
  putPiece(
    bytes: Uint8Array,
    options: { isText: boolean; isLast: boolean },
  ): void;
  /** Says when there is room for more, if there is none. */
  room(): Promise<void> | undefined;
}

interface Stream {
  readonly reader: ReadableStreamDefaultReader<string | Uint8Array>;
  /** Whether the message is text, if that is known before its first piece. */
  readonly isText: boolean | undefined;
}

interface Waiting {
  /** What is to be sent; a stream may never end. */
  readonly what: WebSocketData | Blob | Stream;
  /** How many bytes it has, as far as that is known. */
  readonly length: number;
  readonly sent: PromiseWithResolvers<void>;
}

/**
 * The messages that take time to be sent, and those that wait behind them, for
 * the fragments of two messages may not interleave (RFC 6455 §5.4).
 */
export class Outbox {
  readonly #target: OutboxTarget;
  #waiting: Waiting[] = [];
  #isCancelled = false;
  #length = 0;
  #heldLength = 0;

  /** Sends to `target` when it runs. */
  constructor(target: OutboxTarget) {
    this.#target = target;
  }

  /** How many bytes of payload wait, as far as that is known. */
  get length(): number {
    return this.#length;
  }

  /** How many of them are of messages that wait as they are. */
  get heldLength(): number {
    return this.#heldLength;
  }

  /**
   * Appends a message, and resolves when it was put out, or never will be. Throws
   * a `TypeError` when its stream is locked, or when it is no message.
   */
  add(data: WebSocketSource): Promise<void> {
    const what = takesTime(data) ? longOf(data) : copyOf(data);
    const length = what instanceof Blob
      ? what.size
      : isStream(what)
      ? 0
      : payloadLength(what);
    const sent = Promise.withResolvers<void>();
    this.#waiting.push({ what, length, sent });
    this.#length += length;
    if (!takesTime(data)) this.#heldLength += length;
    return sent.promise;
  }

  /** Sends all that waits; rejects when a stream does. */
  async run(): Promise<void> {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined) return;
      await this.#send(next.what);
      if (this.#isCancelled) return;
      this.#waiting.shift();
      this.#forget(next);
    }
  }

  /** Drops the first stream, and all behind it; true when nothing is left. */
  endAtStream(): boolean {
    const at = this.#waiting.findIndex(({ what }) => isStream(what));
    if (at === 0) this.cancel(undefined);
    else if (at > 0) this.#drop(this.#waiting.splice(at), undefined);
    return this.#waiting.length === 0;
  }

  /** Drops everything; streams are told the reason. */
  cancel(reason: unknown): void {
    this.#isCancelled = true;
    const dropped = this.#waiting;
    this.#waiting = [];
    this.#drop(dropped, reason);
  }

  #drop(dropped: Waiting[], reason: unknown): void {
    for (const waiting of dropped) {
      const { what } = waiting;
      if (isStream(what)) what.reader.cancel(reason).catch(() => {});
      this.#forget(waiting);
    }
  }

  #forget({ what, length, sent }: Waiting): void {
    this.#length -= length;
    if (!(what instanceof Blob)) this.#heldLength -= length;
    sent.resolve();
  }

  async #send(what: WebSocketData | Blob | Stream): Promise<void> {
    if (isStream(what)) await this.#sendStream(what);
    else if (!(what instanceof Blob)) this.#target.put(what);
    else if (what.size > PIECE_BYTES) {
      const reader = what.stream().getReader();
      await this.#sendStream({ reader, isText: false });
    } else {
      const bytes = await what.bytes();
      if (!this.#isCancelled) this.#target.put(bytes);
    }
  }

  async #sendStream({ reader, isText }: Stream): Promise<void> {
    const encode = new PieceEncoder();
    let text = isText;
    for (;;) {
      await this.#target.room();
      if (this.#isCancelled) return;
      const { done, value } = await reader.read();
      if (this.#isCancelled) return;
      if (done) break;
      text ??= typeof value === "string";
      await this.#sendPieces(encode.piece(value), text);
    }
    if (this.#isCancelled) return;
    reader.releaseLock();
    this.#target.putPiece(encode.rest(), {
      isText: text ?? false,
      isLast: true,
    });
  }

  async #sendPieces(bytes: Uint8Array, isText: boolean): Promise<void> {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      if (at > 0) await this.#target.room();
      if (this.#isCancelled) return;
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      this.#target.putPiece(piece, { isText, isLast: false });
    }
  }
}

/** Makes bytes of the pieces of a stream, which have to be of one kind. */
class PieceEncoder {
  #isText: boolean | undefined;
  // The first half of a character whose second half the next string begins with.
  #half = "";

  piece(value: string | Uint8Array): Uint8Array {
    this.#isText ??= typeof value === "string";
    if (this.#isText !== (typeof value === "string")) {
      throw new TypeError("Cannot send: the stream has both text and bytes");
    }
    if (typeof value !== "string") return payloadOf(value).bytes;
    const text = this.#half + value;
    this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? "";
    return encoder.encode(text.slice(0, text.length - this.#half.length));
  }

  rest(): Uint8Array {
    return this.#half === "" ? NOTHING : encoder.encode(this.#half);
  }
}

/** What takes time to send. */
type Long = Exclude<WebSocketSource, WebSocketData>;

/** Whether it takes time to send this. */
export function takesTime(data: WebSocketSource): data is Long {
  // Nearly all messages are one of these: to ask what else they are costs.
  if (
    typeof data === "string" || data instanceof WebSocketMessage ||
    data instanceof EncodedMessage || data instanceof Uint8Array
  ) return false;
  return data instanceof Blob || data instanceof ReadableStream ||
    data instanceof StreamedMessage;
}

/** Lets the source of a message that cannot be sent any more go. */
export function discard(data: WebSocketSource): void {
  if (data instanceof StreamedMessage) data.readable.cancel().catch(() => {});
  else if (data instanceof ReadableStream) data.cancel().catch(() => {});
}

function longOf(data: Long): Blob | Stream {
  if (data instanceof Blob) return data;
  return data instanceof StreamedMessage
    ? { reader: data.readable.getReader(), isText: data.isText }
    : { reader: data.getReader(), isText: undefined };
}

function isStream(what: WebSocketData | Blob | Stream): what is Stream {
  return typeof what === "object" && "reader" in what;
}
