import { forgetMessages } from "./forget.ts";
import type { Parts } from "./parts.ts";
import { MESSAGES_A_STEP } from "./reaper.ts";
import { findRoom, type RoomRow } from "./room_rows.ts";

/** Which messages are forgotten. */
export interface PruneOptions {
  readonly before?: number | undefined;
  readonly keep?: number | undefined;
}

/**
 * Forgets the oldest messages of all rooms and says how many they were. It takes
 * many steps, so that others may go between.
 */
export async function prune(
  parts: Parts,
  options: PruneOptions,
): Promise<number> {
  const { connection, turns } = parts;
  const rooms = await turns.read(() =>
    connection.all<{ room: string }>(
      "SELECT room FROM rooms WHERE offset > forgotten",
    )
  );
  let total = 0;
  for (const { room } of rooms) {
    let count;
    do {
      count = await turns.write(() => pruneRoom(parts, room, options));
      total += count;
    } while (count === MESSAGES_A_STEP);
  }
  return total;
}

function pruneRoom(
  { connection }: Parts,
  name: string,
  options: PruneOptions,
): number {
  const room = findRoom(connection, name);
  if (room === undefined) return 0;
  const to = lastForgotten({ connection }, room, options);
  if (to <= room.forgotten) return 0;
  const { count, offset, change } = forgetMessages(connection, room.history, {
    to,
    limit: MESSAGES_A_STEP,
  });
  connection.run(
    `UPDATE rooms SET forgotten = ?, forgotten_change = max(forgotten_change, ?)
     WHERE row = ?`,
    offset,
    change,
    room.row,
  );
  return count;
}

/** The offset of the last message to be forgotten; only the first go. */
function lastForgotten(
  { connection }: Pick<Parts, "connection">,
  { history, offset, forgotten }: RoomRow,
  { before, keep }: PruneOptions,
): number {
  const byCount = keep === undefined ? 0 : offset - keep;
  if (before === undefined) return byCount;
  // No more than a step's worth of messages is looked at.
  const young = connection.get<{ offset: number }>(
    `SELECT offset FROM messages
     WHERE history = ? AND offset BETWEEN ? AND ? AND time >= ?
     ORDER BY offset LIMIT 1`,
    history,
    forgotten + 1,
    forgotten + MESSAGES_A_STEP,
    before,
  );
  const byAge = young === undefined
    ? Math.min(forgotten + MESSAGES_A_STEP, offset)
    : young.offset - 1;
  return Math.max(byCount, byAge);
}
