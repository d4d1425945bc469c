// @ts-check
/// <reference lib="dom" />

/**
 * The cord from the active room's jack on the board to the talk; it hangs
 * loose while the room is not connected. Decoration: it says again what the
 * list of rooms and the status say.
 * @module
 */

import { byId } from "../../dom.js";

/** @typedef {{ x: number, y: number }} Point */

/** How far a loose cord hangs down, in pixels. */
const LOOSE_LENGTH = 112;

/** Draws the cord anew when anything it hangs on moves. */
export class CordView {
  #svg = /** @type {Element} */ (document.getElementById("cord"));
  #chat = byId("chat", HTMLElement);
  #list = byId("rooms", HTMLElement).parentElement;
  #end = byId("talk-jack", HTMLElement);
  #frame = 0;
  #plugged = false;

  constructor() {
    const redraw = () => this.#redraw(true);
    new ResizeObserver(redraw).observe(this.#chat);
    this.#list?.addEventListener("scroll", redraw, { passive: true });
  }

  /** @param {boolean} plugged whether the active room is connected */
  render(plugged) {
    this.#plugged = plugged;
    this.#redraw(false);
  }

  /**
   * Draws with the next frame, when the layout is known.
   *
   * @param {boolean} still without moving there
   */
  #redraw(still) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#svg.classList.toggle("still", still);
      this.#draw();
    });
  }

  #draw() {
    const jack = this.#chat.querySelector(".room[aria-current] .jack");
    const list = this.#list?.getBoundingClientRect();
    const from = jack && centre(jack);
    // Not on a phone, and not from a room that is scrolled out of the list.
    const shown = from !== null && list !== undefined &&
      this.#end.offsetWidth > 0 && from.y > list.top && from.y < list.bottom;
    this.#svg.classList.toggle("shown", shown);
    this.#svg.classList.toggle("loose", !this.#plugged);
    if (!shown) return;
    const to = this.#plugged
      ? centre(this.#end)
      : { x: from.x + 42, y: from.y + LOOSE_LENGTH };
    const path = this.#plugged ? pluggedPath(from, to) : loosePath(from, to);
    for (const line of this.#svg.querySelectorAll("path")) {
      line.setAttribute("d", path);
      // Where `d` is a style property too, the change can be animated.
      line.style.setProperty("d", `path("${path}")`);
    }
    const [first, last] = this.#svg.querySelectorAll("circle");
    first?.style.setProperty("transform", translate(from));
    last?.style.setProperty("transform", translate(to));
  }
}

/**
 * Down from the talk, and up to the room's jack from below.
 *
 * @param {Point} from
 * @param {Point} to
 * @returns {string} of the same segments as a loose one
 */
function pluggedPath(from, to) {
  const drop = Math.max(26, (from.y - to.y) * 0.5);
  const low = { x: (from.x + to.x) / 2 + 6, y: from.y + 40 };
  return `M${from.x} ${from.y}` +
    `C${from.x} ${from.y + 24} ${low.x - 24} ${low.y} ${low.x} ${low.y}` +
    `S${to.x + 4} ${to.y + drop} ${to.x} ${to.y}`;
}

/**
 * Down from the room's jack, with a bend left over from where it was.
 *
 * @param {Point} from
 * @param {Point} to
 * @returns {string}
 */
function loosePath(from, to) {
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return `M${from.x} ${from.y}` +
    `C${from.x} ${from.y + 34} ${middle.x - 14} ${middle.y - 16} ` +
    `${middle.x} ${middle.y}` +
    `S${to.x} ${to.y - 30} ${to.x} ${to.y}`;
}

/**
 * @param {Element} element
 * @returns {Point}
 */
function centre(element) {
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x: x + width / 2, y: y + height / 2 };
}

/**
 * @param {Point} point
 * @returns {string}
 */
function translate({ x, y }) {
  return `translate(${x}px, ${y}px)`;
}
