import type { Person } from "../model.ts";
import type { ListedRoom } from "../store.ts";
import { chatMessage, findMessage } from "./message_rows.ts";
import type { Parts } from "./parts.ts";
import { PERSON_COLUMNS, type PersonColumns, personOf } from "./person_rows.ts";
import { type RoomRow, storedRoom } from "./room_rows.ts";
import { countUnread } from "./unread.ts";

/**
 * Two walks over an index, one of public rooms and one of the person's own, each
 * no longer than the page.
 */
const SELECT = `WITH page (row) AS (
    SELECT * FROM (SELECT row FROM rooms
      WHERE kind = 'public' AND room > ?1 ORDER BY room LIMIT ?2)
    UNION ALL
    SELECT * FROM (SELECT r.row FROM memberships m JOIN rooms r ON r.row = m.room
      WHERE m.person = ?3 AND r.kind <> 'public' AND r.room > ?1
      ORDER BY r.room LIMIT ?2))
  SELECT r.*, m.read FROM page JOIN rooms r USING (row)
  LEFT JOIN memberships m ON m.room = r.row AND m.person = ?3
  ORDER BY r.room LIMIT ?2`;

type ListedRow = RoomRow & { readonly read: number | null };

/** A page of the rooms that somebody may see, by name. */
export function listRooms(
  parts: Parts,
  { person, after = "", limit }: {
    readonly person?: string;
    readonly after?: string;
    readonly limit: number;
  },
): ListedRoom[] {
  const { connection, personRows } = parts;
  const row = person === undefined ? undefined : personRows.find(person);
  return connection.all<ListedRow>(SELECT, after, limit, row ?? null)
    .map((room) => listedRoom(parts, room, row));
}

function listedRoom(
  { connection }: Parts,
  room: ListedRow,
  person: number | undefined,
): ListedRoom {
  const read = room.read ?? 0;
  const last = findMessage(connection, room.history, room.offset);
  const other = room.kind === "direct"
    ? otherOf({ connection }, room.row, person)
    : undefined;
  return {
    ...storedRoom(room),
    read,
    ...(person === undefined
      ? { unread: 0, mentions: 0 }
      : countUnread(connection, room, { person, read })),
    ...(last === undefined ? {} : { last: chatMessage(room.room, last) }),
    ...(other === undefined ? {} : { with: other }),
  };
}

/** The other one of a direct room. */
function otherOf(
  { connection }: Pick<Parts, "connection">,
  room: number,
  person: number | undefined,
): Person | undefined {
  const row = connection.get<PersonColumns>(
    `SELECT ${PERSON_COLUMNS} FROM memberships m
     JOIN people p ON p.row = m.person WHERE m.room = ? AND m.person IS NOT ?`,
    room,
    person ?? null,
  );
  return row && personOf(row);
}
