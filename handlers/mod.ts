/**
 * What this server does with connections: the page and its files, `/echo`,
 * `/chat`, its client, its API and its files, and `/healthz`.
 *
 * @module
 */
import type { Handler } from "../upgrade/mod.ts";
import { createApi } from "./api.ts";
import { createChat, type WebSocketChat } from "./chat.ts";
import { createEcho } from "./echo.ts";
import { createFiles } from "./files.ts";
import { MemoryFiles, Uploads } from "./files/mod.ts";
import { health } from "./health.ts";
import { createRouter, route } from "./router.ts";
import { serveFiles } from "./static.ts";
import { createTunnel, type TunnelOptions } from "./tunnel.ts";

export { openChat, type OpenChatOptions, type WebSocketChat } from "./chat.ts";
export {
  type ChatStore,
  dropUnusedRooms,
  FaultLog,
  openStore,
  RateLimits,
  StoreError,
} from "./chat/mod.ts";
export { DiskFiles, MemoryFiles, Uploads } from "./files/mod.ts";
export { createLog, type Log, type LogOptions } from "./log.ts";
export { type TunnelOptions, type TunnelSummary } from "./tunnel.ts";

/** Methods that the API answers itself, if only to refuse them in its way. */
const API_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/** What {@linkcode createHandler} needs. */
export interface HandlerOptions {
  /** The folder with the page; a path, or a `file:` URL. */
  readonly staticDir: string | URL;
  /** The chat. */
  readonly chat: WebSocketChat;
  /** The files that messages may have. Default: none are taken. */
  readonly uploads?: Uploads;
  /** Whether WebSockets compress if the client offers it. Default: `false`. */
  readonly deflate?: boolean;
  /**
   * How many connections to the chat one address may have. Default: Infinity.
   */
  readonly maxConnectionsPerAddress?: number;
  /** What CONNECT may reach; see `createTunnel()`. Default: it is not served. */
  readonly tunnel?: TunnelOptions;
}

/**
 * Wires all routes of the server to one handler.
 *
 * Throws what `Deno.realPathSync` throws when the folder is not there.
 */
export function createHandler(options: HandlerOptions): Handler {
  const { staticDir, chat, deflate = false, tunnel } = options;
  const uploads = options.uploads ?? noUploads(chat);
  const api = createApi(chat, { uploads });
  return createRouter([
    route("GET", "/healthz", health),
    route("GET", "/echo", createEcho({ deflate })),
    route("GET", "/chat", createChat(chat, options)),
    ...API_METHODS.map((method) => route(method, "/api/*", api)),
    route("GET", "/files/*", createFiles(uploads)),
    route("GET", "/*", serveFiles(staticDir)),
    ...tunnel === undefined
      ? []
      : [route("CONNECT", "/", createTunnel(tunnel))],
  ]);
}

function noUploads({ store }: WebSocketChat): Uploads {
  return new Uploads({ store, files: new MemoryFiles(), maxBytes: 0 });
}
