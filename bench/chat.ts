/**
 * Loads the chat, and prints what it carries and what that costs. Needs Linux,
 * whose `/proc` tells what a process uses.
 *
 * deno task bench:chat
 *
 * @module
 */

import { parseArgs } from "@std/cli";
import { type Figure, type Measure, MEASURES } from "./chat/measures.ts";
import { shareCores } from "./cores.ts";
import { formatTable } from "./table.ts";

const USAGE = `Measures the chat.

deno task bench:chat [--only TEXT] [--seconds N] [--rounds N]
                     [--v8-flags FLAG,…]

  --only TEXT        only what has this in its name
  --seconds N        how long each measurement takes (5)
  --rounds N         how many there are of each; the median counts (3)
  --v8-flags FLAG,…  options of V8 for the server
  --help             this text`;

/** The figure in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Measures in rounds; gives a row for each figure. */
async function measureAll(
  measure: () => Promise<Figure[]>,
  { name, rounds }: { readonly name: string; readonly rounds: number },
): Promise<string[][]> {
  const all: Figure[][] = [];
  for (let round = 1; round <= rounds; round++) {
    const label = `${name}, round ${round}:`;
    try {
      const figures = await measure();
      const told = figures.map((each) => `${each.name} ${format(each)}`);
      console.error(label, told.join("; "));
      all.push(figures);
    } catch (error) {
      // One round that fails must not take the others' figures with it.
      if (!(error instanceof Error)) throw error;
      console.error(label, error.message);
    }
  }
  const [first] = all;
  if (first === undefined) return [[name, "failed", ""]];
  return first.map((figure, i) => {
    const value = median(all.map((round) => round[i]!.value));
    return [i === 0 ? name : "", figure.name, format({ ...figure, value })];
  });
}

function format({ value, digits }: Figure): string {
  return value.toFixed(digits);
}

const args = parseArgs(Deno.args, {
  string: ["only", "seconds", "rounds", "v8-flags"],
  boolean: ["help"],
});
if (args.help) {
  console.log(USAGE);
  Deno.exit();
}
const rounds = Number(args.rounds ?? 3);
const seconds = Number(args.seconds ?? 5);
const flags = String(args["v8-flags"] ?? "");
const v8Flags = flags === "" ? [] : flags.split(",");
const only = String(args.only ?? "");
const wanted = Object.entries<Measure>(MEASURES).filter(([name]) =>
  name.includes(only)
);
const cores = await shareCores();
const rows = [];
for (const [name, measure] of wanted) {
  const options = { seconds, v8Flags, core: cores?.server };
  rows.push(...await measureAll(() => measure(options), { name, rounds }));
}
console.log(formatTable([
  { title: "load", align: "left" },
  { title: "figure", align: "left" },
  { title: "value", align: "right" },
], rows));
Deno.exit();
