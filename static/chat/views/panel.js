// @ts-check
/// <reference lib="dom" />

/**
 * The panel on the right: who is in the room, its link, and the way out; or
 * what a search has found.
 * @module
 */

import { byId, setText } from "../../dom.js";
import { findRoom } from "../state.js";
import { plural } from "../text.js";
import { AbsentMembers } from "./absent_members.js";
import { MemberRows } from "./member_rows.js";
import { ShareField } from "./share.js";

/** @import { Member } from "../../chat-client/wire.d.ts" */
/** @import { State } from "../state.js" */
/** @import { MenuItem } from "./menu.js" */

/**
 * @typedef {object} PanelActions
 * @property {(room: string) => void} leave
 * @property {(room: string, member: Member) => readonly MenuItem[]} itemsOf
 * @property {(room: string) => Promise<readonly Member[]>} membersOf of a private
 * room, also those who are not there
 */

/** The list of people and what one can do with the room. */
export class PanelView {
  #panel = byId("panel", HTMLElement);
  #list = byId("members", HTMLUListElement);
  #many = byId("members-many", HTMLElement);
  #title = byId("panel-title", HTMLElement);
  #count = byId("panel-count", HTMLElement);
  #peopleCount = byId("people-count", HTMLElement);
  #toggle = byId("panel-open", HTMLButtonElement);
  #leave = byId("leave", HTMLButtonElement);
  #shareBox = byId("share", HTMLElement);
  #share = new ShareField({
    label: "The link to this room",
    copyLabel: "Copy room link",
    open: false,
  });
  #rows;
  #absent;
  #actions;
  #room = "";

  /** @param {PanelActions} actions */
  constructor(actions) {
    this.#actions = actions;
    const itemsOf = (/** @type {Member} */ member) =>
      actions.itemsOf(this.#room, member);
    this.#rows = new MemberRows(this.#list, itemsOf);
    this.#absent = new AbsentMembers({ fetch: actions.membersOf, itemsOf });
    this.#shareBox.append(this.#share.element);
    this.#leave.addEventListener("click", () => actions.leave(this.#room));
  }

  /** @param {boolean} isSearch whether the search is shown instead of the people */
  showSearch(isSearch) {
    this.#panel.classList.toggle("searching", isSearch);
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    const room = findRoom(state, state.active);
    const before = previous && findRoom(previous, previous.active);
    if (previous && room === before && state.me === previous.me) return;
    this.#room = room?.name ?? "";
    this.#absent.render(room);
    const members = room?.members;
    const count = room?.count ?? 0;
    // Who was there when the connection went: kept in sight, but as the past.
    const stale = room !== undefined && !room.joined;
    this.#list.classList.toggle("stale", stale);
    setText(this.#title, stale ? "Last seen here" : "Here now");
    this.#leave.hidden = room === undefined;
    this.#shareBox.hidden = room?.kind !== "public";
    if (room !== undefined) this.#share.room = room.name;
    this.#toggle.hidden = room === undefined;
    setText(this.#count, count === 0 ? "" : String(count));
    setText(this.#peopleCount, String(count));
    this.#toggle.setAttribute(
      "aria-label",
      `${plural(count, "person", "people")} here, show them`,
    );
    this.#many.hidden = room === undefined || members !== undefined;
    if (members === before?.members && state.me === previous?.me) return;
    this.#rows.render(members ?? [], state.me?.id);
  }
}
