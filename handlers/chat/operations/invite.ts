import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type { InviteRequest } from "../client_messages.ts";
import { ChatRefusal } from "../errors.ts";
import { hashSecret, newSecret } from "../identity/secrets.ts";
import { mustBeAllowed, readerStanding } from "../permissions.ts";
import { lastsFor, log } from "./log.ts";
import { mustNotBeTooFast } from "./rates.ts";

/** An invitation to a private room. */
export interface Invitation {
  /** The secret that makes a member of who shows it. */
  readonly invite: string;
  /** When it ends, in milliseconds since 1970. */
  readonly expires: number;
}

/**
 * Makes an invitation to a private room. It ends as well when who made it may not
 * invite any more.
 *
 * Refuses with `not_allowed`, for other rooms too, with `too_fast`, or as the
 * room may not be read.
 */
export async function invite(
  chat: Chat,
  actor: Actor,
  { room: name, lasts, uses }: Omit<InviteRequest, "type" | "ref">,
): Promise<Invitation> {
  const { role } = await readerStanding(chat, actor, name);
  mustBeAllowed(actor, "invite", { room: name, role });
  mustNotBeTooFast(chat, actor, "rooms");
  const room = await chat.store.rooms.get(name);
  if (room === undefined) throw new ChatRefusal("room_unknown");
  if (room.kind !== "private") throw new ChatRefusal("not_allowed");
  const secret = newSecret();
  const expires = chat.clock.now() + lasts * 1000;
  await Promise.all([
    chat.store.rooms.addInvite(hashSecret(secret), {
      room: name,
      // The owner of the server need be nothing in the room.
      by: actor.isOwner ? undefined : actor.person.id,
      expires,
      uses,
    }),
    log(chat, actor, {
      action: "invite",
      room: name,
      detail: `${lastsFor(lasts, "")}, ${uses} uses`,
    }),
  ]);
  return { invite: secret, expires };
}
