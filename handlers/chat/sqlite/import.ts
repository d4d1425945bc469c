import type { Person } from "../model.ts";
import type { ExportLine, StoredRoom } from "../store.ts";
import { addMentions, jsonList } from "./append.ts";
import { countReactions } from "./change.ts";
import {
  fail,
  type HeaderLine,
  headerLine,
  type MemberLine,
  memberLine,
  type MessageLine,
  messageLine,
} from "./export_lines.ts";
import { setMembership } from "./memberships.ts";
import { findSent } from "./message_rows.ts";
import type { Parts } from "./parts.ts";
import {
  addHistory,
  addRoom,
  findRoom,
  type RoomRow,
  storedRoom,
} from "./room_rows.ts";
import { indexMessage } from "./search_index.ts";

/** How many messages are stored in one step, so that others may go between. */
const MESSAGES_A_STEP = 100;

/**
 * Makes a room of an export. Its messages are stored under a history that no room
 * has, bit by bit; the last step makes the room of it. Whatever interrupts that
 * leaves a history that is deleted.
 */
export async function importRoom(
  parts: Parts,
  lines: AsyncIterable<ExportLine>,
): Promise<StoredRoom | "room_exists"> {
  const { connection, reaper, turns } = parts;
  const incoming = lines[Symbol.asyncIterator]();
  let history: number | undefined;
  try {
    const first = await incoming.next();
    const header = headerLine(first.done ? undefined : first.value);
    history = await turns.write(() =>
      findRoom(connection, header.room) === undefined
        ? addHistory(connection)
        : undefined
    );
    if (history === undefined) return "room_exists";
    const room = { ...header, history };
    const members = await storeMessages(parts, room, incoming);
    const stored = await turns.write(() => finish(parts, room, members));
    if (stored !== "room_exists") history = undefined;
    return stored;
  } finally {
    await incoming.return?.();
    if (history !== undefined) reaper.delete(history);
  }
}

type NewRoom = HeaderLine & Pick<RoomRow, "history">;

/** Stores the messages and gives the members. */
async function storeMessages(
  parts: Parts,
  room: NewRoom,
  incoming: AsyncIterator<ExportLine>,
): Promise<MemberLine[]> {
  const members: MemberLine[] = [];
  let last = room.forgotten;
  let messages: MessageLine[] = [];
  const store = async () => {
    const stored = messages;
    messages = [];
    await parts.turns.write(() => {
      for (const message of stored) insertMessage(parts, room, message);
    });
  };
  for (;;) {
    const { done, value: line } = await incoming.next();
    if (done) break;
    if (line.member !== undefined) {
      members.push(memberLine(line));
      continue;
    }
    const message = messageLine(line);
    if (message.offset !== ++last) fail(`message ${last} is missing`);
    if (message.change > room.change) fail('"change" is too large');
    messages.push(message);
    if (messages.length === MESSAGES_A_STEP) await store();
  }
  if (last !== room.offset) fail(`it ends before message ${room.offset}`);
  await store();
  return members;
}

function insertMessage(
  parts: Parts,
  { history, kind }: NewRoom,
  message: MessageLine,
): void {
  const { connection } = parts;
  const { offset, mentions, text } = message;
  const person = personOf(parts, message.from);
  if (findSent(connection, history, { person, id: message.id })) {
    fail(`message ${offset} has the id of another one`);
  }
  const { row } = connection.get<{ row: number }>(
    `INSERT INTO messages (history, offset, person, id, name, text, time,
       reply_to, mentions, attachments, edited, is_deleted, change)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING row`,
    history,
    offset,
    person,
    message.id,
    message.from.name,
    text,
    message.time,
    message.replyTo ?? null,
    jsonList(mentions),
    jsonList(message.attachments),
    message.edited ?? null,
    message.isDeleted ? 1 : 0,
    message.change,
  )!;
  addMentions(parts, { history, offset, person }, mentions);
  if (!message.isDeleted) {
    indexMessage(connection, { row, history, kind, text });
  }
  addAttachments(parts, { row, person }, message);
  addReactions(parts, row, message);
  addVersions(parts, row, message);
}

function addAttachments(
  { connection }: Parts,
  { row, person }: { readonly row: number; readonly person: number },
  { attachments, time }: MessageLine,
): void {
  for (const { hash, type, size } of attachments) {
    connection.run(
      `INSERT OR IGNORE INTO attachments (hash, type, size, person, time)
       VALUES (?, ?, ?, ?, ?)`,
      hash,
      type,
      size,
      person,
      time,
    );
    connection.run(
      "INSERT OR IGNORE INTO attachment_uses (message, hash) VALUES (?, ?)",
      row,
      hash,
    );
  }
}

function addReactions(
  parts: Parts,
  row: number,
  { reactions }: MessageLine,
): void {
  if (reactions.length === 0) return;
  const { connection } = parts;
  for (const { emoji, person } of reactions) {
    connection.run(
      "INSERT OR IGNORE INTO reactions (message, emoji, person) VALUES (?, ?, ?)",
      row,
      emoji,
      personOf(parts, person),
    );
  }
  connection.run(
    "UPDATE messages SET reactions = ? WHERE row = ?",
    jsonList(countReactions(parts, row)),
    row,
  );
}

function addVersions(
  parts: Parts,
  row: number,
  { versions }: MessageLine,
): void {
  for (const [index, { by, text, time }] of versions.entries()) {
    parts.connection.run(
      `INSERT INTO versions (message, version, person, name, text, time)
       VALUES (?, ?, ?, ?, ?, ?)`,
      row,
      index + 1,
      personOf(parts, by),
      by.name,
      text,
      time,
    );
  }
}

/** Makes the room, unless somebody else has done so meanwhile. */
function finish(
  parts: Parts,
  room: NewRoom,
  members: readonly MemberLine[],
): StoredRoom | "room_exists" {
  const { connection } = parts;
  if (findRoom(connection, room.room) !== undefined) return "room_exists";
  const row = addRoom(connection, room);
  for (const { member, role, read, mutedUntil } of members) {
    const person = personOf(parts, member);
    setMembership(connection, row, person, { role, mutedUntil });
    connection.run(
      "UPDATE memberships SET read = ? WHERE room = ? AND person = ?",
      Math.min(read, room.offset),
      row,
      person,
    );
  }
  return storedRoom({ ...room, row });
}

/** A person who is not known is one whose name anybody may have. */
function personOf({ personRows }: Parts, person: Person): number {
  return personRows.ensure(person, 0);
}
