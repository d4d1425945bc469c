// @ts-check
/// <reference lib="dom" />

/**
 * The files that go with the next message: they are sent to the server while
 * one writes.
 * @module
 */

import { ChatError } from "../../chat-client/mod.js";
import { byId, h, icon, setText } from "../../dom.js";
import { plural } from "../text.js";
import { formatSize, wordsOf } from "../words.js";

/** @import { AttachmentInfo } from "../../chat-client/wire.d.ts" */
/** @import { UploadOptions } from "../../chat-client/types.d.ts" */

/** The most files of a message. */
const MOST = 10;

/** So many are on their way at once; the others wait. */
const AT_ONCE = 3;

/**
 * @typedef {object} StripActions
 * @property {(file: File, options: UploadOptions) => Promise<AttachmentInfo>} upload
 * @property {() => void} changed
 * @property {(problem: string) => void} refused a file was not taken
 */

/** The strip above the field, one for each room. */
export class AttachmentStrip {
  #strip = byId("attachments", HTMLUListElement);
  #button = byId("attach", HTMLButtonElement);
  #input = byId("attach-input", HTMLInputElement);
  #actions;
  /** @type {Map<string, StripFile[]>} */
  #files = new Map();
  #room = "";
  #limit = 0;

  /** @param {StripActions} actions */
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
    return this.#here.some(({ phase }) =>
      phase === "waiting" || phase === "going"
    );
  }

  /** @param {readonly File[]} added */
  add(added) {
    if (this.#limit === 0) {
      this.#actions.refused("This server takes no files.");
      return;
    }
    const files = this.#here;
    const room = MOST - files.length;
    for (const file of added.slice(0, room)) {
      const one = new StripFile(file, {
        begin: () => this.#begin(),
        remove: () => this.#remove(one),
      });
      files.push(one);
      if (file.size > this.#limit) {
        one.fail(`Too large: at most ${formatSize(this.#limit)}.`);
      }
    }
    this.#files.set(this.#room, files);
    this.#render();
    this.#begin();
    const left = added.length - room;
    if (left > 0) {
      const words = plural(left, "file was", "files were");
      this.#actions.refused(
        `A message has at most ${MOST} files; ${words} left out.`,
      );
    }
  }

  /** Those that are ready have been sent. */
  clear() {
    this.#files.set(
      this.#room,
      this.#here.filter(({ phase }) => phase !== "ready"),
    );
    this.#render();
  }

  /** @returns {StripFile[]} */
  get #here() {
    return this.#files.get(this.#room) ?? [];
  }

  #render() {
    const files = this.#here;
    this.#strip.hidden = files.length === 0;
    this.#strip.replaceChildren(...files.map(({ element }) => element));
  }

  /** Sends those that wait, as far as there is room for them. */
  #begin() {
    const all = [...this.#files.values()].flat();
    const going = all.filter(({ phase }) => phase === "going").length;
    const waiting = all.filter(({ phase }) => phase === "waiting");
    for (const file of waiting.slice(0, Math.max(0, AT_ONCE - going))) {
      file.send(this.#actions.upload).then(() => this.#begin());
    }
    this.#actions.changed();
  }

  /** @param {StripFile} file */
  #remove(file) {
    for (const files of this.#files.values()) {
      const index = files.indexOf(file);
      if (index < 0) continue;
      files.splice(index, 1);
      this.#render();
      // The focus must not go with the button that had it.
      const next = files[index] ?? files.at(-1);
      next?.focus();
      if (next === undefined) this.#button.focus();
    }
    this.#begin();
  }
}

/** One file of the strip. */
class StripFile {
  /** @type {"waiting" | "going" | "ready" | "failed"} */
  phase = "waiting";
  /** @type {AttachmentInfo | undefined} once it is uploaded */
  info;
  #file;
  #ending = new AbortController();
  #bar;
  #share = h("span", { "aria-hidden": "true" });
  #state = h("span", { role: "status" });
  #again;
  #end;
  /** Its place in the strip. */
  element;

  /**
   * @param {File} file
   * @param {{ begin: () => void, remove: () => void }} actions
   */
  constructor(file, { begin, remove }) {
    const { name } = file;
    this.#file = file;
    this.#bar = h("progress", {
      "aria-label": `Uploading ${name}`,
      max: String(file.size),
    });
    this.#again = h("button", {
      type: "button",
      class: "strip-button",
      hidden: true,
      "aria-label": `Try again with ${name}`,
      title: "Try again",
    }, icon("again"));
    this.#end = h("button", {
      type: "button",
      class: "strip-button",
      "aria-label": `Remove ${name}`,
      title: "Remove",
    }, icon("close"));
    this.element = h(
      "li",
      { class: "strip-file" },
      icon("file"),
      h(
        "span",
        { class: "strip-words" },
        h("bdi", { class: "file-name" }, name),
        h("span", { class: "strip-state" }, this.#state, this.#share),
      ),
      this.#bar,
      this.#again,
      this.#end,
    );
    this.#take("waiting", "Waiting…");
    this.#again.addEventListener("click", () => {
      this.focus();
      this.#take("waiting", "Waiting…");
      begin();
    });
    this.#end.addEventListener("click", () => {
      this.#ending.abort();
      remove();
    });
  }

  focus() {
    this.#end.focus();
  }

  /** @param {StripActions["upload"]} upload resolves when it is known what became of it */
  async send(upload) {
    const { signal } = this.#ending;
    try {
      this.#take("going", "Uploading…");
      this.info = await upload(this.#file, {
        signal,
        onProgress: (progress) => this.#show(progress),
      });
      this.#take("ready", formatSize(this.info.size));
    } catch (error) {
      if (signal.aborted) return;
      const { retryAfter = undefined } = error instanceof ChatError
        ? error
        : {};
      if (retryAfter === undefined) {
        this.fail(wordsOf(error));
        this.#again.hidden = false;
        return;
      }
      setText(this.#state, "Waiting…");
      await new Promise((resolve) => setTimeout(resolve, retryAfter * 1000));
      if (!signal.aborted) await this.send(upload);
    }
  }

  /** @param {string} words */
  fail(words) {
    this.#take("failed", words);
  }

  /** @param {{ loaded: number, total: number }} progress */
  #show({ loaded, total }) {
    this.#bar.value = loaded;
    const percent = Math.floor(100 * loaded / Math.max(1, total));
    // A screen reader asks the bar, and would else read every number aloud.
    setText(this.#share, ` ${percent}\u00a0%`);
  }

  /**
   * @param {StripFile["phase"]} phase
   * @param {string} words
   */
  #take(phase, words) {
    this.phase = phase;
    this.element.classList.toggle("failed", phase === "failed");
    this.#bar.hidden = phase !== "going";
    if (phase !== "going") this.#bar.removeAttribute("value");
    this.#again.hidden = true;
    setText(this.#share, "");
    setText(this.#state, words);
  }
}
