import {
  type Actor,
  banOfAddress,
  type Chat,
  ChatRefusal,
  type StoredPerson,
} from "../chat/mod.ts";
import { hashSecret, isSecret } from "../chat/identity/secrets.ts";
import { bannedRefusal } from "../chat/permissions.ts";
import { isTokenScope, type TokenScope } from "../chat/token_scopes.ts";
import { ApiRefusal } from "./problem.ts";

/** Who makes a request, and what it may do. */
export interface Caller {
  /** Who it is. */
  readonly actor: Actor;
  /** What it may do. */
  readonly scopes: readonly TokenScope[];
  /** The only room that it may have to do with, if there is one. */
  readonly room?: string | undefined;
}

/** What people may do as themselves; they speak over their connections. */
const OWN_SCOPES: readonly TokenScope[] = [
  "messages:read",
  "rooms:read",
  "members:read",
  "uploads:write",
];

/** RFC 6750 §2.1. */
const BEARER = /^bearer +(?<token>[\w.~+/-]+=*) *$/i;

/**
 * Finds out who makes a request: by a token of the API, by the secret of a
 * session, or by a JSON Web Token where people come in with one.
 *
 * Refuses with `token_required`, `invalid_token` and whatever refuses them when
 * they connect; who is banned from the server is refused here as well.
 */
export async function findCaller(
  chat: Chat,
  { headers }: Request,
  address: string | undefined,
): Promise<Caller> {
  await mustNotComeFromBanned(chat, address);
  const field = headers.get("authorization");
  if (field === null) throw new ApiRefusal("token_required");
  const token = BEARER.exec(field)?.groups?.token;
  if (token === undefined) throw new ChatRefusal("invalid_token");
  const caller = await byToken(chat, token, address) ??
    await bySelf(chat, token, address);
  await mustNotBeBanned(chat, caller.actor);
  return caller;
}

async function byToken(
  chat: Chat,
  token: string,
  address: string | undefined,
): Promise<Caller | undefined> {
  if (!isSecret(token)) return undefined;
  const stored = await chat.store.tokens.find(hashSecret(token));
  const person = stored && await chat.store.people.get(stored.person);
  if (person === undefined) return undefined;
  return {
    // A token may do what its scopes say, not what its person may.
    actor: { ...actorOf(person, address), isOwner: false },
    scopes: stored!.scopes.filter(isTokenScope),
    room: stored!.room,
  };
}

async function bySelf(
  { identity }: Chat,
  token: string,
  address: string | undefined,
): Promise<Caller> {
  const result = isSecret(token)
    ? await identity.resume(token)
    : await identity.helloToken(token);
  if (typeof result === "string") {
    // Which kind of token it was is nobody's business.
    throw result === "unknown_session" || result === "not_offered"
      ? new ChatRefusal("invalid_token")
      : new ChatRefusal(result, result === "busy" ? { retry_after: 1 } : {});
  }
  const { person } = result;
  return {
    actor: actorOf(person, address),
    scopes: person.isOwner ? [...OWN_SCOPES, "people:disconnect"] : OWN_SCOPES,
  };
}

function actorOf(
  { id, name, bot, isOwner }: Omit<StoredPerson, "password">,
  address: string | undefined,
): Actor {
  return { person: bot ? { id, name, bot } : { id, name }, isOwner, address };
}

async function mustNotComeFromBanned(
  chat: Chat,
  address: string | undefined,
): Promise<void> {
  if (address === undefined) return;
  const ban = await banOfAddress(chat, address);
  if (ban !== undefined) throw bannedRefusal(ban);
}

async function mustNotBeBanned(
  { clock, store }: Chat,
  { isOwner, person }: Actor,
): Promise<void> {
  const ban = await store.moderation.banOf(person.id, { now: clock.now() });
  if (ban !== undefined && !isOwner) throw bannedRefusal(ban);
}
