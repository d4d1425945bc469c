// @ts-check
/// <reference lib="dom" />

/**
 * The middle: the active room's title and talk.
 * @module
 */

import { byId, setText } from "../../dom.js";
import { findRoom } from "../state.js";
import { plural } from "../text.js";
import { LogView } from "./log.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {import("../room.js").Utterance} Utterance */

/**
 * @typedef {object} TalkActions
 * @property {(room: string, line: Utterance) => void} retry
 * @property {(room: string, line: Utterance) => void} discard
 * @property {() => void} nameRoom the person wants to join some room
 */

/** Keeps a log for each room and shows one of them. */
export class TalkView {
  #actions;
  #title = byId("talk-room", HTMLElement);
  #logs = byId("logs", HTMLElement);
  #noRoom = byId("no-room", HTMLElement);
  #toEnd = byId("to-bottom", HTMLButtonElement);
  #toEndWords = /** @type {HTMLElement} */ (this.#toEnd.firstElementChild);
  /** @type {Map<string, LogView>} */
  #views = new Map();
  /** @type {LogView | undefined} */
  #current;

  /** @param {TalkActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#toEnd.addEventListener("click", () => this.#current?.toEnd());
    byId("no-room-join", HTMLButtonElement)
      .addEventListener("click", actions.nameRoom);
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    if (state.rooms === previous?.rooms && state.active === previous.active) {
      return;
    }
    for (const [name, view] of this.#views) {
      if (findRoom(state, name) !== undefined) continue;
      view.element.remove();
      this.#views.delete(name);
    }
    for (const room of state.rooms) this.#viewOf(room.name).render(room);
    const active = state.active ?? "";
    setText(this.#title, active === "" ? "No room" : active);
    this.#title.title = active;
    this.#noRoom.hidden = active !== "";
    this.#current = this.#views.get(active);
    for (const view of this.#views.values()) {
      if (view !== this.#current) view.hide();
    }
    this.#current?.show();
    this.#renderToEnd();
  }

  /**
   * @param {string} room
   * @returns {LogView}
   */
  #viewOf(room) {
    const known = this.#views.get(room);
    if (known !== undefined) return known;
    const view = new LogView(room, {
      retry: this.#actions.retry,
      discard: this.#actions.discard,
      onScroll: () => this.#renderToEnd(),
    });
    this.#views.set(room, view);
    this.#logs.insertBefore(view.element, this.#toEnd);
    return view;
  }

  #renderToEnd() {
    const missed = this.#current?.missed ?? 0;
    this.#toEnd.hidden = missed === 0;
    setText(
      this.#toEndWords,
      plural(missed, "new message", "new messages"),
    );
  }
}
