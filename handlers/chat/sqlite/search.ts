import type { ChatMessage } from "../model.ts";
import {
  chatMessage,
  MESSAGE_COLUMNS,
  type MessageRow,
} from "./message_rows.ts";
import type { Parts } from "./parts.ts";
import { findRoom } from "./room_rows.ts";
import { PUBLIC_SCOPE, scopeOf, searchQuery } from "./search_index.ts";

/**
 * The most rooms, besides public ones, that are searched together, the newest
 * ones: others can open as many direct rooms with somebody as they like.
 */
const MAX_SCOPES = 500;

/** What is searched for, and where. */
export interface SearchOptions {
  readonly words: readonly string[];
  readonly room?: string | undefined;
  readonly person?: string | undefined;
  readonly before?: number | undefined;
  readonly limit: number;
}

/** A page of what was found. */
export interface Found {
  readonly messages: readonly ChatMessage[];
  readonly next?: number;
}

/**
 * Finds messages, newest first. The index gives rows in that order and stops at
 * the limit, so what is asked for often costs no more than what is rare.
 */
export function search(parts: Parts, options: SearchOptions): Found {
  const { words, before, limit } = options;
  const query = searchQuery(words, scopesOf(parts, options));
  if (query === undefined) return { messages: [] };
  const rows = parts.connection.all<MessageRow & { room: string }>(
    // The join is a cross join so that the index leads.
    `SELECT ${MESSAGE_COLUMNS}, r.room FROM search s
       CROSS JOIN messages m ON m.row = s.rowid
       CROSS JOIN rooms r ON r.history = m.history
       CROSS JOIN people p ON p.row = m.person
     WHERE search MATCH ? AND s.rowid < ?
     ORDER BY s.rowid DESC LIMIT ?`,
    query,
    before ?? Number.MAX_SAFE_INTEGER,
    limit + 1,
  );
  const page = rows.slice(0, limit);
  const messages = page.map((row) => chatMessage(row.room, row));
  return rows.length > limit
    ? { messages, next: page.at(-1)!.row }
    : { messages };
}

function scopesOf(
  { connection, personRows }: Parts,
  { room, person }: SearchOptions,
): string[] {
  if (room !== undefined) {
    const found = findRoom(connection, room);
    return found === undefined ? [] : [scopeOf(found.history)];
  }
  const row = person === undefined ? undefined : personRows.find(person);
  if (row === undefined) return [PUBLIC_SCOPE];
  const own = connection.all<{ history: number }>(
    `SELECT r.history FROM memberships m JOIN rooms r ON r.row = m.room
     WHERE m.person = ? AND r.kind <> 'public' AND r.offset > r.forgotten
     ORDER BY r.row DESC LIMIT ?`,
    row,
    MAX_SCOPES,
  );
  return [PUBLIC_SCOPE, ...own.map(({ history }) => scopeOf(history))];
}
