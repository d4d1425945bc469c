// @ts-check
/// <reference lib="dom" />

/**
 * Makes and finds elements. Text goes in as text only: there is no way from a
 * string to markup here.
 * @module
 */

/**
 * Makes an element.
 *
 * ```js
 * h("a", { class: "link", href: "/" }, "Home");
 * ```
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | boolean | undefined>} attributes `false` and
 * `undefined` leave an attribute out, `true` is an empty one
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * Words, with names in them that are elements of their own.
 * @typedef {string | readonly (Node | string)[]} Words
 */

/**
 * @param {Words} words
 * @returns {readonly (Node | string)[]}
 */
export function partsOf(words) {
  return typeof words === "string" ? [words] : words;
}

/**
 * Shows a symbol of the page's icon sheet, for the eye only.
 *
 * @param {string} name
 * @returns {SVGElement}
 */
export function icon(name) {
  const svg = svgElement("svg", { class: "icon", "aria-hidden": "true" });
  svg.append(svgElement("use", { href: `#icon-${name}` }));
  return svg;
}

/**
 * @template {keyof SVGElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string>} attributes
 * @returns {SVGElementTagNameMap[Tag]}
 */
export function svgElement(tag, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(element, attributes);
  return element;
}

/**
 * Finds an element that the page is known to have.
 *
 * ```js
 * const form = byId("entry-form", HTMLFormElement);
 * ```
 *
 * @template {HTMLElement} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 * @throws {TypeError} when the page has no such element
 */
export function byId(id, kind) {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) {
    throw new TypeError(`Cannot find #${id}: the page has no ${kind.name}`);
  }
  return element;
}

/**
 * Changes the text only if it is another one, so that live regions do not say
 * the same twice.
 *
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * Shows what is wrong with a field beside it and ties the two together.
 *
 * @param {HTMLInputElement | HTMLTextAreaElement} field described by `note`
 * @param {HTMLElement} note
 * @param {string | undefined} problem
 */
export function setProblem(field, note, problem) {
  setText(note, problem ?? "");
  note.hidden = problem === undefined;
  if (problem === undefined) field.removeAttribute("aria-invalid");
  else field.setAttribute("aria-invalid", "true");
}

/**
 * @param {Element} element
 * @param {Record<string, string | boolean | undefined>} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : value);
  }
}
