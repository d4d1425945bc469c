import {
  constants,
  createServer,
  type Http2Server,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { duplexOf } from "./_conn_duplex.ts";
import { Deadline } from "./_deadline.ts";
import type { ExchangeConnection } from "./_exchange.ts";
import { type FirstRequest, Http2Exchange } from "./_http2_exchange.ts";
import { LimitedWriter } from "./_limited_writer.ts";
import type { ReadBuffer } from "./_read_buffer.ts";
import { Roster } from "./_roster.ts";
import { nextTurn } from "./_turn.ts";
import { DEFAULT_HEAD_LIMITS } from "./http1/mod.ts";
import { ClientFrames } from "./http2/client_frames.ts";
import { UpgradeOpening } from "./http2/upgrade_opening.ts";
import type { Handler, ServeConnOptions } from "./serve_conn.ts";
import type { Upgraded } from "./upgraded.ts";

// How many requests of a connection may run at once.
const MAX_STREAMS = 100;
// How many handlers of a connection may run at once, those included whose answer
// nobody waits for any more. CVE-2023-44487: a client that resets its requests
// as soon as they are made never has too many open.
const MAX_RUNNING = 2 * MAX_STREAMS;
// How many requests of a connection may be ahead of those that were begun: those
// that the engine has not come to, and those that it has refused unheard.
const MAX_UNHEARD = 2 * MAX_STREAMS;
// How long bytes that the client still sends are read and dropped, so that a
// reset does not destroy a GOAWAY on its way, in milliseconds.
const LINGER = 2_000;

/** What a connection of HTTP/2 is served with. */
export interface Http2Context {
  /** The connection as it was before. */
  readonly connection: ExchangeConnection;
  /** Answers its requests. */
  readonly handler: Handler;
  /** The request that was upgraded, if one was. */
  readonly first?: FirstRequest & { readonly settings: Uint8Array };
}

/** What a request over HTTP/2 is served with. */
export interface Http2ExchangeContext extends Http2Context {
  /** Resolves when what is being written has been taken, and the next begins. */
  flushed(): Promise<void>;
  /**
   * Resolves when the socket takes more. The engine does not wait for that: it
   * would keep all that the windows of its client let through.
   */
  drained(): Promise<void>;
}

// What connections with the same options share.
const servers = new WeakMap<ServeConnOptions, Http2Server>();

function serverOf(options: ServeConnOptions): Http2Server {
  let server = servers.get(options);
  if (server === undefined) {
    const { maxHeadBytes = DEFAULT_HEAD_LIMITS.maxHeadBytes } = options;
    server = createServer({
      // What counts at once, see ClientFrames.
      settings: { maxHeaderListSize: maxHeadBytes },
    });
    servers.set(options, server);
  }
  return server;
}

/** Serves HTTP/2 (RFC 9113) on a connection that has left HTTP/1.1. */
export function serveHttp2(upgraded: Upgraded, context: Http2Context): void {
  new Http2Session(upgraded, context);
}

class Http2Session {
  readonly #upgraded: Upgraded;
  readonly #context: Http2ExchangeContext;
  readonly #session: ServerHttp2Session;
  readonly #writer: LimitedWriter;
  readonly #exchanges = new Roster<Http2Exchange>();
  readonly #frames = new ClientFrames();
  readonly #idleDeadline = new Deadline(() => this.#expire());
  readonly #duplex: Duplex;
  #waiting: PromiseWithResolvers<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #first: FirstRequest | undefined;
  #running = 0;
  #served = 0;
  #begun = 0;

  constructor(upgraded: Upgraded, context: Http2Context) {
    const { options, owner } = context.connection;
    this.#upgraded = upgraded;
    this.#context = {
      ...context,
      flushed: () => this.#flushed(),
      drained: () => this.#drained(),
    };
    this.#first = context.first;
    // From now on each request tells for whom a proxy asks.
    owner.speakFor(undefined);
    const { writeTimeout = 30_000 } = options;
    this.#writer = new LimitedWriter(
      upgraded,
      writeTimeout,
      () => upgraded[Symbol.dispose](),
    );
    const { first } = context;
    const opening = first === undefined
      ? undefined
      : new UpgradeOpening({ ...first, method: first.head.method });
    const duplex = this.#duplex = duplexOf(upgraded, {
      receive: (bytes) => this.#receive(opening?.receive(bytes) ?? bytes),
      write: (bytes) => this.#writing = this.#writer.write(bytes),
      onDestroy: (buffer) => this.#leave(buffer),
    });
    // What the peer does wrong, it is told by GOAWAY or RST_STREAM.
    duplex.on("error", () => {});
    duplex.on("end", () => this.#noteLeaving());
    duplex.on("drain", () => this.#resume());
    duplex.on("close", () => this.#resume());
    const server = serverOf(options);
    let session: ServerHttp2Session | undefined;
    server.once("session", (made) => session = made);
    server.emit("connection", duplex);
    this.#session = session!;
    this.#session.settings({ maxConcurrentStreams: MAX_STREAMS });
    this.#session.on("error", () => {});
    this.#session.on(
      "stream",
      (
        stream: ServerHttp2Stream,
        _headers: unknown,
        flags: number,
        raw: readonly string[],
      ) => this.#serve(stream, { flags, raw }),
    );
    upgraded.onshutdown = () => this.#close();
    this.#rest();
  }

  #serve(
    stream: ServerHttp2Stream,
    came: { flags: number; raw: readonly string[] },
  ): void {
    const { maxRequests = Infinity } = this.#context.connection.options;
    const exchange = new Http2Exchange(stream, this.#context);
    this.#exchanges.add(exchange);
    this.#begun++;
    this.#idleDeadline.clear();
    const first = stream.id === 1 ? this.#first : undefined;
    this.#first = undefined;
    stream.once("close", () => {
      this.#exchanges.delete(exchange);
      if (this.#exchanges.size === 0) this.#rest();
    });
    if (++this.#running > MAX_RUNNING) {
      const { NGHTTP2_ENHANCE_YOUR_CALM: code } = constants;
      return this.#session.destroy(new Error("Too many requests run"), code);
    }
    exchange.serve(first ?? came).then(() => this.#running--);
    if (++this.#served >= maxRequests) this.#close();
  }

  #drained(): Promise<void> {
    const { writableNeedDrain, destroyed } = this.#duplex;
    if (!writableNeedDrain || destroyed) return Promise.resolve();
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  #resume(): void {
    this.#waiting?.resolve();
    this.#waiting = undefined;
  }

  #receive(bytes: Uint8Array): Uint8Array | undefined {
    const received = this.#frames.receive(bytes);
    if (this.#frames.opened - this.#begun <= MAX_UNHEARD) return received;
    this.#calm("Too many requests are refused");
    return undefined;
  }

  /** Ends a connection that asks for too much. */
  #calm(reason: string): void {
    const { NGHTTP2_ENHANCE_YOUR_CALM: code } = constants;
    this.#session.destroy(new Error(reason), code);
  }

  async #flushed(): Promise<void> {
    await this.#writing.catch(() => {});
    await nextTurn();
  }

  #rest(): void {
    // Its streams may close after the connection has.
    if (this.#duplex.destroyed) return;
    const { keepAliveTimeout = 60_000 } = this.#context.connection.options;
    this.#idleDeadline.set(keepAliveTimeout);
  }

  #expire(): void {
    if (this.#session.closed) this.#session.destroy();
    else this.#close();
  }

  // It may have ended its sending direction only, and wait for the answers; but
  // what says nothing does not run for nobody forever.
  #noteLeaving(): void {
    const reason = new Deno.errors.ConnectionReset("The client has left");
    this.#exchanges.forEach((exchange) => exchange.abort(reason));
    this.#close();
    this.#rest();
  }

  // RFC 9113 §6.8: with GOAWAY; what runs goes on to its end.
  #close(): void {
    if (!this.#session.closed) this.#session.close();
  }

  /**
   * Ends the sending direction after what is being written, and drops what the
   * client still sends: closing at once would reset the connection.
   */
  async #leave(buffer: ReadBuffer): Promise<void> {
    this.#idleDeadline[Symbol.dispose]();
    const upgraded = this.#upgraded;
    using deadline = new Deadline(() => upgraded[Symbol.dispose]());
    deadline.set(LINGER);
    try {
      await this.#writing;
      // It may have been ended before.
      await upgraded.closeWrite().catch(() => {});
      do {
        buffer.consume(buffer.unread.length);
      } while (await buffer.fill());
    } catch {
      // The client has gone, or its time is over.
    }
    this.#writer[Symbol.dispose]();
    upgraded[Symbol.dispose]();
  }
}
