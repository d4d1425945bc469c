// @ts-check
/// <reference lib="dom" />

import { h } from "../../dom.js";
import { cordColor, initial } from "../text.js";

/**
 * A person's jack: a ring in the colour of the cord, the initial in it. Only
 * for the eye; the name stands beside it.
 *
 * @param {string} name
 * @returns {HTMLElement}
 */
export function avatar(name) {
  return h("span", {
    class: `avatar ${cordClass(name)}`,
    "aria-hidden": "true",
  }, initial(name));
}

/**
 * @param {string} name
 * @returns {string} the class that gives a person's colour to an element
 */
export function cordClass(name) {
  return `cord-${cordColor(name)}`;
}
