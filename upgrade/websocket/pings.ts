/** A ping that was not answered yet. */
interface Asked {
  readonly sent: number;
  readonly pong: PromiseWithResolvers<number> | undefined;
}

const NONE: readonly never[] = [];
// The payload of a ping is copied as soon as it was made.
const payload = new Uint8Array(4);
const view = new DataView(payload.buffer);

/** The pings of one side, and what their answers tell (RFC 6455 §5.5.2). */
export class Pings {
  // A new list for each change: an idle connection keeps no room for more.
  #asked: readonly Asked[] = NONE;
  #answered = 0;
  /** How long the last answer took, in milliseconds. */
  latency: number | undefined;

  /** How many pings were not answered. */
  get waiting(): number {
    return this.#asked.length;
  }

  /**
   * The payload of the next ping, until the next call; `pong` is told how long
   * its answer took.
   */
  ask(pong?: PromiseWithResolvers<number>): Uint8Array {
    this.#asked = this.#asked.concat({ sent: performance.now(), pong });
    view.setUint32(0, this.#answered + this.#asked.length);
    return payload;
  }

  /**
   * Takes the payload of a pong. RFC 6455 §5.5.3: it may answer the latest of
   * several pings only, and one that was not asked for is ignored.
   */
  answer(answer: Uint8Array): void {
    if (answer.length !== payload.length) return;
    payload.set(answer);
    const id = view.getUint32(0);
    const count = id - this.#answered;
    if (count < 1 || count > this.#asked.length) return;
    const now = performance.now();
    for (const { sent, pong } of this.#asked.slice(0, count)) {
      this.latency = now - sent;
      pong?.resolve(this.latency);
    }
    this.#asked = count === this.#asked.length
      ? NONE
      : this.#asked.slice(count);
    this.#answered = id;
  }

  /** No answer will come any more. */
  end(): void {
    for (const { pong } of this.#asked) {
      pong?.reject(new Error("Cannot ping: the connection has ended"));
    }
    this.#asked = NONE;
  }
}
