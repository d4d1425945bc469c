/**
 * The Switchboard server: arguments, environment, signals and wiring.
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import {
  createHandler,
  createLog,
  type HandlerOptions,
  type TunnelOptions,
} from "./handlers/mod.ts";
import {
  type Handler,
  type HttpServer,
  type ListenOptions,
  removeStaleSocket,
  serve,
  TrustedProxies,
} from "./upgrade/mod.ts";

const USAGE = `Switchboard: chat rooms and a WebSocket echo.

deno task start [--host ADDRESS] [--port PORT] [--unix PATH]
                [--tls-cert FILE --tls-key FILE] [--trust-proxy CIDR,…]
                [--deflate] [--h2c]
                [--tunnel HOST:PORT,… [--tunnel-private CIDR,…]]

  --host ADDRESS   the address to listen on  (environment: HOST; 127.0.0.1)
  --port PORT      the port, 0 for any       (environment: PORT; 8000)
  --tls-cert FILE  the certificate chain in PEM: the port speaks https
  --tls-key FILE   the certificate's private key in PEM
  --unix PATH      listens on a unix socket as well, without TLS
  --trust-proxy CIDR,…
                   believes the Forwarded or X-Forwarded-* fields of proxies
                   with these addresses, such as 10.0.0.0/8 or unix
  --deflate        compresses WebSocket messages for browsers that offer it:
                   fewer bytes for more time
  --h2c            speaks HTTP/2 without TLS as well: for clients that ask for
                   it, and for proxies that know it beforehand
  --tunnel HOST:PORT,…
                   is a forward proxy to these: CONNECT to example.com:443,
                   *.example.com:443, 192.0.2.1:8000-8999, *:443 …
  --tunnel-private CIDR,…
                   lets the proxy reach these networks that are not public
  --help           this text

The task may read nothing but the page. With a file of yours, it tells the
command that allows that file too.`;

const OPTIONS = [
  "host",
  "port",
  "tls-cert",
  "tls-key",
  "unix",
  "trust-proxy",
  "tunnel",
  "tunnel-private",
] as const;

/** A wrong argument or setting; the message is for whoever started the server. */
class UsageError extends Error {}

/** Where to listen. */
interface Settings {
  readonly hostname: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly unix: string | undefined;
  readonly trustProxy: TrustedProxies | undefined;
  readonly deflate: boolean;
  readonly h2c: boolean;
  readonly tunnel: TunnelOptions | undefined;
}

function readSettings(args: readonly string[]): Settings | "help" {
  const parsed = parseArgs(args, {
    string: OPTIONS,
    boolean: ["help", "deflate", "h2c"],
    unknown: (argument) => {
      throw new UsageError(`There is no option ${argument}; see --help.`);
    },
  });
  if (parsed.help) return "help";
  for (const name of OPTIONS) {
    if (parsed[name] === "") {
      throw new UsageError(`The option --${name} needs a value; see --help.`);
    }
  }
  const cert = text(parsed["tls-cert"]);
  const key = text(parsed["tls-key"]);
  if ((cert === undefined) !== (key === undefined)) {
    throw new UsageError("TLS needs both --tls-cert and --tls-key.");
  }
  return {
    hostname: text(parsed.host) ?? text(Deno.env.get("HOST")) ?? "127.0.0.1",
    port: readPort(text(parsed.port) ?? text(Deno.env.get("PORT")) ?? "8000"),
    tls: cert !== undefined && key !== undefined ? { cert, key } : undefined,
    unix: text(parsed.unix),
    trustProxy: readProxies(text(parsed["trust-proxy"])),
    deflate: parsed.deflate === true,
    h2c: parsed.h2c === true,
    tunnel: readTunnel(text(parsed.tunnel), text(parsed["tunnel-private"])),
  };
}

function readTunnel(
  allow: string | undefined,
  allowPrivate: string | undefined,
): TunnelOptions | undefined {
  if (allow !== undefined) {
    return { allow: split(allow), allowPrivate: split(allowPrivate ?? "") };
  }
  if (allowPrivate === undefined) return undefined;
  throw new UsageError("The option --tunnel-private needs --tunnel.");
}

function split(list: string): string[] {
  return list === "" ? [] : list.split(",").map((entry) => entry.trim());
}

function readProxies(list: string | undefined): TrustedProxies | undefined {
  if (list === undefined) return undefined;
  try {
    return new TrustedProxies(split(list));
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function readPort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (port <= 65535) return port;
  throw new UsageError(`The port has to be 0 to 65535, not ${value}.`);
}

/** Asks nobody for a permission, but tells how to give what is missing. */
function checkPermissions({ tls, unix }: Settings): void {
  const sockets = unix === undefined ? [] : [unix];
  const files = tls === undefined ? [] : [tls.cert, tls.key];
  const isDenied = (name: "read" | "write", path: string) =>
    Deno.permissions.querySync({ name, path }).state !== "granted";
  const denied = [
    ...files.filter((path) => isDenied("read", path)),
    ...sockets.filter((path) =>
      isDenied("read", path) || isDenied("write", path)
    ),
  ];
  if (denied.length === 0) return;
  const command = [
    "deno run --allow-net --allow-env=HOST,PORT",
    `--allow-read=${["static", ...files, ...sockets].map(quote).join(",")}`,
    ...sockets.map((path) => `--allow-write=${quote(path)}`),
    "main.ts",
    ...Deno.args.map(quote),
  ];
  throw new UsageError(
    `There is no permission to use ${denied.join(" and ")}; ` +
      `this gives it: ${command.join(" ")}`,
  );
}

/** An argument as a shell takes it. */
function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument)
    ? argument
    : `'${argument.replaceAll("'", "'\\''")}'`;
}

async function readPem(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${reasonOf(error)}.`);
  }
}

/** Makes room for the unix socket, and finds the listeners of the settings. */
async function listenersOf(settings: Settings): Promise<ListenOptions[]> {
  const { hostname, port, tls, unix } = settings;
  const pair = tls === undefined
    ? {}
    : { cert: await readPem(tls.cert), key: await readPem(tls.key) };
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

async function start(settings: Settings): Promise<HttpServer> {
  checkPermissions(settings);
  const listeners = await listenersOf(settings);
  const { hostname, port, tls, unix, trustProxy, deflate, h2c } = settings;
  const { onTunnelEnd, ...log } = createLog();
  const handler = handlerOf({
    staticDir: new URL("./static/", import.meta.url),
    deflate,
    ...settings.tunnel &&
      { tunnel: { ...settings.tunnel, onEnd: onTunnelEnd } },
  });
  try {
    return serve(
      {
        listeners,
        shutdownTimeout: 5_000,
        h2c,
        ...log,
        ...(trustProxy !== undefined && { trustProxy }),
      },
      handler,
    );
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new UsageError(`Port ${port} on ${hostname} is in use.`);
    }
    if (error instanceof Deno.errors.InvalidData) {
      throw new UsageError(
        `${tls?.cert} and ${tls?.key} are no certificate and key: ` +
          `${reasonOf(error)}.`,
      );
    }
    if (
      error instanceof Deno.errors.AddrNotAvailable ||
      error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotFound
    ) {
      const besides = unix === undefined ? "" : ` or on ${unix}`;
      throw new UsageError(
        `Cannot listen on port ${port} of ${hostname}${besides}: ` +
          `${error.message}.`,
      );
    }
    throw error;
  }
}

function handlerOf(options: HandlerOptions): Handler {
  try {
    return createHandler(options);
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(error.message);
    throw error;
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Where a person finds a listener. */
function nameOf(addr: Deno.Addr, { tls }: Settings): string {
  if ("path" in addr) return addr.path;
  const { hostname, port } = addr as Deno.NetAddr;
  const host = hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${tls === undefined ? "http" : "https"}://${host}:${port}/`;
}

/** Ends the process in order at the first signal, at once at the second. */
function endOnSignal(server: HttpServer): void {
  let ending = false;
  const end = async () => {
    if (ending) Deno.exit(1);
    ending = true;
    console.log("Shutting down.");
    await server.shutdown();
    Deno.exit(0);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, end);
}

try {
  const settings = readSettings(Deno.args);
  if (settings === "help") console.log(USAGE);
  else {
    const server = await start(settings);
    endOnSignal(server);
    const names = server.addrs.map((addr) => nameOf(addr, settings));
    console.log(`Listening on ${names.join(" and ")}`);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
