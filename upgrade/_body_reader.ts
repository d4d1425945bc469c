import {
  BodyDecoder,
  type BodyLimits,
  type ResponseFraming,
} from "./http1/mod.ts";
import type { ReadBuffer } from "./_read_buffer.ts";

/** How a {@linkcode BodyReader} gets at its bytes. */
export interface BodySource {
  /** What was read; the body's bytes are used up from it. */
  readonly buffer: ReadBuffer;
  /** Reads on; false at the end of the stream. */
  fill(): Promise<boolean>;
  /** Called when the last byte of the body has been read. */
  onEnd?(): void;
}

/** Reads one body from a connection, and takes its framing off. */
export class BodyReader {
  readonly #source: BodySource;
  readonly #decoder: BodyDecoder;
  #failed = false;

  /** Begins a body of the given framing. */
  constructor(
    framing: ResponseFraming,
    source: BodySource,
    limits: Partial<BodyLimits> = {},
  ) {
    this.#source = source;
    this.#decoder = new BodyDecoder(framing, limits);
  }

  /** Whether the whole body has been read. */
  get done(): boolean {
    return this.#decoder.done;
  }

  /** Whether the body was cut short or badly framed: what follows is unknown. */
  get failed(): boolean {
    return this.#failed;
  }

  /** The next piece, valid until the next read; `undefined` at the end. */
  async next(): Promise<Uint8Array | undefined> {
    while (!this.done) {
      if (this.#source.buffer.isEmpty) await this.#fill();
      const data = this.#decode();
      if (data.length > 0) return data;
    }
    return undefined;
  }

  /**
   * A copy of the next piece and of all others that came with it: an array for
   * each of many small chunks would take many times their bytes.
   */
  async gather(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const first = await this.next();
    if (first === undefined) return undefined;
    const { buffer } = this.#source;
    if (this.done || buffer.isEmpty) return new Uint8Array(first);
    const room = new Uint8Array(first.length + buffer.unread.length);
    room.set(first);
    let length = first.length;
    while (!this.done && !buffer.isEmpty) {
      const data = this.#decode();
      room.set(data, length);
      length += data.length;
    }
    return room.slice(0, length);
  }

  /** Takes one step through what was read. */
  #decode(): Uint8Array {
    const { buffer } = this.#source;
    try {
      const { consumed, data } = this.#decoder.decode(buffer.unread);
      buffer.consume(consumed);
      if (this.done) this.#source.onEnd?.();
      return data;
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  async #fill(): Promise<void> {
    try {
      if (!await this.#source.fill()) this.#decoder.finish();
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }
}
