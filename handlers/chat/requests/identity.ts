import { isoTime } from "../clock.ts";
import type {
  HelloRequest,
  LoginRequest,
  RegisterRequest,
} from "../client_messages.ts";
import { CHAT_CLOSE } from "../close_codes.ts";
import { ChatRefusal } from "../errors.ts";
import type { Identified, IdentityRefusal } from "../identity/identified.ts";
import { nameKey } from "../names.ts";
import { endSessions } from "../operations/disconnect.ts";
import { mustNotBeTooFast } from "../operations/rates.ts";
import { banOfAddress } from "../operations/server_bans.ts";
import { bannedRefusal } from "../permissions.ts";
import type { RateName, RateSubject } from "../rate_limits.ts";
import type { ChatSession } from "../session.ts";
import {
  type Fields,
  invalidField,
  readFlag,
  readId,
  readName,
  readOptionalSecret,
  readPassword,
  readSecret,
} from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** Saying who one is, and what one is. */
export const IDENTITY_REQUESTS: RequestKinds<
  | "hello"
  | "register"
  | "login"
  | "refresh"
  | "rename"
  | "change_password"
  | "sessions"
  | "revoke"
  | "logout"
  | "status"
  | "ping"
> = {
  hello: {
    parse: parseHello,
    handle: hello,
  },

  register: {
    parse: (fields, ref) => ({
      type: "register",
      name: readName(fields),
      password: readPassword(fields, "password"),
      code: readOptionalSecret(fields, "code"),
      ref,
    }),
    handle: register,
  },

  login: {
    parse: (fields, ref) => ({
      type: "login",
      name: readName(fields),
      password: readPassword(fields, "password"),
      ref,
    }),
    handle: login,
  },

  refresh: {
    parse: (fields, ref) => ({
      type: "refresh",
      token: readSecret(fields, "token"),
      ref,
    }),
    async handle({ token, ref }, session) {
      const { chat } = session;
      slowDown(session, "hellos");
      const result = accepted(
        await chat.identity.refresh(session.personId, token),
      );
      if (!session.isOpen) return;
      chat.renew(session, result);
      sayReady(session, result, ref);
    },
  },

  rename: {
    parse: (fields, ref) => ({ type: "rename", name: readName(fields), ref }),
    async handle({ name, ref }, session) {
      const { chat, online } = session;
      mustNotBeTooFast(chat, session.actor, "profiles");
      const result = await chat.identity.rename(online, name);
      if (typeof result === "string") throw new ChatRefusal(result);
      chat.renamed(online, result.name);
      session.reply({ type: "renamed", person: online.person, ref });
    },
  },

  change_password: {
    parse: (fields, ref) => ({
      type: "change_password",
      old: readPassword(fields, "old"),
      new: readPassword(fields, "new"),
      ref,
    }),
    async handle({ old, new: wanted, ref }, session) {
      const { chat, personId, sessionId } = session;
      mustNotBeTooFast(chat, session.actor, "profiles");
      if (sessionId === undefined) throw new ChatRefusal("not_offered");
      const ended = await chat.identity.changePassword(personId, {
        old,
        new: wanted,
        sessionId,
      });
      if (typeof ended === "string") throw new ChatRefusal(ended);
      session.reply({ type: "done", ref });
      endSessions(chat, personId, ended);
    },
  },

  sessions: {
    parse: (_, ref) => ({ type: "sessions", ref }),
    async handle({ ref }, session) {
      const { chat, personId, sessionId } = session;
      mustNotBeTooFast(chat, session.actor, "pages");
      const sessions = await chat.identity.sessions(personId, sessionId);
      session.reply({
        type: "sessions",
        sessions: sessions.map(({ id, current, created, used }) => ({
          id,
          current,
          created: isoTime(created),
          used: isoTime(used),
        })),
        ref,
      });
    },
  },

  revoke: {
    parse: (fields, ref) => ({
      type: "revoke",
      session: readId(fields, "session"),
      ref,
    }),
    handle: ({ session: id, ref }, session) => endSession(session, { id, ref }),
  },

  logout: {
    parse: (_, ref) => ({ type: "logout", ref }),
    async handle({ ref }, session) {
      const { sessionId: id } = session;
      // Who came with a token has no session that could end.
      if (id === undefined) throw new ChatRefusal("not_offered");
      await endSession(session, { id, ref });
    },
  },

  status: {
    parse: (fields, ref) => ({
      type: "status",
      away: readFlag(fields, "away"),
      ref,
    }),
    handle({ away, ref }, session) {
      session.chat.setAway(session, away);
      session.reply({ type: "done", ref });
    },
  },

  ping: {
    parse: (_, ref) => ({ type: "ping", ref }),
    handle({ ref }, session) {
      session.reply({ type: "done", ref });
    },
  },
};

function parseHello(fields: Fields, ref: string | undefined): HelloRequest {
  const { name, resume, token } = fields;
  const given = [name, resume, token].filter((each) => each !== undefined);
  if (given.length > 1) {
    throw invalidField(token === undefined ? "resume" : "token");
  }
  if (resume !== undefined) {
    return { type: "hello", resume: readSecret(fields, "resume"), ref };
  }
  if (token !== undefined) {
    return { type: "hello", token: readSecret(fields, "token"), ref };
  }
  return { type: "hello", name: readName(fields), ref };
}

async function hello(
  { name, resume, token, ref }: HelloRequest,
  session: ChatSession,
): Promise<void> {
  const { identity } = session.chat;
  slowDown(session, name === undefined ? "hellos" : "guests");
  await mustNotComeFromBanned(session);
  const result = token !== undefined
    ? await identity.helloToken(token)
    : resume !== undefined
    ? await identity.resume(resume)
    : await identity.hello(name!);
  await comeIn(session, result, ref);
}

async function register(
  { name, password, code, ref }: RegisterRequest,
  session: ChatSession,
): Promise<void> {
  slowDown(session, "registrations");
  await mustNotComeFromBanned(session);
  const { identity } = session.chat;
  const result = await identity.register({ name, password, code });
  await comeIn(session, result, ref);
}

async function login(
  { name, password, ref }: LoginRequest,
  session: ChatSession,
): Promise<void> {
  slowDown(session, "logins", { name: nameKey(name) });
  await mustNotComeFromBanned(session);
  const result = await session.chat.identity.login({ name, password });
  await comeIn(session, result, ref);
}

/** Counts a try to come in. */
function slowDown(
  { chat, address }: ChatSession,
  rate: RateName,
  subject: RateSubject = {},
): void {
  const wait = chat.limits.take(rate, { address, ...subject });
  if (wait > 0) throw new ChatRefusal("too_fast", { retry_after: wait });
}

async function mustNotComeFromBanned(
  { chat, address }: ChatSession,
): Promise<void> {
  if (address === undefined) return;
  const ban = await banOfAddress(chat, address);
  if (ban !== undefined) throw bannedRefusal(ban);
}

async function comeIn(
  session: ChatSession,
  result: Identified | IdentityRefusal,
  ref: string | undefined,
): Promise<void> {
  const identified = accepted(result);
  const { chat } = session;
  const { id, isOwner } = identified.person;
  const now = chat.clock.now();
  const ban = await chat.store.moderation.banOf(id, { now });
  if (ban !== undefined && !isOwner) throw bannedRefusal(ban);
  if (!session.isOpen) return;
  // From now on it hears that its session ends; so what is asked after that
  // tells whether it has ended before.
  const [, sessions] = await Promise.all([
    chat.welcome(session, identified),
    chat.store.sessions.of(id),
  ]);
  const { sessionId } = identified;
  if (
    sessionId !== undefined && !sessions.some((each) => each.id === sessionId)
  ) {
    session.end(CHAT_CLOSE.sessionEnded, "the session has ended");
  }
  sayReady(session, identified, ref);
}

function accepted(result: Identified | IdentityRefusal): Identified {
  if (typeof result !== "string") return result;
  throw new ChatRefusal(result, result === "busy" ? { retry_after: 1 } : {});
}

function sayReady(
  session: ChatSession,
  { resume, expires }: Identified,
  ref: string | undefined,
): void {
  session.reply({
    type: "ready",
    person: session.person,
    resume,
    owner: session.isOwner ? true : undefined,
    expires: expires === undefined ? undefined : isoTime(expires),
    ref,
  });
}

async function endSession(
  session: ChatSession,
  { id, ref }: { readonly id: string; readonly ref: string | undefined },
): Promise<void> {
  const { chat, online } = session;
  mustNotBeTooFast(chat, session.actor, "profiles");
  const result = await chat.identity.endSession(online, id);
  if (result === "unknown_session") throw new ChatRefusal(result);
  session.reply({ type: "done", ref });
  endSessions(chat, online.id, [id]);
}
