import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import { isoTime } from "../clock.ts";
import { ChatRefusal } from "../errors.ts";
import type { Member } from "../model.ts";
import { firstRoomsOf } from "../page_size.ts";
import { bannedFrom, mustBeAllowed, readerStanding } from "../permissions.ts";
import type { RoomEntry } from "../server_messages.ts";
import type { ListedRoom } from "../store.ts";
import { noted } from "./log.ts";
import { mustNotBeTooFast } from "./rates.ts";

/**
 * Public rooms and those that the actor is a member of, by name; where much was
 * said last there are fewer than `limit`.
 *
 * Refuses with `too_fast`.
 */
export async function listRooms(
  chat: Chat,
  actor: Actor,
  { after, limit }: {
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<{ readonly rooms: readonly RoomEntry[]; readonly more: boolean }> {
  mustNotBeTooFast(chat, actor, "pages");
  const rooms = await chat.store.rooms.list({
    person: actor.person.id,
    ...(after === undefined ? {} : { after }),
    limit: limit + 1,
  });
  const page = rooms.slice(0, limit);
  const banned = await bannedFrom(chat, actor, page.map(({ room }) => room));
  const entries = page.map((listed) => {
    const entry = entryOf(chat, listed);
    if (!banned.has(listed.room)) return entry;
    // That there is such a room, but nothing of what is said in it.
    return { ...entry, unread: 0, mentions: 0, last: undefined };
  });
  const count = firstRoomsOf(entries);
  return { rooms: entries.slice(0, count), more: rooms.length > count };
}

function entryOf(chat: Chat, listed: ListedRoom): RoomEntry {
  const { room, kind, topic, offset, read, unread, mentions, last } = listed;
  return {
    room,
    kind,
    topic,
    count: chat.rooms.get(room)?.count ?? 0,
    offset,
    read,
    unread,
    mentions,
    last: last && {
      offset: last.offset,
      from: last.from,
      text: last.text,
      time: last.time,
    },
    with: listed.with,
  };
}

/**
 * Who is in a room now; of one that is not public also who could be.
 *
 * Refuses with `too_fast`, or as the room may not be read.
 */
export async function listMembers(
  chat: Chat,
  actor: Actor,
  { room: name, after, limit }: {
    readonly room: string;
    readonly after?: string | undefined;
    readonly limit: number;
  },
): Promise<{ readonly members: readonly Member[]; readonly more: boolean }> {
  await readerStanding(chat, actor, name);
  mustNotBeTooFast(chat, actor, "pages");
  const room = await chat.store.rooms.get(name);
  if (room === undefined) throw new ChatRefusal("room_unknown");
  const found = room.kind === "public"
    ? presentMembers(chat, name, after)
    : await allMembers(chat, name, { after, limit: limit + 1 });
  return { members: found.slice(0, limit), more: found.length > limit };
}

function presentMembers(
  chat: Chat,
  name: string,
  after = "",
): readonly Member[] {
  const present = [...chat.rooms.get(name)?.members() ?? []];
  return present.filter(({ id }) => id > after)
    .sort((a, b) => a.id < b.id ? -1 : 1);
}

async function allMembers(
  chat: Chat,
  name: string,
  { after, limit }: {
    readonly after: string | undefined;
    readonly limit: number;
  },
): Promise<readonly Member[]> {
  const members = await chat.store.rooms.members(name, {
    ...(after === undefined ? {} : { after }),
    limit,
  });
  const live = chat.rooms.get(name);
  return members.map(({ id, name, bot, role }) =>
    live?.member(id)?.member ?? {
      id,
      name,
      ...(bot ? { bot } : {}),
      ...(role === "member" ? {} : { role }),
      offline: true,
    }
  );
}

/**
 * Gives a room a topic, as a moderator.
 *
 * Refuses with `not_allowed`, `too_fast`, or as the room may not be read.
 */
export async function setTopic(
  chat: Chat,
  actor: Actor,
  { room, topic }: { readonly room: string; readonly topic: string },
): Promise<void> {
  const { role } = await readerStanding(chat, actor, room);
  mustBeAllowed(actor, "topic", { room, role });
  mustNotBeTooFast(chat, actor, "changes");
  await chat.store.rooms.update(room, {
    topic,
    ...noted(chat, actor, { action: "topic", room, detail: topic }),
  });
  const time = isoTime(chat.clock.now());
  chat.publish({
    type: "room_changed",
    message: { type: "room_changed", room, topic, time },
  });
}
