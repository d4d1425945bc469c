import type { AttachmentInfo, ChatMessage } from "../model.ts";
import type { Appended, NewMessage } from "../store.ts";
import { chatMessage, findMessage, findSent, isoTime } from "./message_rows.ts";
import type { Parts } from "./parts.ts";
import { findRoom, type RoomRow } from "./room_rows.ts";
import { indexMessage } from "./search_index.ts";

/** Stores a message under the next offset, or finds it. */
export function appendMessage(parts: Parts, message: NewMessage): Appended {
  const { connection, personRows } = parts;
  const room = findRoom(connection, message.room);
  if (room === undefined) return "room_unknown";
  const { history } = room;
  const person = personRows.ensure(message.from, message.time);
  const sent = findSent(connection, history, { person, id: message.id });
  if (sent !== undefined) {
    return { message: chatMessage(room.room, sent), repeated: true };
  }
  const { replyTo } = message;
  if (
    replyTo !== undefined &&
    findMessage(connection, history, replyTo) === undefined
  ) return "message_unknown";
  const attachments = attachmentsOf(parts, message);
  if (attachments === undefined) return "attachment_unknown";
  return {
    message: insertMessage(parts, room, { message, person, attachments }),
    repeated: false,
  };
}

function insertMessage(
  parts: Parts,
  room: RoomRow,
  { message, person, attachments }: {
    readonly message: NewMessage;
    readonly person: number;
    readonly attachments: readonly AttachmentInfo[];
  },
): ChatMessage {
  const { connection } = parts;
  const { history, kind } = room;
  const { id, from, text, time, replyTo, mentions = [] } = message;
  const offset = room.offset + 1;
  const { row } = connection.get<{ row: number }>(
    `INSERT INTO messages (history, offset, person, id, name, text, time,
       reply_to, mentions, attachments)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING row`,
    history,
    offset,
    person,
    id,
    from.name,
    text,
    time,
    replyTo ?? null,
    jsonList(mentions),
    jsonList(attachments),
  )!;
  connection.run("UPDATE rooms SET offset = ? WHERE row = ?", offset, room.row);
  addMentions(parts, { history, offset, person }, mentions);
  for (const { hash } of attachments) {
    connection.run(
      "INSERT OR IGNORE INTO attachment_uses (message, hash) VALUES (?, ?)",
      row,
      hash,
    );
  }
  indexMessage(connection, { row, history, kind, text });
  return {
    room: room.room,
    offset,
    id,
    from: from.bot
      ? { id: from.id, name: from.name, bot: true }
      : { id: from.id, name: from.name },
    text,
    time: isoTime(time),
    ...(replyTo === undefined ? {} : { reply_to: replyTo }),
    ...(mentions.length === 0 ? {} : { mentions }),
    ...(attachments.length === 0 ? {} : { attachments }),
  };
}

/** Counts a message for those whom it mentions; its own author is none. */
export function addMentions(
  { connection, personRows }: Parts,
  { history, offset, person }: {
    readonly history: number;
    readonly offset: number;
    readonly person: number;
  },
  mentions: readonly string[],
): void {
  for (const mentioned of mentions) {
    const row = personRows.find(mentioned);
    if (row === undefined || row === person) continue;
    connection.run(
      `INSERT OR IGNORE INTO mentions (history, person, offset)
       VALUES (?, ?, ?)`,
      history,
      row,
      offset,
    );
  }
}

/** A list as it is stored; nothing in place of an empty one. */
export function jsonList(list: readonly unknown[]): string | null {
  return list.length === 0 ? null : JSON.stringify(list);
}

/** The files of a message, unless one of them is not known. */
function attachmentsOf(
  { connection }: Parts,
  { attachments = [] }: NewMessage,
): AttachmentInfo[] | undefined {
  const found: AttachmentInfo[] = [];
  for (const { hash, name } of attachments) {
    const file = connection.get<{ type: string; size: number }>(
      "SELECT type, size FROM attachments WHERE hash = ?",
      hash,
    );
    if (file === undefined) return undefined;
    found.push({ hash, name, type: file.type, size: file.size });
  }
  return found;
}
