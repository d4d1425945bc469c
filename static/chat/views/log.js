// @ts-check
/// <reference lib="dom" />

/**
 * The talk of one room, kept in place as lines come, change and go.
 * @module
 */

import { h, setText } from "../../dom.js";
import { logItems } from "../log_items.js";
import { findMessage, titleOf } from "../room.js";
import { formatDay } from "../time.js";
import { Greeting } from "./greeting.js";
import { notice, renderUtterance } from "./line.js";

/** @import { Member, Person } from "../../chat-client/wire.d.ts" */
/** @import { Room } from "../room.js" */
/** @import { Utterance } from "../utterance.js" */
/** @import { Item } from "../log_items.js" */
/** @import { LineActions, Quote } from "./line.js" */
/** @import { LineTools } from "./line_tools.js" */

/** Who is within this many pixels of the end reads the end. */
const END_MARGIN = 60;

/** Within this many pixels of the beginning, more is fetched. */
const START_MARGIN = 400;

/**
 * @typedef {object} LogActions
 * @property {LineActions} line
 * @property {(atEnd: boolean) => void} scrolled
 * @property {() => Promise<void>} older
 * @property {() => Promise<void>} newer
 * @property {(offset: number) => void} fetchQuote
 * @property {() => void} compose the person wants to write
 */

/** One room's `role="log"`. */
export class LogView {
  #actions;
  #tools;
  #lines = h("div", { class: "lines" });
  #start = h(
    "p",
    { class: "hint log-start" },
    "Fetching what was said before…",
  );
  #greeting;
  /** @type {Map<string, { element: HTMLElement, item: Item }>} */
  #shown = new Map();
  /** @type {WeakMap<Element, Item>} */
  #items = new WeakMap();
  /** @type {Room | undefined} */
  #room;
  #me = "";
  #people = new People();
  #atEnd = true;
  #scrollTop = 0;
  #size = "";
  #isLoading = false;
  /** The scrolling element. */
  element;

  /**
   * @param {string} room
   * @param {{ actions: LogActions, tools: LineTools }} options
   */
  constructor(room, { actions, tools }) {
    this.#actions = actions;
    this.#tools = tools;
    this.#greeting = new Greeting(room);
    this.#start.hidden = true;
    this.element = h(
      "div",
      {
        class: "log",
        role: "log",
        "aria-live": "polite",
        tabindex: "0",
        hidden: true,
      },
      this.#greeting.element,
      this.#start,
      this.#lines,
    );
    this.element.addEventListener("scroll", () => this.#noteScroll(), {
      passive: true,
    });
    this.#listen();
    // A keyboard that slides in, a composer that grows: the end stays in view.
    new ResizeObserver(() => {
      this.#noteSize();
      this.#keepEnd();
    }).observe(this.element);
    // So it does when a picture or a reaction makes a line higher.
    new ResizeObserver(() => this.#keepEnd()).observe(this.#lines);
  }

  /**
   * @param {Room} room
   * @param {string} me
   */
  render(room, me) {
    const before = this.#room;
    if (room === before && me === this.#me) return;
    this.#room = room;
    this.#me = me;
    this.element.ariaLabel = `Messages in ${titleOf(room)}`;
    this.#greeting.render(room);
    if (isSameTalk(room, before)) return;
    // The scroll event of what the reader just did may still be on its way.
    if (this.element.scrollTop !== this.#scrollTop) this.#noteScroll();
    const saysMore = room.outgoing.length > (before?.outgoing.length ?? 0);
    if (saysMore && room.place === undefined) this.#atEnd = true;
    const isElsewhere = room.place?.target !== before?.place?.target;
    this.#people.update(room);
    const staysAtEnd = this.#atEnd && room.place === undefined;
    const anchor = staysAtEnd ? undefined : this.#anchor();
    this.#hushWhile(
      room.place !== before?.place ||
        room.messages[0]?.offset !== before?.messages[0]?.offset,
    );
    this.#reconcile(logItems(room, me));
    if (isElsewhere) this.#moveTo(room.place?.target);
    else if (staysAtEnd) this.#keepEnd();
    else this.#restore(anchor);
    this.#fill();
  }

  /** Shows it where the reader left it, or at the first new line. */
  show() {
    if (!this.element.hidden) return;
    this.element.hidden = false;
    const fresh = this.#shown.get("new");
    if (fresh !== undefined && this.#atEnd) {
      this.element.scrollTop += fresh.element.getBoundingClientRect().top -
        this.element.getBoundingClientRect().top - 8;
      this.#noteSize();
      this.#noteScroll();
    } else if (this.#atEnd) {
      this.#keepEnd();
    } else {
      this.element.scrollTop = this.#scrollTop;
    }
    this.#fill();
  }

  hide() {
    this.element.hidden = true;
  }

  /** Goes to the newest line. */
  toEnd() {
    this.#setAtEnd(true);
    this.#keepEnd();
    this.element.focus({ preventScroll: true });
  }

  /**
   * Leads to a message that is shown.
   *
   * @param {number} offset
   * @returns {boolean} whether it is
   */
  visit(offset) {
    const found = [...this.#shown.values()].find(({ item }) =>
      item.kind === "message" && item.line.offset === offset
    );
    if (found === undefined) return false;
    for (const line of this.#lines.querySelectorAll(".visited")) {
      line.classList.remove("visited");
    }
    found.element.classList.add("visited");
    found.element.scrollIntoView({ block: "center" });
    found.element.focus({ preventScroll: true });
    this.#noteScroll();
    return true;
  }

  #listen() {
    const { element } = this;
    element.addEventListener("pointerover", ({ target, pointerType }) => {
      if (pointerType === "mouse") this.#attachTools(target);
    });
    element.addEventListener("pointerleave", () => this.#tools.release());
    element.addEventListener(
      "focusin",
      ({ target }) => this.#attachTools(target),
    );
    element.addEventListener("focusout", ({ relatedTarget }) => {
      const line = this.#tools.element.parentElement;
      const stays = relatedTarget instanceof Node &&
        line?.contains(relatedTarget);
      // Otherwise once it is known where the focus goes.
      if (!stays) queueMicrotask(() => this.#tools.release());
    });
    element.addEventListener("contextmenu", (event) => {
      // A long press. A mouse keeps its own menu.
      const isTouch = /** @type {PointerEvent} */ (event).pointerType !==
        "mouse";
      if (!isTouch || isControl(event.target)) return;
      event.preventDefault();
      this.#attachTools(event.target, { pin: true });
    });
    element.addEventListener("click", (event) => {
      const isTouch = /** @type {PointerEvent} */ (event).pointerType ===
        "touch";
      if (isTouch && !isControl(event.target)) {
        this.#attachTools(event.target, { pin: true });
      }
    });
    element.addEventListener("keydown", (event) => this.#moveFocus(event));
  }

  /** @param {KeyboardEvent} event */
  #moveFocus(event) {
    const { target, key } = event;
    if (!(target instanceof HTMLElement)) return;
    if (key === "Escape") {
      this.#actions.compose();
      return;
    }
    if (key !== "ArrowUp" && key !== "ArrowDown") return;
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const lines = [...this.#lines.querySelectorAll(".line")];
    const line = target.closest(".line");
    if (target === this.element && key === "ArrowDown") return;
    if (target !== this.element && target !== line) return;
    const index = line === null ? lines.length : lines.indexOf(line);
    const next = lines[index + (key === "ArrowUp" ? -1 : 1)];
    event.preventDefault();
    if (next instanceof HTMLElement) next.focus();
  }

  /**
   * @param {EventTarget | null} target
   * @param {{ pin?: boolean }} [options]
   */
  #attachTools(target, options) {
    const element = target instanceof Element ? target.closest(".line") : null;
    const item = element === null ? undefined : this.#items.get(element);
    if (!(element instanceof HTMLElement) || item?.kind !== "message") return;
    this.#tools.attach(element, item.line, options);
  }

  /** @param {boolean} atEnd */
  #setAtEnd(atEnd) {
    this.#atEnd = atEnd;
    if (this.#room?.atEnd !== atEnd) this.#actions.scrolled(atEnd);
  }

  #keepEnd() {
    const room = this.#room;
    if (!this.#atEnd || this.element.hidden || room?.place !== undefined) {
      return;
    }
    this.element.scrollTop = this.element.scrollHeight;
    this.#scrollTop = this.element.scrollTop;
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
    this.#setAtEnd(scrollHeight - scrollTop - clientHeight <= END_MARGIN);
    this.#fill();
  }

  /** Fetches more where the reader is near what is not there yet. */
  async #fill() {
    const room = this.#room;
    if (this.#isLoading || this.element.hidden || !room?.joined) return;
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const { place } = room;
    const hasOlder = place?.older ?? room.hasOlder;
    const isAtStart = hasOlder && scrollTop < START_MARGIN;
    const isAtEnd = place?.newer !== undefined &&
      scrollHeight - scrollTop - clientHeight < START_MARGIN;
    if (!isAtStart && !isAtEnd) return;
    this.#isLoading = true;
    this.#start.hidden = !isAtStart;
    const count = this.#lines.childElementCount;
    await (isAtStart ? this.#actions.older() : this.#actions.newer());
    this.#start.hidden = true;
    this.#isLoading = false;
    // Still near: a page of short lines does not fill a high window.
    if (this.#lines.childElementCount !== count) this.#fill();
  }

  /** @returns {boolean} whether the size is another one than the last time */
  #noteSize() {
    const { clientWidth, clientHeight } = this.element;
    const size = `${clientWidth}×${clientHeight}`;
    const changed = size !== this.#size;
    this.#size = size;
    return changed;
  }

  /** @returns {{ key: string, top: number } | undefined} a line in view */
  #anchor() {
    if (this.element.hidden) return undefined;
    const { top } = this.element.getBoundingClientRect();
    for (const [key, { element, item }] of this.#shown) {
      if (item.kind !== "message") continue;
      const box = bubbleBox(element);
      if (box.bottom > top) return { key, top: box.top };
    }
    return undefined;
  }

  /** @param {{ key: string, top: number } | undefined} anchor */
  #restore(anchor) {
    const shown = anchor && this.#shown.get(anchor.key);
    if (anchor === undefined || shown === undefined) return;
    const { top } = bubbleBox(shown.element);
    this.element.scrollTop += top - anchor.top;
    this.#scrollTop = this.element.scrollTop;
  }

  /** @param {number | undefined} target the newest message if there is none */
  #moveTo(target) {
    if (target !== undefined && this.visit(target)) return;
    this.#setAtEnd(true);
    this.#keepEnd();
  }

  /**
   * What was said long ago is not read aloud.
   *
   * @param {boolean} isOld
   */
  #hushWhile(isOld) {
    if (!isOld) return;
    this.element.ariaLive = "off";
    requestAnimationFrame(() => this.element.ariaLive = "polite");
  }

  /** @param {Item[]} items */
  #reconcile(items) {
    const keys = new Set(items.map(({ key }) => key));
    for (const [key, { element }] of this.#shown) {
      if (keys.has(key)) continue;
      if (element.contains(this.#tools.element)) this.#tools.detach();
      element.remove();
    }
    const before = this.#shown;
    // In the order of the talk, for `#anchor()`.
    this.#shown = new Map();
    let next = this.#lines.firstElementChild;
    for (const item of items) {
      const element = this.#elementOf(item, before.get(item.key));
      this.#shown.set(item.key, { element, item });
      this.#items.set(element, item);
      // Only what is out of place moves: a moved line is read aloud again.
      if (element === next) next = next.nextElementSibling;
      else this.#lines.insertBefore(element, next);
    }
  }

  /**
   * @param {Item} item
   * @param {{ element: HTMLElement, item: Item } | undefined} shown
   * @returns {HTMLElement}
   */
  #elementOf(item, shown) {
    switch (item.kind) {
      case "day": {
        const element = shown?.element ?? h("h2", { class: "day" });
        setText(element, formatDay(item.time, Date.now()));
        return element;
      }
      case "new":
        return shown?.element ?? h("p", { class: "new-line" }, "New");
      case "notice":
        return shown?.element ?? notice(item.line);
      case "message":
        return this.#lineOf(item, shown);
    }
  }

  /**
   * @param {Extract<Item, { kind: "message" }>} item
   * @param {{ element: HTMLElement, item: Item } | undefined} shown
   * @returns {HTMLElement}
   */
  #lineOf({ line, starts, ends }, shown) {
    const element = shown?.element ??
      h("div", { role: "article", tabindex: "-1" });
    const before = shown?.item.kind === "message" ? shown.item.line : undefined;
    const quote = this.#quoteOf(line);
    const isStale = line !== before || element.dataset.quote !== quote?.text;
    if (isStale) {
      if (quote !== undefined) element.dataset.quote = quote.text;
      renderUtterance(element, line, {
        me: this.#me,
        people: this.#people.all,
        quote,
        nameOf: (id) => this.#people.nameOf(id),
        actions: this.#actions.line,
      });
      if (element.contains(this.#tools.element)) {
        this.#tools.attach(element, line);
      }
    }
    element.classList.toggle("starts", starts);
    element.classList.toggle("ends", ends);
    return element;
  }

  /**
   * @param {Utterance} line
   * @returns {Quote | undefined}
   */
  #quoteOf({ replyTo }) {
    const room = this.#room;
    if (replyTo === undefined || room === undefined) return undefined;
    const message = findMessage(room, replyTo);
    if (message === undefined) {
      queueMicrotask(() => this.#actions.fetchQuote(replyTo));
      return undefined;
    }
    const { from, text, deleted, attachments = [] } = message;
    return {
      who: from.id === this.#me ? "You" : from.name,
      from: from.name,
      text: deleted
        ? "This message was deleted."
        : text || (attachments[0]?.name ?? ""),
    };
  }
}

/** Who has been seen in a room, also those who have left. */
class People {
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

/**
 * @param {HTMLElement} line
 * @returns {DOMRect} of what is said; the space above it may change
 */
function bubbleBox(line) {
  return (line.querySelector(".bubble") ?? line).getBoundingClientRect();
}

/**
 * @param {Room} room
 * @param {Room | undefined} before
 * @returns {boolean} whether the lines are the same
 */
function isSameTalk(room, before) {
  return before !== undefined && room.messages === before.messages &&
    room.outgoing === before.outgoing && room.notices === before.notices &&
    room.newFrom === before.newFrom && room.place === before.place &&
    room.quotes === before.quotes && room.members === before.members;
}

/**
 * @param {EventTarget | null} target
 * @returns {boolean} whether it does something by itself
 */
function isControl(target) {
  return target instanceof Element &&
    target.closest("a, button, input, .line-tools") !== null;
}
