import { assertEquals } from "@std/assert";
import { dropUnusedRooms } from "../../../handlers/chat/mod.ts";
import { Chatroom } from "./_people.ts";

Deno.test("dropUnusedRooms() leaves rooms in which somebody is, and those to be kept", async () => {
  await using room = await Chatroom.open();
  const { chat, clock } = room;
  const ana = await room.enter("Ana", "a", "b", "c", "d");
  await ana.says("d", "kept");
  await ana.asks({ type: "leave", room: "b" });
  await ana.asks({ type: "leave", room: "c" });
  await ana.asks({ type: "leave", room: "d" });
  clock.advance(1000);
  const before = clock.now();
  const drop = () => dropUnusedRooms(chat, { before, keep: ["c"] });
  assertEquals(await drop(), 1);
  assertEquals(await drop(), 0);
  const names = (await room.store.rooms.list({ limit: 9 })).map((r) => r.room);
  assertEquals(names, ["a", "c", "d"]);
});

Deno.test("dropUnusedRooms() leaves a room that somebody enters in the same moment", async () => {
  await using room = await Chatroom.open();
  const { chat, clock } = room;
  const ana = await room.enter("Ana", "a");
  await ana.asks({ type: "leave", room: "a" });
  clock.advance(1000);
  const dropped = dropUnusedRooms(chat, { before: clock.now() });
  await ana.asks({ type: "join", room: "a" });
  assertEquals(await dropped, 0);
  assertEquals((await ana.gets({ type: "history", room: "a" })).messages, []);
  assertEquals((await room.store.rooms.get("a"))?.room, "a");
});
