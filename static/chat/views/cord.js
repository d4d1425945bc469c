// @ts-check
/// <reference lib="dom" />

/**
 * The cord from the active room's jack on the board to the talk. Decoration:
 * it says again what the list of rooms says.
 * @module
 */

import { byId } from "../../dom.js";

/** Draws the cord anew when anything it hangs on moves. */
export class CordView {
  #svg = /** @type {SVGSVGElement} */ (/** @type {unknown} */ (
    document.getElementById("cord")
  ));
  #chat = byId("chat", HTMLElement);
  #end = byId("talk-jack", HTMLElement);
  #frame = 0;

  constructor() {
    const redraw = () => this.render();
    new ResizeObserver(redraw).observe(this.#chat);
    document.querySelector(".board-rooms")
      ?.addEventListener("scroll", redraw, { passive: true });
  }

  /** Draws with the next frame, when the layout is known. */
  render() {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    const start = this.#chat.querySelector(".room[aria-current] .jack");
    const shown = start !== null && this.#end.offsetParent !== null &&
      this.#end.offsetWidth > 0;
    this.#svg.classList.toggle("shown", shown);
    if (!shown) return;
    const from = centre(start);
    const to = centre(this.#end);
    const drop = Math.max(26, (from.y - to.y) * 0.5);
    const path = `M${to.x} ${to.y}` +
      `C${to.x + 2} ${to.y + drop} ${to.x + 6} ${from.y + 46} ` +
      `${(from.x + to.x) / 2} ${from.y + 40}` +
      `S${from.x} ${from.y + 22} ${from.x} ${from.y}`;
    for (const line of this.#svg.querySelectorAll("path")) {
      line.setAttribute("d", path);
    }
    const [first, last] = this.#svg.querySelectorAll("circle");
    if (first !== undefined) place(first, from);
    if (last !== undefined) place(last, to);
  }
}

/**
 * @param {Element} element
 * @returns {{ x: number, y: number }}
 */
function centre(element) {
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

/**
 * @param {SVGCircleElement} circle
 * @param {{ x: number, y: number }} point
 */
function place(circle, { x, y }) {
  circle.setAttribute("cx", String(x));
  circle.setAttribute("cy", String(y));
}
