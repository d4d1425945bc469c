import { assertEquals } from "@std/assert";
import { RefillTimes } from "../../../handlers/chat/refill_times.ts";

Deno.test("RefillTimes.get() gives the time that was set last", () => {
  const times = new RefillTimes();
  assertEquals(times.get("a"), undefined);
  times.set("a", { time: 10, now: 0 });
  times.set("a", { time: 20, now: 5 });
  assertEquals([times.get("a"), times.size], [20, 1]);
});

Deno.test("RefillTimes.set() forgets two at most whose time has come", () => {
  const times = new RefillTimes();
  for (const key of ["a", "b", "c", "d"]) times.set(key, { time: 10, now: 0 });
  times.set("e", { time: 20, now: 9 });
  assertEquals(times.size, 5);
  times.set("f", { time: 20, now: 10 });
  assertEquals([times.get("b"), times.get("c"), times.size], [
    undefined,
    10,
    4,
  ]);
});

Deno.test("RefillTimes.set() forgets what was set first when there are too many", () => {
  const times = new RefillTimes({ most: 2 });
  for (const key of ["a", "b", "a", "c"]) times.set(key, { time: 10, now: 0 });
  assertEquals([times.get("a"), times.get("b"), times.get("c"), times.size], [
    10,
    undefined,
    10,
    2,
  ]);
});
