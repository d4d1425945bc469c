import { assertEquals } from "@std/assert";
import {
  addRoom,
  ANA,
  append,
  BO,
  linesOf,
  NOW,
  openFurnished,
  say,
} from "./_store.ts";

const FILE = { hash: "sha256-1", type: "image/png", size: 12 } as const;
const USE = [{ hash: FILE.hash, name: "boat.png" }] as const;

Deno.test("attachments.get() gives what the first add() has said", async () => {
  await using store = await openFurnished();
  await store.attachments.add(FILE, { by: ANA.id, time: NOW });
  const other = { ...FILE, type: "text/html" };
  await store.attachments.add(other, { by: BO.id, time: NOW });
  assertEquals(await store.attachments.get(FILE.hash), FILE);
  assertEquals(await store.attachments.get("sha256-2"), undefined);
});

Deno.test("messages.append() gives attachments the name they have there", async () => {
  await using store = await openFurnished();
  await store.attachments.add(FILE, { by: ANA.id, time: NOW });
  const { attachments } = await say(store, "look", { attachments: USE });
  assertEquals(attachments, [{ ...FILE, name: "boat.png" }]);
  assertEquals(
    (await store.messages.get("lobby", 1))?.attachments,
    attachments,
  );
});

Deno.test("messages.append() stores nothing with an unknown attachment", async () => {
  await using store = await openFurnished();
  assertEquals(
    await append(store, "look", { attachments: USE }),
    "attachment_unknown",
  );
  assertEquals((await store.rooms.get("lobby"))?.offset, 0);
});

Deno.test("attachments.dropUnused() drops old files that no message has", async () => {
  await using store = await openFurnished();
  const { attachments } = store;
  for (const n of [1, 2, 3, 4]) {
    const file = { ...FILE, hash: `sha256-${n}` };
    await attachments.add(file, { by: ANA.id, time: n === 4 ? NOW : NOW - 10 });
  }
  await say(store, "kept", { attachments: USE });
  await say(store, "deleted", {
    attachments: [{ hash: "sha256-2", name: "x" }],
  });
  await store.messages.remove("lobby", 2, { by: ANA.id, time: NOW });
  assertEquals((await attachments.dropUnused(NOW)).toSorted(), [
    "sha256-2",
    "sha256-3",
  ]);
  assertEquals(await attachments.get("sha256-2"), undefined);
  assertEquals(await attachments.get("sha256-4"), {
    ...FILE,
    hash: "sha256-4",
  });
});

Deno.test("attachments.dropUnused() keeps what has just been uploaded again", async () => {
  await using store = await openFurnished();
  await store.attachments.add(FILE, { by: ANA.id, time: NOW - 10 });
  await store.attachments.add(FILE, { by: BO.id, time: NOW });
  assertEquals(await store.attachments.dropUnused(NOW), []);
});

Deno.test("attachments.dropUnused() drops the files of a room that is gone", async () => {
  await using store = await openFurnished();
  await store.attachments.add(FILE, { by: ANA.id, time: NOW - 10 });
  await addRoom(store, "crew");
  await say(store, "look", { room: "crew", attachments: USE });
  await store.rooms.drop("crew");
  // The messages are deleted by a later step, which has its turn meanwhile.
  await linesOf(store, "crew");
  assertEquals(await store.attachments.dropUnused(NOW), [FILE.hash]);
});
