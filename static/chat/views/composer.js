// @ts-check
/// <reference lib="dom" />

/**
 * Where one writes. A draft belongs to its room, and outlives the connection
 * and a reload of the page.
 * @module
 */

import { byId, setProblem, setText } from "../../dom.js";
import { findRoom } from "../state.js";
import { rememberDrafts, rememberedDrafts } from "../storage.js";
import { countCodePoints } from "../text.js";

/** @typedef {import("../state.js").State} State */

/** From this share of the limit on, the rest is counted down. */
const COUNTER_FROM = 0.8;

/**
 * @typedef {object} ComposerActions
 * @property {(room: string, text: string) => boolean} say whether it went out
 * @property {() => void} correct
 */

/** The field, its counter and the button. */
export class ComposerView {
  #form = byId("composer", HTMLFormElement);
  #text = byId("text", HTMLTextAreaElement);
  #label = byId("text-label", HTMLElement);
  #problem = byId("composer-problem", HTMLElement);
  #counter = byId("counter", HTMLElement);
  #hint = byId("composer-hint", HTMLElement);
  #send = byId("send", HTMLButtonElement);
  #actions;
  #touch = matchMedia("(hover: none) and (pointer: coarse)");
  #drafts = rememberedDrafts();
  #room = "";
  #joined = false;
  /** @type {string | undefined} */
  #refusal;
  /** Whether the person tried to send a text that is too long. */
  #pressed = false;
  #keys = "";
  #limit = Infinity;

  /** @param {ComposerActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#text.addEventListener("input", () => {
      this.#keepDraft();
      this.#pressed = false;
      this.#renderText();
      actions.correct();
    });
    this.#text.addEventListener("keydown", (event) => {
      // While an input method composes, Enter picks a word. Safari says so
      // only by the key code.
      if (event.isComposing || event.keyCode === 229) return;
      if (event.key !== "Enter" || event.shiftKey) return;
      event.preventDefault();
      this.#say();
    });
  }

  /** Puts the cursor here, unless that would slide a keyboard in. */
  focus() {
    if (!this.#touch.matches) this.#text.focus();
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    const room = findRoom(state, state.active);
    this.#form.hidden = room === undefined;
    this.#joined = room?.joined ?? false;
    this.#limit = state.limits.text;
    this.#keys = "Enter sends, Shift+Enter starts a new line" +
      (state.rooms.length > 1 ? ", Alt+↑ and Alt+↓ change the room" : "");
    if (state.active !== previous?.active) {
      this.#room = state.active ?? "";
      this.#text.value = this.#drafts.get(this.#room) ?? "";
      this.#pressed = false;
      this.#text.placeholder = `Message ${this.#room}`;
      setText(this.#label, `Message to ${this.#room}`);
    }
    this.#refusal = state.problems.message;
    this.#renderText();
  }

  #renderText() {
    fit(this.#text);
    const length = countCodePoints(this.#text.value.trim());
    const left = this.#limit - length;
    setProblem(
      this.#text,
      this.#problem,
      this.#pressed && left < 0
        ? `At most ${this.#limit} characters; these are ${length}.`
        : this.#refusal,
    );
    this.#counter.hidden = left > this.#limit * (1 - COUNTER_FROM);
    this.#counter.classList.toggle("over", left < 0);
    setText(
      this.#counter,
      left < 0 ? `${-left} too many` : `${left} left`,
    );
    const empty = this.#text.value.trim() === "";
    this.#send.disabled = empty || left < 0 || !this.#joined;
    this.#hint.classList.toggle("waiting", !this.#joined);
    setText(
      this.#hint,
      this.#joined
        ? this.#keys
        : "You can send again once you are connected. Your text stays here.",
    );
  }

  #say() {
    const text = this.#text.value.trim();
    this.#pressed = true;
    this.#renderText();
    if (this.#send.disabled || !this.#actions.say(this.#room, text)) return;
    this.#text.value = "";
    this.#pressed = false;
    this.#keepDraft();
    this.#renderText();
    this.#text.focus();
  }

  #keepDraft() {
    if (this.#text.value === "") this.#drafts.delete(this.#room);
    else this.#drafts.set(this.#room, this.#text.value);
    rememberDrafts(this.#drafts);
  }
}

/**
 * Makes a field as high as its text; the style sheet sets the bounds.
 *
 * @param {HTMLTextAreaElement} field
 */
function fit(field) {
  if (CSS.supports("field-sizing", "content")) return;
  field.style.height = "auto";
  field.style.height = `${field.scrollHeight}px`;
}
