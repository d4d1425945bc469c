// @ts-check
/// <reference lib="dom" />

import { h, icon, setText } from "../../dom.js";
import { linkOfRoom } from "../address.js";

/** A room's link with a button that copies it. */
export class ShareField {
  #link = h("input", {
    class: "share-link",
    readonly: true,
    dir: "ltr",
  });
  #copyLabel;
  #copyText = h("span", {});
  #copy = h("button", { type: "button", class: "button" });
  #said = h("span", { class: "visually-hidden", role: "status" });
  /** The whole field. */
  element;

  /**
   * @param {{ label: string, copyLabel: string, open: boolean }} options
   * `open`: the link is seen; otherwise only when it cannot be copied
   */
  constructor({ label, copyLabel, open }) {
    this.#copyLabel = copyLabel;
    this.#link.ariaLabel = label;
    this.#link.hidden = !open;
    this.#copyText.textContent = copyLabel;
    this.#copy.append(icon("link"), this.#copyText);
    this.#link.addEventListener("focus", () => this.#link.select());
    this.#copy.addEventListener("click", () => this.#copyLink());
    this.element = h(
      "div",
      { class: "share-field" },
      this.#link,
      this.#copy,
      this.#said,
    );
  }

  /** @param {string} room whose link it is */
  set room(room) {
    this.link = linkOfRoom(room, location.href);
  }

  /** @param {string} link */
  set link(link) {
    if (this.#link.value === link) return;
    this.#link.value = link;
    this.#say(this.#copyLabel, "");
  }

  async #copyLink() {
    const copied = await copyText(this.#link.value);
    if (!copied) {
      this.#link.hidden = false;
      this.#link.select();
    }
    this.#say(
      copied ? "Copied" : this.#copyLabel,
      copied ? "It is copied." : "It is selected; copy it with the keyboard.",
    );
    if (!copied) return;
    setTimeout(() => this.#say(this.#copyLabel, ""), 2500);
  }

  /**
   * @param {string} label
   * @param {string} words for who hears the page
   */
  #say(label, words) {
    setText(this.#copyText, label);
    setText(this.#said, words);
  }
}

/**
 * @param {string} text
 * @returns {Promise<boolean>} whether the clipboard took it; there is none on
 * pages that did not come over https
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
