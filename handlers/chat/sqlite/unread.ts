import type { Connection } from "./connection.ts";
import type { RoomRow } from "./room_rows.ts";

/** Counts are exact up to this. */
const MAX_COUNT = 1000;

/** How many messages after `read` there are, and how many mention the person. */
export function countUnread(
  connection: Connection,
  room: Pick<RoomRow, "history" | "offset" | "forgotten">,
  { person, read }: { readonly person: number; readonly read: number },
): { unread: number; mentions: number } {
  const { history, offset, forgotten } = room;
  const unread = Math.min(MAX_COUNT, offset - Math.max(read, forgotten));
  if (unread === 0) return { unread, mentions: 0 };
  const { mentions } = connection.get<{ mentions: number }>(
    `SELECT count(*) AS mentions FROM (
       SELECT 1 FROM mentions WHERE history = ? AND person = ? AND offset > ?
       LIMIT ?)`,
    history,
    person,
    read,
    MAX_COUNT,
  )!;
  return { unread, mentions };
}
