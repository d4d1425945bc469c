// @ts-check
/// <reference lib="dom" />

/**
 * The talk of one room, kept in place as lines come, change and go.
 * @module
 */

import { h, icon, setText } from "../../dom.js";
import { linkify } from "../linkify.js";
import { logItems } from "../log_items.js";
import { isEmojiOnly, plural } from "../text.js";
import { formatClock, formatDay, formatFull } from "../time.js";
import { avatar, cordClass } from "./avatar.js";
import { ShareField } from "./share.js";

/** @typedef {import("../state.js").Room} Room */
/** @typedef {import("../state.js").Utterance} Utterance */
/** @typedef {import("../state.js").Notice} Notice */
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
    new ResizeObserver(() => this.#keepEnd()).observe(this.element);
  }

  /** @param {Room} room */
  render(room) {
    if (room === this.#room) return;
    const before = this.#room;
    this.#room = room;
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
    this.missed = 0;
  }

  #noteScroll() {
    if (this.element.hidden) return;
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    this.#scrollTop = scrollTop;
    this.#atEnd = scrollHeight - scrollTop - clientHeight <= END_MARGIN;
    if (this.#atEnd) this.missed = 0;
    this.#actions.onScroll();
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
    element.classList.toggle("pending", line.status === "pending");
    element.classList.toggle("failed", line.status === "failed");
    const time = element.querySelector("time");
    if (time !== null) {
      time.dateTime = new Date(line.time).toISOString();
      time.title = formatFull(line.time);
      time.replaceChildren(
        // In its own direction: "7:02 PM" stays so beside Arabic.
        h("bdi", {}, formatClock(line.time)),
        ...line.own ? statusMark(line) : [],
      );
    }
    element.querySelector(".unsent")?.remove();
    if (line.status === "failed") element.append(this.#unsent(line));
  }

  /**
   * @param {Utterance} line
   * @returns {HTMLElement}
   */
  #unsent(line) {
    const retry = h("button", { type: "button" }, "Try again");
    const discard = h("button", { type: "button" }, "Discard");
    retry.addEventListener("click", () => {
      this.#actions.retry(this.#name, line);
    });
    discard.addEventListener("click", () => {
      this.#actions.discard(this.#name, line);
    });
    return h(
      "p",
      { class: "unsent" },
      h("strong", {}, "Not sent. "),
      `${line.problem} `,
      retry,
      discard,
    );
  }
}

/** What an empty room says. */
class Greeting {
  #title = h("h2", {});
  #text = h("p", {});
  #share = new ShareField({
    label: "The link to this room",
    copyLabel: "Copy",
    open: true,
  });
  /** The whole greeting. */
  element;

  /** @param {string} room */
  constructor(room) {
    this.#share.room = room;
    this.element = h(
      "section",
      { class: "quiet" },
      h("span", { class: "jack jack-large", "aria-hidden": "true" }),
      this.#title,
      this.#text,
      this.#share.element,
    );
  }

  /** @param {Room} room */
  render({ joined, lostAt, lines, unsent, members }) {
    const spoken = [...lines, ...unsent].some(({ kind }) => kind === "message");
    this.element.hidden = spoken || !(joined || lostAt !== undefined);
    const others = members.length - 1;
    setText(
      this.#title,
      others > 0 ? "The line is open" : "Nobody else is here yet",
    );
    setText(
      this.#text,
      others > 0
        ? `${
          plural(others, "person hears", "people hear")
        } what you say. What was said before you came is not kept.`
        : "Send your friends this link: it brings them straight to you.",
    );
  }
}

/**
 * @param {Utterance} line
 * @returns {HTMLElement}
 */
function utterance({ from, own, text }) {
  const name = own ? "You" : from.name;
  return h(
    "div",
    {
      class: `line ${own ? "own" : "other"} ${cordClass(from.name)}` +
        (isEmojiOnly(text) ? " emoji" : ""),
    },
    ...own ? [] : [avatar(from.name)],
    // In each line, though seen only in a group's first: who hears the page
    // hears one line at a time.
    h("p", { class: "who" }, h("bdi", {}, name)),
    h(
      "p",
      { class: "bubble", dir: "auto" },
      h(
        "span",
        { class: "text" },
        ...linkify(text).map((piece) =>
          piece.href === undefined ? piece.text : h("a", {
            href: piece.href,
            target: "_blank",
            rel: "noopener noreferrer",
          }, piece.text)
        ),
      ),
      h("time", {}),
    ),
  );
}

/**
 * @param {Utterance} line one's own
 * @returns {Node[]} what tells whether the server has it
 */
function statusMark({ status }) {
  switch (status) {
    case "sent":
      return [icon("check")];
    case "pending":
      return [
        icon("clock"),
        h("span", { class: "visually-hidden" }, " sending"),
      ];
    case "failed":
      return [];
  }
}

/**
 * @param {Notice} line
 * @returns {HTMLElement}
 */
function notice(line) {
  return h(
    "p",
    { class: `notice notice-${line.event}` },
    h("span", {}, ...noticeWords(line)),
    " ",
    h("time", {
      datetime: new Date(line.time).toISOString(),
      title: formatFull(line.time),
    }, formatClock(line.time)),
  );
}

/**
 * @param {Notice} line
 * @returns {(string | Node)[]}
 */
function noticeWords({ event, name, was = "", own, duration = 0 }) {
  const who = h("bdi", {}, name);
  switch (event) {
    case "joined":
      return own ? ["You joined"] : [who, " joined"];
    case "left":
      return [who, " left"];
    case "returned":
      return [who, " reconnected"];
    case "renamed":
      return own ? ["You are now ", who] : [h("bdi", {}, was), " is now ", who];
    case "gap":
      return [
        `You were disconnected for ${formatDuration(duration)}. ` +
        "What was said meanwhile is not shown.",
      ];
  }
}

/**
 * @param {number} duration in milliseconds
 * @returns {string} e.g. `8 seconds`
 */
function formatDuration(duration) {
  const seconds = Math.max(1, Math.round(duration / 1000));
  if (seconds < 100) return plural(seconds, "second", "seconds");
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return plural(minutes, "minute", "minutes");
  return plural(Math.round(minutes / 60), "hour", "hours");
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
