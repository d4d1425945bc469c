import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { Inbox } from "../../../upgrade/websocket/inbox.ts";
import { WebSocketMessage } from "../../../upgrade/websocket/message.ts";
import { bytesOf, pattern } from "./_frames.ts";

const text = (value: string) => new WebSocketMessage(true, bytesOf(value));
const binary = (value: Uint8Array<ArrayBuffer>) =>
  new WebSocketMessage(false, value);

/** Puts empty messages until there is no room; says how many. */
function fill(inbox: Inbox): { count: number; room: Promise<void> } {
  for (let count = 1; count < 1e6; count++) {
    const room = inbox.put(binary(new Uint8Array(0)));
    if (room !== undefined) return { count, room };
  }
  throw new Error("There was always room");
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const not = Symbol();
  return await Promise.race([promise, Promise.resolve(not)]) !== not;
}

Deno.test("take() gives text as strings and binary as bytes, in order", async () => {
  const inbox = new Inbox();
  assertEquals(inbox.put(text("")), undefined);
  inbox.put(binary(pattern(3)));
  inbox.put(text("b"));
  assertEquals(await inbox.take(), { done: false, value: "" });
  assertEquals(await inbox.take(), { done: false, value: pattern(3) });
  assertEquals(await inbox.take(), { done: false, value: "b" });
});

Deno.test("put() copies, so that the message's bytes may be used again", async () => {
  const inbox = new Inbox();
  const bytes = pattern(10);
  inbox.put(binary(bytes));
  bytes.fill(0);
  assertEquals((await inbox.take()).value, pattern(10));
});

Deno.test("take() waits when there is no message, first come first served", async () => {
  const inbox = new Inbox();
  const taken = [inbox.take(), inbox.take()];
  assertEquals(inbox.put(text("first")), undefined);
  inbox.put(text("second"));
  assertEquals((await Promise.all(taken)).map(({ value }) => value), [
    "first",
    "second",
  ]);
});

Deno.test("put() says when there is room again when 64 KiB wait", async () => {
  const inbox = new Inbox();
  assertEquals(inbox.put(binary(new Uint8Array(0xff00))), undefined);
  const room = inbox.put(binary(new Uint8Array(0x100)));
  assert(room !== undefined);
  assert(!await isSettled(room));
  await inbox.take();
  await room;
});

Deno.test("put() limits messages when they are empty", async () => {
  const inbox = new Inbox();
  const { count, room } = fill(inbox);
  assert(count > 100 && count < 2000, `${count}`);
  await inbox.take();
  await room;
});

Deno.test("end() lets waiting messages be taken, then says that it is over", async () => {
  const inbox = new Inbox();
  inbox.put(text("last"));
  inbox.end();
  assertEquals(await inbox.take(), { done: false, value: "last" });
  assertEquals(await inbox.take(), { done: true, value: undefined });
  assertEquals(await inbox.take(), { done: true, value: undefined });
});

Deno.test("end() answers every take() that waits", async () => {
  const inbox = new Inbox();
  const taken = [inbox.take(), inbox.take()];
  inbox.end();
  for (const result of await Promise.all(taken)) {
    assertEquals(result, { done: true, value: undefined });
  }
});

Deno.test("end() and lift() let go of who waits for room", async () => {
  for (const letGo of ["end", "lift"] as const) {
    const inbox = new Inbox();
    const { count, room } = fill(inbox);
    inbox[letGo]();
    await room;
    assertNotEquals(count, 0);
  }
});

Deno.test("lift() makes put() ask nobody to wait any more", async () => {
  const inbox = new Inbox();
  inbox.lift();
  for (let i = 0; i < 3; i++) {
    assertEquals(inbox.put(binary(new Uint8Array(0x10000))), undefined);
  }
  assertEquals((await inbox.take()).value?.length, 0x10000);
});
