import type { Config } from "../config/mod.ts";
import {
  createHandler,
  createLog,
  type FaultLog,
  type HandlerOptions,
  StoreError,
  type Uploads,
  type WebSocketChat,
} from "../mod.ts";
import {
  type Handler,
  type HttpServer,
  type ListenOptions,
  removeStaleSocket,
  serve,
  TrustedProxies,
} from "../../upgrade/mod.ts";
import { readTextFile } from "./read_text_file.ts";
import { reasonOf, UsageError } from "./usage_error.ts";

/** Serves everything where the settings say. */
export async function listen(
  config: Config,
  { staticDir, chat, uploads, faults }: {
    /** The folder with the page. */
    readonly staticDir: URL;
    readonly chat: WebSocketChat;
    readonly uploads: Uploads;
    readonly faults: FaultLog;
  },
): Promise<HttpServer> {
  const listeners = await listenersOf(config);
  const { host, port, unix, deflate, h2c, tunnel, "trust-proxy": proxies } =
    config;
  const { onTunnelEnd, ...log } = createLog();
  const handler = handlerOf({
    staticDir,
    chat,
    uploads,
    deflate,
    maxConnectionsPerAddress: config["connections-per-address"],
    ...tunnel && {
      tunnel: {
        allow: tunnel,
        allowPrivate: config["tunnel-private"] ?? [],
        onEnd: onTunnelEnd,
      },
    },
  });
  try {
    return serve(
      {
        listeners,
        shutdownTimeout: 5_000,
        // Those to the chat, which get words, and as many to everything else.
        maxConnectionsPerAddress: 2 * config["connections-per-address"],
        h2c,
        ...log,
        onError(error, context) {
          if (error instanceof StoreError) faults.report(error);
          else log.onError(error, context);
        },
        ...(proxies !== undefined &&
          { trustProxy: new TrustedProxies(proxies) }),
      },
      handler,
    );
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new UsageError(`Port ${port} on ${host} is in use.`);
    }
    if (error instanceof Deno.errors.InvalidData) {
      throw new UsageError(
        `${config["tls.cert"]} and ${config["tls.key"]} are no certificate ` +
          `and key: ${reasonOf(error)}.`,
      );
    }
    if (
      error instanceof Deno.errors.AddrNotAvailable ||
      error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotFound
    ) {
      const besides = unix === undefined ? "" : ` or on ${unix}`;
      throw new UsageError(
        `Cannot listen on port ${port} of ${host}${besides}: ${error.message}.`,
      );
    }
    throw error;
  }
}

/** Where a person finds a listener. */
export function nameOf(addr: Deno.Addr, config: Config): string {
  if ("path" in addr) return addr.path;
  const { hostname, port } = addr as Deno.NetAddr;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  const scheme = config["tls.cert"] === undefined ? "http" : "https";
  return `${scheme}://${host}:${port}/`;
}

/** Makes room for the unix socket, and finds the listeners of the settings. */
async function listenersOf(config: Config): Promise<ListenOptions[]> {
  const { host: hostname, port, unix, "tls.cert": cert, "tls.key": key } =
    config;
  const pair = cert === undefined || key === undefined
    ? {}
    : { cert: readTextFile(cert), key: readTextFile(key) };
  const listeners: ListenOptions[] = [{ hostname, port, ...pair }];
  if (unix === undefined) return listeners;
  try {
    await removeStaleSocket(unix);
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new UsageError(`${unix} is in use.`);
    }
    throw new UsageError(`Cannot listen on ${unix}: ${reasonOf(error)}.`);
  }
  return [...listeners, { path: unix }];
}

function handlerOf(options: HandlerOptions): Handler {
  try {
    return createHandler(options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}
