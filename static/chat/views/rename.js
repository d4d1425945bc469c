// @ts-check
/// <reference lib="dom" />

/**
 * The dialog in which one changes the name or signs out.
 * @module
 */

import { byId } from "../../dom.js";
import { LabelField } from "./label_field.js";

/** @typedef {import("../state.js").State} State */

/**
 * @typedef {object} RenameActions
 * @property {(name: string) => void} rename
 * @property {() => void} signOut
 * @property {() => void} correct
 */

/** Stays open until the server took the name. */
export class RenameView {
  #dialog = byId("rename", HTMLDialogElement);
  #field;
  #name = "";
  #connected = false;

  /** @param {RenameActions} actions */
  constructor(actions) {
    this.#field = new LabelField("rename-name", {
      emptyProblem: "A name is needed.",
      onCorrect: actions.correct,
    });
    byId("rename-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const name = this.#field.take();
      if (name === undefined) return;
      if (name === this.#name) this.#dialog.close();
      else if (this.#connected) actions.rename(name);
      else this.#field.showProblem("You can change it once you are connected.");
    });
    byId("rename-cancel", HTMLButtonElement)
      .addEventListener("click", () => this.#dialog.close());
    byId("sign-out", HTMLButtonElement).addEventListener("click", () => {
      this.#dialog.close();
      actions.signOut();
    });
    this.#dialog.addEventListener("close", actions.correct);
  }

  open() {
    this.#field.value = this.#name;
    this.#field.showProblem(undefined);
    this.#dialog.showModal();
    this.#field.select();
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    this.#field.limit = state.limits.name;
    this.#connected = state.me !== undefined;
    this.#name = state.name;
    if (!this.#dialog.open) return;
    if (state.problems.name !== previous?.problems.name) {
      this.#field.showProblem(state.problems.name);
    }
    if (state.name !== previous?.name || state.stage === "entry") {
      this.#dialog.close();
    }
  }
}
