// @ts-check
/// <reference lib="dom" />

import { byId, h, icon, setText } from "../../dom.js";
import { formatSize, wordsOf } from "../words.js";

/** @import { AttachmentInfo } from "../../chat-client/wire.d.ts" */

/** The most files of a message. */
const MOST = 10;

/**
 * @typedef {object} StripItem
 * @property {File} file
 * @property {HTMLElement} element
 * @property {AbortController} ending
 * @property {AttachmentInfo} [info] once it is uploaded
 * @property {boolean} failed
 */

/** The files that go with the next message of each room. */
export class AttachmentStrip {
  #strip = byId("attachments", HTMLUListElement);
  #button = byId("attach", HTMLButtonElement);
  #input = byId("attach-input", HTMLInputElement);
  #actions;
  /** @type {Map<string, StripItem[]>} */
  #items = new Map();
  #room = "";
  #limit = 0;

  /** @param {{ upload: (file: File, signal: AbortSignal) => Promise<AttachmentInfo>, changed: () => void }} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#button.addEventListener("click", () => this.#input.click());
    this.#input.addEventListener("change", () => {
      this.add([...this.#input.files ?? []]);
      this.#input.value = "";
    });
  }

  /** @param {number} limit of a file, in bytes; 0 if none are taken */
  set limit(limit) {
    this.#limit = limit;
    this.#button.hidden = limit === 0;
  }

  /** @param {string} room */
  set room(room) {
    this.#room = room;
    this.#render();
  }

  /** @returns {readonly AttachmentInfo[]} */
  get ready() {
    return this.#here.flatMap(({ info }) => info === undefined ? [] : [info]);
  }

  /** @returns {boolean} whether a file is on its way */
  get isBusy() {
    return this.#here.some(({ info, failed }) => !failed && info === undefined);
  }

  /** @param {readonly File[]} files */
  add(files) {
    const items = this.#here;
    for (const file of files.slice(0, MOST - items.length)) {
      const item = this.#item(file);
      items.push(item);
      this.#upload(item);
    }
    this.#items.set(this.#room, items);
    this.#render();
    this.#actions.changed();
  }

  /** They have been sent. */
  clear() {
    this.#items.delete(this.#room);
    this.#render();
  }

  /** @returns {StripItem[]} */
  get #here() {
    return this.#items.get(this.#room) ?? [];
  }

  #render() {
    const items = this.#here;
    this.#strip.hidden = items.length === 0;
    this.#strip.replaceChildren(...items.map(({ element }) => element));
  }

  /**
   * @param {File} file
   * @returns {StripItem}
   */
  #item(file) {
    const remove = h("button", {
      type: "button",
      class: "strip-remove",
      "aria-label": `Remove ${file.name}`,
    }, icon("close"));
    const element = h(
      "li",
      { class: "strip-file" },
      icon("file"),
      h(
        "span",
        { class: "strip-words" },
        h("bdi", { class: "file-name" }, file.name),
        h("span", { class: "strip-state", role: "status" }),
      ),
      h("progress", { "aria-label": `Uploading ${file.name}` }),
      remove,
    );
    const ending = new AbortController();
    const item = { file, element, ending, failed: false };
    remove.addEventListener("click", () => {
      ending.abort();
      for (const items of this.#items.values()) {
        const index = items.indexOf(item);
        if (index >= 0) items.splice(index, 1);
      }
      this.#render();
      this.#actions.changed();
    });
    return item;
  }

  /** @param {StripItem} item */
  async #upload(item) {
    const { file, element, ending } = item;
    const state = /** @type {HTMLElement} */ (
      element.querySelector(".strip-state")
    );
    try {
      if (this.#limit === 0) throw new Error("no uploads");
      if (file.size > this.#limit) {
        item.failed = true;
        setText(state, `Too large: at most ${formatSize(this.#limit)}.`);
        return;
      }
      setText(state, "Uploading…");
      item.info = await this.#actions.upload(file, ending.signal);
      setText(state, formatSize(item.info.size));
    } catch (error) {
      if (ending.signal.aborted) return;
      item.failed = true;
      setText(
        state,
        this.#limit === 0 ? "This server takes no files." : wordsOf(error),
      );
    } finally {
      element.classList.toggle("failed", item.failed);
      element.querySelector("progress")?.remove();
      this.#actions.changed();
    }
  }
}
