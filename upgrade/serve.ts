import { setTimeout as delay } from "node:timers/promises";
import { ConnectionCounts } from "./_connection_counts.ts";
import { Deadline } from "./_deadline.ts";
import { Roster } from "./_roster.ts";
import { TlsServerConn } from "./_tls_conn.ts";
import { type ConnListener, listen, type ListenOptions } from "./listen.ts";
import { reportError } from "./report.ts";
import {
  type ConnectionOwner,
  type Handler,
  type ServeConnOptions,
  ServedConnection,
} from "./serve_conn.ts";

/** The options of {@linkcode serve}; all times are in milliseconds. */
export interface ServeOptions extends ServeConnOptions, ListenOptions {
  /**
   * Where to listen, when it is at several: instead of `port`, `hostname`,
   * `cert`, `key` and `path`. Default: at the one that those name.
   */
  readonly listeners?: readonly ListenOptions[];
  /**
   * How many connections there may be, upgraded ones as well. A further one is
   * closed at once: a client or a proxy that is told so can try elsewhere or
   * later, while one that waited in the system's queue would hear nothing for
   * as long as a chat lasts. Default: 10,000, whose buffers take about 90 MiB.
   */
  readonly maxConnections?: number;
  /**
   * How many of them one address may have; a further one is closed at once. An
   * IPv6 network of /64 counts as one address. Unix sockets have none. One of a
   * trusted proxy counts for the client that it asks for, while that is answered
   * and for as long as it is upgraded; one too many is answered with 429.
   * Default: Infinity.
   */
  readonly maxConnectionsPerAddress?: number;
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
// An error of accepting is reported if none was for so long, in milliseconds.
const REPORT_INTERVAL = 60_000;

/** A server that {@linkcode serve} has started. */
export class HttpServer implements AsyncDisposable {
  readonly #listeners: readonly ConnListener[];
  readonly #handler: Handler;
  readonly #options: ServeOptions;
  readonly #counts: ConnectionCounts;
  readonly #connections = new Roster<ServedConnection>();
  readonly #stopping = new AbortController();
  readonly #accepting: readonly Promise<void>[];
  readonly #stopped = Promise.withResolvers<void>();
  #shutdown: Promise<void> | undefined;
  // Resolved when no connection is left, once the server shuts down.
  #emptied: PromiseWithResolvers<void> | undefined;
  #reportedAt = -Infinity;

  /** Where the server listens; the first, when it does at several. */
  readonly addr: Deno.Addr;
  /** Everywhere the server listens, in the order of the options. */
  readonly addrs: readonly Deno.Addr[];
  /** Resolves when the server has shut down. */
  readonly finished: Promise<void>;

  /** Serves on listeners, one at least, which become the server's own. */
  constructor(
    listeners: readonly ConnListener[],
    handler: Handler,
    options: ServeOptions,
  ) {
    this.#listeners = listeners;
    this.#handler = handler;
    this.#options = options;
    this.#counts = new ConnectionCounts({
      total: options.maxConnections ?? 10_000,
      perAddress: options.maxConnectionsPerAddress ?? Infinity,
    });
    this.addrs = listeners.map(({ addr }) => addr);
    this.addr = this.addrs[0]!;
    this.finished = this.#stopped.promise;
    this.#accepting = listeners.map((listener) => this.#accept(listener));
    const stop = () => void this.shutdown();
    options.signal?.addEventListener("abort", stop, { once: true });
    if (options.signal?.aborted) stop();
    this.finished.then(() =>
      options.signal?.removeEventListener("abort", stop)
    );
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

  async #accept(listener: ConnListener): Promise<void> {
    const { signal } = this.#stopping;
    let rest = FIRST_REST;
    while (!signal.aborted) {
      try {
        const conn = await listener.accept();
        rest = FIRST_REST;
        // It may have been accepted in the very turn that shuts down.
        if (!signal.aborted && this.#counts.enter(this.#clientOf(conn))) {
          this.#serve(conn);
        } else conn.close();
      } catch (error) {
        if (signal.aborted) return;
        // A client that left while it was accepted is nothing to speak of, and
        // nothing to rest for: a few of them would keep all others waiting.
        if (hasLeft(error)) continue;
        // No file descriptor free, for one: it mends when clients leave.
        this.#reportAccept(error);
        await delay(rest, undefined, { signal }).catch(() => {});
        rest = Math.min(rest * 2, LONGEST_REST);
      }
    }
  }

  #reportAccept(error: unknown): void {
    const now = performance.now();
    if (now - this.#reportedAt < REPORT_INTERVAL) return;
    this.#reportedAt = now;
    reportError(error, { code: "accept_failed" }, this.#options);
  }

  #serve(conn: Deno.Conn): void {
    try {
      if ("setNoDelay" in conn) (conn as Deno.TcpConn).setNoDelay(true);
    } catch {
      // Some systems refuse it when the client has left: reading will tell.
    }
    const connection = new ServedConnection(conn, {
      handler: this.#handler,
      options: this.#options,
      server: this.#owner,
    });
    this.#connections.add(connection);
    connection.run();
  }

  readonly #owner: ConnectionOwner = {
    onEnd: (connection) => {
      const { conn } = connection;
      // The goodbye of TLS may still be on its way.
      if (conn instanceof TlsServerConn && conn.isClosed) {
        conn.ended.then(() => this.#forget(connection));
      } else this.#forget(connection);
    },
    changeClient: (from, to) => this.#counts.change(from, to),
  };

  #forget(connection: ServedConnection): void {
    this.#connections.delete(connection);
    this.#counts.leave(this.#clientOf(connection.conn) ?? connection.client);
    if (this.#connections.size === 0) this.#emptied?.resolve();
  }

  /** Whom a connection counts for, unless it is one of a trusted proxy. */
  #clientOf({ remoteAddr }: Deno.Conn): Deno.Addr | undefined {
    const { trustProxy } = this.#options;
    if (trustProxy === undefined || !("hostname" in remoteAddr)) {
      return remoteAddr;
    }
    return trustProxy.trusts(remoteAddr.hostname) ? undefined : remoteAddr;
  }

  async #shutDown(): Promise<void> {
    this.#stopping.abort();
    for (const listener of this.#listeners) listener.close();
    this.#connections.forEach((connection) => connection.shutdown());
    using deadline = new Deadline(() => {
      this.#connections.forEach((connection) => connection.close());
    });
    deadline.set(this.#options.shutdownTimeout ?? 10_000);
    if (this.#connections.size > 0) {
      this.#emptied = Promise.withResolvers();
      await this.#emptied.promise;
    }
    // A listener is closed, and its socket's file gone, once nothing accepts.
    await Promise.all(this.#accepting);
    this.#stopped.resolve();
  }
}

/**
 * Serves HTTP/1.1 on a TCP port, with TLS when it gets a certificate and a key,
 * on a unix socket, or at several of these at once, on raw connections that a
 * handler can take over with `onUpgrade()`.
 *
 * The handshake of TLS has to be done, and the first byte of a request to come,
 * within `headTimeout`; one that fails ends its connection and is not reported.
 *
 * Throws what `Deno.listen` throws, `Deno.errors.AddrInUse` among it, and
 * listens nowhere then; `Deno.errors.InvalidData` when the certificate or the
 * key is wrong; and a `TypeError` when options exclude each other.
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
  return new HttpServer(listenAtAll(options), handler, options);
}

function listenAtAll(options: ServeOptions): ConnListener[] {
  const { listeners } = options;
  if (listeners === undefined) return [listen(options)];
  const names = ["port", "hostname", "cert", "key", "path"] as const;
  const name = names.find((name) => options[name] !== undefined);
  if (name !== undefined) {
    throw new TypeError(`Cannot listen: ${name} belongs into the listeners`);
  }
  if (listeners.length === 0) {
    throw new TypeError("Cannot listen: there are no listeners");
  }
  const open: ConnListener[] = [];
  try {
    for (const where of listeners) open.push(listen(where));
  } catch (error) {
    for (const listener of open) listener.close();
    throw error;
  }
  return open;
}

/** Whether accepting failed only because that client has left. */
function hasLeft(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.NotConnected;
}
