// @ts-check
/// <reference lib="dom" />

/**
 * The middle: the active room's title and talk.
 * @module
 */

import { byId, setText } from "../../dom.js";
import { titleOf } from "../room.js";
import { findRoom } from "../state.js";
import { plural } from "../text.js";
import { LineTools } from "./line_tools.js";
import { LogView } from "./log.js";

/** @import { State } from "../state.js" */
/** @import { Room } from "../room.js" */
/** @import { Utterance } from "../utterance.js" */
/** @import { MenuItem } from "./menu.js" */

/**
 * @typedef {object} TalkActions
 * @property {(room: string, line: Utterance) => void} retry
 * @property {(room: string, line: Utterance) => void} discard
 * @property {(room: string, line: Utterance, reaction: { emoji: string, on: boolean }) => void} react
 * @property {(room: string, line: Utterance) => void} reply
 * @property {(room: string, line: Utterance) => readonly MenuItem[]} itemsOf
 * @property {(room: string, offset: number) => void} visit
 * @property {(room: string, atEnd: boolean) => void} scrolled
 * @property {(room: string) => Promise<void>} older
 * @property {(room: string) => Promise<void>} newer
 * @property {(room: string) => void} toNewest
 * @property {(room: string, offset: number) => void} fetchQuote
 * @property {(room: string, anchor: HTMLElement) => void} openMenu
 * @property {() => void} search
 * @property {() => void} compose
 * @property {() => void} nameRoom the person wants to join some room
 */

/** Keeps a log for each room and shows one of them. */
export class TalkView {
  #actions;
  #title = byId("talk-room", HTMLElement);
  #topic = byId("talk-topic", HTMLElement);
  #logs = byId("logs", HTMLElement);
  #noRoom = byId("no-room", HTMLElement);
  #menu = byId("room-menu", HTMLButtonElement);
  #search = byId("search-open", HTMLButtonElement);
  #toEnd = byId("to-bottom", HTMLButtonElement);
  #toEndWords = /** @type {HTMLElement} */ (this.#toEnd.firstElementChild);
  #room = "";
  #tools;
  /** @type {Map<string, LogView>} */
  #views = new Map();

  /** @param {TalkActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#tools = new LineTools({
      reply: (line) => actions.reply(this.#room, line),
      react: (line, emoji) =>
        actions.react(this.#room, line, { emoji, on: true }),
      itemsOf: (line) => actions.itemsOf(this.#room, line),
    });
    this.#toEnd.addEventListener("click", () => {
      actions.toNewest(this.#room);
      this.#views.get(this.#room)?.toEnd();
    });
    this.#menu.addEventListener(
      "click",
      () => actions.openMenu(this.#room, this.#menu),
    );
    this.#search.addEventListener("click", actions.search);
    byId("no-room-join", HTMLButtonElement)
      .addEventListener("click", actions.nameRoom);
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    if (
      state.rooms === previous?.rooms && state.active === previous.active &&
      state.me === previous.me
    ) return;
    const room = findRoom(state, state.active);
    if (this.#room !== (room?.name ?? "")) this.#tools.detach();
    this.#room = room?.name ?? "";
    for (const [name, view] of this.#views) {
      if (findRoom(state, name) !== undefined) continue;
      view.element.remove();
      this.#views.delete(name);
    }
    const me = state.me?.id ?? "";
    for (const each of state.rooms) this.#viewOf(each.name).render(each, me);
    this.#renderHead(room);
    this.#noRoom.hidden = room !== undefined;
    for (const [name, view] of this.#views) {
      if (name === this.#room) view.show();
      else view.hide();
    }
    this.#renderToEnd(room);
  }

  /**
   * Leads to a message that is shown in the active room.
   *
   * @param {number} offset
   * @returns {boolean} whether it is shown
   */
  visit(offset) {
    return this.#views.get(this.#room)?.visit(offset) ?? false;
  }

  /** @param {Room | undefined} room */
  #renderHead(room) {
    const title = room === undefined ? "No room" : titleOf(room);
    setText(this.#title, title);
    this.#title.title = title;
    setText(this.#topic, room?.topic ?? "");
    this.#topic.title = room?.topic ?? "";
    this.#topic.hidden = (room?.topic ?? "") === "";
    this.#menu.hidden = this.#search.hidden = room === undefined;
  }

  /**
   * @param {string} room
   * @returns {LogView}
   */
  #viewOf(room) {
    const known = this.#views.get(room);
    if (known !== undefined) return known;
    const actions = this.#actions;
    const view = new LogView(room, {
      tools: this.#tools,
      actions: {
        line: {
          retry: (line) => actions.retry(room, line),
          discard: (line) => actions.discard(room, line),
          react: (line, reaction) => actions.react(room, line, reaction),
          visit: (offset) => actions.visit(room, offset),
        },
        scrolled: (atEnd) => actions.scrolled(room, atEnd),
        older: () => actions.older(room),
        newer: () => actions.newer(room),
        fetchQuote: (offset) => actions.fetchQuote(room, offset),
        compose: actions.compose,
      },
    });
    this.#views.set(room, view);
    this.#logs.insertBefore(view.element, this.#toEnd);
    return view;
  }

  /** @param {Room | undefined} room */
  #renderToEnd(room) {
    const isAway = room !== undefined &&
      (!room.atEnd || room.place !== undefined);
    this.#toEnd.hidden = !isAway;
    const unread = room?.unread ?? 0;
    setText(
      this.#toEndWords,
      unread > 0
        ? plural(unread, "new message", "new messages")
        : "Newest messages",
    );
    this.#toEnd.classList.toggle("plain", unread === 0);
  }
}
