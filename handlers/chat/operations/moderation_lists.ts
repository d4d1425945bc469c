import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type { AuditRequest, BansRequest } from "../client_messages.ts";
import { isoTime } from "../clock.ts";
import type { AuditEntry } from "../model.ts";
import { type Action, mustBeAllowed, readerStanding } from "../permissions.ts";
import type { BanEntry } from "../server_messages.ts";
import { mustNotBeTooFast } from "./rates.ts";

/**
 * Who is banned, from a room or from the server, by the people's ids.
 *
 * Refuses with `not_allowed`, `too_fast`, or as the room may not be read.
 */
export async function listBans(
  chat: Chat,
  actor: Actor,
  { room, after = "", limit }: Omit<BansRequest, "type" | "ref">,
): Promise<{ readonly bans: readonly BanEntry[]; readonly more: boolean }> {
  const action = room === undefined ? "server_bans" : "bans";
  await mustBeReader(chat, actor, { action, room });
  const bans = (await chat.store.moderation.bans(room, chat.clock.now()))
    .filter(({ person }) => person.id > after)
    .sort((a, b) => a.person.id < b.person.id ? -1 : 1);
  return {
    bans: bans.slice(0, limit).map(({ person, by, until, reason, time }) => ({
      person,
      by,
      ...(until === undefined ? {} : { until: isoTime(until) }),
      reason,
      time: isoTime(time),
    })),
    more: bans.length > limit,
  };
}

/**
 * What moderators have done in a room or, without one, anywhere; newest first.
 *
 * Refuses with `not_allowed`, `too_fast`, or as the room may not be read.
 */
export async function listAudit(
  chat: Chat,
  actor: Actor,
  { room, before, limit }: Omit<AuditRequest, "type" | "ref">,
): Promise<
  { readonly entries: readonly AuditEntry[]; readonly more: boolean }
> {
  const action = room === undefined ? "server_audit" : "audit";
  await mustBeReader(chat, actor, { action, room });
  const entries = await chat.store.moderation.audit({
    room,
    before,
    limit: limit + 1,
  });
  return { entries: entries.slice(0, limit), more: entries.length > limit };
}

async function mustBeReader(
  chat: Chat,
  actor: Actor,
  { action, room }: {
    readonly action: Action;
    readonly room: string | undefined;
  },
): Promise<void> {
  if (room === undefined) mustBeAllowed(actor, action);
  else {
    const { role } = await readerStanding(chat, actor, room);
    mustBeAllowed(actor, action, { room, role });
  }
  mustNotBeTooFast(chat, actor, "pages");
}
