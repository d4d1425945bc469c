import { assertEquals } from "@std/assert";
import type { ChatStore } from "../../../../handlers/chat/store.ts";
import { addRoom, ANA, BO, NOW, openFurnished, say } from "./_store.ts";

async function search(
  store: ChatStore,
  query: string,
  options: { room?: string; person?: string } = {},
): Promise<string[]> {
  const { messages } = await store.messages.search({
    words: query.split(" "),
    limit: 20,
    ...options,
  });
  return messages.map(({ text }) => text);
}

Deno.test("messages.search() finds every word, the last as a beginning, newest first", async () => {
  await using store = await openFurnished();
  for (const text of ["A boat on Saturday", "boats", "Saturday: no boat!"]) {
    await say(store, text);
  }
  assertEquals(await search(store, "saturday boat"), [
    "Saturday: no boat!",
    "A boat on Saturday",
  ]);
  assertEquals((await search(store, "boat")).length, 3);
  assertEquals(await search(store, "boat sat"), [
    "Saturday: no boat!",
    "A boat on Saturday",
  ]);
  assertEquals(await search(store, "sat boat"), []);
});

Deno.test("messages.search() sees through case and diacritics", async () => {
  await using store = await openFurnished();
  await say(store, "Žluťoučký kůň");
  assertEquals((await search(store, "ZLUTOUCKY kun")).length, 1);
});

Deno.test("messages.search() finds parts of writing without spaces", async () => {
  await using store = await openFurnished();
  await say(store, "明日は東京タワーへ行く");
  assertEquals((await search(store, "東京")).length, 1);
  assertEquals((await search(store, "タワー")).length, 1);
  assertEquals(await search(store, "京東"), []);
});

Deno.test("messages.search() takes nothing in a word as syntax", async () => {
  await using store = await openFurnished();
  await say(store, 'He said "OR" NOT scope: x*');
  for (const query of ['"', "*", "NOT", 'a"b', "scope:", "(", "^x", "OR OR"]) {
    await search(store, query);
  }
  assertEquals((await search(store, "OR NOT")).length, 1);
  assertEquals((await search(store, 'said "OR"')).length, 1);
  assertEquals(await search(store, '" *'), []);
});

Deno.test("messages.search() does not find where a message is by a word", async () => {
  await using store = await openFurnished();
  await say(store, "hello");
  assertEquals(await search(store, "\u{e000}p"), []);
  assertEquals(await search(store, "p"), []);
});

Deno.test("messages.search() finds only what the person may read", async () => {
  await using store = await openFurnished();
  await addRoom(store, "crew", "private");
  await addRoom(store, "other", "private");
  await say(store, "boat public");
  for (const room of ["crew", "other"]) {
    await say(store, `boat ${room}`, { room });
  }
  await store.rooms.setMembership("crew", BO.id, {});
  assertEquals(await search(store, "boat"), ["boat public"]);
  assertEquals(await search(store, "boat", { person: BO.id }), [
    "boat crew",
    "boat public",
  ]);
  assertEquals((await search(store, "boat", { person: ANA.id })).length, 3);
  assertEquals(await search(store, "boat", { room: "other" }), ["boat other"]);
  assertEquals(await search(store, "boat", { room: "no" }), []);
});

Deno.test("messages.search() follows edits and deletions", async () => {
  await using store = await openFurnished();
  await say(store, "boat");
  const { messages } = store;
  await messages.edit("lobby", 1, { text: "ship", by: ANA.id, time: NOW });
  assertEquals(await search(store, "boat"), []);
  assertEquals(await search(store, "ship"), ["ship"]);
  await messages.remove("lobby", 1, { by: ANA.id, time: NOW });
  assertEquals(await search(store, "ship"), []);
});

Deno.test("messages.search() goes on with the next page", async () => {
  await using store = await openFurnished();
  for (const text of ["boat 1", "boat 2", "boat 3"]) await say(store, text);
  const page = (before?: number) =>
    store.messages.search({ words: ["boat"], before, limit: 2 });
  const first = await page();
  assertEquals(first.messages.map(({ offset }) => offset), [3, 2]);
  const second = await page(first.next);
  assertEquals(second.messages.map(({ offset }) => offset), [1]);
  assertEquals("next" in second, false);
});

Deno.test("messages.search() gives who is in hundreds of rooms what is in one of them", async () => {
  await using store = await openFurnished();
  for (let n = 0; n < 600; n++) await addRoom(store, `room ${n}`, "private");
  await say(store, "boat", { room: "room 321" });
  assertEquals(await search(store, "boat", { person: ANA.id }), ["boat"]);
});

Deno.test("messages.search() finds what is in somebody's own rooms, however many empty ones others opened", async () => {
  await using store = await openFurnished();
  const members = [ANA, BO].map(({ id }) => ({
    person: id,
    role: "member" as const,
  }));
  for (let n = 0; n < 600; n++) {
    const room = n === 0 ? "@own" : `@empty${n}`;
    await store.rooms.add({
      room,
      kind: "direct",
      topic: "",
      epoch: "e",
      slow: 0,
      created: NOW,
    }, members);
  }
  await store.messages.append({
    room: "@own",
    id: "1",
    from: BO,
    text: "a boat",
    time: NOW,
  });
  assertEquals(await search(store, "boat", { person: ANA.id }), ["a boat"]);
});
