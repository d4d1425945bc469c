import { assertGreaterOrEqual } from "@std/assert";
import fc from "fast-check";
import { streams } from "./corpus.ts";
import { startNode } from "./node_peer.ts";
import { Summary } from "./summary.ts";
import { startSwitchboard } from "./switchboard_peer.ts";
import { judge } from "./verdict.ts";

// The same streams each time; other seeds and more runs look further.
const RUNS = Number(Deno.env.get("DIFFERENTIAL_RUNS") ?? 20_000);
const SEED = Number(Deno.env.get("DIFFERENTIAL_SEED") ?? 9112);

// Of all streams, what both servers have to take so that the others, which
// resemble these, say something.
const LEAST_SHARE = 0.2;

Deno.test("serve() takes what node:http takes, or less, when requests are mutated", async () => {
  await using ours = startSwitchboard();
  await using theirs = await startNode();
  const summary = new Summary();
  await fc.assert(
    fc.asyncProperty(streams, async (stream) => {
      const [our, their] = await Promise.all([
        ours.account(stream),
        theirs.account(stream),
      ]);
      summary.add(judge({ stream, ours: our, theirs: their }));
    }),
    { numRuns: RUNS, seed: SEED },
  );
  console.log(`${summary}`);
  assertGreaterOrEqual(summary.share("both"), LEAST_SHARE);
});
