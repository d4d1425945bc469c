/**
 * The servers that are compared: how each is had and started.
 *
 * @module
 */

import type { Workload } from "./workloads.ts";

/** The name of a server, as `--servers` takes it. */
export type ServerName = "switchboard" | "deno_serve" | "ws" | "bun" | "floor";

/** One of the servers. */
export interface Server {
  /** Its name for `--servers`. */
  readonly name: ServerName;
  /** What it is called in the table. */
  readonly title: string;
  /** The command that starts it; `--port N` and perhaps `--deflate` follow. */
  readonly command: readonly string[];
  /** The command that prints its version, if it is not Deno itself. */
  readonly versionCommand?: readonly string[];
  /** The kinds of workload that it can take. */
  readonly kinds: readonly Workload["kind"][];
  /** Whether it can compress messages. */
  readonly deflates: boolean;
}

/** Where the packages of the peers are, with the servers that use them. */
const PEERS = new URL("./peers", import.meta.url).pathname;
const ALL_KINDS = ["echo", "fan", "idle"] as const;

// The package's own launcher needs a script to have run at its installation, which
// Deno does not run; the executable is in a package of its own.
const BUN = `${PEERS}/node_modules/.deno/node_modules/@oven/bun-linux-${
  Deno.build.arch === "aarch64" ? "aarch64" : "x64"
}/bin/bun`;

/** All servers, in the order of the table. */
export const SERVERS: readonly Server[] = [
  {
    name: "switchboard",
    title: "Switchboard",
    command: denoRun("switchboard.ts"),
    kinds: ALL_KINDS,
    deflates: true,
  },
  {
    name: "deno_serve",
    title: "Deno.serve",
    command: denoRun("deno_serve.ts"),
    kinds: ALL_KINDS,
    deflates: false,
  },
  {
    name: "ws",
    title: "ws on Node",
    command: ["node", `${PEERS}/ws.js`],
    versionCommand: [
      "node",
      "-p",
      // Without Node, Deno runs what is started as `node` itself.
      "if (process.versions.deno) process.exit(1);" +
      "`ws ${require('ws/package.json').version} on Node ${process.versions.node}`",
    ],
    kinds: ALL_KINDS,
    deflates: true,
  },
  {
    name: "bun",
    title: "Bun",
    command: [BUN, `${PEERS}/bun.js`],
    versionCommand: [BUN, "-p", "'Bun ' + Bun.version"],
    kinds: ALL_KINDS,
    deflates: true,
  },
  {
    name: "floor",
    title: "raw floor",
    command: denoRun("floor.ts"),
    kinds: ["echo", "idle"],
    deflates: false,
  },
];

function denoRun(file: string): readonly string[] {
  const path = new URL(`./servers/${file}`, import.meta.url).pathname;
  return [Deno.execPath(), "run", "--allow-net", path];
}

/** Whether a server can do what a workload asks of it. */
export function canTake(server: Server, workload: Workload): boolean {
  return server.kinds.includes(workload.kind) &&
    (server.deflates || !workload.isDeflated);
}

/**
 * Downloads the packages of the peers, exactly those of `peers/deno.lock`, unless
 * they are there. Where that fails, {@linkcode versionOf} finds none.
 */
export async function installPeers(): Promise<void> {
  await new Deno.Command(Deno.execPath(), {
    args: ["install", "--frozen", "--quiet"],
    cwd: PEERS,
  }).output();
}

/** The version of a server's software; `undefined` where it cannot be had. */
export async function versionOf(server: Server): Promise<string | undefined> {
  const [program, ...args] = server.versionCommand ?? [];
  if (program === undefined) return `Deno ${Deno.version.deno}`;
  try {
    const command = new Deno.Command(program, { args, cwd: PEERS });
    const { success, stdout } = await command.output();
    return success ? new TextDecoder().decode(stdout).trim() : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
