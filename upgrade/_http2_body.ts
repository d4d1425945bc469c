import type { ServerHttp2Stream } from "node:http2";
import { Deadline } from "./_deadline.ts";
import { HttpError } from "./http1/mod.ts";

/** How a {@linkcode Http2Body} is read. */
export interface Http2BodyOptions {
  /** Called before the first byte is waited for, to send 100 (Continue). */
  readonly onFirstRead: () => void;
  /** From one piece to the next, in milliseconds. */
  readonly timeout: number;
  /** How many bytes it may have. */
  readonly maxBytes: number;
}

/** The body of a request over HTTP/2. */
export class Http2Body {
  readonly #source: ServerHttp2Stream;
  readonly #options: Http2BodyOptions;
  readonly #deadline = new Deadline(() => this.#fail("body_timeout"));
  #failure: HttpError | undefined;
  #wake: (() => void) | undefined;
  #asked = false;
  #abandoned = false;
  #length = 0;
  /** The body as the handler reads it: nothing is read before it asks. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** Begins to read from a stream that has not ended. */
  constructor(source: ServerHttp2Stream, options: Http2BodyOptions) {
    this.#source = source;
    this.#options = options;
    const wake = () => this.#wake?.();
    source.on("readable", wake);
    source.on("end", wake);
    source.on("close", () => {
      this.#deadline[Symbol.dispose]();
      if (!source.readableEnded) this.#fail("incomplete_body");
    });
    this.stream = new ReadableStream({
      pull: async (controller) => {
        const piece = await this.#next(() => this.#check());
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    }, { highWaterMark: 0 });
  }

  /** Lets the handler read no more. */
  abandon(): void {
    this.#abandoned = true;
    this.#wake?.();
  }

  /** Reads and drops up to `most` bytes; false when there are more. */
  async drain(most: number): Promise<boolean> {
    this.abandon();
    let drained = 0;
    for (;;) {
      const piece = await this.#next();
      if (piece === undefined) return true;
      drained += piece.length;
      if (drained > most) return false;
    }
  }

  /** A copy of the next piece; `undefined` at the end. */
  async #next(
    check?: () => void,
  ): Promise<Uint8Array<ArrayBuffer> | undefined> {
    const source = this.#source;
    for (;;) {
      check?.();
      if (this.#failure !== undefined) throw this.#failure;
      const piece: Uint8Array | null = source.read();
      if (piece !== null) {
        this.#length += piece.length;
        if (this.#length > this.#options.maxBytes) this.#fail("body_too_large");
        else return new Uint8Array(piece);
      } else if (source.readableEnded) return undefined;
      else await this.#wait();
    }
  }

  #check(): void {
    if (!this.#abandoned) return;
    throw new TypeError("Cannot read the body: the response has been sent");
  }

  async #wait(): Promise<void> {
    if (!this.#asked) {
      this.#asked = true;
      this.#options.onFirstRead();
    }
    this.#deadline.set(this.#options.timeout);
    await new Promise<void>((resolve) => this.#wake = resolve);
    this.#deadline.clear();
  }

  #fail(code: "body_timeout" | "body_too_large" | "incomplete_body"): void {
    this.#failure ??= new HttpError(code);
    this.#wake?.();
  }
}
