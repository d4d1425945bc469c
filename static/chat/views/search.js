// @ts-check
/// <reference lib="dom" />

/**
 * The search in the panel: what was said, in this room or in all.
 * @module
 */

import { byId, h, setText } from "../../dom.js";
import { formatMoment } from "../time.js";
import { wordsOf } from "../words.js";
import { cordClass } from "./avatar.js";

/** @import { ChatMessage, Found } from "../../chat-client/wire.d.ts" */

/**
 * @typedef {object} SearchActions
 * @property {(query: string, options: { room?: string, before?: number }) => Promise<Found>} search
 * @property {(room: string, offset: number) => void} visit
 * @property {(room: string) => string} titleOf
 * @property {() => void} close
 */

/** A field, where to look, and what was found, newest first. */
export class SearchView {
  #form = byId("search", HTMLFormElement);
  #query = byId("search-query", HTMLInputElement);
  #everywhere = byId("search-everywhere", HTMLInputElement);
  #note = byId("search-note", HTMLElement);
  #results = byId("search-results", HTMLUListElement);
  #more = byId("search-more", HTMLButtonElement);
  #actions;
  #room = "";
  /** @type {number | undefined} */
  #next;
  /** Which question the results belong to. */
  #asked = 0;

  /** @param {SearchActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
    });
    this.#everywhere.addEventListener("change", () => {
      if (this.#query.value.trim() !== "") this.#search();
    });
    this.#query.addEventListener("input", () => {
      if (this.#query.value === "") this.#clear("");
    });
    this.#more.addEventListener("click", () => this.#load());
    byId("search-close", HTMLButtonElement)
      .addEventListener("click", actions.close);
    this.#form.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      // It would empty the field, but not what was found by it.
      event.preventDefault();
      event.stopPropagation();
      actions.close();
    });
  }

  focus() {
    this.#query.focus();
    this.#query.select();
  }

  /** @param {string} room the active one */
  set room(room) {
    if (room === this.#room) return;
    this.#room = room;
    // What was found stays while it leads from room to room.
    if (!this.#everywhere.checked) this.#clear("");
  }

  #search() {
    if (this.#query.value.trim() === "") return;
    this.#clear("Searching…");
    this.#load();
  }

  /** @param {string} note */
  #clear(note) {
    this.#asked++;
    this.#next = undefined;
    this.#results.replaceChildren();
    this.#more.hidden = true;
    setText(this.#note, note);
  }

  async #load() {
    const asked = this.#asked;
    this.#more.disabled = true;
    try {
      const { messages, more, next } = await this.#actions.search(
        this.#query.value.trim(),
        {
          ...this.#everywhere.checked ? {} : { room: this.#room },
          ...this.#next === undefined ? {} : { before: this.#next },
        },
      );
      if (asked !== this.#asked) return;
      this.#next = next;
      this.#results.append(...messages.map((message) => this.#row(message)));
      this.#more.hidden = !more;
      const count = this.#results.childElementCount;
      setText(
        this.#note,
        count === 0 ? "Nothing was found." : `${count}${more ? "+" : ""} found`,
      );
    } catch (error) {
      if (asked === this.#asked) setText(this.#note, wordsOf(error));
    } finally {
      this.#more.disabled = false;
    }
  }

  /**
   * @param {ChatMessage} message
   * @returns {HTMLElement}
   */
  #row({ room, offset, from, text, time }) {
    const place = this.#everywhere.checked
      ? [h("bdi", { class: "found-room" }, this.#actions.titleOf(room))]
      : [];
    const button = h(
      "button",
      { type: "button", class: `found ${cordClass(from.name)}` },
      h(
        "span",
        { class: "found-head" },
        h("bdi", { class: "found-who" }, from.name),
        ...place,
        h(
          "time",
          { datetime: time },
          formatMoment(Date.parse(time), Date.now()),
        ),
      ),
      h("span", { class: "found-text", dir: "auto" }, text),
    );
    button.addEventListener("click", () => this.#actions.visit(room, offset));
    return h("li", {}, button);
  }
}
