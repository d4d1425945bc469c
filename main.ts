/**
 * The Switchboard server: arguments, environment, signals and wiring.
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { createHandler } from "./handlers/mod.ts";
import { type HttpServer, serve } from "./upgrade/mod.ts";

const USAGE = `Switchboard: chat rooms and a WebSocket echo.

deno task start [--host ADDRESS] [--port PORT]

  --host ADDRESS  the address to listen on  (environment: HOST; 127.0.0.1)
  --port PORT     the port, 0 for any       (environment: PORT; 8000)
  --help          this text`;

/** A wrong argument or setting; the message is for whoever started the server. */
class UsageError extends Error {}

/** Where to listen. */
interface Settings {
  readonly hostname: string;
  readonly port: number;
}

function readSettings(args: readonly string[]): Settings | "help" {
  const parsed = parseArgs(args, {
    string: ["host", "port"],
    boolean: ["help"],
    unknown: (argument) => {
      throw new UsageError(`There is no option ${argument}; see --help.`);
    },
  });
  if (parsed.help) return "help";
  return {
    hostname: text(parsed.host) ?? text(Deno.env.get("HOST")) ?? "127.0.0.1",
    port: readPort(text(parsed.port) ?? text(Deno.env.get("PORT")) ?? "8000"),
  };
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function readPort(value: string): number {
  const port = /^\d{1,5}$/.test(value) ? Number(value) : NaN;
  if (port <= 65535) return port;
  throw new UsageError(`The port has to be 0 to 65535, not ${value}.`);
}

function start(settings: Settings): HttpServer {
  const { hostname, port } = settings;
  try {
    return serve(
      { ...settings, shutdownTimeout: 5_000 },
      createHandler({
        staticDir: new URL("./static/", import.meta.url),
      }),
    );
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) {
      throw new UsageError(`Port ${port} on ${hostname} is in use.`);
    }
    if (
      error instanceof Deno.errors.AddrNotAvailable ||
      error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.NotFound
    ) {
      throw new UsageError(
        `Cannot listen on port ${port} of ${hostname}: ${error.message}.`,
      );
    }
    throw error;
  }
}

function urlOf({ hostname, port }: Deno.NetAddr): string {
  return `http://${
    hostname.includes(":") ? `[${hostname}]` : hostname
  }:${port}/`;
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
    const server = start(settings);
    endOnSignal(server);
    console.log(`Listening on ${urlOf(server.addr as Deno.NetAddr)}`);
  }
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
