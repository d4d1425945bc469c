import { assert, assertEquals, assertGreaterOrEqual } from "@std/assert";
import { Deadline } from "../../upgrade/_deadline.ts";

Deno.test("Deadline expires once, and not early, when its time is over", async () => {
  const start = performance.now();
  let count = 0;
  const expired = Promise.withResolvers<void>();
  using deadline = new Deadline(() => {
    count++;
    expired.resolve();
  });
  deadline.set(20);
  await expired.promise;
  assertGreaterOrEqual(performance.now() - start, 20);
  await expiryAfter(60);
  assertEquals(count, 1);
});

Deno.test("Deadline expires when it was last set to when it was set twice", async () => {
  const start = performance.now();
  await new Promise<void>((resolve) => {
    const deadline = new Deadline(() => {
      deadline[Symbol.dispose]();
      resolve();
    });
    deadline.set(5);
    deadline.set(80);
  });
  assertGreaterOrEqual(performance.now() - start, 80);
});

Deno.test("Deadline expires sooner than another that was set first", async () => {
  const order: string[] = [];
  using late = new Deadline(() => order.push("late"));
  late.set(60_000);
  await expiryAfter(10);
  assertEquals(order, []);
});

Deno.test("Deadline does not expire when it was cleared, disposed or set to Infinity", async () => {
  let count = 0;
  using cleared = new Deadline(() => count++);
  const disposed = new Deadline(() => count++);
  using endless = new Deadline(() => count++);
  for (const deadline of [cleared, disposed, endless]) deadline.set(5);
  cleared.clear();
  disposed[Symbol.dispose]();
  endless.set(Infinity);
  await expiryAfter(80);
  assertEquals(count, 0);
});

Deno.test("Deadline expires again when it is set again as it expires", async () => {
  let count = 0;
  const twice = Promise.withResolvers<void>();
  using deadline = new Deadline(() => {
    if (++count === 2) twice.resolve();
    else deadline.set(5);
  });
  deadline.set(5);
  await twice.promise;
  assertEquals(count, 2);
});

Deno.test("Deadline waits for others when one was disposed", async () => {
  const disposed = new Deadline(() => {});
  disposed.set(5);
  const expired = expiryAfter(10);
  disposed[Symbol.dispose]();
  await expired;
});

Deno.test("Deadline does not wake when its time is longer than a timer can hold", async () => {
  const setTimer = globalThis.setTimeout;
  let wakes = 0;
  using deadline = new Deadline(() => assert(false, "It has expired"));
  globalThis.setTimeout = ((call: () => void, ms: number) =>
    setTimer(() => {
      wakes++;
      call();
    }, ms)) as typeof setTimeout;
  try {
    deadline.set(2 ** 31 + 1);
    await new Promise((resolve) => setTimer(resolve, 120));
    assertEquals(wakes, 0);
  } finally {
    globalThis.setTimeout = setTimer;
  }
});

/** Resolves when a deadline of `ms` milliseconds has expired. */
function expiryAfter(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = new Deadline(() => {
      deadline[Symbol.dispose]();
      resolve();
    });
    deadline.set(ms);
  });
}
