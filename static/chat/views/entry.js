// @ts-check
/// <reference lib="dom" />

/**
 * The first screen: who are you, and which room.
 * @module
 */

import { byId, h, setText } from "../../dom.js";
import { LabelField } from "./label_field.js";

/** @typedef {import("../state.js").State} State */

/**
 * @typedef {object} EntryActions
 * @property {(wish: { name: string, room: string }) => void} enter
 * @property {(field: "name" | "room") => void} correct
 */

/** The form with the two fields. */
export class EntryView {
  #screen = byId("entry", HTMLElement);
  #submit = byId("entry-submit", HTMLButtonElement);
  #name;
  #room;

  /** @param {EntryActions} actions */
  constructor(actions) {
    this.#name = new LabelField("entry-name", {
      emptyProblem: "Choose a name, so that the others know who is talking.",
      onCorrect: () => actions.correct("name"),
    });
    this.#room = new LabelField("entry-room", {
      emptyProblem: "Name a room to meet in.",
      onCorrect: () => actions.correct("room"),
    });
    byId("entry-form", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      const room = this.#room.take();
      // Second, so that the focus goes to the upper field if both are wrong.
      const name = this.#name.take();
      if (name !== undefined && room !== undefined) {
        actions.enter({ name, room });
      }
    });
  }

  /**
   * Fills the fields in before they are shown.
   *
   * @param {{ name: string, room: string, invited: boolean }} wish `invited`:
   * the room came with a link
   */
  fill({ name, room, invited }) {
    this.#name.value = name;
    this.#room.value = room;
    if (!invited) return;
    // A link may name any room, one with a bidi override too: it must not turn
    // the words around it.
    byId("entry-lead", HTMLElement).replaceChildren(
      "You are invited to “",
      h("bdi", {}, room),
      "”. Choose a name and come in.",
    );
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    const { stage, entering, limits, problems, me } = state;
    this.#screen.hidden = stage !== "entry";
    if (stage !== "entry") return;
    this.#name.limit = limits.name;
    this.#room.limit = limits.room;
    if (problems !== previous?.problems) {
      this.#name.showProblem(problems.name);
      this.#room.showProblem(problems.room);
    }
    setText(
      this.#submit,
      !entering ? "Join the room" : me ? "Joining…" : "Connecting…",
    );
    if (previous?.stage !== "entry") this.#focus(problems);
    else if (problems.name !== previous.problems.name) this.#name.focus();
    else if (problems.room !== previous.problems.room) this.#room.focus();
  }

  /** @param {State["problems"]} problems */
  #focus({ name, room }) {
    if (name !== undefined || this.#name.value === "") this.#name.focus();
    else if (room !== undefined || this.#room.value === "") this.#room.focus();
    else this.#submit.focus();
  }
}
