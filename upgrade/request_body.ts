import { BodyReader, type BodySource } from "./_body_reader.ts";
import type { BodyFraming, BodyLimits } from "./http1/mod.ts";

/** How a {@linkcode RequestBody} gets at its bytes. */
export interface RequestBodySource extends BodySource {
  /** Called before the first byte is waited for, to send 100 (Continue). */
  onFirstRead(): Promise<void>;
  /** Called when nobody reads any more, for now. */
  onRest(): void;
}

/** The body of one request: a stream for the handler, the rest to be drained. */
export class RequestBody {
  readonly #source: RequestBodySource;
  readonly #reader: BodyReader;
  #last: Promise<unknown> = Promise.resolve();
  #asked = false;
  #abandoned = false;
  #reading = 0;
  /** The body as the handler reads it: nothing is read before it asks. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;

  /** Begins a body of the given framing. */
  constructor(
    framing: BodyFraming,
    source: RequestBodySource,
    limits: Partial<BodyLimits>,
  ) {
    this.#source = source;
    const { buffer } = source;
    this.#reader = new BodyReader(framing, {
      buffer,
      fill: () => this.#fill(),
      onEnd: () => source.onEnd?.(),
    }, limits);
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
    return this.#reader.done;
  }

  /** Whether some of it was waited for, so that 100 (Continue) has been sent. */
  get asked(): boolean {
    return this.#asked;
  }

  /** Whether the body was cut short or badly framed: what follows is unknown. */
  get failed(): boolean {
    return this.#reader.failed;
  }

  /** Whether the handler is reading. */
  get isReading(): boolean {
    return this.#reading > 0;
  }

  /** Lets the handler read no more. */
  abandon(): void {
    this.#abandoned = true;
  }

  /**
   * Reads and drops what the handler has left, up to `most` bytes; false when
   * there was more. The stream is of no use after that.
   */
  async drain(most: number): Promise<boolean> {
    this.abandon();
    await this.#last;
    let drained = 0;
    while (!this.done && !this.failed && drained <= most) {
      const data = await this.#reader.next();
      drained += data?.length ?? 0;
    }
    return this.done;
  }

  /** A copy of what comes next, after what was asked for before. */
  #take(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    this.#reading++;
    const turn = this.#last.then(async () => {
      if (!this.#abandoned) return await this.#reader.gather();
      throw new TypeError("Cannot read the body: the response has been sent");
    });
    this.#last = turn.catch(() => {}).then(() => {
      if (--this.#reading === 0) this.#source.onRest();
    });
    return turn;
  }

  async #fill(): Promise<boolean> {
    if (!this.#asked) {
      this.#asked = true;
      await this.#source.onFirstRead();
    }
    return await this.#source.fill();
  }
}
