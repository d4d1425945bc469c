// @ts-check

/** @import { Person } from "./wire.d.ts" */

/** So long somebody who has said to be typing is, in milliseconds. */
const TYPING_TIME = 6_000;

/** Who is typing in a room. */
export class Typists {
  /** @type {Map<string, { person: Person, timer: ReturnType<typeof setTimeout> }>} */
  #typists = new Map();
  #onChange;

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** @returns {readonly Person[]} */
  get people() {
    return [...this.#typists.values()].map(({ person }) => person);
  }

  /** @param {Person} person */
  add(person) {
    const known = this.#typists.get(person.id);
    clearTimeout(known?.timer);
    const timer = setTimeout(() => this.remove(person.id), TYPING_TIME);
    this.#typists.set(person.id, { person, timer });
    if (known === undefined) this.#onChange();
  }

  /** @param {string} id */
  remove(id) {
    clearTimeout(this.#typists.get(id)?.timer);
    if (this.#typists.delete(id)) this.#onChange();
  }

  clear() {
    for (const { timer } of this.#typists.values()) clearTimeout(timer);
    const had = this.#typists.size > 0;
    this.#typists.clear();
    if (had) this.#onChange();
  }
}
