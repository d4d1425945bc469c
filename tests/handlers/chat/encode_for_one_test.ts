import { assertEquals } from "@std/assert";
import {
  Chat,
  Identity,
  openStore,
  RateLimits,
} from "../../../handlers/chat/mod.ts";

Deno.test("Chat encodes apart what goes to one connection when it is told how", async () => {
  await using store = openStore({ path: ":memory:" });
  const identity = new Identity(store);
  await identity.start();
  const chat = new Chat<[target: "one" | "many", json: string]>({
    store,
    identity,
    limits: new RateLimits({ rates: false }),
    encode: (json) => ["many", json],
    encodeForOne: (json) => ["one", json],
  });
  const heard: string[] = [];
  const session = chat.connect({
    send([target, json]) {
      const { type } = JSON.parse(json);
      heard.push(`${target}: ${type}`);
    },
    close() {},
  });
  await session.receive('{"type":"hello","name":"Ana"}');
  await session.receive('{"type":"join","room":"lobby"}');
  await session.receive(
    '{"type":"send","room":"lobby","id":"1","text":"Hello!"}',
  );
  await chat.close();
  assertEquals(heard, [
    "one: welcome",
    "one: ready",
    "one: joined",
    "one: sent",
    "many: message",
  ]);
});
