/**
 * What a tunnel costs: 1 GiB through the forward proxy beside 1 GiB straight from
 * server to client, by the same client, and the proxy's memory meanwhile. Server,
 * proxy and client are processes of their own.
 *
 *   deno run --allow-net --allow-run bench/tunnel.ts [--rounds 5] [--mib 1024]
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { createRouter, route } from "../handlers/router.ts";
import { createTunnel } from "../handlers/tunnel.ts";
import { onUpgrade, sendConnect, serve } from "../mod.ts";
import { formatTable } from "./table.ts";

const MIB = 1024 ** 2;
const PIECE = 256 * 1024;
const WARM_UP_MIB = 256;
const SAMPLE_INTERVAL_MS = 10;
const HOST = "127.0.0.1";
const DIRECTIONS = ["download", "upload"] as const;

type Direction = typeof DIRECTIONS[number];

/** The resident memory of the proxy, in bytes. */
interface Memory {
  readonly now: number;
  /** The most there was since this was asked last. */
  readonly peak: number;
}

/** Where the other two processes listen. */
interface Ports {
  readonly server: number;
  readonly proxy: number;
}

/** Sends or takes as many bytes as a client's first line asks for. */
async function runServer(): Promise<void> {
  const listener = Deno.listen({ hostname: HOST, port: 0 });
  console.log(listener.addr.port);
  for await (const conn of listener) {
    serveCopy(conn).catch((error) => console.error(error));
  }
}

async function serveCopy(conn: Deno.TcpConn): Promise<void> {
  using _ = conn;
  const line = new Uint8Array(64);
  const [direction, size] = new TextDecoder()
    .decode(line.subarray(0, await conn.read(line) ?? 0)).trim().split(" ");
  if (direction === "download") return await send(conn, Number(size));
  await conn.write(Uint8Array.of(0));
  await take(conn, Number(size));
  await conn.write(Uint8Array.of(0));
}

/** The proxy; it also tells what memory it takes. */
function runProxy(): void {
  let peak = 0;
  const sample = () => {
    const now = Deno.memoryUsage().rss;
    peak = Math.max(peak, now);
    return now;
  };
  setInterval(sample, SAMPLE_INTERVAL_MS);
  const proxy = createTunnel({
    allow: [`${HOST}:*`],
    allowPrivate: [HOST],
  });
  const server = serve(
    { hostname: HOST, port: 0 },
    createRouter([
      route("CONNECT", "/*", proxy),
      route("GET", "/memory", () => {
        const memory: Memory = { now: sample(), peak };
        peak = 0;
        return Response.json(memory);
      }),
    ]),
  );
  console.log((server.addr as Deno.NetAddr).port);
}

async function send(conn: Deno.Conn, size: number): Promise<void> {
  const piece = new Uint8Array(PIECE);
  for (let left = size; left > 0;) {
    left -= await conn.write(left < PIECE ? piece.subarray(0, left) : piece);
  }
}

async function take(conn: Deno.Conn, size: number): Promise<void> {
  const room = new Uint8Array(PIECE);
  for (let left = size; left > 0;) {
    const count = await conn.read(room);
    if (count === null) throw new Error(`The connection ended ${left} B early`);
    left -= count;
  }
}

async function connect(
  ports: Ports,
  { isTunnel }: { isTunnel: boolean },
): Promise<Deno.Conn> {
  const port = isTunnel ? ports.proxy : ports.server;
  const conn = await Deno.connect({ hostname: HOST, port });
  if (!isTunnel) return conn;
  return await onUpgrade(await sendConnect(conn, `${HOST}:${ports.server}`));
}

/** Copies once; gives MiB a second. */
async function copy(
  conn: Deno.Conn,
  { direction, mib }: { direction: Direction; mib: number },
): Promise<number> {
  using _ = conn;
  const size = mib * MIB;
  const byte = new Uint8Array(1);
  await conn.write(new TextEncoder().encode(`${direction} ${size}\n`));
  if (direction === "upload") await conn.read(byte);
  const start = performance.now();
  if (direction === "download") await take(conn, size);
  else {
    await send(conn, size);
    await conn.read(byte);
  }
  return mib / (performance.now() - start) * 1000;
}

async function memoryOf({ proxy }: Ports): Promise<Memory> {
  return await (await fetch(`http://${HOST}:${proxy}/memory`)).json();
}

/** Starts this program as one of the other two processes. */
async function start(
  role: "server" | "proxy",
): Promise<{ port: number; child: Deno.ChildProcess }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net", import.meta.filename!, "--role", role],
    stdout: "piped",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const { value } = await lines.read();
  return { port: Number(value), child };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

async function measure(
  direction: Direction,
  { rounds, mib, ports }: { rounds: number; mib: number; ports: Ports },
): Promise<string[]> {
  const direct = [];
  const tunnel = [];
  const warmUp = { direction, mib: WARM_UP_MIB };
  for (const isTunnel of [false, true]) {
    await copy(await connect(ports, { isTunnel }), warmUp);
  }
  const before = await memoryOf(ports);
  for (let round = 0; round < rounds; round++) {
    const one = { direction, mib };
    direct.push(await copy(await connect(ports, { isTunnel: false }), one));
    tunnel.push(await copy(await connect(ports, { isTunnel: true }), one));
  }
  const after = await memoryOf(ports);
  return [
    direction,
    ...[median(direct), median(tunnel)].map((rate) => rate.toFixed(0)),
    (median(tunnel) / median(direct)).toFixed(2),
    ...[before.now, after.peak, after.now].map((bytes) =>
      (bytes / MIB).toFixed(0)
    ),
  ];
}

async function runClient(rounds: number, mib: number): Promise<void> {
  const server = await start("server");
  const proxy = await start("proxy");
  try {
    const ports = { server: server.port, proxy: proxy.port };
    const rows = [];
    for (const direction of DIRECTIONS) {
      rows.push(await measure(direction, { rounds, mib, ports }));
    }
    console.log(formatTable([
      { title: `${mib} MiB, median of ${rounds}`, align: "left" },
      { title: "direct, MiB/s", align: "right" },
      { title: "tunnel, MiB/s", align: "right" },
      { title: "ratio", align: "right" },
      { title: "memory before, MiB", align: "right" },
      { title: "at most", align: "right" },
      { title: "after", align: "right" },
    ], rows));
  } finally {
    for (const { child } of [server, proxy]) {
      child.kill("SIGKILL");
      await child.status;
    }
  }
}

const { role, rounds, mib } = parseArgs(Deno.args, {
  string: ["role", "rounds", "mib"],
});
if (role === "server") await runServer();
else if (role === "proxy") runProxy();
else {
  await runClient(Number(rounds ?? 5), Number(mib ?? 1024));
  Deno.exit();
}
