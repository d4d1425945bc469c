/**
 * Loads Switchboard and its peers in turn, and prints what a message costs each
 * of them. Needs Linux, whose `/proc` tells what a process uses.
 *
 * deno task bench
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { shareCores } from "./cores.ts";
import { measure, type Measured, type MeasureOptions } from "./measure.ts";
import {
  canTake,
  installPeers,
  type Server,
  SERVERS,
  versionOf,
} from "./servers.ts";
import { type Column, formatTable } from "./table.ts";
import { type Workload, WORKLOADS } from "./workloads.ts";

const USAGE = `Measures what a message costs Switchboard and its peers.

deno task bench [--only TEXT] [--servers NAME,…] [--seconds N] [--rounds N]
                [--write]

  --only TEXT      only the workloads whose name contains this
  --servers NAME,… only these: ${SERVERS.map(({ name }) => name).join(", ")}
  --seconds N      how long each measurement takes (2)
  --rounds N       how many there are of each; the median counts (3)
  --write          puts the table into docs/performance.md as well
  --help           this text`;

const COLUMNS: readonly Column[] = [
  { title: "workload", align: "left" },
  { title: "server", align: "left" },
  { title: "CPU µs/message", align: "right" },
  { title: "messages/s", align: "right" },
  { title: "p50 µs", align: "right" },
  { title: "p99 µs", align: "right" },
  { title: "memory", align: "right" },
  { title: "Switchboard to it", align: "right" },
  { title: "at most", align: "right" },
];
const MEASURED_CELLS = 5;

const PAGE = new URL("../docs/performance.md", import.meta.url);
const TABLE_IN_PAGE = /(<!-- bench -->\n)[^]*(\n<!-- end of bench -->)/;

/** What the arguments ask for. */
interface Settings extends Omit<MeasureOptions, "core"> {
  readonly workloads: readonly Workload[];
  readonly servers: readonly Server[];
  readonly rounds: number;
  readonly write: boolean;
}

/** A wrong argument; the message is for whoever gave it. */
class UsageError extends Error {}

function readSettings(args: readonly string[]): Settings | "help" {
  const parsed = parseArgs(args, {
    string: ["only", "servers", "seconds", "rounds"],
    boolean: ["write", "help"],
    unknown: (argument) => {
      throw new UsageError(`There is no option ${argument}; see --help.`);
    },
  });
  if (parsed.help) return "help";
  const only = String(parsed.only ?? "");
  const workloads = WORKLOADS.filter(({ name }) => name.includes(only));
  if (workloads.length === 0) {
    const names = WORKLOADS.map(({ name }) => name).join("; ");
    throw new UsageError(`No workload's name contains ${only}: ${names}.`);
  }
  const rounds = readNumber(parsed.rounds, { name: "rounds", otherwise: 3 });
  return {
    workloads,
    servers: readServers(parsed.servers),
    seconds: readNumber(parsed.seconds, { name: "seconds", otherwise: 2 }),
    rounds: Math.ceil(rounds),
    write: parsed.write === true,
  };
}

function readServers(list: unknown): readonly Server[] {
  if (list === undefined) return SERVERS;
  return String(list).split(",").map((wanted) => {
    const server = SERVERS.find(({ name }) => name === wanted);
    if (server !== undefined) return server;
    throw new UsageError(`There is no server ${wanted}; see --help.`);
  });
}

function readNumber(
  value: unknown,
  { name, otherwise }: { name: string; otherwise: number },
): number {
  if (value === undefined) return otherwise;
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new UsageError(`The option --${name} needs a number above 0.`);
}

/** Measures a workload in rounds, in which the servers take turns. */
async function measureAll(
  workload: Workload,
  servers: readonly Server[],
  options: MeasureOptions & { readonly rounds: number },
): Promise<Map<Server, Measured[]>> {
  const results = new Map(servers.map((server) => [server, [] as Measured[]]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const server of servers) {
      const label = `${workload.name}, ${server.title}, round ${round}:`;
      try {
        const measured = await measure(server, workload, options);
        results.get(server)!.push(measured);
        console.error(label, measured.cost.toFixed(2));
      } catch (error) {
        // A peer that fails must not take the others' figures with it.
        if (!(error instanceof Error)) throw error;
        console.error(label, error.message);
      }
    }
  }
  return results;
}

/** The measurement whose cost is in the middle. */
function median(all: readonly Measured[]): Measured | undefined {
  return all.toSorted((a, b) => a.cost - b.cost)[all.length >> 1];
}

/** A row for each server that can take the workload, here or not. */
function formatRows(
  workload: Workload,
  servers: readonly Server[],
  results: ReadonlyMap<Server, readonly Measured[]>,
): string[][] {
  const medians = new Map(
    [...results].map(([server, all]) => [server.name, median(all)]),
  );
  const own = medians.get("switchboard");
  return servers.map((server) => {
    const { name, title } = server;
    const measured = medians.get(name);
    const missing = results.has(server) ? "failed" : "not here";
    const ratio =
      own === undefined || measured === undefined || measured === own
        ? ""
        : (own.cost / measured.cost).toFixed(2);
    return [
      workload.name,
      measured === undefined ? `${title}: ${missing}` : title,
      ...measured?.cells ?? Array<string>(MEASURED_CELLS).fill(""),
      ratio,
      workload.atMost[name]?.toFixed(2) ?? "",
    ];
  });
}

/** Measures all that is asked for; the text and the table of it. */
async function report(settings: Settings): Promise<string> {
  const { workloads, servers, seconds, rounds } = settings;
  const cores = navigator.hardwareConcurrency;
  const shared = await shareCores();
  const versions = new Map<Server, string>();
  for (const server of servers) {
    const version = await versionOf(server);
    if (version !== undefined) versions.set(server, version);
  }
  const rows: string[][] = [];
  for (const workload of workloads) {
    const able = servers.filter((server) => canTake(server, workload));
    const here = able.filter((server) => versions.has(server));
    const options = { seconds, rounds, core: shared?.server };
    const results = await measureAll(workload, here, options);
    rows.push(...formatRows(workload, able, results));
  }
  const text = [
    `Measured on ${new Date().toISOString().slice(0, 10)} with`,
    `${[...new Set(versions.values())].join(", ")}; ${cores} cores, server and`,
    `load ${shared === undefined ? "on any" : "on one each"}; median of`,
    `${rounds} × ${seconds} s each:`,
  ];
  return `${text.join(" ")}\n\n${formatTable(COLUMNS, rows)}`;
}

async function writePage(result: string): Promise<void> {
  const page = await Deno.readTextFile(PAGE);
  const written = page.replace(
    TABLE_IN_PAGE,
    (_, begin, end) => `${begin}\n${result}\n${end}`,
  );
  await Deno.writeTextFile(PAGE, written);
  const args = ["fmt", "--quiet", PAGE.pathname];
  await new Deno.Command(Deno.execPath(), { args }).output();
}

async function run(settings: Settings): Promise<void> {
  if (settings.servers.some(({ versionCommand }) => versionCommand)) {
    await installPeers();
  }
  const result = await report(settings);
  console.log(result);
  if (settings.write) await writePage(result);
}

try {
  const settings = readSettings(Deno.args);
  if (settings === "help") console.log(USAGE);
  else await run(settings);
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  console.error(error.message);
  Deno.exit(1);
}
