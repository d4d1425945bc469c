import { inflateRawSync } from "node:zlib";
import { lendBuffer, returnBuffer } from "../_buffer_pool.ts";
import { WebSocketError } from "./errors.ts";

// The 4 bytes that a sender cuts off (RFC 7692 §7.2.1), and an empty final
// block. Only data that ends where a block ends leads up to that one, so zlib
// tells data that was cut short from data that is whole.
const TAIL = Uint8Array.of(0, 0, 0xff, 0xff, 1, 0, 0, 0xff, 0xff);

// The header of a stored block that is not final (RFC 1951 §3.2.4).
const STORED_HEADER_BYTES = 5;

// The output is made in pieces of about what data usually grows to.
const USUAL_GROWTH = 4;
const LEAST_PIECE_BYTES = 0x400;
const LARGEST_PIECE_BYTES = 0x10000;

/** What {@linkcode inflateRaw} goes by. */
export interface RawInflateOptions {
  /** What the data may refer back to, at most 32 KiB. */
  readonly history: Uint8Array;
  /** How many bytes may come out. */
  readonly maxBytes: number;
}

/** What {@linkcode inflateRaw} gives. */
export interface RawInflated {
  /** What came out. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** How many bytes of the data went in: fewer if a final block ended it. */
  readonly consumed: number;
}

/**
 * Inflates the data of one message, up to its end or to that of a final block
 * (RFC 7692 §7.2.2).
 *
 * Throws a {@linkcode WebSocketError}: `message_too_big` as soon as more than
 * `maxBytes` come out, before the rest is looked at, and `invalid_deflate` when
 * the data is not DEFLATE or is cut short.
 */
export function inflateRaw(
  data: Uint8Array,
  { history, maxBytes }: RawInflateOptions,
): RawInflated {
  // The history goes in as a stored block, and out again before the message:
  // Deno 2.9 ignores the dictionary that node:zlib has for it.
  const start = STORED_HEADER_BYTES + history.length;
  const end = start + data.length;
  const input = lendBuffer(end + TAIL.length);
  writeStoredHeader(input, history.length);
  input.set(history, STORED_HEADER_BYTES);
  input.set(data, start);
  input.set(TAIL, end);
  const whole = input.subarray(0, end + TAIL.length);
  try {
    const piece = Math.max(
      LEAST_PIECE_BYTES,
      Math.min(data.length * USUAL_GROWTH, LARGEST_PIECE_BYTES),
    );
    const { output, read } = inflate(whole, {
      chunkSize: history.length + piece,
      // It takes no 0, and no Infinity.
      maxOutputLength: Math.max(
        1,
        Math.min(history.length + maxBytes, Number.MAX_SAFE_INTEGER),
      ),
    });
    const bytes = new Uint8Array(
      output.buffer,
      output.byteOffset + history.length,
      output.length - history.length,
    );
    if (bytes.length > maxBytes) throw new WebSocketError("message_too_big");
    // A final block that ends in the tail was cut short.
    if (read > end && read < whole.length) {
      throw new WebSocketError("invalid_deflate");
    }
    return { bytes, consumed: Math.min(read, end) - start };
  } finally {
    returnBuffer(input);
  }
}

function writeStoredHeader(target: Uint8Array, length: number): void {
  target[0] = 0;
  target[1] = length;
  target[2] = length >>> 8;
  target[3] = ~length;
  target[4] = ~length >>> 8;
}

function inflate(
  input: Uint8Array,
  options: { chunkSize: number; maxOutputLength: number },
): { output: Uint8Array<ArrayBuffer>; read: number } {
  try {
    // The types of node:zlib do not know what `info` changes.
    const { buffer, engine } = inflateRawSync(input, {
      ...options,
      info: true,
    }) as unknown as {
      buffer: Uint8Array<ArrayBuffer>;
      engine: { bytesWritten: number };
    };
    return { output: buffer, read: engine.bytesWritten };
  } catch (error) {
    switch ((error as { code?: unknown }).code) {
      case "ERR_BUFFER_TOO_LARGE":
        throw new WebSocketError("message_too_big");
      case "Z_DATA_ERROR":
      case "Z_BUF_ERROR":
        throw new WebSocketError("invalid_deflate");
    }
    throw error;
  }
}
