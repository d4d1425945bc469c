import { assert, assertEquals } from "@std/assert";
import type { ChatMessage } from "../../../../handlers/chat/model.ts";
import type {
  ChatStore,
  MessageChange,
} from "../../../../handlers/chat/store.ts";
import {
  ANA,
  append,
  BO,
  CY,
  NOW,
  offsets,
  openFurnished,
  say,
  sayNumbers,
} from "./_store.ts";

const TIME = "2026-01-02T03:04:05.006Z";

Deno.test("messages.append() numbers messages from 1 on", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  const bot = { id: "id-bot", name: "Robo", bot: true } as const;
  const two = await say(store, "two", {
    id: "my-id",
    from: bot,
    replyTo: 1,
    mentions: [BO.id],
  });
  assertEquals(two, {
    room: "lobby",
    offset: 2,
    id: "my-id",
    from: bot,
    text: "two",
    time: TIME,
    reply_to: 1,
    mentions: [BO.id],
  });
  assertEquals(await store.messages.get("lobby", 2), two);
  assertEquals(await store.messages.get("lobby", 3), undefined);
  assertEquals(await store.messages.get("no", 1), undefined);
});

Deno.test("messages.append() finds what the same person has sent under an id", async () => {
  await using store = await openFurnished();
  const first = await say(store, "one", { id: "same" });
  assertEquals(await append(store, "other", { id: "same", replyTo: 99 }), {
    message: first,
    repeated: true,
  });
  assertEquals((await say(store, "two", { id: "same", from: BO })).offset, 2);
});

Deno.test("messages.append() finds one of the same turn", async () => {
  await using store = await openFurnished();
  const sent = await Promise.all(
    [1, 2, 3].map(() => append(store, "one", { id: "same" })),
  );
  assertEquals(
    sent.map((one) => typeof one === "object" && one.repeated),
    [false, true, true],
  );
  assertEquals((await store.rooms.get("lobby"))?.offset, 1);
});

Deno.test("messages.append() stores nothing in an unknown room, or as an answer to nothing", async () => {
  await using store = await openFurnished();
  assertEquals(await append(store, "x", { room: "no" }), "room_unknown");
  assertEquals(await append(store, "x", { replyTo: 1 }), "message_unknown");
  assertEquals((await store.rooms.get("lobby"))?.offset, 0);
});

Deno.test("messages.append() keeps the name that somebody had then", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  await store.people.rename(ANA.id, { name: "Anna", nameKey: "a", now: NOW });
  assertEquals((await store.messages.get("lobby", 1))?.from.name, "Ana");
});

Deno.test("messages.onAppend() and onChange() are told before promises resolve", async () => {
  await using store = await openFurnished();
  const told: string[] = [];
  store.messages.onAppend = (messages) => {
    told.push(...messages.map(({ offset }) => `message ${offset}`));
  };
  store.messages.onChange = (changes) => {
    told.push(...changes.map(({ change }) => `change ${change}`));
  };
  await Promise.all([
    append(store, "one", { id: "1" }).then(() => told.push("one")),
    append(store, "one", { id: "1" }).then(() => told.push("repeated")),
    edit(store, 1, "other").then(() => told.push("edited")),
    edit(store, 1, "other").then(() => told.push("unchanged")),
    append(store, "two").then(() => told.push("two")),
  ]);
  const answers = ["one", "repeated", "edited", "unchanged", "two"];
  assertEquals(told.filter((what) => answers.includes(what)), answers);
  for (
    const [news, answer] of [
      ["message 1", "one"],
      ["change 1", "edited"],
      ["message 2", "two"],
    ] as const
  ) assert(told.indexOf(news) < told.indexOf(answer), told.join());
  assertEquals(told.length, answers.length + 3);
});

Deno.test("messages.onAppend() is told once when another step of the turn is undone", async () => {
  await using store = await openFurnished();
  const told: number[] = [];
  store.messages.onAppend = (messages) => told.push(...offsets(messages));
  const from = { id: "id-new", name: "New" };
  const [sent, renamed] = await Promise.allSettled([
    say(store, "one", { from }),
    store.people.rename("nobody", { name: "X", nameKey: "x", now: NOW }),
  ]);
  assertEquals([sent.status, renamed.status], ["fulfilled", "rejected"]);
  assertEquals(told, [1]);
  assertEquals((await store.messages.get("lobby", 1))?.from, from);
});

function edit(store: ChatStore, offset: number, text: string) {
  return store.messages.edit("lobby", offset, {
    text,
    by: ANA.id,
    time: NOW + 1000,
  });
}

function changeOf(changed: MessageChange | string): MessageChange {
  if (typeof changed === "string") throw new Error(changed);
  return changed;
}

Deno.test("messages.edit() changes text and mentions", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  await say(store, "two", { mentions: [BO.id] });
  const { change, message } = changeOf(
    await store.messages.edit("lobby", 2, {
      text: "other",
      mentions: [CY.id],
      by: ANA.id,
      time: NOW + 1000,
    }),
  );
  assertEquals(change, 1);
  assertEquals([message.text, message.mentions, message.edited], [
    "other",
    [CY.id],
    "2026-01-02T03:04:06.006Z",
  ]);
  assertEquals(await store.messages.get("lobby", 2), message);
  const mentions = async (person: string) =>
    (await store.rooms.markRead("lobby", person, 0)).mentions;
  assertEquals([await mentions(BO.id), await mentions(CY.id)], [0, 1]);
});

Deno.test("messages.edit() changes nothing when the text is the same, or there is none", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  assertEquals(await edit(store, 1, "one"), "unchanged");
  assertEquals(await edit(store, 2, "one"), "message_unknown");
  await store.messages.remove("lobby", 1, { by: ANA.id, time: NOW });
  assertEquals(await edit(store, 1, "back"), "message_unknown");
  assertEquals((await store.rooms.get("lobby"))?.change, 1);
});

Deno.test("messages.remove() leaves the offset and nothing that was said", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  await say(store, "two", { id: "my-id", replyTo: 1, mentions: [BO.id] });
  await react(store, 2, "👍", BO.id);
  const remove = () =>
    store.messages.remove("lobby", 2, { by: BO.id, time: NOW });
  const { change, message } = changeOf(await remove());
  assertEquals(change, 2);
  assertEquals(message, {
    room: "lobby",
    offset: 2,
    id: "my-id",
    from: ANA,
    text: "",
    time: TIME,
    reply_to: 1,
    deleted: true,
  });
  assertEquals(await remove(), "unchanged");
  assertEquals((await store.rooms.markRead("lobby", BO.id, 0)).mentions, 0);
});

function react(
  store: ChatStore,
  offset: number,
  emoji: string,
  person: string,
  { on = true, maxDifferent = 20 } = {},
) {
  return store.messages.react("lobby", offset, {
    emoji,
    person,
    on,
    maxDifferent,
  });
}

Deno.test("messages.react() counts each person once", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  await react(store, 1, "👍", BO.id);
  assertEquals(await react(store, 1, "👍", BO.id), "unchanged");
  await react(store, 1, "🎉", ANA.id);
  const { change, message } = changeOf(await react(store, 1, "👍", ANA.id));
  assertEquals(change, 3);
  assertEquals(message.reactions, [
    { emoji: "👍", count: 2, people: [BO.id, ANA.id] },
    { emoji: "🎉", count: 1, people: [ANA.id] },
  ]);
  for (const person of [BO.id, ANA.id]) {
    await react(store, 1, "👍", person, { on: false });
  }
  assertEquals(
    await react(store, 1, "👍", CY.id, { on: false }),
    "unchanged",
  );
  assertEquals((await store.messages.get("lobby", 1))?.reactions, [
    { emoji: "🎉", count: 1, people: [ANA.id] },
  ]);
});

Deno.test("messages.react() takes no more different ones than may be", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  const two = { maxDifferent: 2 };
  for (const emoji of ["1", "2"]) await react(store, 1, emoji, BO.id, two);
  assertEquals(await react(store, 1, "3", BO.id, two), "too_many_reactions");
  assertEquals(changeOf(await react(store, 1, "2", CY.id, two)).change, 3);
  assertEquals(await react(store, 2, "1", BO.id, two), "message_unknown");
});

Deno.test("messages.react() names at most 50 people", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  for (let n = 0; n < 51; n++) {
    const person = { id: `p${n}`, name: `P${n}` };
    await store.people.add(
      { ...person, kind: "guest", isOwner: false, created: NOW },
      { nameKey: person.id, now: NOW },
    );
    await react(store, 1, "👍", person.id);
  }
  const [reaction] = (await store.messages.get("lobby", 1))?.reactions ?? [];
  assertEquals([reaction?.count, reaction?.people.length], [51, 50]);
});

Deno.test("messages.versions() gives all texts, oldest first", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  const versions = async () =>
    (await store.messages.versions("lobby", 1))
      .map(({ text, time, by }) => [text, time - NOW, by.name]);
  assertEquals(await versions(), [["one", 0, "Ana"]]);
  await edit(store, 1, "two");
  await store.messages.remove("lobby", 1, { by: BO.id, time: NOW + 2000 });
  assertEquals(await versions(), [
    ["one", 0, "Ana"],
    ["two", 1000, "Ana"],
    ["", 2000, "Bo"],
  ]);
  assertEquals(await store.messages.versions("lobby", 2), []);
});

Deno.test("messages.page() gives pages on either side of an offset", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 9);
  const page = async (options: Record<string, number>) => {
    const { messages, older, newer } = await store.messages.page("lobby", {
      limit: 3,
      ...options,
    });
    return [offsets(messages).join(), older, newer];
  };
  assertEquals(await page({}), ["7,8,9", true, false]);
  assertEquals(await page({ before: 7 }), ["4,5,6", true, true]);
  assertEquals(await page({ before: 3 }), ["1,2", false, true]);
  assertEquals(await page({ before: 1 }), ["", false, true]);
  assertEquals(await page({ before: 99 }), ["7,8,9", true, false]);
  assertEquals(await page({ after: 0 }), ["1,2,3", false, true]);
  assertEquals(await page({ after: 7 }), ["8,9", true, false]);
  assertEquals(await page({ after: 99 }), ["", true, false]);
  assertEquals(await page({ around: 5 }), ["4,5,6", true, true]);
  assertEquals(await page({ around: 1 }), ["1,2,3", false, true]);
  assertEquals(await page({ around: 9 }), ["7,8,9", true, false]);
  assertEquals(await page({ around: 5, limit: 1 }), ["5", true, true]);
  assertEquals(await page({ around: 5, limit: 50 }), [
    "1,2,3,4,5,6,7,8,9",
    false,
    false,
  ]);
  assertEquals(await store.messages.page("no", { limit: 3 }), {
    messages: [],
    older: false,
    newer: false,
  });
});

Deno.test("messages.newest() gives the newest page with the room", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 3);
  const newest = await store.messages.newest("lobby", 2);
  assertEquals(newest?.room, await store.rooms.get("lobby"));
  assertEquals(offsets(newest?.messages ?? []), [2, 3]);
  assertEquals(newest?.older, true);
  assertEquals((await store.messages.newest("lobby", 3))?.older, false);
  assertEquals(await store.messages.newest("no", 2), undefined);
});

async function since(
  store: ChatStore,
  [offset, change]: readonly [number, number],
  limit = 10,
): Promise<[number[], number[]] | undefined> {
  const found = await store.messages.since(
    "lobby",
    { epoch: "first", offset, change },
    limit,
  );
  assertEquals(found?.room, await store.rooms.get("lobby"));
  const { messages, changed } = found?.missed ?? {};
  return messages && [offsets(messages), offsets(changed as ChatMessage[])];
}

Deno.test("messages.since() gives what came after a position", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 5);
  for (const offset of [3, 1, 5]) await edit(store, offset, "x");
  assertEquals(await since(store, [3, 0]), [[4, 5], [3, 1]]);
  assertEquals(await since(store, [3, 1]), [[4, 5], [1]]);
  assertEquals(await since(store, [5, 2]), [[], [5]]);
  assertEquals(await since(store, [5, 3]), [[], []]);
  assertEquals(
    await store.messages.since("no", { epoch: "", offset: 0, change: 0 }, 1),
    undefined,
  );
});

Deno.test("messages.since() gives nothing when that is more than the limit", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 5);
  for (const offset of [3, 1, 5]) await edit(store, offset, "x");
  assertEquals(await since(store, [3, 0], 4), [[4, 5], [3, 1]]);
  assertEquals(await since(store, [3, 0], 3), undefined);
  assertEquals(await since(store, [0, 3], 4), undefined);
});

Deno.test("messages.since() gives nothing to who is ahead, or of another epoch", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 1);
  assertEquals(await since(store, [2, 0]), undefined);
  assertEquals(await since(store, [1, 1]), undefined);
  const other = { epoch: "other", offset: 1, change: 0 };
  assertEquals(
    (await store.messages.since("lobby", other, 9))?.missed,
    undefined,
  );
});

Deno.test("messages.prune() forgets the oldest, by count and by age", async () => {
  await using store = await openFurnished();
  const { messages } = store;
  for (let n = 0; n < 500; n++) append(store, "old", { time: NOW + n });
  await edit(store, 100, "x");
  assertEquals(await messages.prune({ before: NOW + 210 }), 210);
  assertEquals(await messages.prune({ keep: 280 }), 10);
  assertEquals(await messages.prune({ before: NOW, keep: 280 }), 0);
  const { messages: page, older } = await messages.page("lobby", {
    after: 0,
    limit: 2,
  });
  assertEquals([offsets(page), older], [[221, 222], false]);
  assertEquals(await messages.get("lobby", 220), undefined);
  assertEquals((await store.rooms.get("lobby"))?.offset, 500);
  assertEquals((await store.rooms.markRead("lobby", BO.id, 0)).unread, 280);
  assertEquals(await since(store, [219, 1], 500), undefined);
  assertEquals((await since(store, [220, 1], 500))?.[0].length, 280);
  // The message that has changed is gone, so who missed that cannot be told.
  assertEquals(await since(store, [220, 0], 500), undefined);
  assertEquals(await messages.prune({ before: NOW + 9999 }), 280);
  assertEquals((await say(store, "next")).offset, 501);
});
