import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type {
  DropInviteRequest,
  InviteRequest,
  InvitesRequest,
} from "../client_messages.ts";
import { isoTime } from "../clock.ts";
import { ChatRefusal } from "../errors.ts";
import { hashSecret, newSecret } from "../identity/secrets.ts";
import { mustBeAllowed, readerStanding } from "../permissions.ts";
import type { RateName } from "../rate_limits.ts";
import type { InviteEntry } from "../server_messages.ts";
import type { StoredInvite } from "../store.ts";
import { lastsFor, noted } from "./log.ts";
import { mustNotBeTooFast } from "./rates.ts";

/** An invitation to a private room. */
export interface Invitation {
  /** What it is ended by. */
  readonly id: string;
  /** The secret that makes a member of who shows it. */
  readonly invite: string;
  /** When it ends, in milliseconds since 1970. */
  readonly expires: number;
}

/**
 * Makes an invitation to a private room. It ends as well when who made it loses
 * its role there.
 *
 * Refuses with `not_allowed`, for other rooms too, with `too_fast`, or as the
 * room may not be read.
 */
export async function invite(
  chat: Chat,
  actor: Actor,
  { room, lasts, uses }: Omit<InviteRequest, "type" | "ref">,
): Promise<Invitation> {
  await mustInvite(chat, actor, { room, rate: "rooms" });
  const secret = newSecret();
  const id = chat.newId();
  const created = chat.clock.now();
  const expires = created + lasts * 1000;
  const { person: by, isOwner } = actor;
  const detail = `${lastsFor(lasts, "")}, ${uses} uses`;
  const isAdded = await chat.store.rooms.addInvite(
    hashSecret(secret),
    { id, room, by, uses, expires, created },
    {
      // The owner of the server need be nothing in the room.
      anybody: isOwner,
      ...noted(chat, actor, { action: "invite", room, detail }),
    },
  );
  if (!isAdded) throw new ChatRefusal("not_allowed");
  return { id, invite: secret, expires };
}

/**
 * The invitations to a private room that can be used, whoever made them, by their
 * ids.
 *
 * Refuses as {@linkcode invite} does.
 */
export async function listInvites(
  chat: Chat,
  actor: Actor,
  { room, after, limit }: Omit<InvitesRequest, "type" | "ref">,
): Promise<
  { readonly invites: readonly InviteEntry[]; readonly more: boolean }
> {
  await mustInvite(chat, actor, { room, rate: "pages" });
  const invites = await chat.store.rooms.invites(room, {
    after,
    limit: limit + 1,
    now: chat.clock.now(),
  });
  return {
    invites: invites.slice(0, limit).map(entryOf),
    more: invites.length > limit,
  };
}

/**
 * Ends an invitation to a private room, whoever made it.
 *
 * Refuses as {@linkcode invite} does, and with `unknown_invite` if there is none.
 */
export async function dropInvite(
  chat: Chat,
  actor: Actor,
  { room, invite: id }: Omit<DropInviteRequest, "type" | "ref">,
): Promise<void> {
  await mustInvite(chat, actor, { room, rate: "changes" });
  const { rooms } = chat.store;
  const found = await rooms.invite(room, id, chat.clock.now());
  const isDropped = found !== undefined && await rooms.dropInvite(
    room,
    id,
    noted(chat, actor, {
      action: "drop_invite",
      room,
      person: found.by,
      detail: `until ${isoTime(found.expires)}, ${found.uses} uses`,
    }),
  );
  if (!isDropped) throw new ChatRefusal("unknown_invite");
}

async function mustInvite(
  chat: Chat,
  actor: Actor,
  { room: name, rate }: { readonly room: string; readonly rate: RateName },
): Promise<void> {
  const { role } = await readerStanding(chat, actor, name);
  mustBeAllowed(actor, "invite", { room: name, role });
  mustNotBeTooFast(chat, actor, rate);
  const room = await chat.store.rooms.get(name);
  if (room === undefined) throw new ChatRefusal("room_unknown");
  if (room.kind !== "private") throw new ChatRefusal("not_allowed");
}

function entryOf(
  { id, by, uses, expires, created }: StoredInvite,
): InviteEntry {
  return { id, by, uses, expires: isoTime(expires), time: isoTime(created) };
}
