// @ts-check
/// <reference lib="dom" />

/**
 * The panel on the right: who is in the room, its link, and the way out.
 * @module
 */

import { byId, h, setText } from "../../dom.js";
import { findRoom } from "../state.js";
import { plural } from "../text.js";
import { avatar } from "./avatar.js";
import { ShareField } from "./share.js";

/** @typedef {import("../state.js").State} State */

/** The list of people and what one can do with the room. */
export class PanelView {
  #list = byId("members", HTMLUListElement);
  #title = byId("panel-title", HTMLElement);
  #count = byId("panel-count", HTMLElement);
  #peopleCount = byId("people-count", HTMLElement);
  #toggle = byId("panel-open", HTMLButtonElement);
  #leave = byId("leave", HTMLButtonElement);
  #shareBox = byId("share", HTMLElement);
  #share = new ShareField({
    label: "The link to this room",
    copyLabel: "Copy room link",
    open: false,
  });
  #room = "";

  /** @param {{ leave: (room: string) => void }} actions */
  constructor(actions) {
    this.#shareBox.append(this.#share.element);
    this.#leave.addEventListener("click", () => actions.leave(this.#room));
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    const room = findRoom(state, state.active);
    const before = previous && findRoom(previous, previous.active);
    if (previous && room === before && state.me === previous.me) return;
    this.#room = room?.name ?? "";
    const members = room?.members ?? [];
    // Who was there when the connection went: kept in sight, but as the past.
    const stale = room !== undefined && !room.joined;
    this.#list.classList.toggle("stale", stale);
    setText(this.#title, stale ? "Last seen here" : "Here now");
    this.#shareBox.hidden = this.#leave.hidden = room === undefined;
    if (room !== undefined) this.#share.room = room.name;
    this.#toggle.hidden = room === undefined;
    setText(this.#count, members.length === 0 ? "" : String(members.length));
    setText(this.#peopleCount, String(members.length));
    this.#toggle.setAttribute(
      "aria-label",
      `${plural(members.length, "person", "people")} here, show them`,
    );
    if (members === before?.members && state.me === previous?.me) return;
    this.#list.replaceChildren(...members.map((member) =>
      h(
        "li",
        { class: "member" },
        avatar(member.name),
        h("bdi", { class: "member-name", title: member.name }, member.name),
        ...member.id === state.me?.id
          ? [h("span", { class: "member-note" }, "you")]
          : [],
      )
    ));
  }
}
