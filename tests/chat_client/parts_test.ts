import { assert, assertEquals } from "@std/assert";
import { afterClose } from "../../static/chat-client/close_codes.js";
import { KeptState } from "../../static/chat-client/kept_state.js";
import { MessageFeed } from "../../static/chat-client/message_feed.js";
import { MessageWindow } from "../../static/chat-client/message_window.js";
import { type ChatMessage, fullJitter } from "../../static/chat-client/mod.js";
import { Emitter } from "../../static/chat-client/emitter.js";
import { randomId } from "../../static/chat-client/random_id.js";
import { CHAT_CLOSE } from "../../handlers/chat/mod.ts";
import { TestStorage } from "./_client.ts";
import { said } from "./_scripted_server.ts";

function message(offset: number, text = `text ${offset}`): ChatMessage {
  return said(offset, { text }) as ChatMessage;
}

function texts(window: MessageWindow): string[] {
  return window.messages.map(({ text }) => text);
}

Deno.test("fullJitter() is between nothing and a bound that doubles", () => {
  assertEquals(fullJitter(7, () => 0), 0);
  const bounds = [0, 1, 2, 5, 6, 7, 5000].map((failures) =>
    fullJitter(failures, () => 1)
  );
  assertEquals(bounds, [500, 1000, 2000, 16_000, 30_000, 30_000, 30_000]);
  assert(fullJitter(0) < 500);
});

Deno.test("afterClose() knows every code that the server closes with", () => {
  const actions = Object.fromEntries(
    Object.entries(CHAT_CLOSE).map(([name, code]) => [name, afterClose(code)]),
  );
  assertEquals(actions, {
    goingAway: "back_off",
    internalError: "back_off",
    disconnected: "disconnected",
    sessionEnded: "ended",
    banned: "banned",
    tooSlow: "at_once",
    helloTimeout: "anew",
    tooManyRefusals: "rest",
  });
});

Deno.test("randomId() gives another id each time, of 32 characters", () => {
  const ids = new Set(Array.from({ length: 100 }, randomId));
  assertEquals(ids.size, 100);
  for (const id of ids) assertEquals(id.length, 32);
});

Deno.test("MessageWindow drops the oldest when it is full, until older ones are asked for", () => {
  const window = new MessageWindow(2);
  window.reset([message(3)], false);
  window.append(message(4));
  window.append(message(5));
  assertEquals(texts(window), ["text 4", "text 5"]);
  assert(window.hasOlder);
  window.expectOlder();
  window.prepend([message(2), message(3)], { before: 4, hasOlder: true });
  window.append(message(6));
  assertEquals(window.messages.length, 4);
  assertEquals(window.messages[0]!.offset, 3);
});

Deno.test("MessageWindow takes no page that does not belong there any more", () => {
  const window = new MessageWindow(10);
  window.reset([message(5)], true);
  window.expectOlder();
  window.reset([message(9)], true);
  const added = window.prepend([message(4)], { before: 5, hasOlder: false });
  assertEquals(added, []);
  assertEquals(texts(window), ["text 9"]);
  assert(window.hasOlder);
});

Deno.test("MessageWindow replaces what it holds, in a new list", () => {
  const window = new MessageWindow(10);
  window.reset([message(5), message(6)], true);
  const before = window.messages;
  window.replace(message(6, "edited"));
  window.replace(message(4, "not held"));
  window.replace(message(7, "not held"));
  assertEquals(texts(window), ["text 5", "edited"]);
  assertEquals(before[1]!.text, "text 6");
});

Deno.test("MessageFeed gives what came while its loop did something else", async () => {
  let left = 0;
  const taken: number[] = [];
  const feed = new MessageFeed({
    onTake: ({ offset }) => taken.push(offset),
    onReturn: () => left++,
  });
  feed.push(message(1));
  feed.push(message(2));
  assertEquals((await feed.next()).value?.offset, 1);
  assertEquals(taken, [1]);
  feed.end();
  assertEquals((await feed.next()).value?.offset, 2);
  assertEquals((await feed.next()).done, true);
  await feed.return();
  assertEquals(left, 1);
});

Deno.test("MessageFeed ends a loop that waits", async () => {
  const feed = new MessageFeed({ onTake() {}, onReturn() {} });
  const waiting = feed.next();
  feed.end();
  assertEquals((await waiting).done, true);
});

Deno.test("Emitter calls all listeners until they leave, whatever one of them throws", async () => {
  const emitter = new Emitter<{ tick: [n: number] }>();
  const heard: string[] = [];
  const { promise: reported, resolve } = Promise.withResolvers<ErrorEvent>();
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    resolve(event);
  }, { once: true });
  const leave = emitter.on("tick", (n) => heard.push(`first ${n}`));
  const stop = emitter.on("tick", () => {
    throw new RangeError("broken");
  });
  emitter.on("tick", (n) => heard.push(`last ${n}`));
  emitter.emit("tick", 1);
  stop();
  leave();
  leave();
  emitter.emit("tick", 2);
  assertEquals(heard, ["first 1", "last 1", "last 2"]);
  assertEquals((await reported).message, "Uncaught RangeError: broken");
});

Deno.test("KeptState reads nothing that it has not written", () => {
  const storage = new TestStorage();
  const kept = new KeptState(storage, { key: "k", onFailure: () => {} });
  assertEquals([kept.secret, kept.messages], [undefined, []]);
  for (const wrong of ["", "{", "7", "null", '{"epoch":1}']) {
    storage.setItem("k secret", wrong);
    storage.setItem("k outbox", wrong);
    storage.setItem("k position lobby", wrong);
    assertEquals(kept.secret, undefined);
    assertEquals(kept.messages, []);
    assertEquals(kept.position("lobby"), undefined);
  }
  const position = { epoch: "e", offset: 1, change: 2 };
  kept.keepPosition("lobby", position);
  assertEquals(kept.position("lobby"), position);
  assertEquals(kept.position("crew"), undefined);
  kept.secret = "s";
  assertEquals(kept.secret, "s");
  kept.secret = undefined;
  assertEquals(storage.getItem("k secret"), null);
});
