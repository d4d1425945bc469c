// @ts-check
/// <reference lib="dom" />

/**
 * Dialogs that ask for something: made when they are needed, gone when they are
 * closed.
 * @module
 */

import { h, partsOf, setText } from "../../dom.js";
import { isolate } from "../text.js";
import { wordsOf } from "../words.js";

/** @import { Words } from "../../dom.js" */

/**
 * @typedef {object} FormField
 * @property {string} name
 * @property {string} label
 * @property {"text" | "password" | "select" | "area" | "checks"} [kind]
 * @property {string} [value]
 * @property {string} [hint]
 * @property {string} [autocomplete]
 * @property {boolean} [required]
 * @property {string} [mustBe] the only text that is taken
 * @property {readonly (readonly [value: string, label: string])[]} [options] of
 * `select` and `checks`; of these, those that are chosen are told with spaces
 * between them
 */

/** So many dialogs have been made, which ids are made of. */
let dialogCount = 0;

/**
 * What had the focus before the first of some dialogs that followed each other:
 * what the browser gives it back to may have gone with one of them.
 * @type {HTMLElement | undefined}
 */
let home;

/**
 * Asks, and stays open until what was answered is done.
 *
 * @param {object} options
 * @param {Words} options.title
 * @param {string} [options.lead]
 * @param {readonly FormField[]} [options.fields]
 * @param {string} options.submit
 * @param {boolean} [options.danger]
 * @param {(values: Record<string, string>) => unknown} options.act rejects if it
 * cannot be done
 */
export function openForm({ title, lead, fields = [], submit, danger, act }) {
  const problem = h("p", { class: "problem", role: "alert", hidden: true });
  const button = h("button", {
    type: "submit",
    class: `button ${danger ? "button-danger" : "button-primary"}`,
  }, submit);
  const cancel = h("button", { type: "button", class: "button" }, "Cancel");
  const inputs = fields.map(inputOf);
  const form = h(
    "form",
    { method: "dialog", novalidate: true },
    ...lead === undefined
      ? []
      : [h("p", { class: "dialog-lead", dir: "auto" }, lead)],
    ...fields.map((field, index) =>
      fieldOf(field, /** @type {HTMLElement} */ (inputs[index]))
    ),
    problem,
    h("div", { class: "dialog-buttons" }, button, cancel),
  );
  const dialog = openDialog(title, form);
  cancel.addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const values = Object.fromEntries(
      fields.map(({ name }, index) => [
        name,
        valueOf(/** @type {HTMLElement} */ (inputs[index])),
      ]),
    );
    const wrong = fields.findIndex((field) => !isTaken(field, values));
    for (const [index, input] of inputs.entries()) {
      if (index === wrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
    }
    if (wrong >= 0) {
      const { label, mustBe } = /** @type {FormField} */ (fields[wrong]);
      setText(
        problem,
        mustBe === undefined
          ? `This is needed: ${label}.`
          : `This is needed: ${isolate(mustBe)}`,
      );
      problem.hidden = false;
      focusOn(inputs[wrong]);
      return;
    }
    button.disabled = true;
    try {
      await act(values);
      dialog.close();
    } catch (error) {
      setText(problem, wordsOf(error));
      problem.hidden = false;
    } finally {
      button.disabled = false;
    }
  });
  focusOn(inputs[0] ?? button);
  if (inputs[0] instanceof HTMLInputElement) inputs[0].select();
}

/** @param {HTMLElement | undefined} field */
function focusOn(field) {
  (field?.querySelector("input") ?? field)?.focus();
}

/**
 * @param {HTMLElement} input
 * @returns {string}
 */
function valueOf(input) {
  const isField = input instanceof HTMLInputElement ||
    input instanceof HTMLSelectElement || input instanceof HTMLTextAreaElement;
  if (isField) return input.value;
  return [...input.querySelectorAll("input")]
    .flatMap(({ checked, value }) => checked ? [value] : []).join(" ");
}

/**
 * @param {FormField} field
 * @param {Record<string, string>} values
 * @returns {boolean}
 */
function isTaken({ name, required = false, mustBe }, values) {
  const value = values[name]?.trim() ?? "";
  if (mustBe !== undefined) return value === mustBe;
  return !required || value !== "";
}

/**
 * @param {Words} title its name
 * @param {HTMLElement} content which the title goes before
 * @returns {HTMLDialogElement} which goes when it is closed
 */
export function openDialog(title, content) {
  const id = `dialog-${dialogCount++}`;
  content.prepend(h("h2", { id }, ...partsOf(title)));
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": id },
    content,
  );
  const { activeElement } = document;
  const isInPage = activeElement instanceof HTMLElement &&
    activeElement !== document.body && activeElement.closest("dialog") === null;
  if (isInPage) home = activeElement;
  document.body.append(dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body) home?.focus();
  });
  dialog.showModal();
  return dialog;
}

/**
 * @param {FormField} field
 * @returns {HTMLElement}
 */
function inputOf({ name, kind = "text", required = false, ...field }) {
  const { value = "", autocomplete = "off", options = [] } = field;
  const id = `field-${name}`;
  if (kind === "select") {
    const choices = options.map(([choice, label]) =>
      h("option", { value: choice, selected: choice === value }, label)
    );
    return h("select", { id, name }, ...choices);
  }
  if (kind === "checks") {
    const checks = options.map(([choice, label]) =>
      h(
        "label",
        { class: "check" },
        h("input", { type: "checkbox", name, value: choice }),
        ` ${label}`,
      )
    );
    return h(
      "div",
      { id, role: "group", "aria-label": field.label, class: "checks" },
      ...checks,
    );
  }
  if (kind === "area") {
    const area = h("textarea", { id, name, rows: "3", dir: "auto", required });
    area.value = value;
    return area;
  }
  const type = kind;
  return h("input", {
    id,
    name,
    type,
    value,
    autocomplete,
    required,
    dir: "auto",
  });
}

/**
 * @param {FormField} field
 * @param {HTMLElement} input
 * @returns {HTMLElement}
 */
function fieldOf({ name, label, hint, kind }, input) {
  const note = h("p", { class: "hint", id: `hint-${name}` }, hint ?? "");
  if (hint !== undefined) input.setAttribute("aria-describedby", note.id);
  return h(
    "div",
    { class: "field" },
    kind === "checks"
      ? h("p", { class: "field-label" }, label)
      : h("label", { for: `field-${name}` }, label),
    input,
    ...hint === undefined ? [] : [note],
  );
}
