import { assertEquals } from "@std/assert";
import type { ChatStore } from "../../../../handlers/chat/store.ts";
import type { RoomKind } from "../../../../handlers/chat/model.ts";
import { ANA, BO, NOW, openFurnished, say } from "./_store.ts";

const BEFORE = NOW + 1;

/** Adds a room that is a guest's who can come back, or not. */
async function addRoom(
  { rooms }: ChatStore,
  room: string,
  { kind = "public" as RoomKind, topic = "", created = NOW, by = BO.id } = {},
): Promise<void> {
  await rooms.add(
    { room, kind, topic, epoch: "first", slow: 0, created },
    [{ person: by, role: "owner" }],
  );
}

async function drop(
  { rooms }: ChatStore,
  isKept: (room: string) => boolean = () => false,
): Promise<readonly string[]> {
  return (await rooms.dropUnused({ before: BEFORE, isKept })).rooms;
}

Deno.test("rooms.dropUnused() deletes rooms of which nobody has made anything", async () => {
  await using store = await openFurnished();
  const { rooms, moderation } = store;
  await say(store, "kept");
  await addRoom(store, "a");
  await addRoom(store, "@b", { kind: "direct" });
  await addRoom(store, "private", { kind: "private" });
  await addRoom(store, "topic", { topic: "Boats" });
  await addRoom(store, "new", { created: BEFORE });
  await addRoom(store, "slow");
  await rooms.update("slow", { slow: 9 });
  await addRoom(store, "staffed");
  await rooms.setMembership("staffed", ANA.id, { role: "moderator" });
  await addRoom(store, "moderated");
  // The other one is of a room that had the name before.
  await addRoom(store, "again");
  for (
    const [room, time] of [["moderated", NOW], ["again", NOW - 1]] as const
  ) {
    await moderation.log({
      action: "reset_room",
      room,
      by: BO,
      detail: "",
      time: new Date(time).toISOString(),
    });
  }
  await addRoom(store, "needed");
  const isKept = (room: string) => room === "needed";
  assertEquals(await drop(store, isKept), ["a", "@b", "again"]);
  assertEquals(await rooms.get("a"), undefined);
  assertEquals(await drop(store, isKept), []);
  assertEquals(await drop(store), ["needed"]);
  assertEquals((await rooms.get("lobby"))?.offset, 1);
});

Deno.test("rooms.dropUnused() keeps a room that was used while its owner can come back", async () => {
  await using store = await openFurnished();
  const { messages, sessions } = store;
  await addRoom(store, "used");
  await say(store, "old", { room: "used" });
  const session = { id: "s", person: BO.id, created: NOW, used: NOW };
  await sessions.add(session, "hash");
  assertEquals(await drop(store), ["lobby"]);
  await messages.prune({ keep: 0 });
  assertEquals(await drop(store), []);
  await sessions.drop("s", BO.id);
  assertEquals(await drop(store), ["used"]);
});

Deno.test("rooms.dropUnused() goes on behind those that stay", async () => {
  await using store = await openFurnished();
  const { rooms } = store;
  await store.rooms.drop("lobby");
  const names = Array.from({ length: 150 }, (_, n) => `room ${n}`);
  for (const name of names) await addRoom(store, name);
  const isKept = (room: string) => !room.endsWith("9");
  const first = await rooms.dropUnused({ before: BEFORE, isKept });
  assertEquals(first.rooms.length, 10);
  const { next: after } = first;
  const second = await rooms.dropUnused({ before: BEFORE, after, isKept });
  assertEquals([second.rooms.length, second.next], [5, undefined]);
});
