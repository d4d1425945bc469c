import { constants, type ServerHttp2Stream } from "node:http2";
import { setTimeout as delay } from "node:timers/promises";
import { isConnectionLoss } from "./_connection_loss.ts";
import { Deadline } from "./_deadline.ts";
import { readForwarded } from "./_forwarded.ts";
import { Http2Body } from "./_http2_body.ts";
import { errorResponse, fieldsOf, headOf } from "./_http2_response.ts";
import type { Http2ExchangeContext } from "./_http2_session.ts";
import { OutgoingBody } from "./_outgoing_body.ts";
import type { Placed } from "./_roster.ts";
import { nextTurn } from "./_turn.ts";
import { HTTP_ERRORS, HttpError, type RequestHead } from "./http1/mod.ts";
import { readHttp2Request } from "./http2/request_head.ts";
import {
  type ErrorContext,
  reportError,
  reportRefusal,
  type ServerErrorCode,
} from "./report.ts";
import { type InterimWriter, makeRequest, ServedRequest } from "./request.ts";
import { bytesOf, checkLength } from "./response_writer.ts";
import type { ServeHandlerInfo } from "./serve_conn.ts";
import { checkResponse } from "./switching.ts";

// The most bytes that wait for the client in one write: it is late when it has
// taken none of them in time, so a slow one should not get too many.
const PIECE = 0x4000;
// Of a body that the handler left unread, what is read before it is stopped.
const DRAINED_BYTES = 0x10000;
// The longest time between two looks whether an answer has left, in milliseconds.
const LONGEST_REST = 50;
const END_STREAM = 0x1;
// Of the request that was upgraded, what belonged to its connection.
const UPGRADE_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "http2-settings",
  "keep-alive",
  "proxy-connection",
  "transfer-encoding",
  "upgrade",
]);

/** A request that came over HTTP/1.1, and is answered over HTTP/2. */
export interface FirstRequest {
  /** Its head. */
  readonly head: RequestHead;
  /** What its handler is told besides. */
  readonly info: ServeHandlerInfo;
  /** Its URL. */
  readonly url: string;
  /** Its body, if it has one. */
  readonly body: Uint8Array<ArrayBuffer> | undefined;
}

/** What came to begin a stream. */
export interface StreamStart {
  /** Those of its HEADERS frame. */
  readonly flags: number;
  /** Its fields, names and values in turn. */
  readonly raw: readonly string[];
}

/** One request over HTTP/2, and what becomes of it. */
export class Http2Exchange implements InterimWriter, Placed {
  readonly #stream: ServerHttp2Stream;
  readonly #context: Http2ExchangeContext;
  readonly #writeDeadline = new Deadline(() =>
    this.#stream.close(constants.NGHTTP2_CANCEL)
  );
  #info: ServeHandlerInfo;
  #head: RequestHead | undefined;
  #request: ServedRequest | undefined;
  #body: Http2Body | undefined;
  #responseBody: OutgoingBody | undefined;
  #admitted: Deno.Addr | undefined;
  #isHead = false;
  #isAnswered = false;
  #isGone = false;
  /** Its place among those of its connection. */
  place = -1;
  // Called when the stream goes while something is being written.
  #stopWriting: (() => void) | undefined;

  /** Begins with a stream that the client has opened. */
  constructor(stream: ServerHttp2Stream, context: Http2ExchangeContext) {
    this.#stream = stream;
    this.#context = context;
    this.#info = context.connection.info;
    stream.on("error", () => {});
    stream.on("aborted", () => this.#leave());
    stream.on("close", () => this.#leave());
  }

  /**
   * Takes in a request that has no body. What is never read, the engine stops by
   * RST_STREAM once the response is written, which overtakes its END_STREAM when
   * the client is slow: the client could not tell that the response is whole.
   */
  #skipBody(): void {
    this.#stream.resume();
  }

  /** Answers the request; never rejects. */
  async serve(came: StreamStart | FirstRequest): Promise<void> {
    try {
      await this.#answer(came);
      await this.#drain();
    } catch (error) {
      // The engine takes no such answer.
      this.#report(error, "internal_error");
      this.#stream.destroy(gone());
    }
  }

  async #answer(came: StreamStart | FirstRequest): Promise<void> {
    try {
      const response = await this.#handle(came);
      await this.#respond(response);
    } catch (error) {
      await this.#fail(error);
    }
  }

  /** Tells the handler that the client has left, unless it has its answer. */
  abort(reason: unknown): void {
    if (this.#isAnswered || this.#request === undefined) return;
    ServedRequest.abort(this.#request, reason);
  }

  /** Writes an interim response; rejects once the final one has begun. */
  // deno-lint-ignore require-await
  async writeInterim(status: number, lines: Headers): Promise<void> {
    const fields = fieldsOf(status, lines);
    if (this.#stream.headersSent) {
      throw new TypeError(
        "Cannot send an interim response: the response has begun",
      );
    }
    if (this.#isGone) throw gone();
    this.#stream.additionalHeaders(fields);
  }

  async #handle(came: StreamStart | FirstRequest): Promise<Response> {
    const { handler } = this.#context;
    const request = this.#request = "raw" in came
      ? this.#begin(came)
      : this.#goOn(came);
    const response = await handler(request, this.#info);
    checkResponse(response, { head: this.#head!, pending: undefined });
    return response;
  }

  /** The request that was upgraded. */
  #goOn({ head, info, url, body }: FirstRequest): ServedRequest {
    this.#skipBody();
    this.#head = head;
    this.#isHead = head.method === "HEAD";
    this.#info = info;
    this.#admit();
    return new ServedRequest({
      url,
      method: head.method,
      fields: head.fields.filter(([name]) => !UPGRADE_FIELDS.has(name)),
      body: body && new Blob([body]).stream(),
      interim: this,
    });
  }

  #begin({ raw, flags }: StreamStart): ServedRequest {
    const { options } = this.#context.connection;
    // Before anything is refused: what comes of it has to be read, or stopped.
    if (flags & END_STREAM) this.#skipBody();
    else this.#body = this.#makeBody();
    // Known even if something else is wrong with it.
    this.#isHead = raw[raw.indexOf(":method") + 1] === "HEAD";
    const { head, scheme } = readHttp2Request(raw, options);
    this.#head = head;
    const { remoteAddr } = this.#info;
    const { trustProxy } = options;
    const forwarded = readForwarded(head.fields, { remoteAddr, trustProxy });
    if (forwarded?.remoteAddr !== undefined) {
      this.#info = { ...this.#info, remoteAddr: forwarded.remoteAddr };
    }
    // RFC 9110 §7.4: https is not to be served where no TLS was.
    if (scheme !== "http" && scheme !== forwarded?.url.scheme) {
      throw new HttpError("misdirected");
    }
    this.#admit();
    this.#checkLength(head);
    return makeRequest(head, {
      ...(forwarded !== undefined && { forwarded: forwarded.url }),
      scheme: "http",
      defaultAuthority: "",
      body: this.#body?.stream,
      interim: this,
    });
  }

  /** Counts the connection for the client that a proxy asks for. */
  #admit(): void {
    const { info, owner } = this.#context.connection;
    const { remoteAddr } = this.#info;
    if (remoteAddr === info.remoteAddr) return;
    if (!owner.admit(remoteAddr)) throw new HttpError("too_many_connections");
    this.#admitted = remoteAddr;
  }

  #checkLength({ body }: RequestHead): void {
    const { maxBodyBytes = Infinity } = this.#context.connection.options;
    if (body.kind === "length" && body.length > maxBodyBytes) {
      throw new HttpError("body_too_large");
    }
  }

  #makeBody(): Http2Body {
    const { maxBodyBytes = Infinity, bodyTimeout = 30_000 } =
      this.#context.connection.options;
    const stream = this.#stream;
    return new Http2Body(stream, {
      maxBytes: maxBodyBytes,
      timeout: bodyTimeout,
      onFirstRead: () => {
        // RFC 9110 §10.1.1: not once the final response has begun.
        if (!this.#head?.expectsContinue || stream.headersSent) return;
        if (!this.#isGone) stream.additionalHeaders({ ":status": 100 });
      },
    });
  }

  async #respond(response: Response): Promise<void> {
    const stream = this.#stream;
    const { fields, length } = headOf(response);
    const { status, body: content } = response;
    // RFC 9110 §6.4.1.
    const isBodyless = this.#isHead || status === 204 ||
      status === 304;
    if (this.#isGone || isBodyless || content === null) {
      await content?.cancel().catch(() => {});
      if (this.#isGone) return;
      if (!isBodyless) checkLength(length ?? 0, true);
      stream.respond(fields, { endStream: true });
      return this.#end();
    }
    const body = this.#responseBody = new OutgoingBody(content);
    try {
      // What fails, or is over, at once is told by the head.
      for (let i = 0; body.mayCome(i); i++) await null;
      if (!body.isHere) await nextTurn();
      if (body.isHere && body.piece === undefined) await body.read;
      if (this.#isGone) return;
      stream.respond(fields);
      await this.#sendBody(body, length);
    } catch (error) {
      body.cancel(error);
      throw error;
    }
  }

  async #sendBody(
    body: OutgoingBody,
    length: number | undefined,
  ): Promise<void> {
    let left = length ?? Infinity;
    for (;;) {
      const { done, value } = body.piece ?? await body.read;
      if (done || this.#isGone) break;
      const bytes = bytesOf(value);
      left -= bytes.length;
      checkLength(left, false);
      body.readOn();
      for (let at = 0; at < bytes.length && !this.#isGone; at += PIECE) {
        await this.#context.drained();
        await this.#write(bytes.subarray(at, at + PIECE));
      }
    }
    if (this.#isGone) return;
    if (length !== undefined) checkLength(left, true);
    await this.#finish();
    this.#end();
  }

  /** Ends the stream; resolves when all of it was taken, or it is gone. */
  #finish(bytes?: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#wait(resolve);
      this.#stream.end(bytes, () => this.#stopWriting?.());
    });
  }

  /** Resolves when the client has room for more, or the stream is gone. */
  #write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve) => {
      this.#wait(resolve);
      this.#stream.write(bytes, () => this.#stopWriting?.());
    });
  }

  /** Waits until what is written has been taken, or the stream is gone. */
  #wait(resolve: () => void): void {
    if (this.#isGone) return resolve();
    const { writeTimeout = 30_000 } = this.#context.connection.options;
    this.#writeDeadline.set(writeTimeout);
    this.#stopWriting = () => {
      this.#stopWriting = undefined;
      this.#writeDeadline.clear();
      resolve();
    };
  }

  #end(): void {
    this.#isAnswered = true;
  }

  /** Answers for whatever threw. */
  async #fail(error: unknown): Promise<void> {
    const stream = this.#stream;
    if (this.#isGone && isConnectionLoss(error)) return;
    if (stream.headersSent) {
      if (!this.#reportRefusal(error)) this.#report(error, "response_failed");
      // RFC 9113 §8.1: RST_STREAM, so that the client can tell that it is
      // incomplete; close() would send END_STREAM first.
      stream.destroy(gone());
      return;
    }
    const answer = error instanceof HttpError
      ? error
      : new HttpError("internal_error");
    if (answer.code === "internal_error") this.#report(error, "internal_error");
    else this.#reportRefusal(answer);
    if (this.#isGone) return;
    const { fields, body } = errorResponse(answer);
    stream.respond(fields);
    // RFC 9110 §9.3.2: nor has the refusal of a HEAD request a body.
    await this.#finish(this.#isHead ? undefined : body);
    this.#end();
  }

  /** Reads what the handler left of the request, or stops it. */
  async #drain(): Promise<void> {
    const body = this.#body;
    if (body === undefined || this.#isGone) return;
    try {
      if (await body.drain(DRAINED_BYTES)) return;
    } catch {
      // What is wrong with a body that nobody wants need not be told to anyone.
    }
    if (this.#isGone) return;
    // RFC 9113 §8.1: the answer is complete without the rest; but RST_STREAM may
    // not overtake its END_STREAM, which waits as long as the client has no room.
    const { writeTimeout = 30_000 } = this.#context.connection.options;
    this.#writeDeadline.set(writeTimeout);
    for (let rest = 0; !this.#isGone && !this.#stream.state.localClose;) {
      await this.#context.flushed();
      // Nothing tells when it has left: to look in each turn would take all of
      // the processor.
      if (rest > 0) await delay(rest);
      rest = Math.min(2 * rest + 1, LONGEST_REST);
    }
    this.#writeDeadline.clear();
    if (!this.#isGone) this.#stream.close(constants.NGHTTP2_NO_ERROR);
  }

  #leave(): void {
    if (this.#isGone) return;
    this.#isGone = true;
    this.#writeDeadline[Symbol.dispose]();
    const { owner } = this.#context.connection;
    if (this.#admitted !== undefined) owner.dismiss(this.#admitted);
    this.#stopWriting?.();
    if (this.#isAnswered) return;
    const reason = gone();
    this.#responseBody?.cancel(reason);
    this.abort(reason);
  }

  #report(error: unknown, code: ServerErrorCode): void {
    const { options } = this.#context.connection;
    reportError(error, { ...this.#about(), code }, options);
  }

  /** Reports an error that the client has caused; false if it has not. */
  #reportRefusal(error: unknown): boolean {
    // Those of other codes are answers that a handler has chosen.
    if (
      !(error instanceof HttpError) || error.code === "internal_error" ||
      !Object.hasOwn(HTTP_ERRORS, error.code)
    ) return false;
    const context = { ...this.#about(), code: error.code };
    reportRefusal(error, context, this.#context.connection.options);
    return true;
  }

  #about(): Omit<ErrorContext, "code"> {
    const { remoteAddr } = this.#info;
    if (this.#head === undefined) return { remoteAddr };
    const { method, target } = this.#head;
    return { remoteAddr, method, target };
  }
}

function gone(): Error {
  return new Deno.errors.Interrupted("The stream is closed");
}
