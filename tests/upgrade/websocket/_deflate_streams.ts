import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  type InflateRaw,
} from "node:zlib";
import { concat } from "./_frames.ts";

const TAIL = Uint8Array.of(0, 0, 0xff, 0xff);

/**
 * The other end of permessage-deflate, as most libraries make it: a stream of
 * zlib for each direction, flushed after each message, reset where no context
 * is taken over.
 */
export class DeflateStreams implements Disposable {
  readonly #deflate: DeflateRaw;
  readonly #inflate: InflateRaw;
  readonly #keeps: { readonly deflate: boolean; readonly inflate: boolean };

  /** Keeps each context if asked to. */
  constructor({ windowBits = 15, level = 6, keeps }: {
    readonly windowBits?: number;
    readonly level?: number;
    readonly keeps: { readonly deflate: boolean; readonly inflate: boolean };
  }) {
    this.#keeps = keeps;
    this.#deflate = createDeflateRaw({ windowBits, level });
    this.#inflate = createInflateRaw({ windowBits });
  }

  /** Compresses a message. */
  async deflate(payload: Uint8Array): Promise<Uint8Array> {
    const flushed = await pass(this.#deflate, payload);
    if (!this.#keeps.deflate) this.#deflate.reset();
    return flushed.subarray(0, -TAIL.length);
  }

  /** Inflates a message; rejects when it is not valid. */
  async inflate(payload: Uint8Array): Promise<Uint8Array> {
    const inflated = await pass(this.#inflate, concat(payload, TAIL));
    if (!this.#keeps.inflate) this.#inflate.reset();
    return inflated;
  }

  /** Ends the streams. */
  [Symbol.dispose](): void {
    this.#deflate.close();
    this.#inflate.close();
  }
}

function pass(
  stream: DeflateRaw | InflateRaw,
  bytes: Uint8Array,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const parts: Uint8Array[] = [];
    const onData = (part: Uint8Array) => parts.push(part);
    stream.on("data", onData).once("error", reject);
    stream.write(bytes);
    stream.flush(constants.Z_SYNC_FLUSH, () => {
      stream.off("data", onData).off("error", reject);
      resolve(concat(...parts));
    });
  });
}
