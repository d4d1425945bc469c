import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import { isoTime } from "../clock.ts";
import type { Person } from "../model.ts";

/** Something that a moderator has done. */
export interface Deed {
  /** The request's type. */
  readonly action: string;
  /** The room; absent: it was done to the whole server. */
  readonly room?: string | undefined;
  /** To whom. */
  readonly person?: Person | undefined;
  /** What exactly, and why. */
  readonly detail?: string;
}

/**
 * Notes what a moderator does. Call it together with what stores the deed, so
 * that either both are stored or neither.
 */
export function log(
  chat: Chat,
  actor: Actor,
  { action, room, person, detail = "" }: Deed,
): Promise<void> {
  return chat.store.moderation.log({
    action,
    ...(room === undefined ? {} : { room }),
    by: actor.person,
    ...(person === undefined ? {} : { person }),
    // One line, whatever there is in a reason.
    detail: detail.replace(/\s+/g, " ").trim(),
    time: isoTime(chat.clock.now()),
  });
}

/** How long something lasts, in words, and why it is done. */
export function lastsFor(lasts: number | undefined, reason: string): string {
  const time = lasts === undefined ? "for ever" : `for ${lasts} s`;
  return reason === "" ? time : `${time}: ${reason}`;
}
