import { constants, deflateRawSync } from "node:zlib";
import type { DeflateParams } from "./deflate_negotiation.ts";
import {
  completeDeflateOptions,
  type DeflateOptions,
  MAX_WINDOW_BITS,
  MIN_OWN_WINDOW_BITS,
} from "./deflate_options.ts";
import { WebSocketError } from "./errors.ts";
import {
  type DeflaterSettings,
  FLUSH_BYTES,
  mostBytes,
  primedDeflater,
} from "./primed_deflater.ts";
import { inflateRaw } from "./raw_inflate.ts";
import { SlidingWindow } from "./sliding_window.ts";

const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);
const LARGEST_PIECE_BYTES = 0x10000;
// Much longer than a window: looking back across its beginning gains nothing.
const LONG_MESSAGE_BYTES = 0x40000;
// Every final block starts zlib anew. Senders make one a message, if any.
const MOST_FINAL_BLOCKS = 64;

/**
 * Compresses a message on its own, so that every peer can inflate it whose
 * window is as large as `windowBits` says or larger: what a broadcast is
 * compressed with, once for all. To a peer for whom a context is taken over, it
 * has to be made known with {@linkcode MessageDeflater.remember}.
 *
 * Returns the payload of a message with RSV1 set (RFC 7692 §7.2.1).
 *
 * Throws a `RangeError` when the window is too small to compress with.
 */
export function deflateShared(
  payload: Uint8Array,
  { windowBits, level }: DeflaterSettings,
): Uint8Array<ArrayBuffer> {
  if (windowBits < MIN_OWN_WINDOW_BITS) {
    // node:zlib takes an 8, and makes a 9 of it.
    throw new RangeError(
      `Cannot compress: zlib has no window of ${1 << windowBits} bytes`,
    );
  }
  const flushed = deflateRawSync(payload, {
    windowBits,
    level,
    finishFlush: constants.Z_SYNC_FLUSH,
    chunkSize: Math.min(mostBytes(payload.length), LARGEST_PIECE_BYTES),
  });
  return new Uint8Array(
    flushed.buffer as ArrayBuffer,
    flushed.byteOffset,
    flushed.length - FLUSH_BYTES,
  );
}

/** Compresses the messages that one side of a connection sends (RFC 7692 §7.2). */
export class MessageDeflater {
  /**
   * Messages of fewer bytes are better sent as they are; `Infinity` if the peer
   * has asked for a window that zlib cannot compress with.
   */
  readonly threshold: number;
  /** How it compresses. */
  readonly settings: DeflaterSettings;
  readonly #window: SlidingWindow | undefined;

  /**
   * Begins with an empty context.
   *
   * Throws a `RangeError` when an option is out of its range.
   */
  constructor(params: DeflateParams, options: DeflateOptions = {}) {
    const { threshold, level } = completeDeflateOptions(options);
    const { ownNoContextTakeover, ownWindowBits: windowBits } = params;
    this.threshold = windowBits < MIN_OWN_WINDOW_BITS ? Infinity : threshold;
    this.settings = { windowBits, level };
    this.#window = ownNoContextTakeover || this.threshold === Infinity
      ? undefined
      : new SlidingWindow(windowBits);
  }

  /**
   * Compresses a whole message, and returns the payload to be sent with RSV1 set:
   * bytes of their own.
   *
   * Throws a `RangeError` when the window is too small to compress with.
   */
  deflate(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    const deflated = this.#deflate(payload);
    this.remember(payload);
    return deflated;
  }

  /**
   * Takes note of a message that is sent compressed, but was not compressed here.
   * Messages that are sent as they are, without RSV1, do not count.
   */
  remember(payload: Uint8Array): void {
    this.#window?.push(payload);
  }

  #deflate(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    const history = this.#window?.bytes ?? NOTHING;
    if (
      history.length === 0 || payload.length === 0 ||
      payload.length > LONG_MESSAGE_BYTES
    ) return deflateShared(payload, this.settings);
    // A message never has to refer back, so it can always be compressed alone.
    return primedDeflater(this.settings)?.deflate(history, payload) ??
      deflateShared(payload, this.settings);
  }
}

/** Inflates the messages that one side of a connection receives (RFC 7692 §7.2). */
export class MessageInflater {
  readonly #window: SlidingWindow | undefined;

  /** Begins with an empty context. */
  constructor(params: DeflateParams) {
    this.#window = params.peerNoContextTakeover
      ? undefined
      : new SlidingWindow(params.peerWindowBits);
  }

  /**
   * Inflates the payload of a message that had RSV1 set.
   *
   * Throws a {@linkcode WebSocketError}: `message_too_big` as soon as more than
   * `maxBytes` come out, before the rest is looked at, and `invalid_deflate` when
   * the payload is not valid. Nothing can be inflated after that.
   */
  inflate(payload: Uint8Array, maxBytes: number): Uint8Array<ArrayBuffer> {
    // zlib has nothing to say when it is flushed twice in a row, and some peers
    // pass that on as an empty message.
    if (payload.length === 0) return NOTHING;
    const window = this.#window ?? new SlidingWindow(MAX_WINDOW_BITS);
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    let rest = payload;
    for (;;) {
      const { bytes, consumed } = inflateRaw(rest, {
        history: window.bytes,
        maxBytes: maxBytes - length,
      });
      parts.push(bytes);
      length += bytes.length;
      rest = rest.subarray(consumed);
      if (rest.length === 0) {
        this.#window?.push(bytes);
        return parts.length === 1 ? bytes : join(parts, length);
      }
      // RFC 7692 §7.2.3.4: a final block does not end the message.
      if (parts.length > MOST_FINAL_BLOCKS) {
        throw new WebSocketError("invalid_deflate");
      }
      window.push(bytes);
    }
  }
}

function join(
  parts: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
