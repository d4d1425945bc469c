import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type { PagePlace, SearchRequest } from "../client_messages.ts";
import { ChatRefusal } from "../errors.ts";
import type { ChatMessage } from "../model.ts";
import { firstOf, lastOf } from "../page_size.ts";
import { bannedFrom, readerStanding } from "../permissions.ts";
import { mustNotBeTooFast } from "./rates.ts";

/** A page of messages, oldest first. */
export interface Page {
  /** The room's epoch. */
  readonly epoch: string;
  /** The messages. */
  readonly messages: readonly ChatMessage[];
  /** Whether there are older ones. */
  readonly older: boolean;
  /** Whether there are newer ones. */
  readonly newer: boolean;
}

/**
 * A page of a room's messages; of long ones there are fewer than `limit`.
 *
 * Refuses with `too_fast`, or as the room may not be read.
 */
export async function history(
  chat: Chat,
  actor: Actor,
  { room: name, limit, ...place }: PagePlace & {
    readonly room: string;
    readonly limit: number;
  },
): Promise<Page> {
  await readerStanding(chat, actor, name);
  mustNotBeTooFast(chat, actor, "pages");
  // Asked for together, so that nothing happens between them.
  const [room, page] = await Promise.all([
    chat.store.rooms.get(name),
    chat.store.messages.page(name, { ...place, limit }),
  ]);
  if (room === undefined) throw new ChatRefusal("room_unknown");
  return { epoch: room.epoch, ...cutToSize(page, place) };
}

/** Messages that were found, newest first. */
export interface Found {
  /** The messages. */
  readonly messages: readonly ChatMessage[];
  /** Where the next page begins, if there is one. */
  readonly next?: number | undefined;
}

/**
 * Messages with words, in one room or in all that the actor may read; of long
 * ones there are fewer than `limit`.
 *
 * Refuses with `too_fast`, or as the room may not be read.
 */
export async function search(
  chat: Chat,
  actor: Actor,
  query: Omit<SearchRequest, "type" | "ref">,
): Promise<Found> {
  if (query.room !== undefined) await readerStanding(chat, actor, query.room);
  mustNotBeTooFast(chat, actor, "searches");
  const options = {
    words: query.words,
    room: query.room,
    person: actor.person.id,
    before: query.before,
    limit: query.limit,
  };
  let found = await chat.store.messages.search(options);
  const limit = firstOf(found.messages);
  if (limit < found.messages.length) {
    found = await chat.store.messages.search({ ...options, limit });
  }
  const rooms = found.messages.map(({ room }) => room);
  const banned = await bannedFrom(chat, actor, rooms);
  if (banned.size === 0) return found;
  const messages = found.messages.filter(({ room }) => !banned.has(room));
  return { ...found, messages };
}

/** Leaves out what is farthest from where the page was wanted. */
function cutToSize(
  { messages, older, newer }: Omit<Page, "epoch">,
  { after, around }: PagePlace,
): Omit<Page, "epoch"> {
  if (around !== undefined) {
    const middle = messages.findIndex(({ offset }) => offset >= around);
    if (middle > 0) {
      const before = messages.slice(0, middle);
      const rest = messages.slice(middle);
      // Half for each side.
      const last = Math.ceil(lastOf(before) / 2);
      const first = Math.ceil(firstOf(rest) / 2);
      if (lastOf(before) < before.length || firstOf(rest) < rest.length) {
        return {
          messages: [...before.slice(-last), ...rest.slice(0, first)],
          older: older || last < before.length,
          newer: newer || first < rest.length,
        };
      }
      return { messages, older, newer };
    }
  }
  if (after !== undefined || around !== undefined) {
    const count = firstOf(messages);
    return {
      messages: messages.slice(0, count),
      older,
      newer: newer || count < messages.length,
    };
  }
  const count = lastOf(messages);
  return {
    messages: messages.slice(messages.length - count),
    older: older || count < messages.length,
    newer,
  };
}
