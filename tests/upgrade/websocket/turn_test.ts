import { assertEquals } from "@std/assert";
import { flushAtEndOfTurn } from "../../../upgrade/websocket/turn.ts";

Deno.test("flushAtEndOfTurn() flushes in order, after the microtasks of this turn", async () => {
  const seen: string[] = [];
  const last = Promise.withResolvers<void>();
  flushAtEndOfTurn({ flush: () => seen.push("first") });
  flushAtEndOfTurn({
    flush() {
      seen.push("second");
      flushAtEndOfTurn({
        flush() {
          seen.push("in the next turn");
          last.resolve();
        },
      });
    },
  });
  await Promise.resolve();
  seen.push("microtask");
  await last.promise;
  assertEquals(seen, ["microtask", "first", "second", "in the next turn"]);
});
