import { Deadline } from "../_deadline.ts";
import { WebSocketHandshakeError } from "./client_handshake.ts";

/** How long an attempt to connect may take. */
export interface ConnectAttemptOptions {
  /**
   * Ends the attempt, which then rejects with the signal's reason. It does
   * nothing any more once the socket is open. Default: none.
   */
  readonly signal?: AbortSignal;
  /**
   * How many milliseconds all of it may take: connecting, the proxy, TLS and the
   * opening handshake. Default: 10,000; `Infinity` waits forever.
   */
  readonly handshakeTimeout?: number;
}

/** One attempt to open a WebSocket: its limits, and the connection it has. */
export class ConnectAttempt implements Disposable {
  readonly #controller = new AbortController();
  readonly #given: AbortSignal | undefined;
  readonly #abort = (): void => this.#end(this.#given?.reason);
  readonly #deadline = new Deadline(() =>
    this.#end(new WebSocketHandshakeError("handshake_timeout"))
  );
  #conn: Deno.Conn | undefined;

  /** Begins; the limits hold until it is disposed of. */
  constructor({ signal, handshakeTimeout = 10_000 }: ConnectAttemptOptions) {
    this.#given = signal;
    this.#deadline.set(handshakeTimeout);
    signal?.addEventListener("abort", this.#abort);
    if (signal?.aborted) this.#abort();
  }

  /** Aborts when the attempt is over: its time is, or the caller says so. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Takes over a connection, instead of the one it had, to close it. */
  own(conn: Deno.Conn): void {
    this.#conn = conn;
    this.signal.throwIfAborted();
  }

  /** Lets go of the connection, for who goes on with it. */
  release(): void {
    this.signal.throwIfAborted();
    this.#conn = undefined;
  }

  /** What to say of an error: that the attempt was ended, if it was by that. */
  explain(error: unknown): unknown {
    if (this.#given?.aborted) return this.#given.reason;
    // An answer that came in time, and whose body did not, still says more.
    if (error instanceof WebSocketHandshakeError) return error;
    return this.signal.aborted ? this.signal.reason : error;
  }

  /** Ends the limits, and closes the connection unless it was released. */
  [Symbol.dispose](): void {
    this.#deadline[Symbol.dispose]();
    this.#given?.removeEventListener("abort", this.#abort);
    this.#close();
  }

  #end(reason: unknown): void {
    this.#controller.abort(reason);
    this.#close();
  }

  #close(): void {
    try {
      this.#conn?.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#conn = undefined;
  }
}
