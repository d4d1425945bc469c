// @ts-check
/// <reference lib="dom" />

/**
 * The lines of a talk: each element is made once, and stays while its line does.
 * @module
 */

import { h, setText } from "../../dom.js";
import { logItems } from "../log_items.js";
import { People } from "../people.js";
import { findMessage } from "../room.js";
import { formatDay } from "../time.js";
import { notice, renderUtterance } from "./line.js";

/** @import { Room } from "../room.js" */
/** @import { Utterance } from "../utterance.js" */
/** @import { Item } from "../log_items.js" */
/** @import { LineActions, Quote } from "./line.js" */
/** @import { LineTools } from "./line_tools.js" */

/** What stands in one room's talk, from top to bottom. */
export class LogLines {
  #actions;
  #tools;
  /** @type {Map<string, { element: HTMLElement, item: Item }>} */
  #shown = new Map();
  /** @type {WeakMap<Element, Item>} */
  #items = new WeakMap();
  /** @type {Room | undefined} */
  #room;
  #me = "";
  #people = new People();
  /** Holds them. */
  element = h("div", { class: "lines" });

  /**
   * @param {object} options
   * @param {{ line: LineActions, fetchQuote: (offset: number) => void }} options.actions
   * @param {LineTools} options.tools
   */
  constructor({ actions, tools }) {
    this.#actions = actions;
    this.#tools = tools;
  }

  /**
   * @param {Room} room
   * @param {string} me
   */
  render(room, me) {
    this.#room = room;
    this.#me = me;
    this.#people.update(room);
    this.#reconcile(logItems(room, me));
  }

  /**
   * @param {string} key
   * @returns {HTMLElement | undefined}
   */
  find(key) {
    return this.#shown.get(key)?.element;
  }

  /**
   * @param {number} offset
   * @returns {HTMLElement | undefined}
   */
  findMessage(offset) {
    for (const { element, item } of this.#shown.values()) {
      if (item.kind === "message" && item.line.offset === offset) {
        return element;
      }
    }
    return undefined;
  }

  /** @returns {Iterable<[key: string, element: HTMLElement]>} those of messages */
  *messages() {
    for (const [key, { element, item }] of this.#shown) {
      if (item.kind === "message") yield [key, element];
    }
  }

  /**
   * @param {Element} element
   * @returns {Utterance | undefined} what the line says, if it is a message
   */
  utteranceAt(element) {
    const item = this.#items.get(element);
    return item?.kind === "message" ? item.line : undefined;
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
    // In the order of the talk, for `messages()`.
    this.#shown = new Map();
    let next = this.element.firstElementChild;
    for (const item of items) {
      const element = this.#elementOf(item, before.get(item.key));
      this.#shown.set(item.key, { element, item });
      this.#items.set(element, item);
      // Only what is out of place moves: a moved line is read aloud again.
      if (element === next) next = next.nextElementSibling;
      else this.element.insertBefore(element, next);
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
