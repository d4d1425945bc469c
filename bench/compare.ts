/**
 * Loads Switchboard and Deno's own server in turn, and prints what a message
 * costs each of them. Needs Linux, whose `/proc` tells the CPU time of a process.
 *
 * deno task bench
 *
 * @module
 */

import { Load, type Workload } from "./load.ts";

const SERVERS = ["switchboard", "deno_serve"] as const;

const WORKLOADS: Readonly<Record<string, Workload>> = {
  "echo 32 B, 1 in flight": echo(100, 32, 1),
  "echo 32 B, 16 in flight": echo(100, 32, 16),
  "echo 1 KiB, 1 in flight": echo(100, 1024, 1),
  "echo 16 KiB, 4 in flight": echo(20, 16384, 4),
  "echo 256 KiB, 1 in flight": echo(10, 262144, 1),
  "fan-out to 100, 20 senders": fan(100, 64, 20),
  "fan-out to 1000, 50 senders": fan(1000, 64, 50),
};

const ROUNDS = 3;
const WARM_UP_MS = 500;
const MEASURED_MS = 2_000;
// The kernel counts CPU time in hundredths of a second for user space.
const US_PER_TICK = 10_000;

interface Measured {
  readonly cpuPerMessage: number;
  readonly messagesPerSecond: number;
  readonly mebibytes: number;
}

function echo(connections: number, size: number, inFlight: number): Workload {
  return { path: "/echo", connections, size, inFlight, senders: connections };
}

function fan(connections: number, size: number, senders: number): Workload {
  return { path: "/fan", connections, size, inFlight: 1, senders };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Reads what the kernel tells of a process; `cat` may, without all rights. */
async function readProc(pid: number, file: string): Promise<string> {
  const cat = new Deno.Command("cat", { args: [`/proc/${pid}/${file}`] });
  return new TextDecoder().decode((await cat.output()).stdout);
}

/** The processor time that a process has used, in microseconds. */
async function cpuOf(pid: number): Promise<number> {
  const stat = await readProc(pid, "stat");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * US_PER_TICK;
}

async function mebibytesOf(pid: number): Promise<number> {
  const status = await readProc(pid, "status");
  return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
}

function freePort(): number {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  return (listener.addr as Deno.NetAddr).port;
}

async function waitFor(port: number): Promise<void> {
  for (;;) {
    try {
      return (await Deno.connect({ port, hostname: "127.0.0.1" })).close();
    } catch {
      await sleep(20);
    }
  }
}

async function measure(server: string, workload: Workload): Promise<Measured> {
  const port = freePort();
  const file = new URL(`./servers/${server}.ts`, import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", file, "--port", `${port}`],
    stdout: "null",
    stderr: "null",
  }).spawn();
  const load = new Load(workload);
  try {
    await waitFor(port);
    await load.start(port);
    await sleep(WARM_UP_MS);
    const [before, cpuBefore, start] = [
      load.received,
      await cpuOf(child.pid),
      performance.now(),
    ];
    await sleep(MEASURED_MS);
    const seconds = (performance.now() - start) / 1000;
    const messages = load.received - before;
    const cpu = await cpuOf(child.pid) - cpuBefore;
    return {
      cpuPerMessage: cpu / messages,
      messagesPerSecond: messages / seconds,
      mebibytes: await mebibytesOf(child.pid),
    };
  } finally {
    load.stop();
    child.kill("SIGKILL");
    await child.status;
  }
}

/** The measurement whose cost is in the middle. */
function median(all: Measured[]): Measured {
  all.sort((a, b) => a.cpuPerMessage - b.cpuPerMessage);
  return all[all.length >> 1]!;
}

console.log(
  "| workload | server | CPU µs/message | messages/s | memory, MiB | ratio |\n" +
    "| --- | --- | ---: | ---: | ---: | ---: |",
);
for (const [name, workload] of Object.entries(WORKLOADS)) {
  const results = new Map<string, Measured[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const server of SERVERS) {
      const measured = await measure(server, workload);
      results.set(server, [...results.get(server) ?? [], measured]);
    }
  }
  const base = median(results.get("deno_serve")!).cpuPerMessage;
  for (const server of SERVERS) {
    const { cpuPerMessage, messagesPerSecond, mebibytes } = median(
      results.get(server)!,
    );
    console.log(
      `| ${name} | ${server} | ${cpuPerMessage.toFixed(2)} | ` +
        `${messagesPerSecond.toFixed(0)} | ${mebibytes.toFixed(0)} | ` +
        `${(cpuPerMessage / base).toFixed(2)} |`,
    );
  }
}
