import { constants, createDeflateRaw } from "node:zlib";
import { lendBuffer, returnBuffer } from "../_buffer_pool.ts";
import { inflateRaw } from "./raw_inflate.ts";

/** What a flush ends with, and a message is sent without (RFC 7692 §7.2.1). */
export const FLUSH_BYTES = 4;

/** How {@linkcode primedDeflater} and its like compress. */
export interface DeflaterSettings {
  /** The window as a power of two, 9 to 15. */
  readonly windowBits: number;
  /** How hard to compress, 1 to 9. */
  readonly level: number;
}

/** The part of a zlib stream of node:zlib that works synchronously. */
interface Handle {
  reset(): void;
  params(level: number, strategy: number): void;
  writeSync(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    inputLength: number,
    output: Uint8Array,
    outputOffset: number,
    outputLength: number,
  ): void;
}

/** A stream of node:zlib as it is inside, since Node.js 11 and in Deno. */
interface Internals {
  readonly _handle: Handle;
  /** After a write: how many bytes of output, then of input, are left. */
  readonly _writeState: Uint32Array;
}

/**
 * Compresses data that may refer back to other data which the peer has, as
 * zlib's `deflateSetDictionary()` allows.
 *
 * Deno 2.9 ignores the dictionary of node:zlib. So the history goes in first,
 * uncompressed, which costs zlib a copy and an entry in its hash table for each
 * byte, and what comes out for it is dropped. All connections share a stream: a
 * stream for each would take up to 330 KiB.
 *
 * This is the one place that uses what node:zlib does not document.
 */
export class PrimedDeflater {
  readonly #handle: Handle;
  readonly #left: Uint32Array;
  readonly #level: number;

  private constructor({ _handle, _writeState }: Internals, level: number) {
    this.#handle = _handle;
    this.#left = _writeState;
    this.#level = level;
  }

  /**
   * Takes over a stream of node:zlib that compresses raw. Gives `undefined` if it
   * is not inside as it was when this was written, or fails a trial.
   */
  static over(stream: unknown, level: number): PrimedDeflater | undefined {
    if (!hasInternals(stream)) return undefined;
    const deflater = new PrimedDeflater(stream, level);
    return deflater.#works() ? deflater : undefined;
  }

  /** The payload of a message (RFC 7692 §7.2.1). Neither may be empty. */
  deflate(history: Uint8Array, payload: Uint8Array): Uint8Array<ArrayBuffer> {
    const handle = this.#handle;
    const output = lendBuffer(
      mostBytes(Math.max(history.length, payload.length)),
    );
    try {
      handle.reset();
      handle.params(constants.Z_NO_COMPRESSION, constants.Z_DEFAULT_STRATEGY);
      this.#write(history, output);
      handle.params(this.#level, constants.Z_DEFAULT_STRATEGY);
      return output.slice(0, this.#write(payload, output) - FLUSH_BYTES);
    } finally {
      returnBuffer(output);
    }
  }

  /** Writes and flushes, and returns how many bytes came out. */
  #write(input: Uint8Array, output: Uint8Array): number {
    const { length } = output;
    this.#handle.writeSync(
      constants.Z_SYNC_FLUSH,
      input,
      0,
      input.length,
      output,
      0,
      length,
    );
    return length - this.#left[0]!;
  }

  #works(): boolean {
    const history = Uint8Array.from({ length: 0x80 }, (_, i) => i * 7);
    const payload = history.subarray(1);
    try {
      const deflated = this.deflate(history, payload);
      const { bytes } = inflateRaw(deflated, { history, maxBytes: 0x80 });
      return deflated.length < 0x20 &&
        bytes.every((byte, i) => byte === payload[i]);
    } catch {
      return false;
    }
  }
}

const deflaters = new Map<string, PrimedDeflater | undefined>();

/**
 * The deflater that all connections with these settings share, made when it is
 * first asked for. `undefined` if this version of node:zlib does not allow it.
 */
export function primedDeflater(
  { windowBits, level }: DeflaterSettings,
): PrimedDeflater | undefined {
  const key = `${windowBits} ${level}`;
  if (!deflaters.has(key)) {
    // The stream's own buffer stays unused: the least that is allowed.
    const stream = createDeflateRaw({
      windowBits,
      level,
      chunkSize: constants.Z_MIN_CHUNK,
    });
    deflaters.set(key, PrimedDeflater.over(stream, level));
  }
  return deflaters.get(key);
}

/** How many bytes at most come out of zlib, with room for a flush. */
export function mostBytes(length: number): number {
  // What zlib's deflateBound() comes to, rounded up.
  return length + (length >>> 3) + (length >>> 7) + 64;
}

function hasInternals(stream: unknown): stream is Internals {
  const { _handle, _writeState } = stream as Partial<Internals>;
  return _writeState instanceof Uint32Array &&
    (["reset", "params", "writeSync"] as const).every((name) =>
      typeof _handle?.[name] === "function"
    );
}
