/** A read that was begun before its connection was handed over. */
export type PendingRead = Promise<Uint8Array | null>;

/**
 * Bytes that came before they were wanted, to be read first: those that came
 * with the message that ended HTTP, then those of a read under way.
 */
export class Rewind {
  #bytes: Uint8Array;
  #pending: PendingRead | undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** Replays `bytes`, then what `pending` brings. */
  constructor(bytes: Uint8Array, pending?: PendingRead) {
    this.#bytes = bytes;
    this.#pending = pending;
    // Nobody may ever read, and its failure must not end the process then.
    pending?.catch(() => {});
  }

  /** Whether everything has been read again. */
  get done(): boolean {
    return this.#bytes.length === 0 && this.#pending === undefined;
  }

  /** As `Deno.Conn.read`, with `read` to go on with when all is replayed. */
  read(
    target: Uint8Array,
    read: (target: Uint8Array) => Promise<number | null>,
  ): Promise<number | null> {
    const turn = this.#last.then(async () => {
      if (this.#bytes.length === 0 && this.#pending !== undefined) {
        const pending = this.#pending;
        this.#pending = undefined;
        const bytes = await pending;
        if (bytes === null) return null;
        this.#bytes = bytes;
      }
      if (this.#bytes.length === 0) return await read(target);
      const part = this.#bytes.subarray(0, target.length);
      target.set(part);
      this.#bytes = this.#bytes.subarray(part.length);
      return part.length;
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Lets `bytes`, which nobody took, be read first. */
  putBack(bytes: Uint8Array): void {
    const all = new Uint8Array(bytes.length + this.#bytes.length);
    all.set(bytes);
    all.set(this.#bytes, bytes.length);
    this.#bytes = all;
  }

  /** The bytes that are there, which then are not replayed any more. */
  takeBytes(): Uint8Array {
    const bytes = this.#bytes;
    this.#bytes = new Uint8Array(0);
    return bytes;
  }

  /**
   * Makes a connection answer its first read with the read that is under way;
   * after that it is as it was.
   */
  replayOn(conn: Deno.Conn): void {
    if (this.done) return;
    const restore = () => {
      Reflect.deleteProperty(conn, "read");
      Reflect.deleteProperty(conn, "readable");
    };
    const read = conn.read.bind(conn);
    const replay = (target: Uint8Array) => {
      const result = this.read(target, read);
      return result.finally(() => this.done && restore());
    };
    Object.defineProperty(conn, "read", { value: replay, configurable: true });
    let readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
    Object.defineProperty(conn, "readable", {
      get: () => readable ??= readableOf({ read: replay }),
      configurable: true,
    });
  }
}

/** A byte stream over `read` that ends when it does. */
export function readableOf(
  source: { read(target: Uint8Array): Promise<number | null> },
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    type: "bytes",
    autoAllocateChunkSize: 0x4000,
    async pull(controller) {
      const request = controller.byobRequest!;
      const view = request.view as Uint8Array;
      const target = new Uint8Array(
        view.buffer,
        view.byteOffset,
        view.byteLength,
      );
      const read = await source.read(target);
      if (read === null) {
        controller.close();
        request.respond(0);
      } else request.respond(read);
    },
  });
}
