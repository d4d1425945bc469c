// @ts-check
/// <reference lib="dom" />

import { byId, setText } from "../../dom.js";

/** So long news stay, in milliseconds. */
const STAY = 12_000;

/** Tells what has happened to the person, wherever they are looking. */
export class NewsView {
  #box = byId("news", HTMLElement);
  #text = byId("news-text", HTMLElement);
  #forget;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {() => void} forget the person has read it */
  constructor(forget) {
    this.#forget = forget;
    byId("news-close", HTMLButtonElement).addEventListener("click", forget);
  }

  /** @param {string | undefined} news */
  render(news) {
    if (this.#text.textContent === (news ?? "")) return;
    setText(this.#text, news ?? "");
    this.#box.classList.toggle("shown", news !== undefined);
    clearTimeout(this.#timer);
    if (news !== undefined) this.#timer = setTimeout(this.#forget, STAY);
  }
}
