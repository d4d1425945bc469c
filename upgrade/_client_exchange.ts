import { BodyReader } from "./_body_reader.ts";
import type { ClientConnection } from "./_client_connection.ts";
import { Deadline } from "./_deadline.ts";
import {
  asResponseError,
  type FieldLines,
  HttpResponseError,
  type HttpResponseErrorCode,
  type ReceivedResponseHead,
  ResponseHeadParser,
} from "./http1/mod.ts";
import { LimitedWriter } from "./_limited_writer.ts";
import { offerUpgrade, PendingUpgrade } from "./on_upgrade.ts";
import type { OutgoingRequest } from "./outgoing_request.ts";
import { RequestWriter } from "./request_writer.ts";
import { ResponseBody } from "./response_body.ts";
import type { ExchangeOptions } from "./send_request.ts";

// So many interim responses may come before one that is final.
const MAX_INTERIM = 100;

/** One request on a connection, and the response to it. */
export class ClientExchange {
  readonly #connection: ClientConnection;
  readonly #request: OutgoingRequest;
  readonly #options: ExchangeOptions;
  readonly #parser: ResponseHeadParser;
  readonly #socket: LimitedWriter;
  readonly #writer: RequestWriter;
  readonly #mayContinue = Promise.withResolvers<void>();
  readonly #deadline = new Deadline(() => this.#break(this.#late));
  readonly #continueDeadline = new Deadline(() => this.#continue());
  readonly #abort = (): void => this.#fail(this.#request.signal?.reason);
  // What is said if what is read now takes too long.
  #late: "head_timeout" | "body_timeout" = "head_timeout";
  #sending: Promise<void> | undefined;
  #isSent = false;
  // Whether nothing more of the request will be written.
  #isSendingOver = false;
  #isAnswered = false;
  // Why the connection was lost, if it did not just end, and why writing failed.
  #loss: unknown;
  #sendError: unknown;
  #isOver = false;
  #failure: { readonly reason: unknown } | undefined;
  #body: ResponseBody | undefined;

  /** Begins an exchange; throws when the connection takes no request. */
  constructor(
    connection: ClientConnection,
    request: OutgoingRequest,
    options: ExchangeOptions,
  ) {
    const conn = connection.begin();
    this.#connection = connection;
    this.#request = request;
    this.#options = options;
    this.#parser = new ResponseHeadParser(options);
    const { writeTimeout = 30_000 } = options;
    const onLate = () => this.#break("write_timeout");
    this.#socket = new LimitedWriter(conn, writeTimeout, onLate);
    this.#writer = new RequestWriter(request, this.#socket);
  }

  /** Sends the request, and resolves to the response when its head is here. */
  async run(): Promise<Response> {
    const { signal, expectsContinue } = this.#request;
    signal?.addEventListener("abort", this.#abort);
    // RFC 9110 §10.1.1: not without an end, for a server need not know it.
    if (expectsContinue) {
      this.#continueDeadline.set(this.#options.continueTimeout ?? 1_000);
    }
    this.#sending = this.#send();
    try {
      return await this.#receive();
    } catch (error) {
      this.#fail(error);
      this.#checkFailure();
      throw error;
    }
  }

  async #send(): Promise<void> {
    try {
      this.#isSent = await this.#writer.write(this.#mayContinue.promise);
    } catch (error) {
      // Without the whole request there is nothing to wait for; but a server may
      // have answered before it stopped reading.
      if (!this.#socket.lost) this.#fail(error);
      this.#sendError = error;
    }
    this.#isSendingOver = true;
    if (!this.#isAnswered) this.#limitHead();
  }

  #limitHead(): void {
    if (!this.#isOver) this.#deadline.set(this.#options.headTimeout ?? 30_000);
  }

  /** Lets the body be sent that waits for 100 (Continue). */
  #continue(): void {
    this.#continueDeadline[Symbol.dispose]();
    this.#mayContinue.resolve();
  }

  async #receive(): Promise<Response> {
    for (let i = 0; i <= MAX_INTERIM; i++) {
      const head = await this.#readHead();
      const { status, fields } = head;
      if (status >= 200 || status === 101) return await this.#answer(head);
      if (status === 100) this.#continue();
      else this.#options.onInterim?.(status, headersOf(fields));
      // RFC 9110 §15.2: it says that the server is at work.
      if (this.#isSendingOver) this.#limitHead();
    }
    throw new HttpResponseError("too_many_interim");
  }

  async #readHead(): Promise<ReceivedResponseHead> {
    const { buffer } = this.#connection;
    const parser = this.#parser;
    parser.reset(this.#request.method);
    for (;;) {
      if (!buffer.isEmpty) buffer.consume(parser.parse(buffer.unread));
      if (parser.head !== undefined) return parser.head;
      if (await this.#fill()) continue;
      throw this.#lossError(parser.started ? "incomplete_head" : "no_response");
    }
  }

  async #answer(head: ReceivedResponseHead): Promise<Response> {
    this.#isAnswered = true;
    this.#deadline[Symbol.dispose]();
    const { status } = head;
    const { method, offered } = this.#request;
    if (status === 101) {
      checkSwitch(head, offered);
      return await this.#switch(head);
    }
    // RFC 9110 §9.3.6: any 2xx to CONNECT makes a tunnel of the connection.
    const isSuccess = status < 300;
    if (method === "CONNECT" && isSuccess) return await this.#switch(head);
    // RFC 9112 §9.5: to who refuses the body, no more of it is sent; but a server
    // may answer it as it comes.
    if (!isSuccess || !this.#writer.hasBegunBody) this.#stopSending();
    const response = responseOf(head, await this.#readBody(head));
    if (offered.length > 0 || method === "CONNECT") {
      const pending = new PendingUpgrade(Infinity);
      pending.reject("not_upgraded");
      offerUpgrade(response, pending);
    }
    return response;
  }

  async #switch(head: ReceivedResponseHead): Promise<Response> {
    // RFC 9110 §7.8: the new protocol begins after the whole request.
    this.#continue();
    await this.#sending;
    this.#checkFailure();
    if (!this.#isSent) throw this.#lossError("incomplete_request");
    this.#release();
    const pending = new PendingUpgrade(Infinity);
    pending.resolve(this.#connection.upgrade());
    const response = responseOf(head, null);
    offerUpgrade(response, pending);
    return response;
  }

  async #readBody(
    head: ReceivedResponseHead,
  ): Promise<ReadableStream<Uint8Array<ArrayBuffer>> | null> {
    if (head.body.kind === "none") {
      this.#end(head);
      return null;
    }
    const { buffer } = this.#connection;
    const source = { buffer, fill: () => this.#fillBody() };
    if (head.status === 205) {
      // RFC 9110 §15.3.6: no content; and no Response of this status has a body.
      const content = await new BodyReader(head.body, source).next()
        .catch((error) => {
          throw asResponseError(error);
        });
      if (content !== undefined) {
        throw new HttpResponseError("unexpected_content");
      }
      this.#end(head);
      return null;
    }
    const body = this.#body = new ResponseBody(head.body, source, {
      onEnd: () => this.#end(head),
      onBroken: (reason) => this.#fail(reason),
    });
    if (body.done) this.#end(head);
    return body.stream;
  }

  async #fillBody(): Promise<boolean> {
    this.#late = "body_timeout";
    this.#deadline.set(this.#options.bodyTimeout ?? 60_000);
    const isOpen = await this.#fill();
    this.#deadline[Symbol.dispose]();
    // A connection that is lost is not one that has ended.
    if (this.#loss !== undefined) throw this.#lossError("incomplete_body");
    return isOpen;
  }

  /** Reads on; false when the connection has ended, or was lost. */
  async #fill(): Promise<boolean> {
    let isOpen = false;
    try {
      isOpen = await this.#connection.buffer.fill();
    } catch (error) {
      this.#loss = error;
    }
    this.#checkFailure();
    return isOpen;
  }

  #lossError(code: HttpResponseErrorCode): HttpResponseError {
    const cause = this.#loss ?? this.#sendError;
    if (cause === undefined) return new HttpResponseError(code);
    const isClosedHere = cause instanceof Deno.errors.BadResource ||
      cause instanceof Deno.errors.Interrupted;
    return new HttpResponseError(isClosedHere ? "connection_over" : code, {
      cause,
    });
  }

  /** The whole response has been read. */
  #end({ keepAlive }: ReceivedResponseHead): void {
    // RFC 9112 §9.6: nor to who ends the connection with its response.
    if (!keepAlive) this.#stopSending();
    const finish = () => {
      if (this.#isOver) return;
      this.#release();
      const stays = keepAlive && this.#request.keepAlive && this.#isSent;
      this.#connection.end({ stays });
    };
    if (this.#isSendingOver || this.#writer.isStopped) finish();
    else this.#sending!.then(finish);
  }

  /** Sends no more of the body; nothing when all of it has been sent. */
  #stopSending(): void {
    if (this.#isSendingOver) return;
    this.#writer.stop(
      new Deno.errors.Interrupted("The server has answered before the end"),
    );
    this.#continue();
  }

  #break(code: HttpResponseErrorCode): void {
    this.#fail(new HttpResponseError(code));
  }

  /** Ends the exchange, and the connection with it. */
  #fail(reason: unknown): void {
    if (this.#isOver) return;
    this.#failure = { reason };
    this.#release();
    this.#writer.stop(reason);
    this.#body?.fail(reason);
    this.#connection.end({ stays: false });
  }

  #checkFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  /** Lets go of all that could touch the connection later. */
  #release(): void {
    this.#isOver = true;
    this.#continue();
    this.#deadline[Symbol.dispose]();
    this.#socket[Symbol.dispose]();
    this.#request.signal?.removeEventListener("abort", this.#abort);
  }
}

function checkSwitch(
  { upgrade }: ReceivedResponseHead,
  offered: readonly string[],
): void {
  if (offered.length === 0) throw new HttpResponseError("unexpected_switch");
  // RFC 9110 §7.8: only to protocols that the request has offered.
  const names = offered.map((protocol) => protocol.toLowerCase());
  if (!upgrade.every((protocol) => names.includes(protocol.toLowerCase()))) {
    throw new HttpResponseError("protocol_not_offered");
  }
}

function responseOf(
  { status, reason, fields }: ReceivedResponseHead,
  body: ReadableStream<Uint8Array<ArrayBuffer>> | null,
): Response {
  const headers = headersOf(fields);
  return new Response(body, { status, statusText: reason, headers });
}

function headersOf(fields: FieldLines): Headers {
  return new Headers(fields as [string, string][]);
}
