import { asksForUpgrade, onUpgrade } from "../on_upgrade.ts";
import { WebSocketConn } from "./conn.ts";
import type { WebSocketConnOptions } from "./conn_options.ts";
import {
  checkHandshake,
  type HandshakeOptions,
  handshakeRefusal,
} from "./handshake.ts";

/** The options of {@linkcode upgradeWebSocket}. */
export interface UpgradeWebSocketOptions
  extends HandshakeOptions, WebSocketConnOptions {}

/** What {@linkcode upgradeWebSocket} makes. */
export interface WebSocketUpgrade {
  /** The socket; it opens when the response has been written. */
  readonly socket: WebSocketConn;
  /** The 101 to return from the handler; header fields may be added to it. */
  readonly response: Response;
}

/**
 * Accepts a WebSocket in a handler (RFC 6455 §4.2). Return `response` from the
 * handler, and use `socket` right away: what is sent waits until it is open.
 *
 * By default only pages of the same host may connect, messages have at most
 * 1 MiB, and a peer that is silent for a minute is dropped.
 *
 * Throws an `HttpError` with status 400, 403, 405 or 426 when the request is no
 * valid opening handshake. Let it pass: the server answers it.
 *
 * ```ts
 * import { serve, upgradeWebSocket } from "../../mod.ts";
 *
 * await using server = serve({ port: 0 }, (request) => {
 *   const { socket, response } = upgradeWebSocket(request);
 *   socket.forEach((message) => socket.send(message));
 *   return response;
 * });
 * ```
 */
export function upgradeWebSocket(
  request: Request,
  options: UpgradeWebSocketOptions = {},
): WebSocketUpgrade {
  const { headers, protocol, extensions, deflate } = checkHandshake(
    request,
    options,
  );
  // RFC 9110 §7.8: Upgrade in an HTTP/1.0 request is ignored.
  if (!asksForUpgrade(request)) throw handshakeRefusal("websocket_http_1_1");
  const url = request.url.replace(/^http/, "ws");
  const socket = new WebSocketConn(
    onUpgrade(request),
    { role: "server", url, protocol, extensions, deflate },
    options,
  );
  const response = new Response(null, {
    status: 101,
    headers: Object.fromEntries(headers),
  });
  return { socket, response };
}
