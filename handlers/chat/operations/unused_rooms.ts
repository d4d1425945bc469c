import type { Chat } from "../chat.ts";

/**
 * Deletes the rooms made before a time in which nobody is and of which nobody has
 * made anything, but for those to be kept; says how many they were. In steps, so
 * that others may go between.
 */
export async function dropUnusedRooms(
  chat: Chat,
  { before, keep = [] }: {
    /** In milliseconds since 1970. */
    readonly before: number;
    /** Names of rooms. */
    readonly keep?: readonly string[];
  },
): Promise<number> {
  // Who is about to enter a room counts as well.
  const isKept = (room: string) =>
    keep.includes(room) || chat.rooms.get(room) !== undefined;
  let count = 0;
  let after: string | undefined;
  do {
    const { rooms, next } = await chat.store.rooms.dropUnused({
      before,
      after,
      isKept,
    });
    count += rooms.length;
    after = next;
  } while (after !== undefined);
  return count;
}
