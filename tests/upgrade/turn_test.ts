import { assertEquals } from "@std/assert";
import { atEndOfTurn } from "../../upgrade/_turn.ts";

Deno.test("atEndOfTurn() calls in order, after the microtasks of this turn", async () => {
  const seen: string[] = [];
  const see = (what: string) => void seen.push(what);
  const last = Promise.withResolvers<void>();
  atEndOfTurn("first", see);
  atEndOfTurn("second", (what) => {
    see(what);
    atEndOfTurn("in the next turn", (what) => {
      see(what);
      last.resolve();
    });
  });
  await Promise.resolve();
  see("microtask");
  await last.promise;
  assertEquals(seen, ["microtask", "first", "second", "in the next turn"]);
});
