import type { Reaction } from "../model.ts";
import type { Changed, Noted } from "../store.ts";
import { addMentions, jsonList } from "./append.ts";
import { chatMessage, findMessage, type MessageRow } from "./message_rows.ts";
import { addAudit } from "./moderation.ts";
import type { Parts } from "./parts.ts";
import { findRoom, type RoomRow } from "./room_rows.ts";
import { indexMessage, unindexMessage } from "./search_index.ts";

/** The most people that a reaction names; the others are only counted. */
const MAX_NAMED = 50;

interface Place {
  readonly room: RoomRow;
  readonly message: MessageRow;
}

/** Gives a message another text. */
export function editMessage(
  parts: Parts,
  room: string,
  offset: number,
  edit: {
    readonly text: string;
    readonly mentions?: readonly string[];
    readonly by: string;
    readonly time: number;
  },
): Changed {
  const place = find(parts, room, offset);
  if (place === undefined) return "message_unknown";
  const { text, mentions = [], by, time } = edit;
  const { message } = place;
  const list = jsonList(mentions);
  if (message.text === text && message.mentions === list) return "unchanged";
  addVersion(parts, message, { text, by, time });
  const { history, kind } = place.room;
  unindexMessage(parts.connection, message.row);
  indexMessage(parts.connection, { row: message.row, history, kind, text });
  dropMentions(parts, place);
  const person = parts.personRows.need(message.person_id);
  addMentions(parts, { history, offset, person }, mentions);
  parts.connection.run(
    "UPDATE messages SET text = ?, mentions = ?, edited = ? WHERE row = ?",
    text,
    list,
    time,
    message.row,
  );
  return changed(parts, place);
}

/** Takes all that a message says; its offset stays. */
export function removeMessage(
  parts: Parts,
  room: string,
  offset: number,
  { by, time, audit }: Noted & { readonly by: string; readonly time: number },
): Changed {
  const place = find(parts, room, offset, { deleted: true });
  if (place === undefined) return "message_unknown";
  const { connection } = parts;
  const { row, is_deleted } = place.message;
  if (is_deleted === 1) return "unchanged";
  addVersion(parts, place.message, { text: "", by, time });
  unindexMessage(connection, row);
  dropMentions(parts, place);
  connection.run("DELETE FROM reactions WHERE message = ?", row);
  connection.run("DELETE FROM attachment_uses WHERE message = ?", row);
  connection.run(
    `UPDATE messages SET text = '', is_deleted = 1, mentions = NULL,
       attachments = NULL, reactions = NULL WHERE row = ?`,
    row,
  );
  addAudit(connection, audit);
  return changed(parts, place);
}

/** Adds a reaction to a message, or takes it back. */
export function reactToMessage(
  parts: Parts,
  room: string,
  offset: number,
  reaction: {
    readonly emoji: string;
    readonly person: string;
    readonly on: boolean;
    readonly maxDifferent: number;
  },
): Changed {
  const place = find(parts, room, offset);
  if (place === undefined) return "message_unknown";
  const { connection, personRows } = parts;
  const { emoji, on, maxDifferent } = reaction;
  const { row, reactions } = place.message;
  if (on) {
    const others = (JSON.parse(reactions ?? "[]") as readonly Reaction[])
      .filter((other) => other.emoji !== emoji);
    if (others.length >= maxDifferent) return "too_many_reactions";
  }
  const count = connection.run(
    on
      ? "INSERT OR IGNORE INTO reactions (message, emoji, person) VALUES (?, ?, ?)"
      : "DELETE FROM reactions WHERE message = ? AND emoji = ? AND person = ?",
    row,
    emoji,
    personRows.need(reaction.person),
  );
  if (count === 0) return "unchanged";
  connection.run(
    "UPDATE messages SET reactions = ? WHERE row = ?",
    jsonList(countReactions(parts, row)),
    row,
  );
  return changed(parts, place);
}

/** The reactions to a message, the first emoji first, and so its people. */
export function countReactions(
  { connection }: Parts,
  message: number,
): Reaction[] {
  const reactions = new Map<string, { count: number; people: string[] }>();
  const rows = connection.all<{ emoji: string; id: string }>(
    `SELECT e.emoji, p.id FROM reactions e JOIN people p ON p.row = e.person
     WHERE e.message = ? ORDER BY e.row`,
    message,
  );
  for (const { emoji, id } of rows) {
    const reaction = reactions.getOrInsertComputed(
      emoji,
      () => ({ count: 0, people: [] }),
    );
    reaction.count++;
    if (reaction.people.length < MAX_NAMED) reaction.people.push(id);
  }
  return [...reactions].map(([emoji, reaction]) => ({ emoji, ...reaction }));
}

function find(
  { connection }: Parts,
  room: string,
  offset: number,
  { deleted = false }: { readonly deleted?: boolean } = {},
): Place | undefined {
  const found = findRoom(connection, room);
  const message = found && findMessage(connection, found.history, offset);
  if (message === undefined) return undefined;
  return message.is_deleted === 1 && !deleted
    ? undefined
    : { room: found!, message };
}

/** Numbers a change, and gives the message as it is now. */
function changed({ connection }: Parts, { room, message }: Place): Changed {
  const change = room.change + 1;
  connection.run("UPDATE rooms SET change = ? WHERE row = ?", change, room.row);
  connection.run(
    "UPDATE messages SET change = ? WHERE row = ?",
    change,
    message.row,
  );
  const now = findMessage(connection, room.history, message.offset)!;
  return { message: chatMessage(room.room, now), change };
}

function dropMentions(
  { connection }: Parts,
  { room, message }: Place,
): void {
  if (message.mentions === null) return;
  connection.run(
    "DELETE FROM mentions WHERE history = ? AND offset = ?",
    room.history,
    message.offset,
  );
}

/** Keeps what a message says from now on, and what it said at first. */
function addVersion(
  { connection, personRows }: Parts,
  message: MessageRow,
  { text, by, time }: {
    readonly text: string;
    readonly by: string;
    readonly time: number;
  },
): void {
  connection.run(
    `INSERT OR IGNORE INTO versions (message, version, person, name, text, time)
     SELECT row, 1, person, name, text, time FROM messages WHERE row = ?`,
    message.row,
  );
  connection.run(
    `INSERT INTO versions (message, version, person, name, text, time)
     SELECT ?1, 1 + (SELECT max(version) FROM versions WHERE message = ?1),
       p.row, p.name, ?3, ?4 FROM people p WHERE p.row = ?2`,
    message.row,
    personRows.need(by),
    text,
    time,
  );
}
