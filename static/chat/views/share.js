// @ts-check
/// <reference lib="dom" />

import { h, setText } from "../../dom.js";
import { linkOfRoom } from "../address.js";

let made = 0;

/** A room's link with a button that copies it. */
export class ShareField {
  #link = h("input", {
    class: "share-link",
    id: `share-link-${made++}`,
    readonly: true,
    dir: "ltr",
  });
  #copy = h("button", { type: "button", class: "button" }, "Copy");
  #said = h("span", { class: "visually-hidden", role: "status" });
  /** The whole field. */
  element;

  /** @param {string} label */
  constructor(label) {
    this.#link.addEventListener("focus", () => this.#link.select());
    this.#copy.addEventListener("click", () => this.#copyLink());
    this.element = h(
      "div",
      { class: "share-field" },
      h("label", { for: this.#link.id }, label),
      h("div", { class: "share-row" }, this.#link, this.#copy),
      this.#said,
    );
  }

  /** @param {string} room */
  set room(room) {
    const link = linkOfRoom(room, location.href);
    if (this.#link.value === link) return;
    this.#link.value = link;
    this.#say("Copy", "");
  }

  async #copyLink() {
    const copied = await copyText(this.#link.value);
    if (!copied) this.#link.select();
    this.#say(
      copied ? "Copied" : "Copy",
      copied
        ? "The link is copied."
        : "The link is selected; copy it with the keyboard.",
    );
    if (!copied) return;
    setTimeout(() => this.#say("Copy", ""), 2500);
  }

  /**
   * @param {string} label
   * @param {string} words for who hears the page
   */
  #say(label, words) {
    setText(this.#copy, label);
    setText(this.#said, words);
  }
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether the clipboard took it; there is none on
 * pages that did not come over https
 */
async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
