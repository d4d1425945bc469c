// @ts-check

/**
 * One room as the page knows it, and how each event changes it. Pure, as
 * `state.js` is, which holds the rooms.
 * @module
 */

import { outgoingUtterance } from "./utterance.js";

/** @import { ChatMessage, Member, Person, Presence, RoomKind, RoomRole } from "../chat-client/wire.d.ts" */
/** @import { ChatRoom } from "../chat-client/types.d.ts" */
/** @import { Utterance } from "./utterance.js" */

/**
 * Something that happened while this page was there: `returned` is a `left`
 * soon followed by a `joined`.
 * @typedef {object} Notice
 * @property {string} key
 * @property {"joined" | "left" | "returned" | "renamed"} event
 * @property {string} name
 * @property {boolean} own
 * @property {number} time
 * @property {number} after the offset of the message that it came after
 * @property {string} [was] the former name, of `renamed`
 */

/**
 * A part of the history that is looked at in place of the newest messages.
 * @typedef {object} Place
 * @property {readonly ChatMessage[]} messages
 * @property {boolean} older whether there are older ones
 * @property {boolean} newer whether there are newer ones
 * @property {number} target the offset that was asked for
 */

/**
 * @typedef {object} Room
 * @property {string} name what the server calls it
 * @property {boolean} joined on the connection that is open now
 * @property {boolean} known whether it has been joined at all
 * @property {RoomKind} kind
 * @property {Person | undefined} with the other person of a direct room
 * @property {string} topic
 * @property {RoomRole} role
 * @property {number} count how many people are there
 * @property {readonly Member[] | undefined} members `undefined` if they are too many
 * @property {readonly ChatMessage[]} messages the newest, oldest first
 * @property {boolean} hasOlder
 * @property {number} offset the number of the newest message
 * @property {number} read how far one has read, on whatever device
 * @property {number} slow
 * @property {{ readonly until?: string } | undefined} muted
 * @property {readonly Person[]} typists
 * @property {readonly Utterance[]} outgoing own lines that are not among `messages`
 * @property {readonly Notice[]} notices
 * @property {number} unread
 * @property {number} mentions how many of the unread ones are for the reader
 * @property {number | undefined} newFrom the offset of the first one not seen
 * @property {boolean} atEnd whether the reader is at the newest message
 * @property {Place | undefined} place
 * @property {ReadonlyMap<number, ChatMessage | undefined>} quotes messages
 * that others answer and that are not among `messages`
 */

/** Who is back within this time, in milliseconds, "reconnected". */
export const RETURN_TIME = 5 * 60_000;

/** A room keeps this many notices. */
const MAX_NOTICES = 200;

/**
 * @param {string} name
 * @returns {Room} before it is joined
 */
export function newRoom(name) {
  return {
    name,
    joined: false,
    known: false,
    kind: name.startsWith("@") ? "direct" : "public",
    with: undefined,
    topic: "",
    role: "member",
    count: 0,
    members: [],
    messages: [],
    hasOlder: false,
    offset: 0,
    read: 0,
    slow: 0,
    muted: undefined,
    typists: [],
    outgoing: [],
    notices: [],
    unread: 0,
    mentions: 0,
    newFrom: undefined,
    atEnd: true,
    place: undefined,
    quotes: new Map(),
  };
}

/**
 * @param {Room} room
 * @returns {string} what people call it
 */
export function titleOf(room) {
  return room.kind === "direct" ? room.with?.name ?? "Direct" : room.name;
}

/**
 * Takes over what the client knows of the room now.
 *
 * @param {Room} room
 * @param {ChatRoom} live
 * @param {{ me: Person, now: number }} options
 * @returns {Room}
 */
export function sync(room, live, { me, now }) {
  return {
    ...room,
    joined: live.isJoined,
    known: true,
    kind: live.kind,
    with: live.with,
    topic: live.topic,
    role: live.role,
    count: live.count,
    members: live.members && keep(room.members, [...live.members.values()]),
    messages: live.messages,
    hasOlder: live.hasOlder,
    offset: live.position.offset,
    read: live.read,
    slow: live.slow,
    muted: live.muted,
    typists: live.typists,
    outgoing: outgoingOf(room, live, { me, now }),
  };
}

/**
 * One is in the room for the first time, or too much was missed.
 *
 * @param {Room} room after {@linkcode sync}
 * @param {string} me
 * @returns {Room}
 */
export function begin(room, me) {
  const { messages, read, kind } = room;
  // Who has never been here has missed nothing.
  if (read === 0 && kind === "public") {
    return { ...room, unread: 0, mentions: 0, newFrom: undefined };
  }
  const fresh = messages.filter(({ offset, from }) =>
    offset > read && from.id !== me
  );
  const first = messages[0]?.offset ?? room.offset + 1;
  return {
    ...room,
    notices: [],
    place: undefined,
    unread: fresh.length + Math.max(0, first - 1 - read),
    mentions: kind === "direct"
      ? fresh.length
      : fresh.filter(({ mentions = [] }) => mentions.includes(me)).length,
    newFrom: fresh[0]?.offset,
  };
}

/**
 * @param {Room} room
 * @param {ChatMessage} message
 * @param {{ me: string, seen: boolean }} options `seen`: it comes up before the
 * reader's eyes
 * @returns {Room}
 */
export function hear(room, message, { me, seen }) {
  if (message.from.id === me) return { ...room, newFrom: undefined };
  if (seen) return room;
  const isForMe = room.kind === "direct" ||
    (message.mentions?.includes(me) ?? false);
  return {
    ...room,
    unread: room.unread + 1,
    mentions: room.mentions + (isForMe ? 1 : 0),
    newFrom: room.newFrom ?? message.offset,
  };
}

/**
 * A message is another one now.
 *
 * @param {Room} room
 * @param {ChatMessage} message
 * @returns {Room}
 */
export function change(room, message) {
  const { place, quotes } = room;
  const index =
    place?.messages.findIndex(({ offset }) => offset === message.offset) ?? -1;
  return {
    ...room,
    place: place === undefined || index < 0
      ? place
      : { ...place, messages: place.messages.with(index, message) },
    quotes: quotes.has(message.offset)
      ? new Map(quotes).set(message.offset, message)
      : quotes,
  };
}

/**
 * One's own line is stored; it stays until the room's copy of it is there.
 *
 * @param {Room} room
 * @param {{ id: string, offset: number }} sent
 * @returns {Room}
 */
export function confirm(room, { id, offset }) {
  return {
    ...room,
    outgoing: room.outgoing.map((line) =>
      line.id === id ? { ...line, offset, status: "sent" } : line
    ),
  };
}

/**
 * @param {Room} room as it was before the change
 * @param {Presence} presence
 * @param {string} me
 * @returns {Room} with what there is to say of it
 */
export function notePresence(room, presence, me) {
  if (room.kind === "direct" || room.members === undefined) return room;
  const time = Date.parse(presence.time);
  const members = new Map(room.members.map((member) => [member.id, member]));
  let next = room;
  for (const id of presence.left ?? []) {
    const name = members.get(id)?.name;
    if (name === undefined || id === me) continue;
    members.delete(id);
    next = addNotice(next, { event: "left", name, own: false, time });
  }
  for (const { id, name } of presence.joined ?? []) {
    if (members.has(id) || id === me) continue;
    next = noteJoined(next, name, time);
  }
  for (
    const { id, name } of [...presence.changed ?? [], ...presence.joined ?? []]
  ) {
    const was = members.get(id)?.name;
    if (was === undefined || was === name) continue;
    next = addNotice(next, {
      event: "renamed",
      name,
      was,
      own: id === me,
      time,
    });
  }
  return next;
}

/**
 * @param {Room} room
 * @param {number} offset
 * @returns {ChatMessage | undefined} the message, if the page has it
 */
export function findMessage(room, offset) {
  for (const messages of [room.messages, room.place?.messages ?? []]) {
    const first = messages[0];
    const found = first && messages[offset - first.offset];
    if (found?.offset === offset) return found;
  }
  return room.quotes.get(offset);
}

/**
 * A phone that sleeps and wakes would fill the talk with "left" and "joined":
 * one line that says so is enough.
 *
 * @param {Room} room
 * @param {string} name
 * @param {number} time
 * @returns {Room}
 */
function noteJoined(room, name, time) {
  const isRecent = (/** @type {Notice} */ notice) =>
    notice.name === name && notice.after === room.offset &&
    time - notice.time <= RETURN_TIME;
  const farewell = room.notices.findLast((notice) =>
    notice.event === "left" && isRecent(notice)
  );
  if (farewell === undefined) {
    return addNotice(room, { event: "joined", name, own: false, time });
  }
  const notices = room.notices.filter((notice) =>
    notice !== farewell && !(notice.event === "returned" && isRecent(notice))
  );
  const event = "returned";
  return addNotice({ ...room, notices }, { event, name, own: false, time });
}

/**
 * @param {Room} room
 * @param {Omit<Notice, "key" | "after">} notice
 * @returns {Room}
 */
function addNotice(room, notice) {
  const last = Number(room.notices.at(-1)?.key.replace("notice-", "") ?? -1);
  const added = { ...notice, key: `notice-${last + 1}`, after: room.offset };
  return { ...room, notices: [...room.notices, added].slice(-MAX_NOTICES) };
}

/**
 * @param {Room} room
 * @param {ChatRoom} live
 * @param {{ me: Person, now: number }} options
 * @returns {readonly Utterance[]}
 */
function outgoingOf(room, live, { me, now }) {
  const before = new Map(room.outgoing.map((line) => [line.id, line]));
  const waiting = new Set(live.outgoing.map(({ id }) => id));
  const stored = room.outgoing.filter(({ id, offset }) =>
    !waiting.has(id) && offset !== undefined && offset > live.position.offset
  );
  const lines = live.outgoing.map((message) => {
    const line = before.get(message.id);
    const status = message.state === "failed" ? "failed" : "pending";
    return line?.status === status
      ? line
      : outgoingUtterance(message, { from: me, time: line?.time ?? now });
  });
  return keep(room.outgoing, [...stored, ...lines]);
}

/**
 * The former list if the new one has the same items: nothing is to be shown
 * anew.
 *
 * @template Item
 * @param {readonly Item[] | undefined} before
 * @param {readonly Item[]} items
 * @returns {readonly Item[]}
 */
function keep(before, items) {
  const isSame = before?.length === items.length &&
    before.every((item, index) => item === items[index]);
  return isSame ? before : items;
}
