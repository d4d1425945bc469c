// @ts-check
/// <reference lib="dom" />

/**
 * What one can do with a message: a few buttons at the line that the mouse, a
 * finger or the focus is on.
 * @module
 */

import { h, icon } from "../../dom.js";
import { isMenuOpen, openMenu, openPopover } from "./menu.js";

/** @import { Utterance } from "../utterance.js" */
/** @import { MenuItem } from "./menu.js" */

/** Reactions that need one click only. */
const QUICK = ["👍", "❤️", "😂", "🎉", "😮", "😢"];

/**
 * @typedef {object} ToolActions
 * @property {(line: Utterance) => void} reply
 * @property {(line: Utterance, emoji: string) => void} react
 * @property {(line: Utterance) => readonly MenuItem[]} itemsOf the rest of what
 * can be done
 */

/** One set of buttons, which goes from line to line. */
export class LineTools {
  #react = toolButton("React", "smile");
  #reply = toolButton("Reply", "reply");
  #more = toolButton("More", "more");
  #actions;
  /** @type {Utterance | undefined} */
  #line;
  /** Whether a finger has asked for it. */
  #pinned = false;
  element = h(
    "div",
    { class: "line-tools", role: "toolbar", "aria-label": "Message" },
    this.#react,
    this.#reply,
    this.#more,
  );

  /** @param {ToolActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#reply.addEventListener("click", () => {
      const line = this.#line;
      this.detach();
      if (line !== undefined) actions.reply(line);
    });
    this.#react.addEventListener("click", () => this.#openEmoji());
    this.#more.addEventListener("click", () => this.#openMore());
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.#pinned || !(target instanceof Element)) return;
      if (target.closest(".line-tools, .menu, .line") === null) this.detach();
    });
  }

  /**
   * @param {HTMLElement} element
   * @param {Utterance} line what it shows
   * @param {{ pin?: boolean }} [options] whether it stays when the pointer leaves
   */
  attach(element, line, { pin = false } = {}) {
    if (line.offset === undefined || line.deleted) {
      if (!isMenuOpen()) this.detach();
      return;
    }
    this.#pinned = pin;
    const isThere = this.element.parentElement === element;
    if (isThere && line === this.#line) return;
    if (!isThere && isMenuOpen()) return;
    this.#line = line;
    if (!isThere) element.append(this.element);
  }

  /** Leaves the line, unless it is being used. */
  release() {
    const line = this.element.parentElement;
    if (line === null || this.#pinned || isMenuOpen()) return;
    // A button that is pressed has the pointer before it has the focus.
    const isUsed = line.contains(document.activeElement) ||
      line.matches(":hover");
    if (!isUsed) this.detach();
  }

  detach() {
    this.#line = undefined;
    this.#pinned = false;
    this.element.remove();
  }

  #openMore() {
    const line = this.#line;
    if (line === undefined) return;
    openMenu(this.#more, {
      label: "What to do with the message",
      items: this.#actions.itemsOf(line),
    });
  }

  #openEmoji() {
    const line = this.#line;
    if (line === undefined) return;
    const popover = h("div", {
      class: "menu emoji-menu",
      role: "dialog",
      "aria-label": "React",
      popover: "auto",
    });
    const react = (/** @type {string} */ emoji) => {
      popover.hidePopover();
      this.#actions.react(line, emoji);
    };
    const buttons = QUICK.map((emoji) => {
      const button = h("button", { type: "button", class: "emoji" }, emoji);
      button.addEventListener("click", () => react(emoji));
      return button;
    });
    const input = h("input", {
      "aria-label": "Any emoji",
      placeholder: "Any emoji",
      autocomplete: "off",
      enterkeyhint: "done",
    });
    const form = h("form", {}, input);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const emoji = input.value.trim();
      if (emoji !== "") react(emoji);
    });
    popover.append(h("div", { class: "emoji-row" }, ...buttons), form);
    openPopover(this.#react, popover);
    buttons[0]?.focus();
  }
}

/**
 * @param {string} label
 * @param {string} name of the icon
 * @returns {HTMLButtonElement}
 */
function toolButton(label, name) {
  return h("button", {
    type: "button",
    class: "tool",
    "aria-label": label,
    title: label,
    "data-focus": `tool ${label}`,
    ...label === "Reply" ? {} : { "aria-haspopup": "true" },
  }, icon(name));
}
