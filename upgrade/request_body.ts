import {
  BodyDecoder,
  type BodyFraming,
  type BodyLimits,
  HttpError,
} from "./http1/mod.ts";
import type { ReadBuffer } from "./_read_buffer.ts";

/** How a {@linkcode RequestBody} gets at its bytes. */
export interface RequestBodySource {
  /** What was read; the body's bytes are used up from it. */
  readonly buffer: ReadBuffer;
  /** Reads on; false at the end of the stream. */
  fill(): Promise<boolean>;
  /** Called before the first byte is waited for, to send 100 (Continue). */
  onFirstRead(): Promise<void>;
  /** Called when the last byte of the body has been read. */
  onEnd(): void;
}

/** The body of one request: a stream for the handler, the rest to be drained. */
export class RequestBody {
  readonly #source: RequestBodySource;
  readonly #decoder: BodyDecoder;
  #last: Promise<unknown> = Promise.resolve();
  #asked = false;
  #abandoned = false;
  #failed = false;
  /** The body as the handler reads it: nothing is read before it asks. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** Begins a body of the given framing. */
  constructor(
    framing: BodyFraming,
    source: RequestBodySource,
    limits: Partial<BodyLimits>,
  ) {
    this.#source = source;
    this.#decoder = new BodyDecoder(framing, limits);
    this.stream = new ReadableStream({
      pull: async (controller) => {
        const data = await this.#take();
        if (data === undefined) controller.close();
        else controller.enqueue(data);
      },
    }, { highWaterMark: 0 });
  }

  /** Whether the whole body has been read. */
  get done(): boolean {
    return this.#decoder.done;
  }

  /** Whether the client may still be waiting for 100 (Continue). */
  get asked(): boolean {
    return this.#asked;
  }

  /** Whether the body was cut short or badly framed: what follows is unknown. */
  get failed(): boolean {
    return this.#failed;
  }

  /**
   * Reads and drops what the handler has left, up to `most` bytes; false when
   * there was more. The stream is of no use after that.
   */
  async drain(most: number): Promise<boolean> {
    this.#abandoned = true;
    await this.#last;
    let drained = 0;
    while (!this.done && !this.#failed && drained <= most) {
      const data = await this.#next();
      drained += data?.length ?? 0;
    }
    return this.done;
  }

  /** A copy of what comes next, after what was asked for before. */
  #take(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const turn = this.#last.then(async () => {
      if (!this.#abandoned) return await this.#gather();
      throw new TypeError("Cannot read the body: the response has been sent");
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /**
   * A copy of the next piece and of all others that came with it: an array for
   * each of many small chunks would take many times their bytes.
   */
  async #gather(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const first = await this.#next();
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

  /** The next piece, valid until the next read; `undefined` at the end. */
  async #next(): Promise<Uint8Array | undefined> {
    while (!this.done) {
      if (this.#source.buffer.isEmpty) await this.#fill();
      const data = this.#decode();
      if (data.length > 0) return data;
    }
    return undefined;
  }

  /** Takes one step through what was read. */
  #decode(): Uint8Array {
    const { buffer } = this.#source;
    try {
      const { consumed, data } = this.#decoder.decode(buffer.unread);
      buffer.consume(consumed);
      if (this.done) this.#source.onEnd();
      return data;
    } catch (error) {
      this.#failed = true;
      throw error;
    }
  }

  async #fill(): Promise<void> {
    if (!this.#asked) {
      this.#asked = true;
      await this.#source.onFirstRead();
    }
    try {
      if (await this.#source.fill()) return;
    } catch (error) {
      this.#failed = true;
      throw error;
    }
    this.#failed = true;
    throw new HttpError("incomplete_body");
  }
}
