import type { Actor } from "../actor.ts";
import { addressKey } from "../address_key.ts";
import type { Chat } from "../chat.ts";
import type { BanRequest } from "../client_messages.ts";
import { isoTime } from "../clock.ts";
import { CHAT_CLOSE } from "../close_codes.ts";
import { ChatRefusal } from "../errors.ts";
import type { Person } from "../model.ts";
import { mustBeAllowed } from "../permissions.ts";
import type { StoredBan } from "../store.ts";
import { lastsFor, noted } from "./log.ts";
import { mustNotBeTooFast } from "./rates.ts";
import { asOthersSee, ownsServer } from "./target.ts";
import { tellModerated } from "./tell.ts";

/**
 * Keeps somebody out of the server for some seconds, or for ever without `lasts`,
 * and ends its connections with 4004. With `addresses` the addresses of these
 * connections are banned as well, but for one that the actor has too: that of a
 * proxy, say, in front of everybody.
 *
 * Refuses with `person_unknown`, `not_allowed` or `too_fast`.
 */
export async function banFromServer(
  chat: Chat,
  actor: Actor,
  { person: id, lasts, addresses, reason }: Omit<
    BanRequest,
    "type" | "ref" | "room"
  >,
): Promise<void> {
  const action = "ban";
  const person = await findTarget(chat, actor, id);
  const now = chat.clock.now();
  const until = lasts === undefined ? undefined : now + lasts * 1000;
  const banned = addresses ? addressesToBan(chat, actor, id) : [];
  await chat.store.moderation.ban(
    {
      person,
      addresses: banned,
      by: actor.person,
      until,
      reason,
      time: now,
    },
    noted(chat, actor, {
      action,
      person,
      detail: [lastsFor(lasts, reason), ...banned].join(" "),
    }),
  );
  tellModerated(chat, id, {
    action,
    ...(until === undefined ? {} : { until: isoTime(until) }),
    reason,
  });
  chat.publish({
    type: "disconnect",
    person: id,
    code: CHAT_CLOSE.banned,
    reason: "banned",
  });
}

/**
 * Lets somebody who is banned from the server come back, from the addresses that
 * were banned with it too.
 *
 * Refuses with `person_unknown`, `not_allowed` or `too_fast`.
 */
export async function unbanFromServer(
  chat: Chat,
  actor: Actor,
  id: string,
): Promise<void> {
  const person = await findTarget(chat, actor, id);
  const { moderation } = chat.store;
  const ban = await moderation.banOf(id, { now: chat.clock.now() });
  if (ban === undefined) return;
  await moderation.unban(
    undefined,
    id,
    noted(chat, actor, { action: "unban", person }),
  );
}

/** The ban from the server that is in force for an address, if there is one. */
export function banOfAddress(
  { clock, store }: Chat,
  address: string,
): Promise<StoredBan | undefined> {
  return store.moderation.addressBan(addressKey(address), clock.now());
}

async function findTarget(
  chat: Chat,
  actor: Actor,
  id: string,
): Promise<Person> {
  mustBeAllowed(actor, "server_bans");
  mustNotBeTooFast(chat, actor, "changes");
  const person = await chat.store.people.get(id);
  if (person === undefined) throw new ChatRefusal("person_unknown");
  if (ownsServer(chat, person)) throw new ChatRefusal("not_allowed");
  return asOthersSee(person);
}

function addressesToBan(
  chat: Chat,
  actor: Actor,
  id: string,
): readonly string[] {
  const banned = addressesOf(chat, id);
  for (const address of addressesOf(chat, actor.person.id)) {
    banned.delete(address);
  }
  return [...banned];
}

function addressesOf({ people }: Chat, id: string): Set<string> {
  const addresses = (people.get(id)?.sessions ?? []).flatMap(({ address }) =>
    address === undefined ? [] : addressKey(address)
  );
  return new Set(addresses);
}
