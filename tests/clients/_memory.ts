import { assertLess } from "@std/assert";
import type { Memory, Server } from "./_server.ts";

const MIB = 1024 ** 2;
/** The length of a transfer that is watched: 1 GiB. */
export const LARGE: number = 1024 * MIB;
/** The length of one before: the garbage collector has found its rhythm then. */
export const WARM_UP: number = 256 * MIB;

// The pieces of bodies are array buffers, and V8 looks for the unused when
// another 64 MiB of them have been made, whoever makes them: so a server that has
// worked takes 55 to 100 MiB more than one that has not.
const LEVEL = 128 * MIB;
// What it takes after that most of the time; up to 26 MiB more were measured. A
// server that keeps an eighth of what passes through fails.
const GROWTH = 48 * MIB;
// What it takes at some moment: mostly up to 30 MiB more, but 100 was measured
// when a busy machine collected its garbage late.
const EXCESS = 160 * MIB;

/**
 * Has something of 256 MiB transferred to warm the server up, and then of 1 GiB.
 * Fails if the server's memory grows with what it has transferred.
 */
export async function assertMemoryStays(
  server: Server,
  transfer: (length: number) => Promise<void>,
  { warmUp = transfer }: {
    /** Warms the server up otherwise. */
    readonly warmUp?: (length: number) => Promise<void>;
  } = {},
): Promise<void> {
  const idle = await server.memory();
  await warmUp(WARM_UP);
  const warm = await server.memory();
  await transfer(LARGE);
  const large = await server.memory();
  const figures = tell({ idle, warm, large });
  assertLess(large.median - idle.median, LEVEL, figures);
  assertLess(large.median - warm.peak, GROWTH, figures);
  assertLess(large.peak - warm.peak, EXCESS, figures);
}

function tell(memories: Readonly<Record<string, Memory>>): string {
  return Object.entries(memories)
    .map(([when, { median, peak }]) =>
      `${when}: ${Math.round(median / MIB)}, at most ${Math.round(peak / MIB)}`
    ).join("; ") + " MiB";
}
