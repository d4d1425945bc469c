import type { ChatMessage, Person } from "../model.ts";
import type { StoredRoom } from "../store.ts";
import {
  chatMessage,
  findMessage,
  MESSAGE_COLUMNS,
  type MessageRow,
  messagesBetween,
} from "./message_rows.ts";
import type { Parts } from "./parts.ts";
import { type PersonColumns, personOf } from "./person_rows.ts";
import { findRoom, type RoomRow, storedRoom } from "./room_rows.ts";

/** What page of a room is asked for; without any offset the newest. */
export interface PageOptions {
  readonly before?: number | undefined;
  readonly after?: number | undefined;
  readonly around?: number | undefined;
  readonly limit: number;
}

/** A page of a room. */
export interface Page {
  readonly messages: readonly ChatMessage[];
  readonly older: boolean;
  readonly newer: boolean;
}

/** A page of a room, empty if there is no such room. */
export function pageOf(
  { connection }: Parts,
  room: string,
  options: PageOptions,
): Page {
  const found = findRoom(connection, room);
  if (found === undefined) return { messages: [], older: false, newer: false };
  // Offsets have no holes, so where a page begins and ends can be computed.
  const { from, to } = rangeOf(found, options);
  return {
    messages: messagesBetween(connection, found, { from, to }),
    older: from > found.forgotten + 1,
    newer: to < found.offset,
  };
}

function rangeOf(
  { forgotten, offset }: RoomRow,
  { before, after, around, limit }: PageOptions,
): { from: number; to: number } {
  const first = forgotten + 1;
  if (after !== undefined) {
    const from = Math.min(Math.max(after + 1, first), offset + 1);
    return { from, to: Math.min(from + limit - 1, offset) };
  }
  let end = offset;
  if (before !== undefined) end = before - 1;
  if (around !== undefined) {
    end = Math.max(around + Math.floor(limit / 2), forgotten + limit);
  }
  const to = Math.max(Math.min(end, offset), forgotten);
  return { from: Math.max(to - limit + 1, first), to };
}

/** The newest page with its room. */
export function newestOf(
  { connection }: Parts,
  room: string,
  limit: number,
): {
  readonly room: StoredRoom;
  readonly messages: readonly ChatMessage[];
  readonly older: boolean;
} | undefined {
  const found = findRoom(connection, room);
  if (found === undefined) return undefined;
  const { from, to } = rangeOf(found, { limit });
  return {
    room: storedRoom(found),
    messages: messagesBetween(connection, found, { from, to }),
    older: from > found.forgotten + 1,
  };
}

/** What somebody has who has not got what came after. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
  readonly change: number;
}

/** What somebody has missed. */
export interface Missed {
  readonly messages: readonly ChatMessage[];
  readonly changed: readonly ChatMessage[];
}

/** A room, and what has come after a position if that can be told. */
export function missedSince(
  { connection }: Parts,
  room: string,
  position: Position,
  limit: number,
): {
  readonly room: StoredRoom;
  readonly missed: Missed | undefined;
} | undefined {
  const found = findRoom(connection, room);
  if (found === undefined) return undefined;
  return {
    room: storedRoom(found),
    missed: missedOf({ connection }, found, position, limit),
  };
}

function missedOf(
  { connection }: Pick<Parts, "connection">,
  room: RoomRow,
  { epoch, offset, change }: Position,
  limit: number,
): Missed | undefined {
  // A position that is ahead comes from before a backup was restored.
  if (epoch !== room.epoch || offset > room.offset || change > room.change) {
    return undefined;
  }
  if (offset < room.forgotten || change < room.forgotten_change) {
    return undefined;
  }
  if (room.offset - offset > limit) return undefined;
  const rows = connection.all<MessageRow>(
    `SELECT ${MESSAGE_COLUMNS}
     FROM messages m JOIN people p ON p.row = m.person
     WHERE m.history = ? AND m.change > 0 AND m.change > ? AND m.offset <= ?
     ORDER BY m.change LIMIT ?`,
    room.history,
    change,
    offset,
    limit + 1,
  );
  if (room.offset - offset + rows.length > limit) return undefined;
  return {
    messages: messagesBetween(connection, room, {
      from: offset + 1,
      to: room.offset,
    }),
    changed: rows.map((row) => chatMessage(room.room, row)),
  };
}

/** What a message was and is. */
export function versionsOf(
  { connection }: Parts,
  room: string,
  offset: number,
): { readonly text: string; readonly time: number; readonly by: Person }[] {
  const found = findRoom(connection, room);
  const message = found && findMessage(connection, found.history, offset);
  if (message === undefined) return [];
  const versions = connection.all<
    PersonColumns & { readonly text: string; readonly time: number }
  >(
    `SELECT v.text, v.time, p.id AS person_id, v.name, p.is_bot
     FROM versions v JOIN people p ON p.row = v.person
     WHERE v.message = ? ORDER BY v.version`,
    message.row,
  );
  return (versions.length === 0 ? [message] : versions).map((version) => ({
    text: version.text,
    time: version.time,
    by: personOf(version),
  }));
}
