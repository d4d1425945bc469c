import type { ChatStore, StoredPerson, StoredSession } from "../store.ts";
import { CHAT_LIMITS } from "../limits.ts";
import { nameKey, normalizeName } from "../names.ts";
import { isPassword, Passwords } from "./passwords.ts";
import { hashSecret, isSameSecret, isSecret, newSecret } from "./secrets.ts";
import type { TokenVerifier, VerifiedToken } from "./verified_token.ts";

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
   * ended. The default is 600.
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

/** A person without its password's hash. */
export type KnownPerson = Omit<StoredPerson, "password">;

/** Who somebody has turned out to be. */
export interface Identified {
  /** Who it is. */
  readonly person: KnownPerson;
  /** The session; absent for people with a token, who have none. */
  readonly sessionId?: string;
  /** The session's secret, if it is new. */
  readonly resume?: string;
  /** When the identity ends, in milliseconds since 1970, if it does. */
  readonly expires?: number;
}

/** Why somebody is not let in, as the protocol's error codes have it. */
export type IdentityRefusal =
  | "account_required"
  | "busy"
  | "invalid_name"
  | "invalid_password"
  | "invalid_token"
  | "name_taken"
  | "not_offered"
  | "registration_closed"
  | "unknown_session"
  | "wrong_code"
  | "wrong_password";

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
  readonly #mayRegister: boolean;
  readonly #graceMs: number;
  readonly #lifetimeMs: number;
  readonly #tokens: TokenVerifier | undefined;
  readonly #passwords: Passwords;
  readonly #now: () => number;
  readonly #newId: () => string;
  /** How many connections each guest has. */
  readonly #connections = new Map<string, number>();
  #ownerCode: string | undefined;

  /** Throws a `TypeError` if the mode is `jwt` and nobody judges tokens. */
  constructor(store: ChatStore, options: IdentityOptions = {}) {
    const { mode = "open" } = options;
    if (mode === "jwt" && options.tokens === undefined) {
      throw new TypeError('Cannot use the mode "jwt": no "tokens" are given.');
    }
    this.#store = store;
    this.mode = mode;
    this.guests = mode === "open" || (options.guests ?? false);
    this.#mayRegister = mode === "accounts" && (options.registration ?? true);
    this.#graceMs = (options.grace ?? 600) * 1000;
    this.#lifetimeMs = (options.sessionLifetime ?? 90 * DAY_SECONDS) * 1000;
    this.#tokens = mode === "jwt" ? options.tokens : undefined;
    this.#passwords = options.passwords ?? new Passwords();
    this.#now = options.now ?? Date.now;
    this.#newId = options.newId ?? (() => crypto.randomUUID());
  }

  /** Whether `register` is taken now, if only with the owner's code. */
  get registration(): boolean {
    return this.#mayRegister || this.#ownerCode !== undefined;
  }

  /**
   * The code that makes the first account, and its person the server's owner;
   * absent if there is an account. Show it to who runs the server.
   */
  get ownerCode(): string | undefined {
    return this.#ownerCode;
  }

  /** To be called once, before anybody connects. */
  async start(): Promise<void> {
    const held = this.#store.people.holdAll(this.#now() + this.#graceMs);
    if (this.mode === "accounts" && !await this.#store.people.hasAccounts()) {
      this.#ownerCode = newSecret();
    }
    await held;
  }

  /**
   * `hello` with a name: a new guest.
   *
   * The name is held for the grace time at first: {@linkcode onConnected} holds
   * it for longer.
   */
  async hello(wanted: string): Promise<Identified | IdentityRefusal> {
    if (!this.guests) return "account_required";
    const name = normalizeName(wanted);
    if (name === undefined) return "invalid_name";
    const now = this.#now();
    return await this.#enter({
      id: this.#newId(),
      name,
      kind: "guest",
      isOwner: false,
      heldUntil: now + this.#graceMs,
      created: now,
    });
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
    if (person.kind === "guest" && !await this.#reclaim(person)) {
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
    const verified = await this.#verify(token);
    if (typeof verified === "string") return verified;
    return await this.#enterByToken(verified);
  }

  /** `refresh`: a newer token of the same person; the name may be a new one. */
  async refresh(
    personId: string,
    token: string,
  ): Promise<Identified | IdentityRefusal> {
    const verified = await this.#verify(token);
    if (typeof verified === "string") return verified;
    if (verified.id !== personId) return "invalid_token";
    return await this.#enterByToken(verified);
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
    if (this.mode !== "accounts") return "not_offered";
    const { password, code } = request;
    const ownerCode = this.#ownerCode;
    if (code !== undefined) {
      // Compared with something in any case; a fresh secret is nobody's.
      if (!isSameSecret(code, ownerCode ?? newSecret())) return "wrong_code";
    } else if (!this.#mayRegister || ownerCode !== undefined) {
      return "registration_closed";
    }
    const name = normalizeName(request.name);
    if (name === undefined) return "invalid_name";
    if (!isPassword(password)) return "invalid_password";
    if (code === undefined) return await this.#addAccount(name, { password });

    // Taken away before the first await, so that it is good for one only.
    this.#ownerCode = undefined;
    let result: Identified | IdentityRefusal | undefined;
    try {
      result = await this.#addAccount(name, { password, isOwner: true });
    } finally {
      if (result === undefined || typeof result === "string") {
        this.#ownerCode = ownerCode;
      }
    }
    return result;
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
    if (this.mode !== "accounts") return "not_offered";
    const { password } = request;
    if (!isPassword(password)) return "wrong_password";
    const account = await this.#accountNamed(request.name);
    const verdict = await this.#passwords.verify(password, account?.password);
    if (verdict === "busy") return "busy";
    if (verdict === "wrong" || account === undefined) return "wrong_password";

    const hash = verdict === "right_but_weak"
      ? await this.#hashAnew(account, password)
      : account.password;
    // The store takes both in this order: so a password that changes in the
    // meantime is seen here, or its change ends this session.
    const [identified, present] = await Promise.all([
      this.#openSession(account),
      this.#store.people.get(account.id),
    ]);
    if (present?.password === hash) return identified;
    await this.#store.sessions.drop(identified.sessionId, account.id);
    return await this.login(request);
  }

  /** `rename`. Who comes with a token is named by the token. */
  async rename(
    person: Pick<StoredPerson, "id" | "kind">,
    wanted: string,
  ): Promise<{ readonly name: string } | IdentityRefusal> {
    if (person.kind === "jwt") return "not_offered";
    const name = normalizeName(wanted);
    if (name === undefined) return "invalid_name";
    const result = await this.#rename(person.id, name);
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
    const person = await this.#store.people.get(personId);
    if (this.mode !== "accounts" || person?.kind !== "account") {
      return "not_offered";
    }
    if (!isPassword(change.new)) return "invalid_password";
    if (!isPassword(change.old)) return "wrong_password";
    const was = person.password;
    const verdict = await this.#passwords.verify(change.old, was);
    if (verdict === "busy") return "busy";
    if (verdict === "wrong") return "wrong_password";
    const hash = await this.#passwords.hash(change.new);
    if (hash === "busy") return "busy";
    // If it is another one by now, the old one is not the password any more.
    const isSet = await this.#store.people.setPassword(personId, { hash, was });
    if (!isSet) return "wrong_password";
    return await this.#store.sessions.dropOthers(personId, change.sessionId);
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
    if (person.kind === "guest") {
      this.#connections.delete(person.id);
      await this.#store.people.hold(person.id, 0);
    }
    return "ended";
  }

  /**
   * A connection has become this person's: a guest's name is held as long as
   * there is one.
   */
  async onConnected(person: Pick<StoredPerson, "id" | "kind">): Promise<void> {
    if (person.kind !== "guest") return;
    const count = this.#connections.get(person.id) ?? 0;
    this.#connections.set(person.id, count + 1);
    if (count === 0) await this.#store.people.hold(person.id, undefined);
  }

  /** One of these connections has ended: the last one begins the grace time. */
  async onGone(person: Pick<StoredPerson, "id" | "kind">): Promise<void> {
    const count = this.#connections.get(person.id);
    if (count === undefined) return;
    if (count > 1) {
      this.#connections.set(person.id, count - 1);
      return;
    }
    this.#connections.delete(person.id);
    await this.#holdForGrace(person.id);
  }

  /** Why a person may not come back, if the configuration has changed. */
  #refusalOf(person: StoredPerson): IdentityRefusal | undefined {
    if (person.kind === "guest") {
      return this.guests ? undefined : "account_required";
    }
    const isOffered = person.kind === "account" && this.mode === "accounts";
    return isOffered ? undefined : "unknown_session";
  }

  /** Tells whether a guest still has its name, and holds it if so. */
  async #reclaim(person: StoredPerson): Promise<boolean> {
    if (this.#connections.has(person.id)) return true;
    // The store takes both in this order: so nobody gets in between.
    const [, holder] = await Promise.all([
      this.#holdForGrace(person.id),
      this.#store.people.named(nameKey(person.name)),
    ]);
    return holder?.id === person.id;
  }

  #holdForGrace(id: string): Promise<void> {
    return this.#store.people.hold(id, this.#now() + this.#graceMs);
  }

  async #accountNamed(name: string): Promise<StoredPerson | undefined> {
    const normalized = normalizeName(name);
    if (normalized === undefined) return undefined;
    const person = await this.#store.people.named(nameKey(normalized));
    return person?.kind === "account" ? person : undefined;
  }

  async #addAccount(name: string, { password, isOwner = false }: {
    readonly password: string;
    readonly isOwner?: boolean;
  }): Promise<Identified | IdentityRefusal> {
    const hash = await this.#passwords.hash(password);
    if (hash === "busy") return "busy";
    return await this.#enter({
      id: this.#newId(),
      name,
      kind: "account",
      isOwner,
      password: hash,
      created: this.#now(),
    });
  }

  /** Gives the hash that the account has then, unless another one was first. */
  async #hashAnew(
    account: StoredPerson,
    password: string,
  ): Promise<string | undefined> {
    const was = account.password;
    const hash = await this.#passwords.hash(password);
    if (hash === "busy") return was;
    const isSet = await this.#store.people.setPassword(account.id, {
      hash,
      was,
    });
    return isSet ? hash : was;
  }

  async #enter(person: StoredPerson): Promise<Identified | IdentityRefusal> {
    const added = await this.#add(person);
    return added === "added" ? await this.#openSession(person) : added;
  }

  async #openSession(
    person: StoredPerson,
  ): Promise<Identified & { readonly sessionId: string }> {
    const resume = newSecret();
    const sessionId = this.#newId();
    const now = this.#now();
    await this.#store.sessions.add(
      { id: sessionId, person: person.id, created: now, used: now },
      hashSecret(resume),
    );
    return { person: withoutPassword(person), sessionId, resume };
  }

  async #verify(token: string): Promise<VerifiedToken | IdentityRefusal> {
    if (this.#tokens === undefined) return "not_offered";
    return await this.#tokens.verify(token);
  }

  async #enterByToken(
    verified: VerifiedToken,
  ): Promise<Identified | IdentityRefusal> {
    const name = normalizeName(verified.name);
    if (name === undefined) return "invalid_name";
    const person = await this.#personOf(verified.id, name);
    if (person === undefined) return "name_taken";
    return {
      // Owning comes from the token alone, so that it ends where it was given.
      person: { ...withoutPassword(person), isOwner: verified.isOwner },
      expires: verified.expires,
    };
  }

  /** The person of a token, under the first name of those that is free. */
  async #personOf(id: string, name: string): Promise<StoredPerson | undefined> {
    let person = await this.#store.people.get(id);
    for (const candidate of numbered(name, id)) {
      if (person?.name === candidate) return person;
      if (person !== undefined) {
        const result = await this.#rename(id, candidate);
        if (result === "renamed") return { ...person, name: candidate };
        continue;
      }
      const wanted: StoredPerson = {
        id,
        name: candidate,
        kind: "jwt",
        isOwner: false,
        created: this.#now(),
      };
      if (await this.#add(wanted) === "added") return wanted;
      // Perhaps it was taken by the same person on another device.
      person = await this.#store.people.get(id);
      if (person?.name === candidate) return person;
    }
    return person;
  }

  #add(person: StoredPerson): Promise<"added" | "name_taken"> {
    const now = this.#now();
    return this.#store.people.add(person, {
      nameKey: nameKey(person.name),
      now,
    });
  }

  #rename(id: string, name: string): Promise<"renamed" | "name_taken"> {
    const now = this.#now();
    return this.#store.people.rename(id, { name, nameKey: nameKey(name), now });
  }
}

/** The name; then the name with numbers, the last one made from the id. */
function numbered(name: string, id: string): readonly string[] {
  const own = Number.parseInt(hashSecret(id).slice(0, 6), 16);
  return [
    name,
    ...[2, 3, 4, 5, 6, 7, 8, 9, own].map((number) => withNumber(name, number))
      .filter((candidate) => candidate !== undefined),
  ];
}

/** Cut where it would be too long. */
function withNumber(name: string, number: number): string | undefined {
  const end = ` ${number}`;
  const start = [...name].slice(0, CHAT_LIMITS.name - end.length).join("");
  return normalizeName(start + end);
}

function withoutPassword(person: StoredPerson): KnownPerson {
  const { password: _, ...known } = person;
  return known;
}
