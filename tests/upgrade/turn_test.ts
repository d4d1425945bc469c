import { assertEquals, assertLess } from "@std/assert";
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

Deno.test("atEndOfTurn() calls the late ones of many before the early ones again", async () => {
  const count = 300;
  const seen: number[] = [];
  const last = Promise.withResolvers<void>();
  const again = Promise.withResolvers<void>();
  for (let i = 0; i < count; i++) {
    atEndOfTurn(i, (i) => {
      seen.push(i);
      if (i === 0) {
        atEndOfTurn(-1, (i) => {
          seen.push(i);
          again.resolve();
        });
      }
      if (i === count - 1) last.resolve();
    });
  }
  // They are more than begin in one turn.
  await new Promise((resolve) => setImmediate(resolve));
  assertLess(seen.length, count);
  await last.promise;
  await again.promise;
  assertEquals(seen, [...Array(count).keys(), -1]);
});
