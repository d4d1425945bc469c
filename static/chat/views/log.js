// @ts-check
/// <reference lib="dom" />

/**
 * The talk of one room, kept in place as lines come, change and go.
 * @module
 */

import { h, setText } from "../../dom.js";
import { logItems } from "../log_items.js";
import { formatDay } from "../time.js";
import { Greeting } from "./greeting.js";
import { notice, showStatus, utterance } from "./line.js";

/** @typedef {import("../room.js").Room} Room */
/** @typedef {import("../room.js").Utterance} Utterance */
/** @typedef {import("../log_items.js").Item} Item */

/** Who is within this many pixels of the end reads the end. */
const END_MARGIN = 60;

/**
 * @typedef {object} LogActions
 * @property {(room: string, line: Utterance) => void} retry
 * @property {(room: string, line: Utterance) => void} discard
 * @property {() => void} onScroll the reader moved, or lines came in below
 */

/** One room's `role="log"`. */
export class LogView {
  #actions;
  #name;
  #lines = h("div", { class: "lines" });
  #greeting;
  /** @type {Map<string, { element: HTMLElement, item: Item }>} */
  #shown = new Map();
  /** @type {Room | undefined} */
  #room;
  #atEnd = true;
  #scrollTop = 0;
  #size = "";
  /** How many messages came in below what the reader sees. */
  missed = 0;
  /** The scrolling element. */
  element;

  /**
   * @param {string} room
   * @param {LogActions} actions
   */
  constructor(room, actions) {
    this.#name = room;
    this.#actions = actions;
    this.#greeting = new Greeting(room);
    this.element = h(
      "div",
      {
        class: "log",
        role: "log",
        "aria-live": "polite",
        "aria-label": `Messages in ${room}`,
        tabindex: "0",
        hidden: true,
      },
      this.#greeting.element,
      this.#lines,
    );
    this.element.addEventListener("scroll", () => this.#noteScroll(), {
      passive: true,
    });
    // A keyboard that slides in, a composer that grows: the end stays in view.
    new ResizeObserver(() => {
      this.#noteSize();
      this.#keepEnd();
    }).observe(this.element);
  }

  /** @param {Room} room */
  render(room) {
    if (room === this.#room) return;
    const before = this.#room;
    this.#room = room;
    // The scroll event of what the reader just did may still be on its way.
    if (this.element.scrollTop !== this.#scrollTop) this.#noteScroll();
    this.#reconcile(logItems(room));
    this.#greeting.render(room);
    const said = room.unsent.length > (before?.unsent.length ?? 0);
    if (said) this.#atEnd = true;
    if (this.#atEnd) this.#keepEnd();
    else this.missed += countNewFromOthers(room, before);
    this.#actions.onScroll();
  }

  /** Shows it where the reader left it, or at the first new line. */
  show() {
    if (!this.element.hidden) return;
    this.element.hidden = false;
    const fresh = this.#shown.get("new");
    if (fresh !== undefined && this.#atEnd) {
      this.element.scrollTop += fresh.element.getBoundingClientRect().top -
        this.element.getBoundingClientRect().top;
      this.#noteScroll();
    } else if (this.#atEnd) {
      this.#keepEnd();
    } else {
      this.element.scrollTop = this.#scrollTop;
    }
  }

  hide() {
    this.element.hidden = true;
  }

  /** Goes to the newest line. */
  toEnd() {
    this.#atEnd = true;
    this.#keepEnd();
    this.element.focus({ preventScroll: true });
  }

  #keepEnd() {
    if (!this.#atEnd || this.element.hidden) return;
    this.element.scrollTop = this.element.scrollHeight;
    this.#scrollTop = this.element.scrollTop;
    this.missed = 0;
  }

  #noteScroll() {
    if (this.element.hidden) return;
    if (this.#noteSize() && this.#atEnd) {
      // Not the reader scrolled, but the window changed around the talk.
      this.#keepEnd();
      return;
    }
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    this.#scrollTop = scrollTop;
    this.#atEnd = scrollHeight - scrollTop - clientHeight <= END_MARGIN;
    if (this.#atEnd) this.missed = 0;
    this.#actions.onScroll();
  }

  /** @returns {boolean} whether the size is another one than the last time */
  #noteSize() {
    const { clientWidth, clientHeight } = this.element;
    const size = `${clientWidth}×${clientHeight}`;
    const changed = size !== this.#size;
    this.#size = size;
    return changed;
  }

  /** @param {Item[]} items */
  #reconcile(items) {
    const keys = new Set(items.map(({ key }) => key));
    for (const [key, { element }] of this.#shown) {
      if (keys.has(key)) continue;
      element.remove();
      this.#shown.delete(key);
    }
    let next = this.#lines.firstElementChild;
    for (const item of items) {
      const element = this.#elementOf(item);
      // Only what is out of place moves: a moved line is read aloud again.
      if (element === next) next = next.nextElementSibling;
      else this.#lines.insertBefore(element, next);
    }
  }

  /**
   * @param {Item} item
   * @returns {HTMLElement}
   */
  #elementOf(item) {
    const shown = this.#shown.get(item.key);
    if (shown === undefined) {
      const element = this.#create(item);
      this.#shown.set(item.key, { element, item });
      return element;
    }
    if (item.kind === "message" && shown.item.kind === "message") {
      this.#update(shown.element, item, shown.item);
    } else if (item.kind === "day") {
      setText(shown.element, formatDay(item.time, Date.now()));
    }
    shown.item = item;
    return shown.element;
  }

  /**
   * @param {Item} item
   * @returns {HTMLElement}
   */
  #create(item) {
    switch (item.kind) {
      case "day":
        return h("h2", { class: "day" }, formatDay(item.time, Date.now()));
      case "new":
        return h("p", { class: "new-line" }, "New");
      case "notice":
        return notice(item.line);
      case "message": {
        const element = utterance(item.line);
        this.#update(element, item);
        return element;
      }
    }
  }

  /**
   * @param {HTMLElement} element
   * @param {Extract<Item, { kind: "message" }>} item
   * @param {Extract<Item, { kind: "message" }>} [before]
   */
  #update(element, item, before) {
    const { line, starts, ends } = item;
    element.classList.toggle("starts", starts);
    element.classList.toggle("ends", ends);
    if (line === before?.line) return;
    showStatus(element, line, {
      retry: () => this.#actions.retry(this.#name, line),
      discard: () => this.#actions.discard(this.#name, line),
    });
  }
}

/**
 * @param {Room} room
 * @param {Room | undefined} before
 * @returns {number}
 */
function countNewFromOthers(room, before) {
  const known = new Set(before?.lines);
  return room.lines.filter((line) =>
    line.kind === "message" && !line.own && !known.has(line)
  ).length;
}
