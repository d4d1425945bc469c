import type { ChatStore } from "../chat/mod.ts";

/** Makes public rooms that are not there yet. Nobody owns them. */
export async function makeDefaultRooms(
  store: ChatStore,
  rooms: readonly string[],
): Promise<void> {
  await Promise.all(rooms.map((room) =>
    store.rooms.add({
      room,
      kind: "public",
      topic: "",
      epoch: crypto.randomUUID(),
      slow: 0,
      created: Date.now(),
    }, [])
  ));
}
