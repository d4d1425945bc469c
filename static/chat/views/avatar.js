// @ts-check
/// <reference lib="dom" />

import { h } from "../../dom.js";
import { CordColors } from "../cord_colors.js";
import { initial } from "../text.js";

/** One for the page: a person has the same colour in every room. */
const colors = new CordColors();

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
  return `cord-${colors.of(name)}`;
}
