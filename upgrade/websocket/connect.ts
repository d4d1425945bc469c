import { onUpgrade } from "../on_upgrade.ts";
import { sendRequest } from "../send_request.ts";
import {
  cannotConnect,
  checkAnswer,
  type ClientHandshakeOptions,
  offerHandshake,
  readWebSocketUrl,
} from "./client_handshake.ts";
import { WebSocketConn } from "./conn.ts";
import {
  ConnectAttempt,
  type ConnectAttemptOptions,
} from "./connect_attempt.ts";
import type { WebSocketConnOptions } from "./conn_options.ts";
import { dial, type DialOptions, NO_LIMITS } from "./dial.ts";
import { keepResponse } from "./kept_response.ts";

/** The options of {@linkcode connectWebSocket}. */
export interface ConnectWebSocketOptions
  extends
    ClientHandshakeOptions,
    ConnectAttemptOptions,
    DialOptions,
    WebSocketConnOptions {
  /**
   * A connection to the server that is open already, such as a unix socket; for
   * wss one with TLS. It belongs to the WebSocket from then on: it is closed
   * whenever that fails. Default: a new one to the host of the URL.
   */
  readonly conn?: Deno.Conn;
}

/**
 * Opens a WebSocket to a server (RFC 6455 §4.1). Resolves when it is open.
 *
 * The URL has the scheme ws or wss; http and https mean the same. Nothing is
 * redirected: a 3xx is a refusal like any other, whose `response` says where to
 * go. `signal` and `handshakeTimeout` end with the opening; after that there is
 * `close()`.
 *
 * Rejects, with the connection closed (but Deno keeps that of a TLS handshake that
 * was broken off until the server ends it),
 *
 * - with a {@linkcode WebSocketHandshakeError} when the server or the proxy
 *   refuses, answers against the rules, or takes too long. Its `response` is the
 *   answer, with up to 64 KiB of the body;
 * - with an `HttpResponseError` when what came is no valid HTTP response, or a
 *   101 without the fields that make it one;
 * - with the signal's reason when that aborts;
 * - with what `Deno.connect` and `Deno.startTls` throw;
 * - with a `TypeError` or `RangeError` when an option is wrong.
 *
 * ```ts
 * import { connectWebSocket, serve, upgradeWebSocket } from "../../mod.ts";
 *
 * await using server = serve({ port: 0 }, (request) => {
 *   const { socket, response } = upgradeWebSocket(request);
 *   socket.forEach((message) => socket.send(message));
 *   return response;
 * });
 * const { port } = server.addr as Deno.NetAddr;
 *
 * await using socket = await connectWebSocket(`ws://127.0.0.1:${port}/`);
 * socket.send("hello");
 * for await (const message of socket) {
 *   console.log(message); // "hello"
 *   break;
 * }
 * ```
 *
 * @example Why it was refused
 * ```ts
 * import { connectWebSocket, WebSocketHandshakeError } from "../../mod.ts";
 *
 * async function open(url: string, token: string) {
 *   try {
 *     const headers = { authorization: `Bearer ${token}` };
 *     return await connectWebSocket(url, { headers });
 *   } catch (error) {
 *     if (error instanceof WebSocketHandshakeError) {
 *       console.error(error.message, await error.response?.text());
 *     }
 *     throw error;
 *   }
 * }
 * ```
 */
export async function connectWebSocket(
  url: string | URL,
  options: ConnectWebSocketOptions = {},
): Promise<WebSocketConn> {
  using attempt = new ConnectAttempt(options);
  try {
    return await open(url, attempt, options);
  } catch (error) {
    throw attempt.explain(error);
  }
}

async function open(
  url: string | URL,
  attempt: ConnectAttempt,
  options: ConnectWebSocketOptions,
): Promise<WebSocketConn> {
  const { conn: given } = options;
  if (given !== undefined) attempt.own(given);
  const target = readWebSocketUrl(url);
  const offer = offerHandshake(options);
  if (given !== undefined && options.proxy !== undefined) {
    throw cannotConnect("a connection that is open goes through no proxy");
  }
  const conn = given ?? await dial(target, attempt, options);
  const request = new Request(target.href.replace(/^ws/, "http"), {
    headers: offer.headers,
    signal: attempt.signal,
  });
  const response = await sendRequest(conn, request, NO_LIMITS);
  const agreed = checkAnswer(await keepResponse(response), offer);
  const upgraded = await onUpgrade(response);
  const session = { role: "client", url: target.href, ...agreed } as const;
  const socket = new WebSocketConn(upgraded, session, options);
  attempt.release();
  return socket;
}
