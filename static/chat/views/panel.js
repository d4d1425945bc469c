// @ts-check
/// <reference lib="dom" />

/**
 * The panel on the right: who is in the room, its link, and the way out; or
 * what a search has found.
 * @module
 */

import { byId, h, setText } from "../../dom.js";
import { findRoom } from "../state.js";
import { plural } from "../text.js";
import { avatar } from "./avatar.js";
import { AbsentMembers } from "./absent_members.js";
import { openMenu } from "./menu.js";
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
  #absent;
  #actions;
  #room = "";

  /** @param {PanelActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#absent = new AbsentMembers({
      fetch: actions.membersOf,
      row: (member) => this.#row(member, false),
    });
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
    const me = state.me?.id;
    this.#list.replaceChildren(
      ...(members ?? []).map((member) => this.#row(member, member.id === me)),
    );
  }

  /**
   * @param {Member} member
   * @param {boolean} isMe
   * @returns {HTMLElement}
   */
  #row(member, isMe) {
    const { name, role, offline, guest, bot } = member;
    const away = member.away ?? offline ?? false;
    const notes = [
      ...isMe ? ["you"] : [],
      ...role === undefined ? [] : [role],
      ...guest ? ["guest"] : [],
      ...bot ? ["bot"] : [],
      ...member.away ? ["away"] : [],
    ].join(", ");
    const content = [
      avatar(name),
      h("bdi", { class: "member-name", title: name }, name),
      ...notes === "" ? [] : [h("span", { class: "member-note" }, notes)],
    ];
    const items = this.#actions.itemsOf(this.#room, member);
    if (items.length === 0) {
      const row = h("li", { class: "member" }, ...content);
      row.classList.toggle("away", away);
      return row;
    }
    const button = h("button", {
      type: "button",
      class: "member",
      "aria-haspopup": "menu",
    }, ...content);
    button.classList.toggle("away", away);
    button.addEventListener("click", () =>
      openMenu(button, {
        label: name,
        items: this.#actions.itemsOf(this.#room, member),
      }));
    return h("li", {}, button);
  }
}
