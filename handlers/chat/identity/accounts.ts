import { exactNameKey, nameKey, normalizeName } from "../names.ts";
import type { StoredPerson } from "../store.ts";
import type { Admission } from "./admission.ts";
import type { Identified, IdentityRefusal } from "./identified.ts";
import { isPassword, type Passwords } from "./passwords.ts";
import { isSameSecret, newSecret } from "./secrets.ts";

/** What {@linkcode Accounts} needs. */
export interface AccountsOptions {
  /** Whether everybody may make an account. */
  readonly registration: boolean;
  /** Who hashes passwords. */
  readonly passwords: Passwords;
}

/** People who come in with a name and a password. */
export class Accounts {
  readonly #admission: Admission;
  readonly #mayRegister: boolean;
  readonly #passwords: Passwords;
  #ownerCode: string | undefined;

  constructor(
    admission: Admission,
    { registration, passwords }: AccountsOptions,
  ) {
    this.#admission = admission;
    this.#mayRegister = registration;
    this.#passwords = passwords;
  }

  /** Whether an account can be made now, if only with the owner's code. */
  get registration(): boolean {
    return this.#mayRegister || this.#ownerCode !== undefined;
  }

  /**
   * The code that makes the first account, and its person the server's owner;
   * absent if there is an account.
   */
  get ownerCode(): string | undefined {
    return this.#ownerCode;
  }

  /** To be called once at the start: makes the owner's code if it is needed. */
  async start(): Promise<void> {
    if (await this.#admission.store.people.hasAccounts()) return;
    this.#ownerCode = newSecret();
  }

  /**
   * A new account.
   *
   * While there is none, only the owner's code makes one; otherwise a stranger
   * could be there before the owner, and no code would be given again.
   */
  async register({ name: wanted, password, code }: {
    readonly name: string;
    readonly password: string;
    readonly code?: string | undefined;
  }): Promise<Identified | IdentityRefusal> {
    const ownerCode = this.#ownerCode;
    if (code !== undefined) {
      // Compared with something in any case; a fresh secret is nobody's.
      if (!isSameSecret(code, ownerCode ?? newSecret())) return "wrong_code";
    } else if (!this.#mayRegister || ownerCode !== undefined) {
      return "registration_closed";
    }
    const name = normalizeName(wanted);
    if (name === undefined) return "invalid_name";
    if (!isPassword(password)) return "invalid_password";
    if (code === undefined) return await this.#add(name, { password });

    // Taken away before the first await, so that it is good for one only.
    this.#ownerCode = undefined;
    let result: Identified | IdentityRefusal | undefined;
    try {
      result = await this.#add(name, { password, isOwner: true });
    } finally {
      if (result === undefined || typeof result === "string") {
        this.#ownerCode = ownerCode;
      }
    }
    return result;
  }

  /**
   * A new session of an account.
   *
   * An unknown name takes as long as a wrong password, and has the same answer.
   */
  async login({ name, password }: {
    readonly name: string;
    readonly password: string;
  }): Promise<Identified | IdentityRefusal> {
    if (!isPassword(password)) return "wrong_password";
    const account = await this.#named(name);
    const verdict = await this.#passwords.verify(password, account?.password);
    if (verdict === "busy") return "busy";
    if (verdict === "wrong" || account === undefined) return "wrong_password";

    const hash = verdict === "right_but_weak"
      ? await this.#hashAnew(account, password)
      : account.password;
    const { people, sessions } = this.#admission.store;
    // The store takes both in this order: so a password that changes in the
    // meantime is seen here, or its change ends this session.
    const [identified, present] = await Promise.all([
      this.#admission.openSession(account),
      people.get(account.id),
    ]);
    if (present?.password === hash) return identified;
    await sessions.drop(identified.sessionId, account.id);
    return await this.login({ name, password });
  }

  /** All other sessions end; gives their ids. */
  async changePassword(personId: string, change: {
    readonly old: string;
    readonly new: string;
    /** The session that asks, which goes on. */
    readonly sessionId: string;
  }): Promise<readonly string[] | IdentityRefusal> {
    const { people, sessions } = this.#admission.store;
    const person = await people.get(personId);
    if (person?.kind !== "account") return "not_offered";
    if (!isPassword(change.new)) return "invalid_password";
    if (!isPassword(change.old)) return "wrong_password";
    const was = person.password;
    const verdict = await this.#passwords.verify(change.old, was);
    if (verdict === "busy") return "busy";
    if (verdict === "wrong") return "wrong_password";
    const hash = await this.#passwords.hash(change.new);
    if (hash === "busy") return "busy";
    // If it is another one by now, the old one is not the password any more.
    const isSet = await people.setPassword(personId, { hash, was });
    if (!isSet) return "wrong_password";
    return await sessions.dropOthers(personId, change.sessionId);
  }

  async #named(name: string): Promise<StoredPerson | undefined> {
    const normalized = normalizeName(name);
    if (normalized === undefined) return undefined;
    const { people } = this.#admission.store;
    const person = await people.named(exactNameKey(normalized)) ??
      await people.named(nameKey(normalized));
    return person?.kind === "account" ? person : undefined;
  }

  async #add(name: string, { password, isOwner = false }: {
    readonly password: string;
    readonly isOwner?: boolean;
  }): Promise<Identified | IdentityRefusal> {
    const hash = await this.#passwords.hash(password);
    if (hash === "busy") return "busy";
    return await this.#admission.enter({
      id: this.#admission.newId(),
      name,
      kind: "account",
      isOwner,
      password: hash,
      created: this.#admission.now(),
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
    const { people } = this.#admission.store;
    const isSet = await people.setPassword(account.id, { hash, was });
    return isSet ? hash : was;
  }
}
