// @ts-check
/// <reference lib="dom" />

import { byId } from "../../dom.js";
import { MemberRows } from "./member_rows.js";

/** @import { Member } from "../../chat-client/wire.d.ts" */
/** @import { Room } from "../room.js" */

/**
 * The members of a private room who are not there now. The server tells of
 * nobody's coming or going who is not there, so the list is asked for when the
 * room is opened, and when somebody comes who is not in it.
 */
export class AbsentMembers {
  #title = byId("absent-title", HTMLElement);
  #fetch;
  #rows;
  /** @type {Room | undefined} */
  #room;
  /** @type {readonly Member[]} */
  #all = [];

  /**
   * @param {object} options
   * @param {(room: string) => Promise<readonly Member[]>} options.fetch all
   * members
   * @param {import("./member_rows.js").ItemsOf} options.itemsOf
   */
  constructor({ fetch, itemsOf }) {
    this.#fetch = fetch;
    this.#rows = new MemberRows(byId("absent", HTMLUListElement), itemsOf);
  }

  /** @param {Room | undefined} room */
  render(room) {
    const before = this.#room;
    this.#room = room;
    const isSame = room?.name === before?.name &&
      room?.joined === before?.joined;
    if (!isSame) this.#all = [];
    if (isSame && room?.members === before?.members) return;
    this.#show();
    if (room?.kind !== "private" || !room.joined) return;
    const known = new Set(this.#all.map(({ id }) => id));
    const isNew = room.members?.some(({ id }) => !known.has(id)) ?? !isSame;
    if (isNew) this.#load(room.name);
  }

  /** @param {string} name */
  async #load(name) {
    const all = await this.#fetch(name).catch(() => []);
    // Another room may be shown meanwhile.
    if (this.#room?.name !== name) return;
    this.#all = all;
    this.#show();
  }

  #show() {
    const here = new Set(this.#room?.members?.map(({ id }) => id));
    const absent = this.#all.filter(({ id, offline }) =>
      here.size === 0 ? offline : !here.has(id)
    ).map((member) => ({ ...member, offline: /** @type {const} */ (true) }));
    this.#title.hidden = absent.length === 0;
    this.#rows.render(absent);
  }
}
