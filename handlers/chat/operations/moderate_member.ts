import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type {
  BanRequest,
  KickRequest,
  MuteRequest,
  RoleRequest,
  UnbanRequest,
} from "../client_messages.ts";
import { isoTime } from "../clock.ts";
import { ChatRefusal } from "../errors.ts";
import { ENDLESS, isAbove, isEndless } from "../permissions.ts";
import { lastsFor, log, noted } from "./log.ts";
import { findLowerTarget, findTarget } from "./target.ts";
import { tellModerated, tellStanding } from "./tell.ts";

/**
 * Makes somebody leave a room, with all devices. It may come back.
 *
 * Refuses with `person_unknown`, `not_allowed`, `too_fast`, or as the room may
 * not be read.
 */
export async function kick(
  chat: Chat,
  actor: Actor,
  { room, person: id, reason }: Omit<KickRequest, "type" | "ref">,
): Promise<void> {
  const action = "kick";
  const { person } = await findLowerTarget(chat, actor, {
    action,
    room,
    person: id,
  });
  await log(chat, actor, { action, room, person, detail: reason });
  tellModerated(chat, id, { room, action, reason });
  chat.publish({ type: "expel", room, person: id });
}

/**
 * Takes somebody's word in a room for some seconds, or for ever without `lasts`;
 * 0 gives it back.
 *
 * Refuses as {@linkcode kick} does.
 */
export async function mute(
  chat: Chat,
  actor: Actor,
  { room, person: id, lasts, reason }: Omit<MuteRequest, "type" | "ref">,
): Promise<void> {
  const action = "mute";
  const { person } = await findLowerTarget(chat, actor, {
    action,
    room,
    person: id,
  });
  const now = chat.clock.now();
  const until = lasts === undefined ? ENDLESS : now + lasts * 1000;
  const { rooms } = chat.store;
  const [, membership] = await Promise.all([
    rooms.setMembership(room, id, {
      mutedUntil: lasts === 0 ? undefined : until,
      ...noted(chat, actor, {
        action,
        room,
        person,
        detail: lasts === 0 ? "ended" : lastsFor(lasts, reason),
      }),
    }),
    rooms.membership(room, id),
  ]);
  tellStanding(chat, room, { ...membership, person: id });
  tellModerated(chat, id, {
    room,
    action,
    ...(isEndless(until) ? {} : { until: isoTime(until) }),
    reason,
  });
}

/**
 * Keeps somebody out of a room for some seconds, or for ever without `lasts`. It
 * leaves the room, and loses its role and its membership of a private one.
 *
 * Refuses as {@linkcode kick} does.
 */
export async function banFromRoom(
  chat: Chat,
  actor: Actor,
  { room, person: id, lasts, reason }:
    & Omit<BanRequest, "type" | "ref" | "room" | "addresses">
    & { readonly room: string },
): Promise<void> {
  const action = "ban";
  const { person } = await findLowerTarget(chat, actor, {
    action,
    room,
    person: id,
    strangers: true,
  });
  const now = chat.clock.now();
  const until = lasts === undefined ? undefined : now + lasts * 1000;
  await chat.store.moderation.ban(
    {
      room,
      person,
      addresses: [],
      by: actor.person,
      until,
      reason,
      time: now,
    },
    noted(chat, actor, {
      action,
      room,
      person,
      detail: lastsFor(lasts, reason),
    }),
  );
  tellModerated(chat, id, {
    room,
    action,
    ...(until === undefined ? {} : { until: isoTime(until) }),
    reason,
  });
  chat.publish({ type: "expel", room, person: id });
}

/**
 * Lets somebody who is banned come into a room again.
 *
 * Refuses as {@linkcode kick} does.
 */
export async function unbanFromRoom(
  chat: Chat,
  actor: Actor,
  { room, person: id }: Omit<UnbanRequest, "type" | "ref" | "room"> & {
    readonly room: string;
  },
): Promise<void> {
  const action = "unban";
  const { person } = await findLowerTarget(chat, actor, {
    action,
    room,
    person: id,
    strangers: true,
  });
  const { moderation } = chat.store;
  const ban = await moderation.banOf(id, { room, now: chat.clock.now() });
  if (ban === undefined) return;
  await moderation.unban(
    room,
    id,
    noted(chat, actor, { action, room, person }),
  );
}

/**
 * Gives somebody a role in a room. Owners may; everybody may step down, but for
 * the last owner.
 *
 * Refuses as {@linkcode kick} does.
 */
export async function setRole(
  chat: Chat,
  actor: Actor,
  { room, person: id, role }: Omit<RoleRequest, "type" | "ref">,
): Promise<void> {
  const isOwn = id === actor.person.id;
  const { person, membership, ownRank, rank } = await findTarget(chat, actor, {
    action: isOwn ? "step_down" : "role",
    room,
    person: id,
  });
  const isAllowed = isOwn ? !isAbove(role, ownRank) : isAbove(ownRank, rank);
  if (!isAllowed) throw new ChatRefusal("not_allowed");
  if (role === (membership?.role ?? "member")) return;
  const { rooms } = chat.store;
  const [isSet, changed] = await Promise.all([
    rooms.setMembership(room, id, {
      role,
      ...noted(chat, actor, { action: "role", room, person, detail: role }),
    }),
    rooms.membership(room, id),
  ]);
  if (!isSet) throw new ChatRefusal("not_allowed");
  tellStanding(chat, room, { ...changed, person: id });
  tellModerated(chat, id, { room, action: "role", role, reason: "" });
}
