// @ts-check
/// <reference lib="dom" />

/**
 * A menu beside what it belongs to, used with the mouse, a finger or the arrow
 * keys.
 * @module
 */

import { h, icon, partsOf } from "../../dom.js";
import { showPopover } from "./popover.js";

/**
 * @typedef {object} MenuItem
 * @property {import("../../dom.js").Words} label
 * @property {string} [icon]
 * @property {boolean} [danger]
 * @property {() => void} act
 */

/** How far a menu stays from the window's edges, in pixels. */
const MARGIN = 8;

/** @type {HTMLElement | undefined} */
let shown;

/** @returns {boolean} */
export function isMenuOpen() {
  return shown !== undefined;
}

/**
 * @param {HTMLElement} anchor gets the focus back
 * @param {{ label: string, items: readonly MenuItem[] }} options
 */
export function openMenu(anchor, { label, items }) {
  const menu = h("div", {
    class: "menu",
    role: "menu",
    "aria-label": label,
    popover: "auto",
  });
  menu.append(...items.map((item) => menuButton(item, menu)));
  menu.addEventListener("keydown", (event) => moveFocus(menu, event));
  openPopover(anchor, menu);
  buttonsOf(menu)[0]?.focus();
}

/**
 * Shows something beside an element until it is closed, the person clicks
 * elsewhere or presses Escape.
 *
 * @param {HTMLElement} anchor
 * @param {HTMLElement} popover with the attribute of that name
 */
export function openPopover(anchor, popover) {
  shown?.hidePopover();
  const home = anchor.closest("dialog") ?? document.body;
  home.append(popover);
  popover.addEventListener("toggle", (event) => {
    if (/** @type {ToggleEvent} */ (event).newState === "open") return;
    if (shown === popover) shown = undefined;
    anchor.setAttribute("aria-expanded", "false");
    const hadFocus = popover.contains(document.activeElement) ||
      document.activeElement === document.body;
    popover.remove();
    if (hadFocus) anchor.focus();
  });
  showPopover(popover);
  shown = popover;
  anchor.setAttribute("aria-expanded", "true");
  place(popover, anchor.getBoundingClientRect());
}

/**
 * Below its anchor if there is room, else above, and within the window.
 *
 * @param {HTMLElement} popover
 * @param {DOMRect} anchor
 */
function place(popover, anchor) {
  const { offsetWidth, offsetHeight, style } = popover;
  const { innerWidth, innerHeight } = globalThis;
  const right = Math.min(anchor.right, innerWidth - MARGIN);
  const left = Math.max(MARGIN, right - offsetWidth);
  const below = anchor.bottom + 4;
  const top = below + offsetHeight + MARGIN <= innerHeight
    ? below
    : Math.max(MARGIN, anchor.top - offsetHeight - 4);
  style.setProperty("left", `${left}px`);
  style.setProperty("top", `${top}px`);
}

/**
 * @param {MenuItem} item
 * @param {HTMLElement} menu
 * @returns {HTMLElement}
 */
function menuButton({ label, icon: name, danger = false, act }, menu) {
  const button = h(
    "button",
    { type: "button", role: "menuitem", tabindex: "-1", class: "menu-item" },
    ...name === undefined ? [] : [icon(name)],
    h("span", {}, ...partsOf(label)),
  );
  button.classList.toggle("danger", danger);
  button.addEventListener("click", () => {
    menu.hidePopover();
    act();
  });
  return button;
}

/**
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function moveFocus(menu, event) {
  const buttons = buttonsOf(menu);
  const index = buttons.findIndex((button) =>
    button === document.activeElement
  );
  const next = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: -1 };
  if (event.key === "Tab") menu.hidePopover();
  if (!Object.hasOwn(next, event.key)) return;
  event.preventDefault();
  const to = next[/** @type {keyof typeof next} */ (event.key)];
  buttons.at(to % buttons.length)?.focus();
}

/**
 * @param {HTMLElement} menu
 * @returns {HTMLButtonElement[]}
 */
function buttonsOf(menu) {
  return [...menu.querySelectorAll("button")];
}
