// @ts-check
/// <reference lib="dom" />

import { byId, h } from "../../dom.js";
import { completions, openMention } from "../mentions.js";
import { avatar } from "./avatar.js";

/** @import { Person } from "../../chat-client/wire.d.ts" */

/** Proposes names after an `@`. */
export class Completion {
  #list = byId("completions", HTMLUListElement);
  #field;
  #options;
  /** @type {readonly Person[]} */
  #found = [];
  #index = 0;

  /**
   * @param {HTMLTextAreaElement} field
   * @param {{ people: () => readonly Person[], completed: () => void }} options
   */
  constructor(field, options) {
    this.#field = field;
    this.#options = options;
    field.addEventListener("input", () => this.#propose());
    field.addEventListener("blur", () => this.close());
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether it was meant for the list
   */
  press(event) {
    if (this.#list.hidden) return false;
    switch (event.key) {
      case "ArrowDown":
        this.#point(this.#index + 1);
        break;
      case "ArrowUp":
        this.#point(this.#index - 1);
        break;
      case "Enter":
      case "Tab":
        this.#take(this.#found[this.#index]);
        break;
      case "Escape":
        this.close();
        break;
      default:
        return false;
    }
    event.preventDefault();
    return true;
  }

  close() {
    this.#found = [];
    this.#list.hidden = true;
    this.#field.removeAttribute("aria-activedescendant");
  }

  #propose() {
    const { selectionEnd, value } = this.#field;
    const begun = openMention(value.slice(0, selectionEnd));
    this.#found = begun === undefined
      ? []
      : completions(begun, this.#options.people());
    if (this.#found.length === 0) {
      this.close();
      return;
    }
    this.#list.replaceChildren(...this.#found.map((person, index) => {
      const option = h(
        "li",
        { id: `completion-${index}`, role: "option", class: "completion" },
        avatar(person.name),
        h("bdi", {}, person.name),
      );
      // Before the field loses the focus.
      option.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        this.#take(person);
      });
      return option;
    }));
    this.#list.hidden = false;
    this.#point(0);
  }

  /** @param {number} index */
  #point(index) {
    const { length } = this.#found;
    this.#index = (index + length) % length;
    for (const [each, option] of [...this.#list.children].entries()) {
      option.ariaSelected = String(each === this.#index);
    }
    this.#field.setAttribute(
      "aria-activedescendant",
      `completion-${this.#index}`,
    );
  }

  /** @param {Person | undefined} person */
  #take(person) {
    const field = this.#field;
    const end = field.selectionEnd;
    const begun = openMention(field.value.slice(0, end));
    if (person !== undefined && begun !== undefined) {
      field.setRangeText(`${person.name} `, end - begun.length, end, "end");
      this.#options.completed();
    }
    this.close();
  }
}
