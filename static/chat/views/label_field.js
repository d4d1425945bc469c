// @ts-check
/// <reference lib="dom" />

/**
 * A field for the name of a person or a room.
 * @module
 */

import { byId, setText } from "../../dom.js";
import { countCodePoints, normalizeLabel } from "../text.js";

/** An input, the limit of its text, and the note that says what is wrong. */
export class LabelField {
  #input;
  #note;
  #emptyProblem;
  #limit = Infinity;

  /**
   * @param {string} id of the input; its note has the same with `-problem`
   * @param {{ emptyProblem: string, onCorrect: () => void }} options
   * `onCorrect` is called when the text changes: an old refusal is over
   */
  constructor(id, { emptyProblem, onCorrect }) {
    this.#input = byId(id, HTMLInputElement);
    this.#note = byId(`${id}-problem`, HTMLElement);
    this.#emptyProblem = emptyProblem;
    this.#input.addEventListener("input", () => {
      onCorrect();
      this.showProblem(this.#lengthProblem());
    });
  }

  /** @param {number} limit in code points */
  set limit(limit) {
    this.#limit = limit;
    // maxlength counts UTF-16 units, of which an emoji has two or more: it
    // can only stop what is far too long.
    this.#input.maxLength = limit * 4;
  }

  /** @param {string} value */
  set value(value) {
    this.#input.value = value;
  }

  /** @returns {string} as the server would keep it */
  get value() {
    return normalizeLabel(this.#input.value);
  }

  focus() {
    this.#input.focus();
  }

  select() {
    this.#input.select();
  }

  /**
   * Checks what can be known without the server, and shows what is wrong.
   *
   * @returns {string | undefined} the text, if it may be right
   */
  take() {
    const problem = this.value === ""
      ? this.#emptyProblem
      : this.#lengthProblem();
    this.showProblem(problem);
    if (problem === undefined) return this.value;
    this.focus();
    return undefined;
  }

  /** @param {string | undefined} problem */
  showProblem(problem) {
    setText(this.#note, problem ?? "");
    this.#note.hidden = problem === undefined;
    if (problem === undefined) this.#input.removeAttribute("aria-invalid");
    else this.#input.setAttribute("aria-invalid", "true");
  }

  /** @returns {string | undefined} */
  #lengthProblem() {
    const length = countCodePoints(this.value);
    return length > this.#limit
      ? `At most ${this.#limit} characters; these are ${length}.`
      : undefined;
  }
}
