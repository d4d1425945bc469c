import { nameKey } from "../names.ts";
import type { ChatStore, StoredPerson } from "../store.ts";
import { type Identified, withoutPassword } from "./identified.ts";
import { hashSecret, newSecret } from "./secrets.ts";

/** What {@linkcode Admission} needs. */
export interface AdmissionOptions {
  readonly store: ChatStore;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Makes the ids of people and sessions. */
  readonly newId: () => string;
}

/** Gives people their names and sessions, whatever they come in with. */
export class Admission {
  /** Where they are kept. */
  readonly store: ChatStore;
  /** The clock, in milliseconds since 1970. */
  readonly now: () => number;
  /** Makes the ids of people and sessions. */
  readonly newId: () => string;

  constructor({ store, now, newId }: AdmissionOptions) {
    this.store = store;
    this.now = now;
    this.newId = newId;
  }

  /** Adds a person, with a session. */
  async enter(person: StoredPerson): Promise<Identified | "name_taken"> {
    const added = await this.add(person);
    return added === "added" ? await this.openSession(person) : added;
  }

  /** Adds a person, if its name is free. */
  add(person: StoredPerson): Promise<"added" | "name_taken"> {
    return this.store.people.add(person, {
      nameKey: nameKey(person.name),
      now: this.now(),
    });
  }

  /** Gives a person another name, if that is free. */
  rename(id: string, name: string): Promise<"renamed" | "name_taken"> {
    return this.store.people.rename(id, {
      name,
      nameKey: nameKey(name),
      now: this.now(),
    });
  }

  /** Adds a session of a person, under a new secret. */
  async openSession(
    person: StoredPerson,
  ): Promise<Identified & { readonly sessionId: string }> {
    const resume = newSecret();
    const sessionId = this.newId();
    const now = this.now();
    await this.store.sessions.add(
      { id: sessionId, person: person.id, created: now, used: now },
      hashSecret(resume),
    );
    return { person: withoutPassword(person), sessionId, resume };
  }
}
