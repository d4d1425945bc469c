import { normalizeName } from "../names.ts";
import type { ChatStore, StoredPerson, StoredSession } from "../store.ts";
import { Accounts } from "./accounts.ts";
import { Admission } from "./admission.ts";
import { Guests } from "./guests.ts";
import {
  type Identified,
  type IdentityRefusal,
  withoutPassword,
} from "./identified.ts";
import { Passwords } from "./passwords.ts";
import { hashSecret, isSecret } from "./secrets.ts";
import { TokenPeople } from "./token_people.ts";
import type { TokenVerifier } from "./verified_token.ts";

/** How people say who they are: by a name, by an account, or by a token. */
export type IdentityMode = "open" | "accounts" | "jwt";

/** Options of {@linkcode Identity}. */
export interface IdentityOptions {
  /** The default is `open`. */
  readonly mode?: IdentityMode | undefined;
  /**
   * Whether somebody may come in with a name only. The default is `false`;
   * where the mode is `open` it is always so.
   */
  readonly guests?: boolean | undefined;
  /**
   * Whether everybody may make an account. The default is `true`; the owner's
   * code makes one in any case.
   */
  readonly registration?: boolean | undefined;
  /**
   * For how many seconds a guest's name is held after its last connection has
   * ended, 10 at least. The default is 600.
   */
  readonly grace?: number | undefined;
  /**
   * After how many seconds without use a session ends. The default is 90 days.
   */
  readonly sessionLifetime?: number | undefined;
  /** Who judges tokens; needed where the mode is `jwt`. */
  readonly tokens?: TokenVerifier | undefined;
  /** Who hashes passwords. The default has the options' defaults. */
  readonly passwords?: Passwords | undefined;
  /** The clock, in milliseconds since 1970. The default is `Date.now`. */
  readonly now?: (() => number) | undefined;
  /** Makes the ids of people and sessions. The default is a random UUID. */
  readonly newId?: (() => string) | undefined;
}

/** A session as its person sees it. */
export interface OwnSession extends StoredSession {
  /** Whether it is the one that asks. */
  readonly current: boolean;
}

const DAY_SECONDS = 24 * 60 * 60;

/** A session's last use is exact to a minute, which spares writes. */
const TOUCH_MS = 60_000;

/**
 * Who people are: steps on a {@linkcode ChatStore} for each request of the
 * protocol that is about identity.
 *
 * Each gives its result, or the code of the refusal as a string. What the store
 * throws passes through. Names are normalised here; bans and rates are up to
 * the caller.
 *
 * @example Come in, and come back
 * ```ts ignore
 * const identity = new Identity(store, { mode: "open" });
 * await identity.start();
 * const come = await identity.hello("Ana");
 * if (typeof come !== "string") {
 *   await identity.onConnected(come.person);
 *   const back = await identity.resume(come.resume!);
 * }
 * ```
 */
export class Identity {
  /** How people say who they are. */
  readonly mode: IdentityMode;
  /** Whether somebody may come in with a name only. */
  readonly guests: boolean;

  readonly #store: ChatStore;
  readonly #lifetimeMs: number;
  readonly #now: () => number;
  readonly #admission: Admission;
  readonly #guests: Guests;
  readonly #accounts: Accounts | undefined;
  readonly #tokenPeople: TokenPeople | undefined;

  /** Throws a `TypeError` if the mode is `jwt` and nobody judges tokens. */
  constructor(store: ChatStore, options: IdentityOptions = {}) {
    const { mode = "open", tokens } = options;
    this.mode = mode;
    this.guests = mode === "open" || (options.guests ?? false);
    this.#store = store;
    this.#lifetimeMs = (options.sessionLifetime ?? 90 * DAY_SECONDS) * 1000;
    this.#now = options.now ?? Date.now;
    const admission = new Admission({
      store,
      now: this.#now,
      newId: options.newId ?? (() => crypto.randomUUID()),
    });
    this.#admission = admission;
    this.#guests = new Guests(admission, (options.grace ?? 600) * 1000);
    if (mode === "accounts") {
      this.#accounts = new Accounts(admission, {
        registration: options.registration ?? true,
        passwords: options.passwords ?? new Passwords(),
      });
    }
    if (mode === "jwt") {
      if (tokens === undefined) {
        throw new TypeError(
          'Cannot use the mode "jwt": no "tokens" are given.',
        );
      }
      this.#tokenPeople = new TokenPeople(admission, tokens);
    }
  }

  /** Whether `register` is taken now, if only with the owner's code. */
  get registration(): boolean {
    return this.#accounts?.registration ?? false;
  }

  /**
   * The code that makes the first account, and its person the server's owner;
   * absent if there is an account. Show it to who runs the server.
   */
  get ownerCode(): string | undefined {
    return this.#accounts?.ownerCode;
  }

  /** To be called once, before anybody connects. */
  async start(): Promise<void> {
    await Promise.all([this.#guests.start(), this.#accounts?.start()]);
  }

  /**
   * `hello` with a name: a new guest.
   *
   * The name is held for the grace time at first: {@linkcode onConnected} holds
   * it for longer.
   */
  async hello(name: string): Promise<Identified | IdentityRefusal> {
    if (!this.guests) return "account_required";
    return await this.#guests.hello(name);
  }

  /** `hello` with the secret of a session. */
  async resume(secret: string): Promise<Identified | IdentityRefusal> {
    if (!isSecret(secret)) return "unknown_session";
    const session = await this.#store.sessions.find(hashSecret(secret));
    if (session === undefined) return "unknown_session";
    const now = this.#now();
    if (session.used + this.#lifetimeMs < now) {
      await this.#store.sessions.drop(session.id, session.person);
      return "unknown_session";
    }
    const person = await this.#store.people.get(session.person);
    if (person === undefined) return "unknown_session";
    const refusal = this.#refusalOf(person);
    if (refusal !== undefined) return refusal;
    if (person.kind === "guest" && !await this.#guests.reclaim(person)) {
      await this.#store.sessions.drop(session.id, session.person);
      return "unknown_session";
    }
    if (now - session.used >= TOUCH_MS) {
      await this.#store.sessions.touch(session.id, now);
    }
    return { person: withoutPassword(person), sessionId: session.id };
  }

  /**
   * `hello` with a token: whom it names, under the name that it has.
   *
   * Tokens come from elsewhere, where several people may have one name. So who
   * comes later gets a number after the name, such as `Ana 2`.
   */
  async helloToken(token: string): Promise<Identified | IdentityRefusal> {
    return await this.#tokenPeople?.hello(token) ?? "not_offered";
  }

  /** `refresh`: a newer token of the same person; the name may be a new one. */
  async refresh(
    personId: string,
    token: string,
  ): Promise<Identified | IdentityRefusal> {
    return await this.#tokenPeople?.hello(token, { person: personId }) ??
      "not_offered";
  }

  /**
   * `register`: a new account.
   *
   * While there is none, only the owner's code makes one; otherwise a stranger
   * could be there before the owner, and no code would be given again.
   */
  async register(request: {
    readonly name: string;
    readonly password: string;
    readonly code?: string | undefined;
  }): Promise<Identified | IdentityRefusal> {
    return await this.#accounts?.register(request) ?? "not_offered";
  }

  /**
   * `login`: a new session of an account.
   *
   * An unknown name takes as long as a wrong password, and has the same answer.
   */
  async login(request: {
    readonly name: string;
    readonly password: string;
  }): Promise<Identified | IdentityRefusal> {
    return await this.#accounts?.login(request) ?? "not_offered";
  }

  /** `rename`. Who comes with a token is named by the token. */
  async rename(
    person: Pick<StoredPerson, "id" | "kind">,
    wanted: string,
  ): Promise<{ readonly name: string } | IdentityRefusal> {
    if (person.kind === "jwt") return "not_offered";
    const name = normalizeName(wanted);
    if (name === undefined) return "invalid_name";
    const result = await this.#admission.rename(person.id, name);
    return result === "renamed" ? { name } : result;
  }

  /**
   * `change_password`: all other sessions end. Gives their ids, so that the
   * caller ends their connections.
   */
  async changePassword(personId: string, change: {
    readonly old: string;
    readonly new: string;
    /** The session that asks, which goes on. */
    readonly sessionId: string;
  }): Promise<readonly string[] | IdentityRefusal> {
    return await this.#accounts?.changePassword(personId, change) ??
      "not_offered";
  }

  /** `sessions`: those of a person. */
  async sessions(
    personId: string,
    sessionId: string | undefined,
  ): Promise<readonly OwnSession[]> {
    const sessions = await this.#store.sessions.of(personId);
    return sessions.map((session) => ({
      ...session,
      current: session.id === sessionId,
    }));
  }

  /**
   * `revoke` and `logout`: a session of that person ends; its connections are
   * the caller's to end.
   *
   * A guest has one session, and nobody can come back to it: its name is free.
   */
  async endSession(
    person: Pick<StoredPerson, "id" | "kind">,
    sessionId: string,
  ): Promise<"ended" | "unknown_session"> {
    const was = await this.#store.sessions.drop(sessionId, person.id);
    if (!was) return "unknown_session";
    if (person.kind === "guest") await this.#guests.free(person.id);
    return "ended";
  }

  /**
   * A connection has become this person's: a guest's name is held as long as
   * there is one.
   */
  async onConnected(person: Pick<StoredPerson, "id" | "kind">): Promise<void> {
    if (person.kind === "guest") await this.#guests.onConnected(person.id);
  }

  /** One of these connections has ended: the last one begins the grace time. */
  async onGone(person: Pick<StoredPerson, "id" | "kind">): Promise<void> {
    if (person.kind === "guest") await this.#guests.onGone(person.id);
  }

  /** Why a person may not come back, if the configuration has changed. */
  #refusalOf(person: StoredPerson): IdentityRefusal | undefined {
    if (person.kind === "guest") {
      return this.guests ? undefined : "account_required";
    }
    const isOffered = person.kind === "account" && this.mode === "accounts";
    return isOffered ? undefined : "unknown_session";
  }
}
