import { ClientConnection } from "./_client_connection.ts";
import { ClientExchange } from "./_client_exchange.ts";
import type { ResponseHeadLimits } from "./http1/mod.ts";
import {
  type OutgoingRequest,
  readConnect,
  readRequest,
} from "./outgoing_request.ts";

/** How a request is sent; all times are in milliseconds. */
export interface ExchangeOptions extends Partial<ResponseHeadLimits> {
  /**
   * Told of every interim response but 100 (RFC 9110 §15.2), such as 103 with
   * links. An error that it throws ends the exchange. Default: nobody is told.
   */
  readonly onInterim?: (status: number, headers: Headers) => void;
  /**
   * From the end of the request, or the last interim response, to the last byte
   * of the response's head. Default: 30,000.
   */
  readonly headTimeout?: number;
  /** From one read of the response's body to the next. Default: 60,000. */
  readonly bodyTimeout?: number;
  /** For the server to take some of what is written to it. Default: 30,000. */
  readonly writeTimeout?: number;
  /**
   * How long the body of a request with `Expect: 100-continue` waits for the
   * server's word before it is sent without. Default: 1,000.
   */
  readonly continueTimeout?: number;
}

/** The options of {@linkcode sendRequest}; all times are in milliseconds. */
export interface SendRequestOptions extends ExchangeOptions {
  /**
   * The request target: `*` to ask with OPTIONS about the server as a whole, or
   * an absolute URL to ask a proxy (RFC 9112 §3.2). Default: path and query of
   * the request's URL.
   */
  readonly target?: string;
}

/** The options of {@linkcode sendConnect}; all times are in milliseconds. */
export interface SendConnectOptions extends ExchangeOptions {
  /** Fields of the request, such as `Proxy-Authorization`. Default: none. */
  readonly headers?: HeadersInit;
  /** Ends the attempt, and closes the connection. Default: none. */
  readonly signal?: AbortSignal;
}

/**
 * Sends a request on a connection, and resolves to the final response when its
 * head has come. The body is read as fast as its stream is.
 *
 * The request goes out as it is: no field is added but `Host`, those that frame
 * the body, and `upgrade` in `Connection` if it has `Upgrade`. Its body is sent
 * with the `Content-Length` that the request has, or that bytes and strings
 * have, and chunked otherwise. A final response that is no success stops it.
 * Nothing is decoded, stored, redirected or sent again.
 *
 * A further request can be sent when the response has been read to its end. The
 * connection is closed as soon as it can take none: the server says so, the
 * exchange fails, `request.signal` aborts, or the body is cancelled. So let
 * `using` close it besides; a second `close()` of a `Deno.Conn` throws.
 *
 * To leave HTTP, send a request with `Upgrade`, and give a response of status
 * 101 to {@linkcode onUpgrade}. Then the connection is that protocol's alone.
 *
 * Rejects with an {@linkcode HttpResponseError} when there is no valid response,
 * with the signal's reason when that aborts, with the error of the request's
 * body, and with a `TypeError` when the request cannot be sent as it is: then
 * nothing was written, and the connection can still be used. What goes wrong
 * after the head errors the stream of the response's body.
 *
 * ```ts
 * import { sendRequest, serve } from "./mod.ts";
 *
 * await using server = serve({ port: 0 }, () => new Response("hello"));
 * const { port } = server.addr as Deno.NetAddr;
 *
 * using conn = await Deno.connect({ port });
 * const request = new Request(`http://127.0.0.1:${port}/`);
 * const response = await sendRequest(conn, request);
 * await response.text(); // "hello"
 * ```
 *
 * @example An upgrade
 * ```ts
 * import { onUpgrade, sendRequest } from "./mod.ts";
 *
 * async function sayFoo(conn: Deno.Conn) {
 *   const headers = { upgrade: "foobar" };
 *   const request = new Request("http://a.example/", { headers });
 *   const upgraded = await onUpgrade(await sendRequest(conn, request));
 *   await upgraded.write(new TextEncoder().encode("foo=bar"));
 *   return upgraded;
 * }
 * ```
 */
export async function sendRequest(
  conn: Deno.Conn,
  request: Request,
  options: SendRequestOptions = {},
): Promise<Response> {
  const outgoing = readRequest(request, {
    target: options.target,
    isSecure: "handshake" in conn,
  });
  return await exchange(conn, outgoing, options);
}

/**
 * Asks a proxy for a tunnel to `authority`, a host and a port, with CONNECT (RFC
 * 9110 §9.3.6), which no `Request` can have. Resolves to the response, and
 * rejects, as {@linkcode sendRequest} does.
 *
 * After a 2xx the connection is the tunnel, which {@linkcode onUpgrade} gives;
 * any other response is one of HTTP.
 *
 * ```ts
 * import { onUpgrade, sendConnect, sendRequest } from "./mod.ts";
 *
 * async function getThrough(proxy: Deno.Conn) {
 *   const response = await sendConnect(proxy, "a.example:80");
 *   using tunnel = await onUpgrade(response);
 *   const request = new Request("http://a.example/");
 *   return await (await sendRequest(tunnel, request)).text();
 * }
 * ```
 */
export async function sendConnect(
  conn: Deno.Conn,
  authority: string,
  options: SendConnectOptions = {},
): Promise<Response> {
  const outgoing = readConnect(authority, options);
  return await exchange(conn, outgoing, options);
}

async function exchange(
  conn: Deno.Conn,
  request: OutgoingRequest,
  options: ExchangeOptions,
): Promise<Response> {
  const { signal, body } = request;
  if (signal?.aborted) {
    body?.cancel(signal.reason).catch(() => {});
    throw signal.reason;
  }
  const connection = ClientConnection.of(conn);
  return await new ClientExchange(connection, request, options).run();
}
