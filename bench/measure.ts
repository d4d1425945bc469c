/**
 * One measurement: a fresh server, a workload, and what it cost.
 *
 * @module
 */

import { Load } from "./load.ts";
import { ServerProcess, type StartOptions } from "./server_process.ts";
import type { Server } from "./servers.ts";
import type { Workload } from "./workloads.ts";

const WARM_UP_MS = 500;
// What a server allocates to start is gone after this.
const SETTLE_MS = 500;
// So long after a burst, V8 has given back what it does not need.
const IDLE_MS = 45_000;

/** What was measured. */
export interface Measured {
  /**
   * What is compared: processor time of the server for a message, in
   * microseconds, or memory of an idle connection, in KiB.
   */
  readonly cost: number;
  /** The table's cells: CPU time, messages a second, p50, p99, memory. */
  readonly cells: readonly string[];
}

/** How to measure. */
export interface MeasureOptions {
  /** How long the load is measured after it has warmed up, in seconds. */
  readonly seconds: number;
  /** The core of the server; any if `undefined`. */
  readonly core: number | undefined;
}

/**
 * Starts a server, loads it, and ends it. Throws an `Error` when the server does
 * not start, or answers wrongly or not at all.
 */
export async function measure(
  server: Server,
  workload: Workload,
  { seconds, core }: MeasureOptions,
): Promise<Measured> {
  const options: StartOptions = { deflate: workload.isDeflated, core };
  await using process = await ServerProcess.start(server, options);
  using load = new Load(workload);
  return workload.kind === "idle"
    ? await measureIdle(process, load, workload)
    : await measureLoad(process, load, seconds);
}

async function measureLoad(
  process: ServerProcess,
  load: Load,
  seconds: number,
): Promise<Measured> {
  await load.start(process.port);
  await sleep(WARM_UP_MS);
  const cpuBefore = await process.cpuTime();
  const before = load.received;
  const start = performance.now();
  load.latencies.clear();
  await sleep(seconds * 1000);
  const messages = load.received - before;
  const elapsed = (performance.now() - start) / 1000;
  const cpu = await process.cpuTime() - cpuBefore;
  load.check();
  if (messages === 0) throw new Error("no messages came back");
  const cost = cpu / messages;
  return {
    cost,
    cells: [
      cost.toFixed(2),
      (messages / elapsed).toFixed(0),
      `${load.latencies.percentile(0.5)}`,
      `${load.latencies.percentile(0.99)}`,
      `${(await process.memory() / 1024).toFixed(0)} MiB`,
    ],
  };
}

async function measureIdle(
  process: ServerProcess,
  load: Load,
  { connections }: Workload,
): Promise<Measured> {
  await sleep(SETTLE_MS);
  const before = await process.memory();
  await load.start(process.port);
  await sleep(IDLE_MS);
  const cost = (await process.memory() - before) / connections;
  return { cost, cells: ["", "", "", "", `${cost.toFixed(1)} KiB each`] };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
