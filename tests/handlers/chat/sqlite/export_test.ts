import { assertEquals, assertRejects } from "@std/assert";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import type { ChatStore, ExportLine } from "../../../../handlers/chat/store.ts";
import {
  ANA,
  append,
  asLines,
  BO,
  countRows,
  CY,
  furnish,
  linesOf,
  NOW,
  openFurnished,
  say,
  sayNumbers,
  tempFolder,
} from "./_store.ts";

/** A room in which everything has happened that can. */
async function liveIn(store: ChatStore): Promise<void> {
  const { attachments, messages, rooms } = store;
  const hash = "sha256-1";
  await attachments.add({ hash, type: "image/png", size: 9 }, {
    by: ANA.id,
    time: NOW,
  });
  await sayNumbers(store, 250);
  await say(store, "look", { attachments: [{ hash, name: "boat.png" }] });
  await say(store, "Bo!", { replyTo: 3, mentions: [BO.id] });
  await messages.edit("lobby", 1, { text: "uno", by: ANA.id, time: NOW + 1 });
  await messages.edit("lobby", 30, { text: "x", by: ANA.id, time: NOW + 1 });
  await messages.remove("lobby", 30, { by: BO.id, time: NOW + 2 });
  for (const { id } of [CY, BO]) {
    await messages.react("lobby", 251, {
      emoji: "👍",
      person: id,
      on: true,
      maxDifferent: 20,
    });
  }
  await messages.edit("lobby", 2, { text: "dos", by: ANA.id, time: NOW + 3 });
  await messages.prune({ keep: 250 });
  await rooms.setMembership("lobby", CY.id, { role: "moderator" });
  await rooms.setMembership("lobby", BO.id, { mutedUntil: NOW });
  await rooms.markRead("lobby", BO.id, 100);
}

Deno.test("messages.import() restores an export in a store that knows nobody", async () => {
  await using store = await openFurnished();
  await liveIn(store);
  const lines = await linesOf(store, "lobby");
  assertEquals(lines.length, 1 + 3 + 250);
  await using other = openStore({ path: ":memory:" });
  const json = JSON.parse(JSON.stringify(lines)) as ExportLine[];
  assertEquals(
    await other.messages.import(asLines(json)),
    await store.rooms.get("lobby"),
  );
  assertEquals(await linesOf(other, "lobby"), lines);
  for (
    const read of [
      (one: ChatStore) => one.messages.page("lobby", { limit: 300 }),
      (one: ChatStore) => one.messages.versions("lobby", 30),
      (one: ChatStore) => one.rooms.list({ person: BO.id, limit: 9 }),
      (one: ChatStore) => one.messages.search({ words: ["Bo"], limit: 9 }),
      (one: ChatStore) => one.attachments.get("sha256-1"),
      (one: ChatStore) =>
        one.messages.since("lobby", {
          epoch: "first",
          offset: 200,
          change: 5,
        }, 100),
    ]
  ) assertEquals(await read(other), await read(store));
  // Their names are free: nobody has said yet who they are.
  assertEquals(await other.people.named("ana"), undefined);
  const offset = await append(other, "on");
  assertEquals(typeof offset === "object" && offset.message.offset, 253);
});

Deno.test("messages.export() gives one snapshot while others write", async () => {
  using folder = tempFolder();
  await using store = openStore({ path: `${folder.path}/chat.db` });
  await furnish(store);
  sayNumbers(store, 300);
  const lines = [];
  for await (const line of store.messages.export("lobby")) {
    if (lines.length === 5) {
      await say(store, "late");
      await store.messages.remove("lobby", 299, { by: ANA.id, time: NOW });
    }
    lines.push(line);
  }
  assertEquals(lines.length, 1 + 1 + 300);
  assertEquals(lines.at(-2)?.text, "299");
});

Deno.test("messages.export() has no reaction to what was deleted", async () => {
  await using store = await openFurnished();
  await say(store, "one");
  await store.messages.react("lobby", 1, {
    emoji: "👍",
    person: BO.id,
    on: true,
    maxDifferent: 20,
  });
  await store.messages.remove("lobby", 1, { by: ANA.id, time: NOW });
  assertEquals((await linesOf(store, "lobby")).at(-1)?.reactions, []);
});

Deno.test("messages.export() can be left half way", async () => {
  using folder = tempFolder();
  await using store = openStore({ path: `${folder.path}/chat.db` });
  await furnish(store);
  for await (const _line of store.messages.export("lobby")) break;
  await say(store, "on");
});

Deno.test("messages.import() makes no room of a name that is taken", async () => {
  await using store = await openFurnished();
  const lines = await linesOf(store, "lobby");
  assertEquals(await store.messages.import(asLines(lines)), "room_exists");
});

Deno.test("messages.import() deletes what it has stored when the lines break off", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  {
    await using store = openStore({ path });
    await furnish(store);
    await sayNumbers(store, 150);
    const lines = await linesOf(store, "lobby");
    await store.rooms.drop("lobby");
    await assertRejects(() =>
      store.messages.import(asLines(lines.slice(0, 140)))
    );
    // Each step of the deletion has its turn before the next of these.
    for (let turn = 0; turn < 5; turn++) await store.people.hold("no", NOW);
  }
  assertEquals(countRows(path, "messages"), 0);
  assertEquals(countRows(path, "histories"), 0);
});

Deno.test("messages.import() leaves nothing of what is no export", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 150);
  const lines = await linesOf(store, "lobby");
  await store.rooms.drop("lobby");
  const [header, member, first] = lines as [
    ExportLine,
    ExportLine,
    ExportLine,
  ];
  const broken: readonly (readonly [string, readonly ExportLine[]])[] = [
    ["the first line is no header", []],
    ["the first line is no header", [member]],
    ["of another version", [{ ...header, version: 2 }]],
    ['"kind" has to be one of', [{ ...header, kind: "secret" }]],
    ['"forgotten" is too large', [{ ...header, forgotten: 151 }]],
    ["message 2 is missing", lines.toSpliced(3, 1)],
    ["it ends before message 150", lines.slice(0, -1)],
    ["message 151 is missing", [...lines, first]],
    ['"text" has to be a string', [header, { ...first, text: 1 }]],
    ['"from" has to be a person', [header, { ...first, from: "Ana" }]],
    ['"time" has to be a time', [header, { ...first, time: "noon" }]],
    ['"change" is too large', [header, { ...first, change: 9 }]],
    ["there can be no public room", [{ ...header, room: "@abc" }]],
    ["there can be no public room", [{ ...header, room: "a\nb" }]],
    ["there can be no direct room", [{ ...header, kind: "direct" }]],
    ['"text" has to be a text', [header, { ...first, text: "a".repeat(4001) }]],
    [
      "message 2 has the id of another one",
      [{ ...header, offset: 2 }, first, { ...first, message: 2 }],
    ],
  ];
  for (const [words, some] of broken) {
    await assertRejects(
      () => store.messages.import(asLines(some)),
      TypeError,
      words,
    );
    assertEquals(await store.rooms.get("lobby"), undefined);
  }
  assertEquals(
    (await store.messages.search({ words: ["1"], limit: 9 })).messages,
    [],
  );
  assertEquals(
    typeof await store.messages.import(asLines(lines)),
    "object",
  );
});
