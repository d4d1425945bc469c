// What the parts of _aborted_upgrades.ts share: its dice, and its book of what
// runs and how it has ended.
import { isConnectionLoss } from "../../upgrade/_connection_loss.ts";
import {
  HttpError,
  HttpResponseError,
  onUpgrade,
  type Upgraded,
  UpgradeError,
} from "../../upgrade/mod.ts";

const MOST_TURNS = 12;
const utf8 = new TextEncoder();

/** What the dice begin with: the first argument. */
export const SEED = Number(Deno.args[0]);
/** What a handler throws that has a fault of its own. */
export const BUG = new Error("A handler's own");
/** What has failed for no reason that a test has made. */
export const wrong: unknown[] = [];
/** How many promises of onUpgrade() ended how. */
export const outcomes = new Map<string, number>();
/** How many tunnels and streams of HTTP/2 ended how. */
export const endings = new Map<string, number>();

// Mulberry32: small, and the same everywhere.
let state = SEED;

/** A number from 0 to 1. */
export function random(): number {
  state = state + 0x6d2b79f5 | 0;
  let mixed = Math.imul(state ^ state >>> 15, 1 | state);
  mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
  return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
}

/** A whole number from 0 on. */
export function below(limit: number): number {
  return Math.floor(random() * limit);
}

/** One of several. */
export function oneOf<T>(all: readonly T[]): T {
  return all[below(all.length)]!;
}

/** Some of the bytes from the first one on, never all of them. */
export function cut(bytes: Uint8Array | string): Uint8Array {
  const all = typeof bytes === "string" ? utf8.encode(bytes) : bytes;
  return all.subarray(0, below(all.length));
}

/** Lets a random number of turns of the event loop pass. */
export async function someTurns(): Promise<void> {
  for (let left = below(MOST_TURNS); left > 0; left--) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Notes how something has ended. */
export function count(ending: string, counts = endings): void {
  counts.set(ending, (counts.get(ending) ?? 0) + 1);
}

let promises = 0;

/** How many promises onUpgrade() gave. */
export function promisesGiven(): number {
  return promises;
}

/** Calls onUpgrade(), and notes what becomes of its promise. */
export function take(message: Request | Response): Promise<Upgraded> {
  promises++;
  const upgraded = onUpgrade(message);
  upgraded.then(
    () => count("upgraded", outcomes),
    (error) => {
      if (error instanceof UpgradeError) count(error.code, outcomes);
      else wrong.push(error);
    },
  );
  return upgraded;
}

// What runs on either side of a connection, until it is over, and its name.
const running = new Map<Promise<void>, string>();

/** Notes what fails for another reason than the end of its connection. */
export function run(name: string, work: Promise<unknown>): void {
  const done = work.then(() => {}, (error) => {
    const isExpected = isConnectionLoss(error) || error instanceof HttpError ||
      error instanceof HttpResponseError || error instanceof UpgradeError ||
      error instanceof DOMException && error.name === "AbortError";
    if (!isExpected) wrong.push(error);
  }).finally(() => running.delete(done));
  running.set(done, name);
}

/** Waits for some work; rejects with the names of what runs when it is late. */
export async function within(
  milliseconds: number,
  work: Promise<void>,
): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const names = [...new Set(running.values())].join(", ");
    late.reject(new Error(`Still running: ${names}`));
  }, milliseconds);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits until nothing runs. */
export async function settle(): Promise<void> {
  while (running.size > 0) await Promise.all(running.keys());
}
