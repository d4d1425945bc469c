import { assertEquals, assertThrows } from "@std/assert";
import { Sequence } from "../../../handlers/chat/sequence.ts";

Deno.test("run() runs a task at once when nothing runs", () => {
  const done: number[] = [];
  const sequence = new Sequence();
  sequence.run(() => done.push(1));
  done.push(2);
  sequence.run(() => done.push(3));
  assertEquals(done, [1, 2, 3]);
});

Deno.test("run() puts a task off until the running ones end", () => {
  const done: string[] = [];
  const sequence = new Sequence();
  sequence.run(() => {
    sequence.run(() => {
      sequence.run(() => done.push("grandchild"));
      done.push("child");
    });
    sequence.run(() => done.push("second child"));
    done.push("parent");
  });
  assertEquals(done, ["parent", "child", "second child", "grandchild"]);
});

Deno.test("run() runs the waiting tasks and throws when one throws", () => {
  const done: number[] = [];
  const sequence = new Sequence();
  assertThrows(
    () =>
      sequence.run(() => {
        sequence.run(() => done.push(1));
        throw new RangeError("first");
      }),
    RangeError,
    "first",
  );
  sequence.run(() => done.push(2));
  assertEquals(done, [1, 2]);
});

Deno.test("run() does not exhaust the stack when many tasks wait", () => {
  let done = 0;
  const sequence = new Sequence();
  sequence.run(() => {
    for (let i = 0; i < 100_000; i++) sequence.run(() => done++);
  });
  assertEquals(done, 100_000);
});
