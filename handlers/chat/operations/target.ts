import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import { ChatRefusal } from "../errors.ts";
import type { Person } from "../model.ts";
import {
  type Action,
  isAbove,
  mustBeAllowed,
  type Rank,
  rankOf,
  readerStanding,
} from "../permissions.ts";
import type { Membership, StoredPerson } from "../store.ts";
import { mustNotBeTooFast } from "./rates.ts";

/** To whom something is to be done in a room, and by whom. */
export interface Target {
  /** To whom. */
  readonly person: Person;
  /** What the room knows of that person. */
  readonly membership: Membership | undefined;
  /** What that person is. */
  readonly rank: Rank;
  /** What the actor is. */
  readonly ownRank: Rank;
}

/**
 * Looks whether somebody may do something in a room.
 *
 * Refuses with `not_allowed`, `too_fast`, or as the room may not be read.
 */
export async function mustBeAllowedIn(
  chat: Chat,
  actor: Actor,
  { action, room }: { readonly action: Action; readonly room: string },
): Promise<Rank> {
  const { role } = await readerStanding(chat, actor, room);
  mustBeAllowed(actor, action, { room, role });
  mustNotBeTooFast(chat, actor, "changes");
  return rankOf(actor, role);
}

/**
 * Looks whether somebody may do something, and to whom. Of a private room only
 * members are known, unless `strangers` is set.
 *
 * Refuses with `person_unknown`, `not_allowed`, `too_fast`, or as the room may
 * not be read.
 */
export async function findTarget(
  chat: Chat,
  actor: Actor,
  { action, room, person, strangers = false }: {
    readonly action: Action;
    readonly room: string;
    readonly person: string;
    readonly strangers?: boolean;
  },
): Promise<Target> {
  const ownRank = await mustBeAllowedIn(chat, actor, { action, room });
  return await lookAt(chat, { room, person, strangers, ownRank });
}

/** As {@linkcode findTarget}, but refuses who is not of a lower rank as well. */
export async function findLowerTarget(
  chat: Chat,
  actor: Actor,
  options: Parameters<typeof findTarget>[2],
): Promise<Target> {
  const target = await findTarget(chat, actor, options);
  if (!isAbove(target.ownRank, target.rank)) {
    throw new ChatRefusal("not_allowed");
  }
  return target;
}

async function lookAt(
  chat: Chat,
  { room: name, person: id, strangers, ownRank }: {
    readonly room: string;
    readonly person: string;
    readonly strangers: boolean;
    readonly ownRank: Rank;
  },
): Promise<Target> {
  const { store } = chat;
  const [room, person, membership] = await Promise.all([
    store.rooms.get(name),
    store.people.get(id),
    store.rooms.membership(name, id),
  ]);
  if (room === undefined) throw new ChatRefusal("room_unknown");
  const isKnown = strangers || room.kind !== "private" ||
    membership !== undefined;
  if (person === undefined || !isKnown) throw new ChatRefusal("person_unknown");
  return {
    person: asOthersSee(person),
    membership,
    rank: rankOf({ isOwner: ownsServer(chat, person) }, membership?.role),
    ownRank,
  };
}

/**
 * Whether somebody owns the server. Who comes with a token does by the token, so
 * that is known only while it is there.
 */
export function ownsServer(
  { people }: Chat,
  { id, isOwner }: StoredPerson,
): boolean {
  return isOwner ||
    (people.get(id)?.sessions.some((session) => session.isOwner) ?? false);
}

/** A stored person as others see it. */
export function asOthersSee({ id, name, bot }: StoredPerson): Person {
  return bot ? { id, name, bot } : { id, name };
}
