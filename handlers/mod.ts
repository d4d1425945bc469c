/**
 * What this server does with connections: the page and its files, `/echo`,
 * `/chat` and `/healthz`.
 *
 * @module
 */
import type { Handler } from "../upgrade/mod.ts";
import { createChat, createHub, type WebSocketHub } from "./chat.ts";
import { createEcho } from "./echo.ts";
import { health } from "./health.ts";
import { createRouter, route } from "./router.ts";
import { serveFiles } from "./static.ts";

export { createHub, type WebSocketHub } from "./chat.ts";
export { createLog, type LogOptions } from "./log.ts";

/** What {@linkcode createHandler} needs. */
export interface HandlerOptions {
  /** The folder with the page; a path, or a `file:` URL. */
  readonly staticDir: string | URL;
  /** The chat's hub. Default: a new one. */
  readonly hub?: WebSocketHub;
  /** Whether WebSockets compress if the client offers it. Default: `false`. */
  readonly deflate?: boolean;
}

/**
 * Wires all routes of the server to one handler.
 *
 * Throws what `Deno.realPathSync` throws when the folder is not there.
 */
export function createHandler(options: HandlerOptions): Handler {
  const { staticDir, hub = createHub(), deflate = false } = options;
  return createRouter([
    route("GET", "/healthz", health),
    route("GET", "/echo", createEcho({ deflate })),
    route("GET", "/chat", createChat(hub, { deflate })),
    route("GET", "/*", serveFiles(staticDir)),
  ]);
}
