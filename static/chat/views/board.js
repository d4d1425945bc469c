// @ts-check
/// <reference lib="dom" />

/**
 * The board on the left: the rooms, a field to join another one, and oneself.
 * @module
 */

import { byId, h, icon, setText } from "../../dom.js";
import { titleOf } from "../room.js";
import { boardRooms, countUnread } from "../state.js";
import { plural } from "../text.js";
import { avatar } from "./avatar.js";
import { LabelField } from "./label_field.js";

/** @import { State } from "../state.js" */
/** @import { Room } from "../room.js" */

/**
 * @typedef {object} BoardActions
 * @property {(room: string) => void} activate
 * @property {(room: string) => void} open
 * @property {() => void} opened the room asked for is there
 * @property {() => void} correct
 * @property {() => void} rename
 * @property {() => void} browse
 * @property {() => void} create
 * @property {(anchor: HTMLElement) => void} openServer
 */

/** The list of rooms and what stands around it. */
export class BoardView {
  #rooms = byId("rooms", HTMLUListElement);
  #directs = byId("directs", HTMLUListElement);
  #directsTitle = byId("directs-title", HTMLElement);
  #badge = byId("board-unread", HTMLElement);
  #toggle = byId("board-open", HTMLButtonElement);
  #name = byId("me-name", HTMLElement);
  #avatar = byId("me-avatar", HTMLElement);
  #server = byId("server-open", HTMLButtonElement);
  #field;
  #actions;
  /** @type {Map<string, RoomRow>} */
  #rows = new Map();
  /** The room that was asked for, until it is there or was refused. */
  #asked = "";

  /** @param {BoardActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#field = new LabelField("join-room", {
      emptyProblem: "Write the name of a room.",
      onCorrect: actions.correct,
    });
    byId("join", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const room = this.#field.take();
      if (room === undefined) return;
      this.#asked = room;
      actions.open(room);
    });
    byId("rename-open", HTMLButtonElement)
      .addEventListener("click", actions.rename);
    byId("browse-open", HTMLButtonElement)
      .addEventListener("click", actions.browse);
    byId("create-open", HTMLButtonElement)
      .addEventListener("click", actions.create);
    this.#server.addEventListener(
      "click",
      () => actions.openServer(this.#server),
    );
  }

  /** Puts the cursor where a room is named. */
  focusField() {
    this.#field.focus();
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    this.#field.limit = state.server.limits.room ?? Infinity;
    this.#server.hidden = !state.owner;
    if (state.rooms !== previous?.rooms || state.active !== previous.active) {
      this.#renderRooms(state);
    }
    if (state.problems.room !== previous?.problems.room) {
      this.#field.showProblem(state.problems.room);
      if (state.problems.room !== undefined) this.#asked = "";
    }
    if (
      state.rooms.some(({ name, joined }) => joined && name === this.#asked)
    ) {
      this.#asked = "";
      this.#field.value = "";
      this.#actions.opened();
    }
    const name = state.me?.name ?? state.name;
    if (this.#name.textContent === name) return;
    this.#name.textContent = name;
    this.#name.title = name;
    const fresh = avatar(name);
    this.#avatar.replaceWith(fresh);
    this.#avatar = fresh;
  }

  /** @param {State} state */
  #renderRooms(state) {
    for (const [name, row] of this.#rows) {
      if (state.rooms.some((room) => room.name === name)) continue;
      row.element.remove();
      this.#rows.delete(name);
    }
    for (const room of boardRooms(state)) {
      let row = this.#rows.get(room.name);
      if (row === undefined) {
        row = new RoomRow(() => this.#actions.activate(room.name));
        this.#rows.set(room.name, row);
      }
      const list = room.kind === "direct" ? this.#directs : this.#rooms;
      if (row.element.parentElement !== list) list.append(row.element);
      row.render(room, room.name === state.active);
    }
    this.#directsTitle.hidden = this.#directs.childElementCount === 0;
    const elsewhere = state.rooms.reduce(
      (sum, room) => room.name === state.active ? sum : sum + room.unread,
      0,
    );
    this.#badge.hidden = elsewhere === 0;
    setText(this.#badge, elsewhere > 99 ? "99+" : String(elsewhere));
    this.#toggle.setAttribute(
      "aria-label",
      elsewhere === 0
        ? "Rooms"
        : `Rooms, ${plural(countUnread(state), "new message", "new messages")}`,
    );
  }
}

/** One room's line on the board. */
class RoomRow {
  #name = h("bdi", { class: "room-name" });
  #lock = h("span", { class: "room-lock", hidden: true }, icon("lock"));
  #unread = h("span", { class: "lamp-count" });
  #unreadWords = h("span", { class: "visually-hidden" });
  #button = h(
    "button",
    { type: "button", class: "room" },
    this.#name,
    this.#lock,
    this.#unreadWords,
    this.#unread,
    h("span", { class: "jack", "aria-hidden": "true" }),
  );
  /** The `<li>` in the list. */
  element = h("li", {}, this.#button);

  /** @param {() => void} onClick */
  constructor(onClick) {
    this.#unread.ariaHidden = "true";
    this.#button.addEventListener("click", onClick);
  }

  /**
   * @param {Room} room
   * @param {boolean} active
   */
  render(room, active) {
    const { unread, mentions, joined, kind } = room;
    const title = titleOf(room);
    setText(this.#name, title);
    this.#button.title = title;
    this.#lock.hidden = kind !== "private";
    if (!active) {
      this.#button.removeAttribute("aria-current");
    } else if (!this.#button.hasAttribute("aria-current")) {
      this.#button.setAttribute("aria-current", "true");
      this.#button.scrollIntoView({ block: "nearest" });
    }
    this.#button.classList.toggle("unplugged", !joined);
    const count = unread > 99 ? "99+" : String(unread);
    const isNamed = mentions > 0 && kind !== "direct";
    this.#unread.hidden = unread === 0;
    this.#unread.classList.toggle("named", isNamed);
    setText(this.#unread, isNamed ? `@ ${count}` : count);
    const words = unread === 0
      ? ""
      : `, ${plural(unread, "new message", "new messages")}` +
        (isNamed ? `, ${mentions} for you` : "");
    setText(this.#unreadWords, words);
  }
}
