// @ts-check

/** @import { Member, Person } from "../chat-client/wire.d.ts" */
/** @import { Room } from "./room.js" */

/** Who has been seen in a room, also those who have left. */
export class People {
  /** @type {Map<string, Person>} */
  #known = new Map();
  /** @type {readonly Member[] | undefined} */
  #members;

  /** @returns {readonly Person[]} */
  get all() {
    return [...this.#known.values()];
  }

  /** @param {Room} room */
  update({ members, messages }) {
    for (const { from } of messages) {
      if (!this.#known.has(from.id)) this.#known.set(from.id, from);
    }
    if (members === this.#members) return;
    this.#members = members;
    for (const member of members ?? []) this.#known.set(member.id, member);
  }

  /**
   * @param {string} id
   * @returns {string}
   */
  nameOf(id) {
    return this.#known.get(id)?.name ?? "somebody";
  }
}
