import { assertEquals } from "@std/assert";
import { Housekeeping } from "../../../handlers/upkeep/mod.ts";

function fail(error: unknown): never {
  throw error;
}

Deno.test("Housekeeping does all chores at once, one after the other, and again", async () => {
  const done: string[] = [];
  const twice = Promise.withResolvers<void>();
  await using _house = new Housekeeping([
    async () => {
      done.push("a begins");
      await Promise.resolve();
      done.push("a ends");
    },
    () => {
      done.push("b");
      if (done.length === 6) twice.resolve();
      return Promise.resolve();
    },
  ], { onError: fail, interval: 1 });
  await twice.promise;
  assertEquals(done.slice(0, 6), [
    ...["a begins", "a ends", "b"],
    ...["a begins", "a ends", "b"],
  ]);
});

Deno.test("Housekeeping tells of a chore that fails, and does the others", async () => {
  const told: unknown[] = [];
  const done = Promise.withResolvers<void>();
  await using _house = new Housekeeping([
    () => Promise.reject(new Error("no")),
    () => Promise.resolve(done.resolve()),
  ], { onError: (error) => told.push((error as Error).message) });
  await done.promise;
  assertEquals(told, ["no"]);
});

Deno.test("Housekeeping waits for the chore under way when it ends, and begins no other", async () => {
  const done: string[] = [];
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  const house = new Housekeeping([
    async () => {
      begun.resolve();
      await release.promise;
      done.push("a");
    },
    () => Promise.resolve(done.push("b")),
  ], { onError: fail, interval: 1 });
  await begun.promise;
  const ended = house[Symbol.asyncDispose]().then(() => done.push("ended"));
  release.resolve();
  await ended;
  assertEquals(done, ["a", "ended"]);
});
