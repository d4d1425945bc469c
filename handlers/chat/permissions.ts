import type { Actor } from "./actor.ts";
import type { Chat } from "./chat.ts";
import { isoTime } from "./clock.ts";
import type { ChatConfig } from "./config.ts";
import { ChatRefusal } from "./errors.ts";
import type { RoomRole } from "./model.ts";
import { isDirectRoom } from "./names.ts";
import type { Membership, StoredBan, StoredRoom } from "./store.ts";

/**
 * What somebody is to a room, or to the server. Each may do all that those before
 * it may.
 */
export const RANKS = ["member", "moderator", "owner", "server_owner"] as const;

/** One of {@linkcode RANKS}. */
export type Rank = typeof RANKS[number];

/**
 * What may be done in a room besides reading it and speaking, or to the whole
 * server, with the least rank that may. Nobody may do it in a direct room.
 */
export const LEAST_RANKS = {
  /** To speak without regard to slow mode. */
  speak_at_once: "moderator",
  /** To delete what others have said. */
  delete: "moderator",
  versions: "moderator",
  topic: "moderator",
  /** To make invitations, see and end them. */
  invite: "moderator",
  kick: "moderator",
  mute: "moderator",
  ban: "moderator",
  unban: "moderator",
  slow: "moderator",
  bans: "moderator",
  audit: "moderator",
  /** To take a lower role oneself. */
  step_down: "member",
  role: "owner",
  delete_room: "owner",
  reset_room: "owner",
  /** To keep people and addresses out of the server, and see who is. */
  server_bans: "server_owner",
  /** To see what has been done anywhere. */
  server_audit: "server_owner",
  /** To make tokens of the API, see and end them. */
  tokens: "server_owner",
} as const satisfies Readonly<Record<string, Rank>>;

/** Something that not everybody may do: a key of {@linkcode LEAST_RANKS}. */
export type Action = keyof typeof LEAST_RANKS;

/** What somebody is, by its role in a room if there is one. */
export function rankOf(
  { isOwner }: Pick<Actor, "isOwner">,
  role: RoomRole = "member",
): Rank {
  return isOwner ? "server_owner" : role;
}

/** Whether one rank is higher than another: nobody acts on an equal. */
export function isAbove(rank: Rank, other: Rank): boolean {
  return RANKS.indexOf(rank) > RANKS.indexOf(other);
}

/** Whether somebody may do something, in a room or, without one, anywhere. */
export function mayDo(
  actor: Pick<Actor, "isOwner">,
  action: Action,
  { room, role }: {
    readonly room?: string | undefined;
    readonly role?: RoomRole | undefined;
  } = {},
): boolean {
  if (room !== undefined && isDirectRoom(room)) return false;
  return !isAbove(LEAST_RANKS[action], rankOf(actor, role));
}

/** As {@linkcode mayDo}, but refuses who may not with `not_allowed`. */
export function mustBeAllowed(
  actor: Pick<Actor, "isOwner">,
  action: Action,
  place?: { readonly room: string; readonly role: RoomRole },
): void {
  if (!mayDo(actor, action, place)) throw new ChatRefusal("not_allowed");
}

/** Whether somebody may make rooms. */
export function mayMakeRooms(
  { isOwner }: Pick<Actor, "isOwner">,
  { createRooms }: Pick<Required<ChatConfig>, "createRooms">,
): boolean {
  return isOwner || createRooms === "everybody";
}

/** What somebody is in a room now. */
export interface Standing {
  /** The role in the room. */
  readonly role: RoomRole;
  /** Until when it may not speak. */
  readonly mutedUntil?: number | undefined;
}

/** Refuses who is banned. */
export function bannedRefusal(ban: StoredBan): ChatRefusal {
  return new ChatRefusal("banned", {
    ...(ban.room === undefined ? {} : { room: ban.room }),
    ...(ban.until === undefined ? {} : { until: isoTime(ban.until) }),
    reason: ban.reason,
  });
}

/**
 * Whether somebody may come into a room, or needs an invitation for it. Throws a
 * `ChatRefusal` if neither.
 */
export function judgeEntry(
  actor: Actor,
  { room, membership, ban }: {
    readonly room: StoredRoom;
    readonly membership: Membership | undefined;
    readonly ban: StoredBan | undefined;
  },
): "enter" | "invite" {
  if (room.kind === "direct") {
    // Others are not to learn that the two talk.
    if (membership === undefined) throw new ChatRefusal("room_unknown");
    return "enter";
  }
  if (actor.isOwner) return "enter";
  if (ban !== undefined) throw bannedRefusal(ban);
  return room.kind === "private" && membership === undefined
    ? "invite"
    : "enter";
}

/** Those of some rooms that somebody is banned from. */
export async function bannedFrom(
  chat: Chat,
  actor: Actor,
  rooms: Iterable<string>,
): Promise<ReadonlySet<string>> {
  if (actor.isOwner) return new Set();
  const now = chat.clock.now();
  const names = [...new Set(rooms)];
  const bans = await Promise.all(
    names.map((room) =>
      chat.store.moderation.banOf(actor.person.id, { room, now })
    ),
  );
  return new Set(names.filter((_, index) => bans[index] !== undefined));
}

/** What somebody is in a room that it may read; refuses who may not. */
export async function readerStanding(
  chat: Chat,
  actor: Actor,
  name: string,
): Promise<Standing> {
  const { id } = actor.person;
  const live = chat.rooms.get(name)?.member(id);
  if (live !== undefined && live.devices > 0) {
    return { role: live.member.role ?? "member", mutedUntil: live.mutedUntil };
  }
  const [room, membership, ban] = await Promise.all([
    chat.store.rooms.get(name),
    chat.store.rooms.membership(name, id),
    chat.store.moderation.banOf(id, { room: name, now: chat.clock.now() }),
  ]);
  if (room === undefined) throw new ChatRefusal("room_unknown");
  if (judgeEntry(actor, { room, membership, ban }) === "invite") {
    throw new ChatRefusal("invite_required");
  }
  return {
    role: membership?.role ?? "member",
    mutedUntil: membership?.mutedUntil,
  };
}

/** Refuses who is muted. */
export function mustNotBeMuted(
  chat: Chat,
  { mutedUntil }: Pick<Standing, "mutedUntil">,
): void {
  if (mutedUntil === undefined || mutedUntil <= chat.clock.now()) return;
  throw new ChatRefusal("muted", {
    ...(isEndless(mutedUntil) ? {} : { until: isoTime(mutedUntil) }),
  });
}

/** The time that stands for no end: the last one of ISO 8601 with four digits. */
export const ENDLESS: number = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Whether a time stands for no end. */
export function isEndless(time: number): boolean {
  return time >= ENDLESS;
}
