import type { AttachmentInfo, ChatMessage, Reaction } from "../model.ts";
import type { Connection } from "./connection.ts";
import { type PersonColumns, personOf } from "./person_rows.ts";

/** A message as it is read, with who sent it. */
export interface MessageRow extends PersonColumns {
  readonly row: number;
  readonly offset: number;
  readonly id: string;
  readonly text: string;
  readonly time: number;
  readonly reply_to: number | null;
  readonly mentions: string | null;
  readonly attachments: string | null;
  readonly reactions: string | null;
  readonly edited: number | null;
  readonly is_deleted: number;
  readonly change: number;
}

/** The columns of a {@linkcode MessageRow}, of `messages` as `m`. */
export const MESSAGE_COLUMNS = `m.row, m.offset, m.id, m.text, m.time,
  m.reply_to, m.mentions, m.attachments, m.reactions, m.edited, m.is_deleted,
  m.change, p.id AS person_id, m.name, p.is_bot`;

const SELECT = `SELECT ${MESSAGE_COLUMNS}
  FROM messages m JOIN people p ON p.row = m.person`;

/** Makes a message of a row. */
export function chatMessage(room: string, row: MessageRow): ChatMessage {
  const { offset, id, text, reply_to, mentions, attachments, reactions } = row;
  return {
    room,
    offset,
    id,
    from: personOf(row),
    text,
    time: isoTime(row.time),
    ...(reply_to === null ? {} : { reply_to }),
    ...listOf<string, "mentions">("mentions", mentions),
    ...listOf<AttachmentInfo, "attachments">("attachments", attachments),
    ...listOf<Reaction, "reactions">("reactions", reactions),
    ...(row.edited === null ? {} : { edited: isoTime(row.edited) }),
    ...(row.is_deleted === 1 ? { deleted: true } : {}),
  };
}

/** The message at an offset. */
export function findMessage(
  connection: Connection,
  history: number,
  offset: number,
): MessageRow | undefined {
  return connection.get<MessageRow>(
    `${SELECT} WHERE m.history = ? AND m.offset = ?`,
    history,
    offset,
  );
}

/** The message that a person has sent under an id. */
export function findSent(
  connection: Connection,
  history: number,
  { person, id }: { readonly person: number; readonly id: string },
): MessageRow | undefined {
  return connection.get<MessageRow>(
    `${SELECT} WHERE m.history = ? AND m.person = ? AND m.id = ?`,
    history,
    person,
    id,
  );
}

/** The messages from an offset to another, oldest first. */
export function messagesBetween(
  connection: Connection,
  { room, history }: { readonly room: string; readonly history: number },
  { from, to }: { readonly from: number; readonly to: number },
): ChatMessage[] {
  if (from > to) return [];
  return connection.all<MessageRow>(
    `${SELECT} WHERE m.history = ? AND m.offset BETWEEN ? AND ?
     ORDER BY m.offset`,
    history,
    from,
    to,
  ).map((row) => chatMessage(room, row));
}

/** A time as messages have it. */
export function isoTime(time: number): string {
  return new Date(time).toISOString();
}

function listOf<Item, Name extends string>(
  name: Name,
  json: string | null,
): { readonly [name in Name]?: readonly Item[] } {
  if (json === null) return {};
  return { [name]: JSON.parse(json) } as Record<Name, readonly Item[]>;
}
