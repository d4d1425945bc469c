import { HttpResponseError } from "./http1/mod.ts";
import { ReadBuffer } from "./_read_buffer.ts";
import { Upgraded } from "./upgraded.ts";

// Most heads of responses fit in there.
const HEAD_ROOM = 1024;

/** One connection on which requests are sent, one after the other. */
export class ClientConnection {
  static readonly #all = new WeakMap<Deno.Conn, ClientConnection>();

  readonly #conn: Deno.Conn;
  #state: "idle" | "in_use" | "over" = "idle";
  /** What was read and not used yet, while the connection is in use. */
  buffer!: ReadBuffer;

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** What is known of a connection, from its first request on. */
  static of(conn: Deno.Conn): ClientConnection {
    let connection = this.#all.get(conn);
    if (connection === undefined) {
      connection = new ClientConnection(conn);
      this.#all.set(conn, connection);
    }
    return connection;
  }

  /** Begins a request, or throws `connection_in_use` or `connection_over`. */
  begin(): Deno.Conn {
    if (this.#state !== "idle") {
      throw new HttpResponseError(`connection_${this.#state}`);
    }
    this.#state = "in_use";
    // A connection that is kept for later holds none.
    this.buffer = new ReadBuffer(this.#conn, HEAD_ROOM);
    return this.#conn;
  }

  /** Ends an exchange: a further one may begin, or the connection closes. */
  end({ stays }: { readonly stays: boolean }): void {
    // RFC 9112 §9.2: what comes unasked is no response; then nobody knows where
    // one would begin.
    if (stays && this.buffer.isEmpty) {
      this.#state = "idle";
      this.buffer.release();
      return;
    }
    this.#state = "over";
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** Leaves HTTP, and hands the connection over. */
  upgrade(): Upgraded {
    this.#state = "over";
    const readBuf = this.buffer.unread.slice();
    this.buffer.release();
    return new Upgraded({ io: this.#conn, readBuf }, {
      owner: {
        // Whoever has the socket itself may speak HTTP on it anew.
        onReleased: () => ClientConnection.#all.delete(this.#conn),
        onFailed: () => {},
      },
    });
  }
}
