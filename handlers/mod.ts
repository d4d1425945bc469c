/**
 * What this server does with connections: the page and its files, `/echo`,
 * `/chat` and `/healthz`; and the forward proxy, if it is turned on.
 *
 * @module
 */
import type { Handler } from "../upgrade/mod.ts";
import { createChat, createHub, type WebSocketHub } from "./chat.ts";
import { createEcho } from "./echo.ts";
import { health } from "./health.ts";
import { createRouter, route } from "./router.ts";
import { serveFiles } from "./static.ts";
import { createTunnel, type TunnelOptions } from "./tunnel.ts";

export { createHub, type WebSocketHub } from "./chat.ts";
export { createLog, type Log, type LogOptions } from "./log.ts";
export { type TunnelOptions, type TunnelSummary } from "./tunnel.ts";

/** What {@linkcode createHandler} needs. */
export interface HandlerOptions {
  /** The folder with the page; a path, or a `file:` URL. */
  readonly staticDir: string | URL;
  /** The chat's hub. Default: a new one. */
  readonly hub?: WebSocketHub;
  /** Whether WebSockets compress if the client offers it. Default: `false`. */
  readonly deflate?: boolean;
  /** What CONNECT may reach; see `createTunnel()`. Default: it is not served. */
  readonly tunnel?: TunnelOptions;
}

/**
 * Wires all routes of the server to one handler.
 *
 * Throws what `Deno.realPathSync` throws when the folder is not there, and a
 * `RangeError` when an entry of the tunnel's options cannot be read.
 */
export function createHandler(options: HandlerOptions): Handler {
  const { staticDir, hub = createHub(), deflate = false, tunnel } = options;
  return createRouter([
    route("GET", "/healthz", health),
    route("GET", "/echo", createEcho({ deflate })),
    route("GET", "/chat", createChat(hub, { deflate })),
    route("GET", "/*", serveFiles(staticDir)),
    ...tunnel === undefined
      ? []
      : [route("CONNECT", "/", createTunnel(tunnel))],
  ]);
}
