// @ts-check
/// <reference lib="dom" />

/**
 * The log of the echo page, newest at the end.
 * @module
 */

import { byId, h, icon } from "../dom.js";
import { formatSize, preview, sizeOf } from "./payload.js";
import { formatTime } from "./ping_times.js";

/** @typedef {import("./payload.js").Payload} Payload */

/** Older rows are forgotten. */
const MAX_ROWS = 500;

/** Who is within this many pixels of the end follows it. */
const END_MARGIN = 40;

const clock = new Intl.DateTimeFormat(undefined, {
  timeStyle: "medium",
});

/** A row for each message and each change of the line. */
export class FramesView {
  #list = byId("frames", HTMLOListElement);
  #box = byId("frames-box", HTMLElement);
  #empty = byId("frames-empty", HTMLElement);

  /**
   * @param {Payload} data
   * @param {string} [name] of the file it was
   */
  addSent(data, name) {
    this.#add("out", "Sent", data, name ?? "");
  }

  /** @param {import("./echo_line.js").Echo} echo */
  addReceived({ data, answer }) {
    const note = answer === undefined
      ? "answers nothing that was sent"
      : `${answer.same ? "unchanged" : "changed"} after ${
        formatTime(answer.time)
      }`;
    this.#add("in", "Received", data, note);
  }

  /** @param {string} words */
  addNote(words) {
    this.#append(
      "note",
      icon("note"),
      h("span", { class: "frame-what" }, words),
    );
  }

  clear() {
    this.#list.replaceChildren();
    this.#empty.hidden = false;
  }

  /**
   * @param {"in" | "out"} direction
   * @param {string} word
   * @param {Payload} data
   * @param {string} note
   */
  #add(direction, word, data, note) {
    const kind = typeof data === "string" ? "text" : "binary";
    this.#append(
      direction,
      icon(direction),
      h(
        "span",
        { class: "frame-what" },
        `${word} ${kind}, ${formatSize(sizeOf(data))}`,
      ),
      h("bdi", { class: "frame-note" }, note),
      h(
        "code",
        { class: `frame-data frame-${kind}`, dir: "auto" },
        preview(data),
      ),
    );
  }

  /**
   * @param {string} kind
   * @param {Node[]} parts
   */
  #append(kind, ...parts) {
    this.#empty.hidden = true;
    const now = new Date();
    const row = h(
      "li",
      { class: `frame frame-${kind}` },
      ...parts,
      h("time", { datetime: now.toISOString() }, clock.format(now)),
    );
    const { scrollTop, scrollHeight, clientHeight } = this.#box;
    const atEnd = scrollHeight - scrollTop - clientHeight < END_MARGIN;
    this.#list.append(row);
    if (this.#list.children.length > MAX_ROWS) {
      this.#list.firstElementChild?.remove();
    }
    if (atEnd) this.#box.scrollTop = this.#box.scrollHeight;
  }
}
