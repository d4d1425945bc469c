import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type { CreateTokenRequest } from "../client_messages.ts";
import { ChatRefusal } from "../errors.ts";
import { hashSecret, newSecret } from "../identity/secrets.ts";
import type { Person } from "../model.ts";
import { exactNameKey, isDirectRoom, nameKey } from "../names.ts";
import { mustBeAllowed } from "../permissions.ts";
import type { TokenEntry } from "../server_messages.ts";
import type { StoredToken } from "../store.ts";
import { noted } from "./log.ts";
import { mustNotBeTooFast } from "./rates.ts";

/** A token of the API with its secret, which is told once. */
export interface NewToken {
  /** The token. */
  readonly token: TokenEntry;
  /** Its secret. */
  readonly secret: string;
}

/**
 * Makes a token of the API. A bot speaks with it that has its name; tokens of one
 * name are of one bot. One for a private room makes the bot a member.
 *
 * Refuses with `not_allowed`, `room_unknown`, `name_taken` or `too_fast`.
 */
export async function createToken(
  chat: Chat,
  actor: Actor,
  { name, scopes, room }: Omit<CreateTokenRequest, "type" | "ref">,
): Promise<NewToken> {
  mustBeAllowed(actor, "tokens");
  mustNotBeTooFast(chat, actor, "changes");
  if (room !== undefined) await mustBeRoom(chat, room);
  const bot = await findBot(chat, name);
  const secret = newSecret();
  const token: StoredToken = {
    id: chat.newId(),
    name: bot.name,
    scopes,
    person: bot.id,
    ...(room === undefined ? {} : { room }),
    created: chat.clock.now(),
  };
  await chat.store.tokens.add(
    token,
    hashSecret(secret),
    noted(chat, actor, {
      action: "create_token",
      room,
      person: bot,
      detail: scopes.join(" "),
    }),
  );
  return { token: entryOf(token), secret };
}

/**
 * All tokens of the API, oldest first.
 *
 * Refuses with `not_allowed` or `too_fast`.
 */
export async function listTokens(
  chat: Chat,
  actor: Actor,
): Promise<readonly TokenEntry[]> {
  mustBeAllowed(actor, "tokens");
  mustNotBeTooFast(chat, actor, "pages");
  return (await chat.store.tokens.list()).map(entryOf);
}

/**
 * Ends a token of the API.
 *
 * Refuses with `not_allowed`, `too_fast`, and with `invalid_field` if there is no
 * such token.
 */
export async function dropToken(
  chat: Chat,
  actor: Actor,
  id: string,
): Promise<void> {
  mustBeAllowed(actor, "tokens");
  mustNotBeTooFast(chat, actor, "changes");
  const { people, tokens } = chat.store;
  const token = (await tokens.list()).find((each) => each.id === id);
  if (token === undefined) {
    throw new ChatRefusal("invalid_field", { field: "token" });
  }
  const bot = await people.get(token.person);
  await tokens.drop(
    id,
    noted(chat, actor, {
      action: "drop_token",
      room: token.room,
      person: bot && { id: bot.id, name: bot.name, bot: true },
      detail: token.scopes.join(" "),
    }),
  );
}

async function mustBeRoom({ store }: Chat, room: string): Promise<void> {
  if (isDirectRoom(room) || await store.rooms.get(room) === undefined) {
    throw new ChatRefusal("room_unknown");
  }
}

/** The bot of that name, which is made if nobody has the name. */
async function findBot(
  chat: Chat,
  name: string,
): Promise<Person> {
  const { people } = chat.store;
  const key = nameKey(name);
  const found = await people.named(exactNameKey(name)) ??
    await people.named(key);
  if (found?.kind === "bot") {
    return { id: found.id, name: found.name, bot: true };
  }
  const now = chat.clock.now();
  const bot = { id: chat.newId(), name, bot: true } as const;
  const result = await people.add(
    { ...bot, kind: "bot", isOwner: false, created: now },
    { nameKey: key, now },
  );
  if (result === "name_taken") throw new ChatRefusal("name_taken");
  return bot;
}

function entryOf({ id, name, scopes, room }: StoredToken): TokenEntry {
  return room === undefined ? { id, name, scopes } : { id, name, scopes, room };
}
