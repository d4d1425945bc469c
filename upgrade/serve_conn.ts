import type { TrustedProxies } from "./trusted_proxy.ts";
import {
  HttpConnection,
  type HttpConnectionOwner,
} from "./_http_connection.ts";
import type { Placed } from "./_roster.ts";
import type { BodyLimits, HeadLimits } from "./http1/mod.ts";
import {
  type ErrorCallbacks,
  type ErrorContext,
  reportError,
} from "./report.ts";
import type { Upgraded } from "./upgraded.ts";

/** What a handler is told about a request besides the request. */
export interface ServeHandlerInfo {
  /** The address of the client, as a trusted proxy tells it if there is one. */
  readonly remoteAddr: Deno.Addr;
  /** The address that the client has connected to. */
  readonly localAddr: Deno.Addr;
}

/**
 * Answers a request.
 *
 * An `HttpError` that it throws is answered with its status and message. Any
 * other error is answered with 500, and its words stay on the server.
 */
export type Handler = (
  request: Request,
  info: ServeHandlerInfo,
) => Response | Promise<Response>;

/** The options of {@linkcode serveConn}; all times are in milliseconds. */
export interface ServeConnOptions
  extends Partial<HeadLimits>, Partial<BodyLimits>, ErrorCallbacks {
  /**
   * For the first byte of a connection, and from the first byte of a head to its
   * last, which is answered with 408. Default: 10,000.
   */
  readonly headTimeout?: number;
  /**
   * From one read of a body to the next, which is answered with 408; for all of
   * one that the handler has left. Default: 30,000.
   */
  readonly bodyTimeout?: number;
  /**
   * From a response to the next request, and for a response to end after its
   * client has stopped sending. Default: 60,000.
   */
  readonly keepAliveTimeout?: number;
  /** For a client to take some of what is written to it. Default: 30,000. */
  readonly writeTimeout?: number;
  /** From `onUpgrade(request)` to the handler's answer. Default: 5,000. */
  readonly upgradeTimeout?: number;
  /**
   * How many requests a connection may make: the response to the last one ends
   * it. Default: Infinity.
   */
  readonly maxRequests?: number;
  /**
   * How many requests in a row may come before the response to the one before:
   * after the response to the last one the connection ends. They are answered
   * one after the other, and what is sent ahead is not read for long: a request
   * counts when some of it has been read. Default: 1,000.
   */
  readonly maxPipelinedRequests?: number;
  /**
   * Whether HTTP/2 is spoken too on connections without TLS: from the first byte
   * on, or after an upgrade that names `h2c` first (RFC 7540 §3.2). A connection
   * serves up to 100 requests at once then. Default: false.
   */
  readonly h2c?: boolean;
  /**
   * The proxies whose `Forwarded` or `X-Forwarded-For`, `-Proto` and `-Host`
   * fields tell the client's address and the request's URL. Default: none.
   */
  readonly trustProxy?: TrustedProxies;
}

/** Whom a connection belongs to. */
export interface ConnectionOwner {
  /** It is closed, or was given away. Called once. */
  onEnd(connection: ServedConnection): void;
  /**
   * A proxy asks for another client than before, or for none: false when that
   * one has too many connections.
   */
  changeClient(
    from: Deno.Addr | undefined,
    to: Deno.Addr | undefined,
  ): boolean;
}

/** One connection, from its first request until it is closed or given away. */
export class ServedConnection implements HttpConnectionOwner, Placed {
  readonly #options: ServeConnOptions;
  readonly #server: ConnectionOwner;
  // So that nothing of HTTP is kept for as long as another protocol lasts.
  #current: HttpConnection | Upgraded;
  #about: Omit<ErrorContext, "code"> = {};
  #isShuttingDown = false;

  /** The connection as it was accepted. */
  readonly conn: Deno.Conn;
  /** Its place among the server's connections. */
  place = -1;
  /** The client for which a trusted proxy asks. */
  client: Deno.Addr | undefined;

  /** Makes ready to serve a connection that was accepted. */
  constructor(
    conn: Deno.Conn,
    { handler, options, server }: {
      handler: Handler;
      options: ServeConnOptions;
      server: ConnectionOwner;
    },
  ) {
    this.conn = conn;
    this.#options = options;
    this.#server = server;
    this.#current = new HttpConnection(conn, { handler, options, owner: this });
  }

  /** Serves requests; resolves when the connection has stopped speaking HTTP. */
  run(): Promise<void> {
    return this.#current instanceof HttpConnection
      ? this.#current.run()
      : Promise.resolve();
  }

  /** Lets what runs end, and closes. An upgraded protocol says goodbye itself. */
  shutdown(): void {
    this.#isShuttingDown = true;
    if (this.#current instanceof HttpConnection) this.#current.shutdown();
    else this.#sayShutdown(this.#current);
  }

  /** Closes at once, whatever runs. */
  close(): void {
    if (this.#current instanceof HttpConnection) this.#current.close();
    else this.#current[Symbol.dispose]();
  }

  /** The connection was closed while it spoke HTTP. */
  onClosed(): void {
    this.#server.onEnd(this);
  }

  /** A proxy asks for a client, or for none. */
  speakFor(client: Deno.Addr | undefined): boolean {
    if (!this.#server.changeClient(this.client, client)) return false;
    this.client = client;
    return true;
  }

  /** A proxy asks for one client of several at a time. */
  admit(client: Deno.Addr): boolean {
    return this.#server.changeClient(undefined, client);
  }

  /** A client that was admitted has its answer. */
  dismiss(client: Deno.Addr): void {
    this.#server.changeClient(client, undefined);
  }

  /** Another protocol takes over. */
  onUpgraded(upgraded: Upgraded, about: Omit<ErrorContext, "code">): void {
    this.#current = upgraded;
    this.#about = about;
    // Who takes it over has to set `onshutdown` first.
    if (this.#isShuttingDown) setImmediate(() => this.#sayShutdown(upgraded));
  }

  /** The protocol that took over has closed the connection, or keeps it. */
  onReleased(): void {
    this.#server.onEnd(this);
  }

  /** A callback of the protocol that took over threw. */
  onFailed(error: unknown): void {
    const context = { ...this.#about, code: "protocol_failed" };
    reportError(error, context, this.#options);
  }

  #sayShutdown(upgraded: Upgraded): void {
    try {
      upgraded.onshutdown?.();
    } catch (error) {
      this.onFailed(error);
    }
  }
}

/**
 * Serves HTTP/1.1 on one connection, and resolves when the connection is closed
 * or another protocol has taken it over. It never rejects.
 *
 * ```ts
 * import { serveConn } from "./mod.ts";
 *
 * const listener = Deno.listen({ port: 0 });
 * const { port } = listener.addr as Deno.NetAddr;
 * const client = await Deno.connect({ port });
 * client.close();
 * await serveConn(await listener.accept(), () => new Response("hello"));
 * listener.close();
 * ```
 */
export function serveConn(
  conn: Deno.Conn,
  handler: Handler,
  options: ServeConnOptions = {},
): Promise<void> {
  const server = { onEnd() {}, changeClient: () => true };
  return new ServedConnection(conn, { handler, options, server }).run();
}
