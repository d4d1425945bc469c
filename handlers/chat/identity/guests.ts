import { nameKey, normalizeName } from "../names.ts";
import type { StoredPerson } from "../store.ts";
import type { Admission } from "./admission.ts";
import type { Identified, IdentityRefusal } from "./identified.ts";

/**
 * A name is held for so long at least: who is coming in has it, but is not
 * connected yet.
 */
const SHORTEST_GRACE_MS = 10_000;

/**
 * People who come in with a name only. It is held while they are connected, and
 * for a grace time after.
 */
export class Guests {
  readonly #admission: Admission;
  readonly #graceMs: number;
  /** How many connections each guest has. */
  readonly #connections = new Map<string, number>();

  /** The grace time is in milliseconds; less than 10,000 counts as these. */
  constructor(admission: Admission, graceMs: number) {
    this.#admission = admission;
    this.#graceMs = Math.max(graceMs, SHORTEST_GRACE_MS);
  }

  /** To be called once at the start: nobody is connected. */
  start(): Promise<void> {
    return this.#admission.store.people.holdAll(this.#endOfGrace());
  }

  /** A new guest. The name is held for the grace time at first. */
  async hello(wanted: string): Promise<Identified | IdentityRefusal> {
    const name = normalizeName(wanted);
    if (name === undefined) return "invalid_name";
    return await this.#admission.enter({
      id: this.#admission.newId(),
      name,
      kind: "guest",
      isOwner: false,
      heldUntil: this.#endOfGrace(),
      created: this.#admission.now(),
    });
  }

  /** Tells whether a guest still has its name, and holds it if so. */
  async reclaim({ id, name }: StoredPerson): Promise<boolean> {
    if (this.#connections.has(id)) return true;
    // The store takes both in this order: so nobody gets in between.
    const [, holder] = await Promise.all([
      this.#holdForGrace(id),
      this.#admission.store.people.named(nameKey(name)),
    ]);
    return holder?.id === id;
  }

  /** A connection has become this guest's: it holds the name. */
  async onConnected(id: string): Promise<void> {
    const count = this.#connections.get(id) ?? 0;
    this.#connections.set(id, count + 1);
    if (count === 0) await this.#hold(id, undefined);
  }

  /** One of these connections has ended: the last one begins the grace time. */
  async onGone(id: string): Promise<void> {
    const count = this.#connections.get(id);
    if (count === undefined) return;
    if (count > 1) {
      this.#connections.set(id, count - 1);
      return;
    }
    this.#connections.delete(id);
    await this.#holdForGrace(id);
  }

  /** Lets go of a name at once: nobody can come back to it. */
  async free(id: string): Promise<void> {
    this.#connections.delete(id);
    await this.#hold(id, 0);
  }

  #endOfGrace(): number {
    return this.#admission.now() + this.#graceMs;
  }

  #holdForGrace(id: string): Promise<void> {
    return this.#hold(id, this.#endOfGrace());
  }

  #hold(id: string, until: number | undefined): Promise<void> {
    return this.#admission.store.people.hold(id, until);
  }
}
