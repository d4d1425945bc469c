import type { Person } from "../model.ts";
import type { ExportLine } from "../store.ts";
import { Connection } from "./connection.ts";
import { isoTime, MESSAGE_COLUMNS, type MessageRow } from "./message_rows.ts";
import type { Parts } from "./parts.ts";
import { PERSON_COLUMNS, type PersonColumns, personOf } from "./person_rows.ts";
import { findRoom, type RoomRow } from "./room_rows.ts";

/** What the header of an export says. */
export const EXPORT_FORMAT = "switchboard.room";

/** The version of the lines. */
export const EXPORT_VERSION = 1;

/** How many messages are read at once. */
const PAGE = 200;

/**
 * The lines of a room, from one snapshot. A line is a header, a `member` or a
 * `message`. Without such a room there is none.
 */
export async function* exportRoom(
  { connection, turns }: Parts,
  room: string,
  path: string,
): AsyncGenerator<ExportLine> {
  if (path === ":memory:") {
    // A database in memory has one connection, so the snapshot is a copy.
    yield* await turns.read(() => [...lines(connection, room)]);
    return;
  }
  // All that was asked for before is stored once this has passed.
  await turns.read(() => {});
  const snapshot = new Connection(path, { readOnly: true });
  try {
    snapshot.exec("BEGIN");
    yield* lines(snapshot, room);
  } finally {
    snapshot.close();
  }
}

function* lines(connection: Connection, name: string): Generator<ExportLine> {
  const room = findRoom(connection, name);
  if (room === undefined) return;
  yield header(room);
  yield* memberLines(connection, room);
  let offset = room.forgotten;
  while (offset < room.offset) {
    const rows = connection.all<MessageRow>(
      `SELECT ${MESSAGE_COLUMNS}
       FROM messages m JOIN people p ON p.row = m.person
       WHERE m.history = ? AND m.offset > ? ORDER BY m.offset LIMIT ?`,
      room.history,
      offset,
      PAGE,
    );
    for (const row of rows) yield messageLine(connection, row);
    offset += rows.length;
  }
}

function header(room: RoomRow): ExportLine {
  return {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    room: room.room,
    kind: room.kind,
    topic: room.topic,
    epoch: room.epoch,
    offset: room.offset,
    change: room.change,
    forgotten: room.forgotten,
    forgotten_change: room.forgotten_change,
    slow: room.slow,
    created: isoTime(room.created),
  };
}

function* memberLines(
  connection: Connection,
  room: RoomRow,
): Generator<ExportLine> {
  const rows = connection.all<
    PersonColumns & {
      readonly role: string;
      readonly read: number;
      readonly muted_until: number | null;
    }
  >(
    `SELECT ${PERSON_COLUMNS}, m.role, m.read, m.muted_until
     FROM memberships m JOIN people p ON p.row = m.person
     WHERE m.room = ? ORDER BY m.person`,
    room.row,
  );
  for (const row of rows) {
    yield {
      member: personOf(row),
      role: row.role,
      read: row.read,
      ...(row.muted_until === null
        ? {}
        : { muted_until: isoTime(row.muted_until) }),
    };
  }
}

function messageLine(connection: Connection, row: MessageRow): ExportLine {
  return {
    message: row.offset,
    id: row.id,
    from: personOf(row),
    text: row.text,
    time: isoTime(row.time),
    ...(row.reply_to === null ? {} : { reply_to: row.reply_to }),
    ...(row.mentions === null ? {} : { mentions: JSON.parse(row.mentions) }),
    ...(row.attachments === null
      ? {}
      : { attachments: JSON.parse(row.attachments) }),
    ...(row.edited === null ? {} : { edited: isoTime(row.edited) }),
    ...(row.is_deleted === 0 ? {} : { deleted: true }),
    ...(row.change === 0 ? {} : {
      change: row.change,
      reactions: reactionsTo(connection, row),
      versions: versionsOf(connection, row),
    }),
  };
}

function reactionsTo(
  connection: Connection,
  { row }: MessageRow,
): { readonly emoji: string; readonly person: Person }[] {
  return connection.all<PersonColumns & { readonly emoji: string }>(
    `SELECT ${PERSON_COLUMNS}, e.emoji FROM reactions e
     JOIN people p ON p.row = e.person WHERE e.message = ? ORDER BY e.row`,
    row,
  ).map((reaction) => ({
    emoji: reaction.emoji,
    person: personOf(reaction),
  }));
}

function versionsOf(connection: Connection, { row }: MessageRow): ExportLine[] {
  return connection.all<
    PersonColumns & { readonly text: string; readonly time: number }
  >(
    `SELECT v.text, v.time, p.id AS person_id, v.name, p.is_bot
     FROM versions v JOIN people p ON p.row = v.person
     WHERE v.message = ? ORDER BY v.version`,
    row,
  ).map((version) => ({
    text: version.text,
    time: isoTime(version.time),
    by: personOf(version),
  }));
}
