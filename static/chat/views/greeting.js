// @ts-check
/// <reference lib="dom" />

import { h, setText } from "../../dom.js";
import { titleOf } from "../room.js";
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
  render(room) {
    const { known, kind, messages, outgoing, count } = room;
    this.element.hidden = !known || messages.length + outgoing.length > 0;
    const others = count - 1;
    this.#share.element.hidden = kind !== "public";
    this.#title.replaceChildren(
      ...kind === "direct"
        ? ["You and ", h("bdi", {}, titleOf(room))]
        : others > 0
        ? ["The line is open"]
        : ["Nobody else is here yet"],
    );
    setText(this.#text, greetingWords(kind, others));
  }
}

/**
 * @param {import("../room.js").Room["kind"]} kind
 * @param {number} others how many are there
 * @returns {string}
 */
function greetingWords(kind, others) {
  if (kind === "direct") return "Nobody but you two reads what is said here.";
  if (others > 0) {
    return `${plural(others, "person hears", "people hear")} what you say. ` +
      "Nobody has said anything yet.";
  }
  return kind === "private"
    ? "Invite your friends: the menu above makes a link for them."
    : "Send your friends this link: it brings them straight to you.";
}
