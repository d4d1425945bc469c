import { Deadline } from "./_deadline.ts";
import {
  type Handler,
  type ServeConnOptions,
  ServedConnection,
} from "./serve_conn.ts";

/** The options of {@linkcode serve}; all times are in milliseconds. */
export interface ServeOptions extends ServeConnOptions {
  /** The port to listen on; 0 for one that is free. Default: 8000. */
  readonly port?: number;
  /** The address to listen on. Default: `127.0.0.1`, this machine only. */
  readonly hostname?: string;
  /** Shuts the server down when it is aborted. Default: none. */
  readonly signal?: AbortSignal;
  /**
   * For what runs to end when the server shuts down, before every connection is
   * closed. Default: 10,000.
   */
  readonly shutdownTimeout?: number;
}

// How long accepting rests after an error such as too many open files: at first,
// doubling, and at most. In milliseconds.
const FIRST_REST = 5;
const LONGEST_REST = 1_000;

/** A server that {@linkcode serve} has started. */
export class HttpServer implements AsyncDisposable {
  readonly #listener: Deno.Listener;
  readonly #handler: Handler;
  readonly #options: ServeOptions;
  readonly #connections = new Set<ServedConnection>();
  readonly #stopped = Promise.withResolvers<void>();
  #shutdown: Promise<void> | undefined;

  /** Where the server listens. */
  readonly addr: Deno.Addr;
  /** Resolves when the server has shut down. */
  readonly finished: Promise<void>;

  /** Serves on a listener, which becomes the server's own. */
  constructor(
    listener: Deno.Listener,
    handler: Handler,
    options: ServeOptions,
  ) {
    this.#listener = listener;
    this.#handler = handler;
    this.#options = options;
    this.addr = listener.addr;
    this.finished = this.#stopped.promise;
    const stop = () => void this.shutdown();
    options.signal?.addEventListener("abort", stop, { once: true });
    if (options.signal?.aborted) stop();
    this.finished.then(() =>
      options.signal?.removeEventListener("abort", stop)
    );
    this.#accept();
  }

  /**
   * Stops accepting, lets the requests that run end, tells upgraded protocols to
   * say goodbye (WebSockets close with 1001), and closes what is left when the
   * shutdown timeout is over. Resolves when everything is closed.
   */
  shutdown(): Promise<void> {
    return this.#shutdown ??= this.#shutDown();
  }

  /** Shuts down. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.shutdown();
  }

  async #accept(): Promise<void> {
    let rest = FIRST_REST;
    while (this.#shutdown === undefined) {
      try {
        const conn = await this.#listener.accept();
        rest = FIRST_REST;
        // It may have been accepted in the very turn that shuts down.
        if (this.#shutdown === undefined) this.#serve(conn);
        else conn.close();
      } catch (error) {
        if (error instanceof Deno.errors.BadResource) return;
        // A client that left while it was accepted, or no file descriptor free:
        // neither ends the server, and the latter mends by itself.
        await new Promise((resolve) => setTimeout(resolve, rest));
        rest = Math.min(rest * 2, LONGEST_REST);
      }
    }
  }

  async #serve(conn: Deno.Conn): Promise<void> {
    try {
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
    } catch {
      // Some systems refuse it when the client has left: reading will tell.
    }
    const connection = new ServedConnection(conn, this.#handler, this.#options);
    this.#connections.add(connection);
    connection.run();
    await connection.closed;
    this.#connections.delete(connection);
  }

  async #shutDown(): Promise<void> {
    this.#listener.close();
    const open = [...this.#connections];
    for (const connection of open) connection.shutdown();
    using deadline = new Deadline(() => {
      for (const connection of this.#connections) connection.close();
    });
    deadline.set(this.#options.shutdownTimeout ?? 10_000);
    await Promise.all(open.map((connection) => connection.closed));
    this.#stopped.resolve();
  }
}

/**
 * Serves HTTP/1.1 on a TCP port, on raw connections that a handler can take over
 * with `onUpgrade()`.
 *
 * Throws what `Deno.listen` throws, `Deno.errors.AddrInUse` among it.
 *
 * ```ts
 * import { serve } from "./mod.ts";
 *
 * await using server = serve({ port: 0 }, () => new Response("hello"));
 * const { port } = server.addr as Deno.NetAddr;
 * const response = await fetch(`http://127.0.0.1:${port}/`);
 * console.log(await response.text()); // hello
 * ```
 */
export function serve(options: ServeOptions, handler: Handler): HttpServer {
  const { port = 8000, hostname = "127.0.0.1" } = options;
  const listener = Deno.listen({ port, hostname });
  return new HttpServer(listener, handler, options);
}
