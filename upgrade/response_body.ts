import { BodyReader, type BodySource } from "./_body_reader.ts";
import { asResponseError, type ResponseFraming } from "./http1/mod.ts";

/** Who has to know what becomes of a {@linkcode ResponseBody}. */
export interface ResponseBodyOwner {
  /** All of it has been read. */
  onEnd(): void;
  /** It is cut short, badly framed, or nobody wants the rest of it. */
  onBroken(reason: unknown): void;
}

/** The body of one response, read as fast as the stream is. */
export class ResponseBody {
  readonly #reader: BodyReader;
  readonly #owner: ResponseBodyOwner;
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  /** The body: nothing is read before it is asked for. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** Begins a body of the given framing. */
  constructor(
    framing: ResponseFraming,
    source: BodySource,
    owner: ResponseBodyOwner,
  ) {
    this.#reader = new BodyReader(framing, source);
    this.#owner = owner;
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: (reason) => owner.onBroken(reason),
    }, { highWaterMark: 0 });
  }

  /** Whether all of it has been read. */
  get done(): boolean {
    return this.#reader.done;
  }

  /** Lets no more be read: who reads gets `reason`. */
  fail(reason: unknown): void {
    this.#controller.error(reason);
  }

  async #pull(): Promise<void> {
    try {
      const data = await this.#reader.gather();
      // In this order, for a stream that was cancelled meanwhile takes nothing.
      if (this.#reader.done) this.#owner.onEnd();
      if (data !== undefined) this.#controller.enqueue(data);
      if (this.#reader.done) this.#controller.close();
    } catch (error) {
      this.#owner.onBroken(asResponseError(error));
    }
  }
}
