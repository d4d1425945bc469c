import type { Chat } from "../chat.ts";
import type { JoinRequest } from "../client_messages.ts";
import { isoTime } from "../clock.ts";
import { ChatRefusal } from "../errors.ts";
import { hashSecret } from "../identity/secrets.ts";
import { CHAT_LIMITS, MORE_LIMITS } from "../limits.ts";
import type { ChatMessage, RoomKind } from "../model.ts";
import { isDirectRoom } from "../names.ts";
import { isTooLarge, lastOf } from "../page_size.ts";
import { judgeEntry, mayMakeRooms } from "../permissions.ts";
import type { ChatSession } from "../session.ts";
import type { Membership, StoredBan, StoredRoom } from "../store.ts";
import { mustNotBeTooFast } from "./rates.ts";

/** How a session enters a room. */
export type Entry = Omit<JoinRequest, "type">;

/** What a session gets of the messages of a room that it enters. */
interface Past {
  readonly room: StoredRoom;
  readonly recovered?: boolean | undefined;
  readonly messages: readonly ChatMessage[];
  readonly changed: readonly ChatMessage[];
  readonly more: boolean;
}

/** What the store says of a room that somebody wants to enter. */
interface View {
  readonly past: Past | undefined;
  readonly membership: Membership | undefined;
  readonly ban: StoredBan | undefined;
}

/** How often it is tried when rooms come and go at the same time. */
const MAX_TRIES = 5;

/**
 * Lets a session into a room, and answers with `joined`. What happens in the
 * room meanwhile is held back, and follows the answer where it is not part of
 * it: so nothing is lost, and nothing comes twice.
 */
export async function enterRoom(
  session: ChatSession,
  entry: Entry,
): Promise<void> {
  const { chat } = session;
  const { room } = entry;
  if (!session.isIn(room) && session.roomCount >= CHAT_LIMITS.rooms) {
    throw new ChatRefusal("too_many_rooms");
  }
  mustNotBeTooFast(chat, session.actor, "joins");
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    if (await tryToEnter(session, entry)) return;
  }
  throw new ChatRefusal("busy", { retry_after: 1 });
}

/**
 * Says `false` when the session had to leave before it was in: was banned since
 * the store was asked, say, or the room was deleted. Then it is to be asked anew.
 */
async function tryToEnter(
  session: ChatSession,
  entry: Entry,
): Promise<boolean> {
  const { chat } = session;
  const { room } = entry;
  const live = chat.rooms.expect(room, session);
  try {
    const { past, membership } = await letIn(session, entry);
    const partner = past.room.kind === "direct"
      ? await partnerIn(chat, room, session.personId)
      : undefined;
    if (!session.isOpen) return true;
    if (live.mustAskAnew(session)) return false;
    session.enters(live);
    const role = membership?.role ?? "member";
    const { mutedUntil } = membership ?? {};
    const now = chat.clock.now();
    const isMuted = mutedUntil !== undefined && mutedUntil > now;
    live.admit(session, {
      member: session.online.asMember(role),
      mutedUntil: isMuted ? mutedUntil : undefined,
      slow: past.room.slow,
      offset: past.room.offset,
      change: past.room.change,
      answer: ({ count, members }) =>
        chat.encodeForOne({
          type: "joined",
          room,
          kind: past.room.kind,
          topic: past.room.topic,
          epoch: past.room.epoch,
          offset: past.room.offset,
          change: past.room.change,
          role,
          read: membership?.read ?? 0,
          slow: past.room.slow,
          muted: isMuted ? isoTime(mutedUntil) : undefined,
          count,
          members,
          recovered: past.recovered,
          messages: past.messages,
          changed: past.changed,
          more: past.more,
          with: partner,
          time: isoTime(now),
          ref: entry.ref,
        }),
    });
    return true;
  } finally {
    live.giveUp(session);
    chat.rooms.tidy(room);
  }
}

/** Makes a room of which the actor is the owner; says whether it was new. */
export async function makeRoom(
  session: ChatSession,
  { room, kind, topic }: {
    readonly room: string;
    readonly kind: Exclude<RoomKind, "direct">;
    readonly topic: string;
  },
): Promise<boolean> {
  const { chat, actor } = session;
  mustNotBeTooFast(chat, actor, "rooms");
  const now = chat.clock.now();
  const result = await chat.store.rooms.add({
    room,
    kind,
    topic,
    epoch: chat.newId(),
    slow: 0,
    created: now,
  }, [{ person: actor.person.id, role: "owner" }]);
  return result === "added";
}

/** Looks until the session may be let in, and the room is there. */
async function letIn(
  session: ChatSession,
  entry: Entry,
): Promise<View & { readonly past: Past }> {
  const { chat, actor } = session;
  const { room, invite } = entry;
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const { past, ...view } = await look(session, entry);
    if (past === undefined) {
      if (isDirectRoom(room) || !mayMakeRooms(actor, chat.config)) {
        throw new ChatRefusal("room_unknown");
      }
      await makeRoom(session, { room, kind: "public", topic: "" });
      continue;
    }
    const verdict = judgeEntry(actor, { room: past.room, ...view });
    if (verdict === "enter") return { past, ...view };
    if (invite === undefined) throw new ChatRefusal("invite_required");
    const isValid = await chat.store.rooms.useInvite(hashSecret(invite), {
      room,
      person: actor.person.id,
      now: chat.clock.now(),
    });
    if (!isValid) throw new ChatRefusal("unknown_invite");
  }
  throw new ChatRefusal("busy", { retry_after: 1 });
}

/** Asks everything together, so that nothing happens between the answers. */
async function look(
  { chat, actor }: ChatSession,
  { room, since, limit }: Entry,
): Promise<View> {
  const { id } = actor.person;
  const { messages, moderation, rooms } = chat.store;
  const now = chat.clock.now();
  const [past, membership, ban] = await Promise.all([
    since === undefined
      ? newestOf(chat, room, limit)
      : messages.since(room, since, MORE_LIMITS.missed),
    rooms.membership(room, id),
    moderation.banOf(id, { room, now }),
  ]);
  if (past === undefined || !("missed" in past)) {
    return { past, membership, ban };
  }
  const { missed } = past;
  if (
    missed !== undefined && since !== undefined &&
    !isTooLarge(missed.messages, missed.changed)
  ) {
    const found: Past = {
      room: past.room,
      recovered: true,
      ...missed,
      more: since.offset > 0,
    };
    return { past: found, membership, ban };
  }
  const newest = await newestOf(chat, room, limit);
  return {
    past: newest && { ...newest, recovered: false },
    membership,
    ban,
  };
}

async function newestOf(
  chat: Chat,
  room: string,
  limit: number,
): Promise<Past | undefined> {
  const newest = await chat.store.messages.newest(room, limit);
  if (newest === undefined) return undefined;
  const { messages, older } = newest;
  const count = lastOf(messages);
  return {
    room: newest.room,
    messages: messages.slice(messages.length - count),
    changed: [],
    more: older || count < messages.length,
  };
}

/** The other one of two people. */
async function partnerIn(chat: Chat, room: string, own: string) {
  const members = await chat.store.rooms.members(room, { limit: 2 });
  const other = members.find(({ id }) => id !== own);
  return other && {
    id: other.id,
    name: other.name,
    ...(other.bot ? { bot: other.bot } : {}),
  };
}
