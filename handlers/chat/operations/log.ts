import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import { isoTime } from "../clock.ts";
import type { Person } from "../model.ts";
import type { NewAuditEntry, Noted } from "../store.ts";

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
 * What a moderator does, as the option of the step of the store that does it: so
 * either both are stored or neither.
 */
export function noted(
  chat: Chat,
  actor: Actor,
  deed: Deed,
): Required<Noted> {
  return { audit: entryOf(chat, actor, deed) };
}

/** Notes what a moderator does that changes nothing in the store. */
export function log(chat: Chat, actor: Actor, deed: Deed): Promise<void> {
  return chat.store.moderation.log(entryOf(chat, actor, deed));
}

function entryOf(
  { clock }: Chat,
  actor: Actor,
  { action, room, person, detail = "" }: Deed,
): NewAuditEntry {
  return {
    action,
    ...(room === undefined ? {} : { room }),
    by: actor.person,
    ...(person === undefined ? {} : { person }),
    // One line, whatever there is in a reason.
    detail: detail.replace(/\s+/g, " ").trim(),
    time: isoTime(clock.now()),
  };
}

/** How long something lasts, in words, and why it is done. */
export function lastsFor(lasts: number | undefined, reason: string): string {
  const time = lasts === undefined ? "for ever" : `for ${lasts} s`;
  return reason === "" ? time : `${time}: ${reason}`;
}
