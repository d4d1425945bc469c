// @ts-check
/// <reference lib="dom" />

/**
 * The board and the panel where there is no room for them beside the talk:
 * drawers, of which at most one is open.
 * @module
 */

import { byId } from "../../dom.js";

/** @typedef {{ drawer: HTMLElement, toggle: HTMLElement, wide: MediaQueryList }} Entry */

/** Opens and closes the two drawers. */
export class Drawers {
  #scrim = byId("scrim", HTMLElement);
  #talk = /** @type {HTMLElement} */ (document.querySelector(".talk"));
  /** @type {Entry[]} */
  #entries;
  /** @type {Entry | undefined} */
  #open;

  constructor() {
    // The same widths as in the style sheet.
    this.#entries = [
      this.#entry("board", "(min-width: 760px)"),
      this.#entry("panel", "(min-width: 1100px)"),
    ];
    this.#scrim.addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#open === undefined) return;
      // It is for what lies above the drawer.
      if (document.querySelector("dialog[open], .menu") !== null) return;
      event.preventDefault();
      this.close();
    });
  }

  /** @param {"board" | "panel"} id */
  open(id) {
    const entry = this.#entries.find(({ drawer }) => drawer.id === id);
    if (entry === undefined || entry.wide.matches) return;
    this.close();
    this.#open = entry;
    entry.drawer.classList.add("open");
    entry.toggle.setAttribute("aria-expanded", "true");
    this.#scrim.hidden = false;
    // The focus stays inside: what lies under the scrim cannot be reached.
    this.#talk.inert = true;
    entry.drawer.querySelector("button")?.focus();
  }

  close() {
    const entry = this.#open;
    if (entry === undefined) return;
    this.#open = undefined;
    entry.drawer.classList.remove("open");
    entry.toggle.setAttribute("aria-expanded", "false");
    this.#scrim.hidden = true;
    this.#talk.inert = false;
    entry.toggle.focus();
  }

  /**
   * @param {"board" | "panel"} id
   * @param {string} width the media query in which it is no drawer
   * @returns {Entry}
   */
  #entry(id, width) {
    const drawer = byId(id, HTMLElement);
    const toggle = byId(`${id}-open`, HTMLElement);
    const wide = matchMedia(width);
    toggle.addEventListener("click", () => this.open(id));
    drawer.querySelector("[data-drawer-close]")
      ?.addEventListener("click", () => this.close());
    wide.addEventListener("change", () => {
      if (this.#open?.drawer === drawer) this.close();
    });
    return { drawer, toggle, wide };
  }
}
