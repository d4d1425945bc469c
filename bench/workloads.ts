/**
 * What is measured, and how much of a peer's cost Switchboard's may be.
 *
 * @module
 */

import type { ServerName } from "./servers.ts";

/** One way to load a server. */
export interface Workload {
  /** What it is called in the table. */
  readonly name: string;
  /**
   * `echo`: every message comes back to its sender; `fan`: every message goes to
   * every connection; `idle`: nothing is sent.
   */
  readonly kind: "echo" | "fan" | "idle";
  /** How many connections there are. */
  readonly connections: number;
  /** The payload of a message, in bytes. */
  readonly size: number;
  /** How many messages a sender keeps in flight. */
  readonly inFlight: number;
  /** How many of the connections send. */
  readonly senders: number;
  /** Whether messages are text; otherwise they are binary. */
  readonly isText: boolean;
  /** Whether messages are compressed, both ways. */
  readonly isDeflated: boolean;
  /**
   * What Switchboard's cost may be at most, as a multiple of a server's: its
   * processor time, or its memory where connections are idle.
   */
  readonly atMost: Readonly<Partial<Record<ServerName, number>>>;
}

/** All that is measured, in the order of the table. */
export const WORKLOADS: readonly Workload[] = [
  echo("echo 32 B, 1 in flight", {
    size: 32,
    atMost: { floor: 1.1 },
  }),
  echo("echo 32 B, 16 in flight", {
    size: 32,
    inFlight: 16,
    atMost: { bun: 1, deno_serve: 0.1 },
  }),
  echo("echo 1 KiB, 1 in flight", {
    size: 1024,
    atMost: { deno_serve: 1, ws: 0.75 },
  }),
  echo("echo 16 KiB, 4 in flight", {
    connections: 20,
    size: 16 << 10,
    inFlight: 4,
    atMost: { bun: 0.7 },
  }),
  echo("echo 256 KiB, 1 in flight", {
    connections: 10,
    size: 256 << 10,
    atMost: { bun: 0.85 },
  }),
  echo("echo 4 KiB text, 1 in flight", { size: 4096, isText: true }),
  echo("echo 1 KiB compressed, 1 in flight", {
    size: 1024,
    isText: true,
    isDeflated: true,
  }),
  fan("fan-out to 100, 1 sender", { connections: 100, senders: 1 }),
  fan("fan-out to 100, 50 senders", { connections: 100, senders: 50 }),
  fan("fan-out to 1000, 1 sender", { connections: 1000, senders: 1 }),
  fan("fan-out to 1000, 50 senders", {
    connections: 1000,
    senders: 50,
    atMost: { bun: 1.5, deno_serve: 0.1, ws: 0.1 },
  }),
  {
    name: "5000 idle connections",
    kind: "idle",
    connections: 5000,
    size: 0,
    inFlight: 0,
    senders: 0,
    isText: false,
    isDeflated: false,
    atMost: { floor: 1.3 },
  },
];

function echo(
  name: string,
  options: Partial<Workload> & Pick<Workload, "size">,
): Workload {
  const connections = options.connections ?? 100;
  return {
    name,
    kind: "echo",
    connections,
    inFlight: 1,
    senders: connections,
    isText: false,
    isDeflated: false,
    atMost: {},
    ...options,
  };
}

function fan(
  name: string,
  options: Partial<Workload> & Pick<Workload, "connections" | "senders">,
): Workload {
  return {
    name,
    kind: "fan",
    size: 64,
    inFlight: 1,
    isText: false,
    isDeflated: false,
    atMost: {},
    ...options,
  };
}
