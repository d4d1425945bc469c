import { Deadline } from "./_deadline.ts";

/** The sending direction: one piece after the other, each taken in time. */
export class LimitedWriter {
  readonly #conn: Deno.Conn;
  #timeout: number;
  readonly #deadline: Deadline;
  #last: Promise<void> | undefined;
  #waiting = 0;
  #lost = false;

  /** Calls `expire` when `conn` has taken nothing for `timeout` milliseconds. */
  constructor(conn: Deno.Conn, timeout: number, expire: () => void) {
    this.#conn = conn;
    this.#timeout = timeout;
    this.#deadline = new Deadline(expire);
  }

  /** Whether writing has failed: the client is gone. */
  get lost(): boolean {
    return this.#lost;
  }

  /** Writes all of `bytes` after what is being written. */
  write(bytes: Uint8Array): Promise<void> {
    this.#waiting++;
    const last = this.#last;
    return this.#last = last === undefined
      ? this.#writeAll(bytes)
      : last.then(() => this.#writeAll(bytes));
  }

  /** Stops waiting for the client. */
  [Symbol.dispose](): void {
    this.#timeout = Infinity;
    this.#deadline[Symbol.dispose]();
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    try {
      let written = 0;
      do {
        this.#deadline.set(this.#timeout);
        written += await this.#conn.write(
          written === 0 ? bytes : bytes.subarray(written),
        );
      } while (written < bytes.length);
    } catch (error) {
      this.#lost = true;
      this[Symbol.dispose]();
      throw error;
    }
    this.#deadline.clear();
    if (--this.#waiting === 0) this.#last = undefined;
  }
}
