import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Inbox, type ReceivedData } from "../../../upgrade/websocket/inbox.ts";
import { pattern } from "./_frames.ts";

function makeInbox(): Inbox<ReceivedData> {
  return new Inbox(({ length }) => length);
}

/** Puts empty messages until there is no room; says how many. */
function fill(
  inbox: Inbox<ReceivedData>,
): { count: number; room: Promise<void> } {
  for (let count = 1; count < 1e6; count++) {
    const room = inbox.put(new Uint8Array(0));
    if (room !== undefined) return { count, room };
  }
  throw new Error("There was always room");
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const not = Symbol();
  return await Promise.race([promise, Promise.resolve(not)]) !== not;
}

Deno.test("take() gives what was put in, in order", async () => {
  const inbox = makeInbox();
  assertEquals(inbox.put(""), undefined);
  inbox.put(pattern(3));
  inbox.put("b");
  assertEquals(await inbox.take(), { done: false, value: "" });
  assertEquals(await inbox.take(), { done: false, value: pattern(3) });
  assertEquals(await inbox.take(), { done: false, value: "b" });
});

Deno.test("take() waits when there is no message, first come first served", async () => {
  const inbox = makeInbox();
  const taken = [inbox.take(), inbox.take()];
  assertEquals(inbox.put("first"), undefined);
  inbox.put("second");
  assertEquals((await Promise.all(taken)).map(({ value }) => value), [
    "first",
    "second",
  ]);
});

Deno.test("put() says when there is room again when 64 KiB wait", async () => {
  const inbox = makeInbox();
  assertEquals(inbox.put(new Uint8Array(0xff00)), undefined);
  const room = inbox.put(new Uint8Array(0x100));
  assert(room !== undefined);
  assert(!await isSettled(room));
  await inbox.take();
  await room;
});

Deno.test("put() limits messages when they are empty", async () => {
  const inbox = makeInbox();
  const { count, room } = fill(inbox);
  assert(count > 100 && count < 2000, `${count}`);
  await inbox.take();
  await room;
});

Deno.test("end() lets waiting messages be taken, then says that it is over", async () => {
  const inbox = makeInbox();
  inbox.put("last");
  inbox.end();
  assertEquals(await inbox.take(), { done: false, value: "last" });
  assertEquals(await inbox.take(), { done: true, value: undefined });
  assertEquals(await inbox.take(), { done: true, value: undefined });
});

Deno.test("end() answers every take() that waits", async () => {
  const inbox = makeInbox();
  const taken = [inbox.take(), inbox.take()];
  inbox.end();
  for (const result of await Promise.all(taken)) {
    assertEquals(result, { done: true, value: undefined });
  }
});

Deno.test("end() and lift() let go of who waits for room", async () => {
  for (const letGo of ["end", "lift"] as const) {
    const inbox = makeInbox();
    const { count, room } = fill(inbox);
    inbox[letGo]();
    await room;
    assertNotEquals(count, 0);
  }
});

Deno.test("lift() makes put() ask nobody to wait any more", async () => {
  const inbox = makeInbox();
  inbox.lift();
  for (let i = 0; i < 3; i++) {
    assertEquals(inbox.put(new Uint8Array(0x10000)), undefined);
  }
  assertEquals((await inbox.take()).value?.length, 0x10000);
});

Deno.test("charge() says when there is room again when bytes were charged and given back", async () => {
  const inbox = makeInbox();
  assertEquals(inbox.charge(0x10000), undefined);
  const room = inbox.charge(1);
  assert(room !== undefined && !await isSettled(room));
  inbox.refund(1);
  await room;
});

Deno.test("iterate() leaves what waits for the next when its loop is left", async () => {
  const inbox = makeInbox();
  inbox.put("a");
  inbox.put("b");
  for await (const value of inbox.iterate()) {
    assertEquals(value, "a");
    break;
  }
  inbox.end();
  assertEquals(await Array.fromAsync(inbox.iterate()), ["b"]);
});
