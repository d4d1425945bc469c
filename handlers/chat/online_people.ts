import type { Member, Person, RoomRole } from "./model.ts";
import type { ChatSession } from "./session.ts";
import type { StoredPerson } from "./store.ts";

const NO_SESSIONS: readonly never[] = [];

/** Somebody with at least one connection here. */
export class OnlinePerson {
  /** See {@linkcode Person.id}. */
  readonly id: string;
  /** How the person came to be. */
  readonly kind: StoredPerson["kind"];
  /** Whether it has no account where others have one. */
  readonly isGuest: boolean;
  /** The person as messages have it. */
  person: Person;
  /** Whether nobody is at any of its devices. */
  isAway = false;
  /** Its connections; a new list for each change. */
  sessions: readonly ChatSession[] = NO_SESSIONS;

  /** Makes a person without connections. */
  constructor(
    { id, name, bot, kind }: Pick<StoredPerson, "id" | "name" | "bot" | "kind">,
    options: { readonly isGuest: boolean },
  ) {
    this.id = id;
    this.kind = kind;
    this.isGuest = options.isGuest;
    this.person = bot ? { id, name, bot } : { id, name };
  }

  /** The person as members of a room see it. */
  asMember(role: RoomRole): Member {
    // Nearly all are only that, in each of their rooms.
    if (role === "member" && !this.isAway && !this.isGuest) return this.person;
    return {
      ...this.person,
      ...(role === "member" ? {} : { role }),
      ...(this.isAway ? { away: true } : {}),
      ...(this.isGuest ? { guest: true } : {}),
    };
  }
}

/** Who is connected here. */
export class OnlinePeople {
  readonly #people = new Map<string, OnlinePerson>();

  /** The person with that id, if it is connected. */
  get(id: string): OnlinePerson | undefined {
    return this.#people.get(id);
  }

  /** Everybody who is connected. */
  [Symbol.iterator](): IterableIterator<OnlinePerson> {
    return this.#people.values();
  }

  /** A connection has become this person's. */
  add(
    session: ChatSession,
    person: Pick<StoredPerson, "id" | "name" | "bot" | "kind">,
    options: { readonly isGuest: boolean },
  ): OnlinePerson {
    let online = this.#people.get(person.id);
    if (online === undefined) {
      online = new OnlinePerson(person, options);
      this.#people.set(person.id, online);
    }
    // A list that is spread or pushed to takes room for sixteen more.
    online.sessions = online.sessions.concat(session);
    return online;
  }

  /** One of a person's connections has ended. */
  remove(session: ChatSession, online: OnlinePerson): void {
    online.sessions = online.sessions.filter((each) => each !== session);
    if (online.sessions.length === 0) this.#people.delete(online.id);
  }
}
