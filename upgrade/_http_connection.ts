import { isConnectionLoss } from "./_connection_loss.ts";
import { Deadline } from "./_deadline.ts";
import { Exchange, type ExchangeConnection } from "./_exchange.ts";
import { type Forwarded, readForwarded } from "./_forwarded.ts";
import { serveHttp2 } from "./_http2_session.ts";
import { isH2c, upgradeToHttp2 } from "./_http2_upgrade.ts";
import { LimitedWriter } from "./_limited_writer.ts";
import { ReadBuffer } from "./_read_buffer.ts";
import { atEndOfTurn, nextTurn } from "./_turn.ts";
import {
  CONTINUE,
  encodeErrorResponse,
  HeadParser,
  HTTP_ERRORS,
  HttpError,
  type RequestHead,
} from "./http1/mod.ts";
import {
  offerUpgrade,
  PendingUpgrade,
  type UpgradeErrorCode,
} from "./on_upgrade.ts";
import { beginsPreface, PREFACE } from "./http2/preface.ts";
import {
  type ErrorContext,
  reportError,
  reportRefusal,
  type ServerErrorCode,
} from "./report.ts";
import { makeRequest, ServedRequest } from "./request.ts";
import { RequestBody } from "./request_body.ts";
import { encodeSwitchingHead, writeResponse } from "./response_writer.ts";
import type {
  Handler,
  ServeConnOptions,
  ServeHandlerInfo,
} from "./serve_conn.ts";
import { checkResponse, switches } from "./switching.ts";
import { Upgraded, type UpgradedOwner } from "./upgraded.ts";

const NOTHING = new Uint8Array(0);
// Most heads of requests fit in there.
const HEAD_ROOM = 1024;
// Of a body that the handler left unread, what is read to keep the connection.
const DRAINED_BYTES = 0x10000;
// How long bytes that the client still sends are read and dropped, so that a
// reset does not destroy the response on its way, in milliseconds.
const LINGER = 2_000;
// After so many requests that came together, other connections have their turn.
const REQUESTS_A_TURN = 16;

/** Whom an HTTP connection tells how it has ended. */
export interface HttpConnectionOwner extends UpgradedOwner {
  /** The connection is closed. */
  onClosed(): void;
  /** The connection has left HTTP, after the request with this head. */
  onUpgraded(upgraded: Upgraded, context: Omit<ErrorContext, "code">): void;
  /**
   * A proxy asks for a client: false when that one has too many connections.
   * It has this one until the next call.
   */
  speakFor(client: Deno.Addr | undefined): boolean;
  /**
   * A proxy asks for one client of several at a time: false when that one has too
   * many connections. It has one more until it is dismissed.
   */
  admit(client: Deno.Addr): boolean;
  /** A client that was admitted has its answer. */
  dismiss(client: Deno.Addr): void;
}

/** One connection that speaks HTTP/1.1, until it is closed or handed over. */
export class HttpConnection implements ExchangeConnection {
  readonly #conn: Deno.Conn;
  readonly #handler: Handler;
  readonly #buffer: ReadBuffer;
  readonly #parser: HeadParser;
  readonly #writer: LimitedWriter;
  readonly #readDeadline = new Deadline(() => this.#expire());
  // Resolved when the connection is closed, if anybody waits for that.
  #closed: PromiseWithResolvers<void> | undefined;
  // What the client is told if what is read now takes too long.
  #late: "head_timeout" | "body_timeout" | undefined;
  #expired: HttpError | undefined;
  #exchange: Exchange | undefined;
  #served = 0;
  // How many requests in a row came before the response to the one before.
  #pipelined = 0;
  #idle = true;
  #draining = false;
  // Whether a body is read that nobody wants.
  #dropping = false;
  // Whether whatever is still read is dropped, before the connection closes.
  #lingering = false;
  #isClosed = false;
  #isWatchSet = false;
  #isWatching = false;
  #isUpgraded = false;

  /** How it is served. */
  readonly options: ServeConnOptions;
  /** Whom it belongs to. */
  readonly owner: HttpConnectionOwner;
  /** Its own addresses, whatever a proxy tells. */
  readonly info: ServeHandlerInfo;
  /** Whether it has TLS. */
  readonly isSecure: boolean;

  /** Makes ready to serve a connection that was accepted. */
  constructor(
    conn: Deno.Conn,
    { handler, options, owner }: {
      handler: Handler;
      options: ServeConnOptions;
      owner: HttpConnectionOwner;
    },
  ) {
    this.#conn = conn;
    this.#handler = handler;
    this.options = options;
    this.owner = owner;
    this.#buffer = new ReadBuffer(conn, HEAD_ROOM);
    this.#parser = new HeadParser(options);
    const { writeTimeout = 30_000 } = options;
    this.#writer = new LimitedWriter(
      conn,
      writeTimeout,
      () => this.#close("write_failed"),
    );
    const { remoteAddr, localAddr } = conn;
    this.info = { remoteAddr, localAddr };
    this.isSecure = "handshake" in conn;
  }

  /** Serves requests; resolves when the connection has stopped speaking HTTP. */
  async run(): Promise<void> {
    try {
      this.#readDeadline.set(this.#headTimeout);
      while (await this.#serveOne()) {
        if (this.#buffer.isEmpty) this.#pipelined = 0;
        else this.#pipelined++;
        if (
          this.#draining || this.#pipelined >= this.#maxPipelinedRequests
        ) {
          await this.#linger();
          break;
        }
        this.#idle = true;
        this.#readDeadline.set(this.#keepAliveTimeout);
        if (this.#pipelined % REQUESTS_A_TURN === REQUESTS_A_TURN - 1) {
          await nextTurn();
        }
      }
    } catch (error) {
      if (!this.#isClosed && !isConnectionLoss(error)) {
        this.#report(error, "internal_error");
      }
    }
    this.#readDeadline[Symbol.dispose]();
    this.#writer[Symbol.dispose]();
    if (!this.#isUpgraded) this.#close("client_gone");
  }

  /** Lets what runs end, and closes. */
  shutdown(): void {
    this.#draining = true;
    if (this.#idle) this.close();
  }

  /** Closes at once, whatever runs. */
  close(): void {
    this.#close("shutting_down");
  }

  #close(why: UpgradeErrorCode): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const exchange = this.#exchange;
    if (exchange !== undefined) {
      const reason = new Deno.errors.Interrupted("The connection is closed");
      exchange.pending?.reject(why);
      exchange.responseBody?.cancel(reason);
      if (!exchange.answered) ServedRequest.abort(exchange.request, reason);
    }
    this.#readDeadline[Symbol.dispose]();
    this.#writer[Symbol.dispose]();
    try {
      this.#conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#closed?.resolve();
    this.owner.onClosed();
  }

  /** Serves one request; false when there can be no other. */
  async #serveOne(): Promise<boolean> {
    const buffer = this.#buffer;
    this.#parser.reset();
    let head: RequestHead | undefined;
    let exchange: Exchange;
    if (this.#served === 0 && this.#speaksHttp2) {
      const version = await this.#readVersion();
      if (version === undefined) return false;
      if (version === 2) return this.#becomeHttp2();
    }
    try {
      while ((head = this.#parseHead()) === undefined) {
        if (!await buffer.fill()) return false;
        if (this.#expired !== undefined) {
          await this.#whenClosed();
          return false;
        }
      }
      exchange = this.#begin(head);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      await this.#refuse(error, head);
      return false;
    }
    this.#exchange = exchange;
    this.#setWatch();
    const goesOn = await this.#answer(exchange);
    this.#exchange = undefined;
    if (exchange.info !== this.info && !this.#isUpgraded) {
      this.owner.speakFor(undefined);
    }
    return goesOn;
  }

  get #speaksHttp2(): boolean {
    // RFC 7540 §3.2: h2c is for connections without TLS.
    return this.options.h2c === true && !this.isSecure;
  }

  /**
   * Reads until it is known whether the connection begins with the preface of
   * HTTP/2 (RFC 9113 §3.3); `undefined` when the time for that is over.
   */
  async #readVersion(): Promise<1 | 2 | undefined> {
    const buffer = this.#buffer;
    while (buffer.unread.length < PREFACE.length) {
      if (!beginsPreface(buffer.unread)) return 1;
      if (!buffer.isEmpty) this.#beginHead();
      if (!await buffer.fill()) return 1;
      if (this.#expired !== undefined) {
        await this.#whenClosed();
        return undefined;
      }
    }
    return beginsPreface(buffer.unread) ? 2 : 1;
  }

  #becomeHttp2(): false {
    this.#readDeadline[Symbol.dispose]();
    const upgraded = this.#handOver();
    serveHttp2(upgraded, { connection: this, handler: this.#handler });
    return false;
  }

  /** Goes on with a head; `undefined` when it takes more bytes. */
  #parseHead(): RequestHead | undefined {
    const parser = this.#parser;
    const buffer = this.#buffer;
    if (buffer.isEmpty) return undefined;
    buffer.consume(parser.parse(buffer.unread));
    if (parser.head === undefined) {
      if (parser.started) this.#beginHead();
      return undefined;
    }
    this.#idle = false;
    this.#late = undefined;
    this.#readDeadline.clear();
    return parser.head;
  }

  /** The first byte of a head has come. */
  #beginHead(): void {
    if (!this.#idle) return;
    this.#idle = false;
    this.#late = "head_timeout";
    this.#readDeadline.set(this.#headTimeout);
  }

  #begin(head: RequestHead): Exchange {
    this.#served++;
    const forwarded = this.#forwarded(head);
    const info = forwarded?.remoteAddr === undefined
      ? this.info
      : { ...this.info, remoteAddr: forwarded.remoteAddr };
    if (info !== this.info && !this.owner.speakFor(info.remoteAddr)) {
      throw new HttpError("too_many_connections");
    }
    const exchange = new Exchange(head, info, this);
    exchange.requestBody = this.#makeBody(exchange);
    exchange.request = makeRequest(head, {
      ...(forwarded !== undefined && { forwarded: forwarded.url }),
      scheme: this.isSecure ? "https" : "http",
      defaultAuthority: head.authority === ""
        ? authorityOf(info.localAddr)
        : "",
      body: exchange.requestBody?.stream,
      interim: exchange,
    });
    return exchange;
  }

  /** What trusted proxies tell of the client and of what it asked for. */
  #forwarded({ fields }: RequestHead): Forwarded | undefined {
    const { trustProxy } = this.options;
    const { remoteAddr } = this.info;
    return readForwarded(fields, { remoteAddr, trustProxy });
  }

  #makeBody(exchange: Exchange): RequestBody | undefined {
    const { head } = exchange;
    const { body } = head;
    if (body.kind === "none") return undefined;
    return new RequestBody(body, {
      buffer: this.#buffer,
      fill: () => this.#fillBody(),
      onFirstRead: async () => {
        // RFC 9110 §10.1.1: not once the final response has begun.
        if (head.expectsContinue && !exchange.responding) {
          await this.write(CONTINUE);
        }
      },
      onRest: () => this.#setWatch(),
    }, this.options);
  }

  async #fillBody(): Promise<boolean> {
    this.#late = "body_timeout";
    if (!this.#dropping) this.#readDeadline.set(this.#bodyTimeout);
    let open = false;
    let cause: unknown;
    try {
      open = await this.#buffer.fill();
    } catch (error) {
      cause = error;
    }
    if (this.#expired !== undefined) throw this.#expired;
    if (this.#lingering) throw new HttpError("incomplete_body");
    this.#late = undefined;
    if (!this.#dropping) this.#readDeadline.clear();
    if (!open) this.#noteLeaving(cause);
    if (cause !== undefined) throw new HttpError("incomplete_body", { cause });
    return open;
  }

  async #answer(exchange: Exchange): Promise<boolean> {
    const { head, request, info } = exchange;
    const pending = exchange.pending = this.#offer(request, head);
    let response: Response;
    let switching: Uint8Array | undefined;
    try {
      response = this.#speaksHttp2 && isH2c(head.upgrade[0])
        ? await upgradeToHttp2(exchange, this.#handler)
        : await this.#handler(request, info);
      checkResponse(response, { head, pending });
      if (switches(response, head)) switching = encodeSwitchingHead(response);
    } catch (error) {
      pending?.reject("handler_failed", error);
      if (this.#isLostBy(error)) throw error;
      return await this.#fail(error, exchange);
    }
    if (switching !== undefined) {
      response.body?.cancel().catch((error) =>
        this.#report(error, "response_failed", head)
      );
      // Nobody is left to take the connection over, or to hand it over to.
      if (pending!.failure !== undefined) return false;
      return await this.#switch(switching, exchange, pending!);
    }
    pending?.reject("not_upgraded");
    return await this.#respond(response, exchange);
  }

  // RFC 9110 §7.8 and §9.3.6: the two ways out of HTTP.
  #offer(request: Request, head: RequestHead): PendingUpgrade | undefined {
    if (head.upgrade.length === 0 && head.method !== "CONNECT") {
      return undefined;
    }
    const { upgradeTimeout = 5_000 } = this.options;
    const pending = new PendingUpgrade(upgradeTimeout, head.upgrade);
    offerUpgrade(request, pending);
    return pending;
  }

  // A handler or a stream that takes its time may outlast its client. Reading
  // ahead tells, but a connection can only be handed over as it is while nobody
  // reads it: so what is over within this turn of the event loop is spared.
  #setWatch(): void {
    if (this.#isWatchSet) return;
    this.#isWatchSet = true;
    atEndOfTurn(this, HttpConnection.#beginWatch);
  }

  static #beginWatch(this: void, connection: HttpConnection): void {
    connection.#isWatchSet = false;
    if (!connection.#isWatching) connection.#watch();
  }

  /** Notices that the client leaves while it waits for the response. */
  async #watch(): Promise<void> {
    this.#isWatching = true;
    let left = false;
    let cause: unknown;
    try {
      while (!left && this.#mayReadAhead()) left = !await this.#buffer.fill();
    } catch (error) {
      left = true;
      cause = error;
    }
    this.#isWatching = false;
    if (left) this.#noteLeaving(cause);
  }

  // A body that is being read tells by itself.
  #mayReadAhead(): boolean {
    if (this.#isClosed || this.#isUpgraded) return false;
    const exchange = this.#exchange;
    return exchange !== undefined && !exchange.requestBody?.isReading &&
      !this.#buffer.isFull;
  }

  #noteLeaving(cause: unknown): void {
    const exchange = this.#exchange;
    if (this.#isClosed || this.#isUpgraded || exchange === undefined) return;
    exchange.pending?.reject("client_gone", cause);
    if (!exchange.answered) ServedRequest.abort(exchange.request, cause);
    if (cause !== undefined) return this.#close("client_gone");
    // It may have ended its sending direction only, and wait for the response;
    // but a stream that says nothing does not run for nobody forever.
    this.#readDeadline.set(this.#keepAliveTimeout);
  }

  /** Whether an error only says that this client has gone, or was cut. */
  #isLostBy(error: unknown): boolean {
    return (this.#writer.lost || this.#isClosed) && isConnectionLoss(error);
  }

  /** Answers for a handler that threw. */
  async #fail(error: unknown, exchange: Exchange): Promise<boolean> {
    const { head, requestBody: body } = exchange;
    const answer = error instanceof HttpError
      ? error
      : new HttpError("internal_error");
    if (answer.code === "internal_error") {
      this.#report(error, "internal_error", head);
    }
    const stays = this.#staysAfter(exchange) && head.version === "HTTP/1.1";
    if (!stays) {
      await this.#refuse(answer, head);
      return false;
    }
    await this.#writeFinal(this.#encodeError(answer, { head, close: false }));
    return await this.#drain(body);
  }

  async #respond(response: Response, exchange: Exchange): Promise<boolean> {
    const { head, requestBody: body } = exchange;
    let stays = false;
    try {
      const keepAlive = this.#staysAfter(exchange);
      stays = await writeResponse(exchange, response, { keepAlive });
    } catch (error) {
      if (this.#isLostBy(error)) throw error;
      if (!exchange.responding) return await this.#fail(error, exchange);
      // Cut in the middle, the client can tell that the response is incomplete.
      if (!this.#reportRefusal(error, head)) {
        this.#report(error, "response_failed", head);
      }
      return false;
    }
    exchange.answered = true;
    if (stays && body === undefined) return true;
    if (stays) return await this.#drain(body);
    await this.#linger();
    return false;
  }

  /** Whether a further request can follow on this connection. */
  #staysAfter({ head, requestBody: body }: Exchange): boolean {
    const { maxRequests = Infinity } = this.options;
    if (!head.keepAlive || this.#draining) return false;
    if (this.#served >= maxRequests) return false;
    if (body === undefined || body.done) {
      return this.#buffer.isEmpty ||
        this.#pipelined + 1 < this.#maxPipelinedRequests;
    }
    // A client that waits for 100 (Continue) may or may not send the body after
    // another answer: nobody can tell what comes next.
    return !body.failed && (body.asked || !head.expectsContinue);
  }

  async #drain(body: RequestBody | undefined): Promise<boolean> {
    try {
      if (body === undefined || await this.#drop(body)) return true;
    } catch (error) {
      // What is wrong with a body that nobody wants need not be told to anyone.
      if (!(error instanceof HttpError)) throw error;
    }
    await this.#linger();
    return false;
  }

  /**
   * Reads a body that nobody wants, within one time limit for all of it: a client
   * that drips would keep its connection for ever.
   */
  async #drop(body: RequestBody): Promise<boolean> {
    this.#dropping = true;
    this.#readDeadline.set(this.#bodyTimeout);
    const ended = await body.drain(DRAINED_BYTES);
    this.#readDeadline.clear();
    this.#dropping = false;
    return ended;
  }

  /** Writes the answer that ends HTTP, and hands the connection over. */
  async #switch(
    answer: Uint8Array,
    exchange: Exchange,
    pending: PendingUpgrade,
  ): Promise<boolean> {
    const { head, requestBody: body } = exchange;
    pending.stopWaiting();
    try {
      // RFC 9110 §7.8: the new protocol begins after the whole request.
      if (body !== undefined && !await this.#drop(body)) {
        throw new HttpError("body_too_large");
      }
      await this.#writeFinal(answer);
    } catch (cause) {
      if (!(cause instanceof HttpError)) {
        pending.reject("write_failed", cause);
        throw cause;
      }
      pending.reject("body_not_read", cause);
      await this.#refuse(cause, head);
      return false;
    }
    // It may have failed while the answer was written: nobody takes it over.
    if (pending.failure !== undefined) return false;
    pending.resolve(this.#handOver(head));
    return false;
  }

  /** Leaves HTTP/1.1 to another protocol, with all that was not used of it. */
  #handOver(head?: RequestHead): Upgraded {
    const buffer = this.#buffer;
    const { filling } = buffer;
    const readBuf = buffer.isEmpty ? NOTHING : buffer.unread.slice();
    buffer.consume(readBuf.length);
    const upgraded = new Upgraded(
      { io: this.#conn, readBuf },
      {
        pending: filling?.then((open) => open ? buffer.unread.slice() : null),
        owner: this.owner,
      },
    );
    buffer.release();
    this.#isUpgraded = true;
    this.owner.onUpgraded(upgraded, this.#contextOf(head));
    return upgraded;
  }

  /** Answers a request that cannot be served, and closes. */
  async #refuse(error: HttpError, head?: RequestHead): Promise<void> {
    this.#late = undefined;
    await this.#writeFinal(this.#encodeError(error, { head, close: true }));
    await this.#linger();
  }

  #encodeError(
    error: HttpError,
    { head, close }: { head: RequestHead | undefined; close: boolean },
  ): Uint8Array {
    // A handler may hand on the error of a time limit, which has been told.
    if (error !== this.#expired) this.#reportRefusal(error, head);
    // RFC 9110 §9.3.2: nor has the refusal of what began as a HEAD request.
    const withoutBody = this.#parser.method === "HEAD";
    return encodeErrorResponse(error, { withoutBody, close });
  }

  /**
   * Ends the sending direction, and drops what the client still sends: closing at
   * once would reset the connection, and destroy what is on its way (RFC 9112
   * §9.6).
   */
  async #linger(): Promise<void> {
    this.#late = undefined;
    this.#lingering = true;
    this.#exchange?.requestBody?.abandon();
    this.#readDeadline.set(LINGER);
    await this.#conn.closeWrite();
    do {
      this.#buffer.consume(this.#buffer.unread.length);
    } while (await this.#buffer.fill());
  }

  #writeFinal(bytes: Uint8Array): Promise<void> {
    if (this.#exchange !== undefined) this.#exchange.responding = true;
    return this.write(bytes);
  }

  /** Writes all of `bytes` after what is being written. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#expired === undefined) return this.#writer.write(bytes);
    return this.#whenClosed().then(() => {
      throw new Deno.errors.Interrupted("The time limit is over");
    });
  }

  #whenClosed(): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    this.#closed ??= Promise.withResolvers();
    return this.#closed.promise;
  }

  #expire(): void {
    if (this.#late === undefined || this.#exchange?.responding) {
      return this.#close("client_gone");
    }
    const error = new HttpError(this.#late);
    this.#exchange?.pending?.reject("body_not_read", error);
    const refused = this.#refuse(error, this.#exchange?.head);
    // From now on, nothing else is written or taken for a request.
    this.#expired = error;
    refused.catch(() => {}).then(() => this.#close("client_gone"));
  }

  #report(error: unknown, code: ServerErrorCode, head?: RequestHead): void {
    reportError(error, { ...this.#contextOf(head), code }, this.options);
  }

  /** Reports an error that the client has caused; false if it has not. */
  #reportRefusal(error: unknown, head: RequestHead | undefined): boolean {
    // Those of other codes are answers that a handler has chosen.
    if (
      !(error instanceof HttpError) || error.code === "internal_error" ||
      !Object.hasOwn(HTTP_ERRORS, error.code)
    ) return false;
    const context = { ...this.#contextOf(head), code: error.code };
    reportRefusal(error, context, this.options);
    return true;
  }

  #contextOf(head: RequestHead | undefined): Omit<ErrorContext, "code"> {
    if (head === undefined) return { remoteAddr: this.info.remoteAddr };
    const { remoteAddr } = this.#exchange?.info ?? {
      ...this.info,
      ...this.#forwarded(head),
    };
    return { remoteAddr, method: head.method, target: head.target };
  }

  get #maxPipelinedRequests(): number {
    return this.options.maxPipelinedRequests ?? 1_000;
  }

  get #keepAliveTimeout(): number {
    return this.options.keepAliveTimeout ?? 60_000;
  }

  get #bodyTimeout(): number {
    return this.options.bodyTimeout ?? 30_000;
  }

  get #headTimeout(): number {
    return this.options.headTimeout ?? 10_000;
  }
}

function authorityOf(addr: Deno.Addr): string {
  if (!("hostname" in addr)) return "localhost";
  const { hostname, port } = addr;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}
