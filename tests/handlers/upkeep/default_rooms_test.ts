import { assertEquals } from "@std/assert";
import { openStore } from "../../../handlers/chat/mod.ts";
import { makeDefaultRooms } from "../../../handlers/upkeep/mod.ts";

Deno.test("makeDefaultRooms() makes the rooms that are not there, and leaves the others", async () => {
  await using store = openStore({ path: ":memory:" });
  await makeDefaultRooms(store, ["lobby"]);
  const lobby = await store.rooms.get("lobby");
  await makeDefaultRooms(store, ["lobby", "hall"]);
  assertEquals(await store.rooms.get("lobby"), lobby);
  const rooms = await store.rooms.list({ limit: 9 });
  assertEquals(
    rooms.map(({ room, kind }) => [room, kind]),
    [["hall", "public"], ["lobby", "public"]],
  );
});
