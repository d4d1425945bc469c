// @ts-check
/// <reference lib="dom" />

/**
 * The talk of one room, kept in place as lines come, change and go.
 * @module
 */

import { h } from "../../dom.js";
import { titleOf } from "../room.js";
import { Greeting } from "./greeting.js";
import { LogLines } from "./log_lines.js";

/** @import { Room } from "../room.js" */
/** @import { LineActions } from "./line.js" */
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
  #lines;
  #start = h(
    "p",
    { class: "hint log-start" },
    "Fetching what was said before…",
  );
  #greeting;
  /** @type {Room | undefined} */
  #room;
  #me = "";
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
    this.#lines = new LogLines({ actions, tools });
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
      this.#lines.element,
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
    new ResizeObserver(() => this.#keepEnd()).observe(this.#lines.element);
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
    const staysAtEnd = this.#atEnd && room.place === undefined;
    const anchor = staysAtEnd ? undefined : this.#anchor();
    this.#hushWhile(
      room.place !== before?.place ||
        room.messages[0]?.offset !== before?.messages[0]?.offset,
    );
    this.#lines.render(room, me);
    if (isElsewhere) this.#moveTo(room.place?.target);
    else if (staysAtEnd) this.#keepEnd();
    else this.#restore(anchor);
    this.#fill();
  }

  /** Shows it where the reader left it, or at the first new line. */
  show() {
    if (!this.element.hidden) return;
    this.element.hidden = false;
    const fresh = this.#lines.find("new");
    if (fresh !== undefined && this.#atEnd) {
      this.element.scrollTop += fresh.getBoundingClientRect().top -
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
    const found = this.#lines.findMessage(offset);
    if (found === undefined) return false;
    for (const line of this.element.querySelectorAll(".visited")) {
      line.classList.remove("visited");
    }
    found.classList.add("visited");
    found.scrollIntoView({ block: "center" });
    found.focus({ preventScroll: true });
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
    const lines = [...this.element.querySelectorAll(".line")];
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
    if (!(element instanceof HTMLElement)) return;
    const line = this.#lines.utteranceAt(element);
    if (line !== undefined) this.#tools.attach(element, line, options);
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
    const count = this.#lines.element.childElementCount;
    await (isAtStart ? this.#actions.older() : this.#actions.newer());
    this.#start.hidden = true;
    this.#isLoading = false;
    // Still near: a page of short lines does not fill a high window.
    if (this.#lines.element.childElementCount !== count) this.#fill();
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
    for (const [key, element] of this.#lines.messages()) {
      const box = bubbleBox(element);
      if (box.bottom > top) return { key, top: box.top };
    }
    return undefined;
  }

  /** @param {{ key: string, top: number } | undefined} anchor */
  #restore(anchor) {
    const line = anchor && this.#lines.find(anchor.key);
    if (anchor === undefined || line === undefined) return;
    const { top } = bubbleBox(line);
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
