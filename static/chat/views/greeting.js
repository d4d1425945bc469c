// @ts-check
/// <reference lib="dom" />

import { h, setText } from "../../dom.js";
import { plural } from "../text.js";
import { ShareField } from "./share.js";

/** What an empty room says. */
export class Greeting {
  #title = h("h2", {});
  #text = h("p", {});
  #share = new ShareField({
    label: "The link to this room",
    copyLabel: "Copy",
    open: true,
  });
  /** The whole greeting. */
  element;

  /** @param {string} room */
  constructor(room) {
    this.#share.room = room;
    this.element = h(
      "section",
      { class: "quiet" },
      h("span", { class: "jack jack-large", "aria-hidden": "true" }),
      this.#title,
      this.#text,
      this.#share.element,
    );
  }

  /** @param {import("../room.js").Room} room */
  render({ joined, lostAt, lines, unsent, members }) {
    const spoken = [...lines, ...unsent].some(({ kind }) => kind === "message");
    this.element.hidden = spoken || !(joined || lostAt !== undefined);
    const others = members.length - 1;
    setText(
      this.#title,
      others > 0 ? "The line is open" : "Nobody else is here yet",
    );
    setText(
      this.#text,
      others > 0
        ? `${
          plural(others, "person hears", "people hear")
        } what you say. What was said before you came is not kept.`
        : "Send your friends this link: it brings them straight to you.",
    );
  }
}
