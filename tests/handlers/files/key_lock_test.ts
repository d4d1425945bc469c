import { assertEquals, assertRejects } from "@std/assert";
import { KeyLock } from "../../../handlers/files/key_lock.ts";

Deno.test("KeyLock does the work of one key in order, one after the other", async () => {
  const lock = new KeyLock();
  const log: string[] = [];
  const first = Promise.withResolvers<void>();
  const works = [
    lock.run("a", async () => {
      log.push("first begins");
      await first.promise;
      log.push("first ends");
    }),
    lock.run("a", () => Promise.resolve(log.push("second"))),
    lock.run("a", () => Promise.resolve(log.push("third"))),
  ];
  await lock.run("b", () => Promise.resolve(log.push("other key")));
  first.resolve();
  await Promise.all(works);
  assertEquals(log, [
    "first begins",
    "other key",
    "first ends",
    "second",
    "third",
  ]);
});

Deno.test("KeyLock goes on when some work fails", async () => {
  const lock = new KeyLock();
  const failing = assertRejects(
    () => lock.run("a", () => Promise.reject(new Error("no"))),
    Error,
    "no",
  );
  assertEquals(await lock.run("a", () => Promise.resolve(1)), 1);
  await failing;
});
