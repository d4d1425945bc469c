// @ts-check
/// <reference lib="dom" />

/**
 * Where one writes. A draft belongs to its room, and outlives the connection
 * and a reload of the page.
 * @module
 */

import { byId, h, icon, setProblem, setText } from "../../dom.js";
import { mentionedIn } from "../mentions.js";
import { titleOf } from "../room.js";
import { findRoom } from "../state.js";
import { rememberDrafts, rememberedDrafts } from "../storage.js";
import { countCodePoints, isolate } from "../text.js";
import { formatMoment } from "../time.js";
import { formatDuration, wordsOf } from "../words.js";
import { AttachmentStrip } from "./attachments.js";
import { Completion } from "./completion.js";

/** @import { AttachmentInfo, Person } from "../../chat-client/wire.d.ts" */
/** @import { SendOptions, UploadOptions } from "../../chat-client/types.d.ts" */
/** @import { State } from "../state.js" */
/** @import { Room } from "../room.js" */
/** @import { Utterance } from "../utterance.js" */

/** From this share of the limit on, the rest is counted down. */
const COUNTER_FROM = 0.8;

/**
 * @typedef {object} ComposerActions
 * @property {(room: string, text: string, options: SendOptions) => boolean} say
 * whether it is on its way
 * @property {(room: string, offset: number, edit: { text: string, mentions: readonly string[] }) => Promise<void>} edit
 * @property {(room: string) => void} typing
 * @property {(file: File, options: UploadOptions) => Promise<AttachmentInfo>} upload
 * @property {(words: string) => void} tell
 * @property {(room: string) => Utterance | undefined} lastOwn what the arrow key
 * brings back to be edited
 * @property {() => void} correct
 */

/**
 * What is written belongs to a message: it answers or changes it.
 * @typedef {{ kind: "reply" | "edit", line: Utterance }} About
 */

/** The field, its counter and the buttons. */
export class ComposerView {
  #form = byId("composer", HTMLFormElement);
  #text = byId("text", HTMLTextAreaElement);
  #label = byId("text-label", HTMLElement);
  #problem = byId("composer-problem", HTMLElement);
  #counter = byId("counter", HTMLElement);
  #hint = byId("composer-hint", HTMLElement);
  #typing = byId("typing", HTMLElement);
  #aboutBox = byId("composer-about", HTMLElement);
  #aboutText = byId("composer-about-text", HTMLElement);
  #send = byId("send", HTMLButtonElement);
  #actions;
  #files;
  #completion;
  #touch = matchMedia("(hover: none) and (pointer: coarse)");
  #drafts = rememberedDrafts();
  /** @type {Map<string, About>} */
  #about = new Map();
  #room = "";
  #joined = false;
  /** @type {readonly Person[]} */
  #people = [];
  /** @type {Room | undefined} */
  #shown;
  /** @type {string | undefined} */
  #refusal;
  /** Whether the person tried to send a text that is too long. */
  #pressed = false;
  #keys = "";
  #limit = Infinity;

  /** @param {ComposerActions} actions */
  constructor(actions) {
    this.#actions = actions;
    this.#files = new AttachmentStrip({
      upload: actions.upload,
      changed: () => this.#renderText(),
      refused: actions.tell,
    });
    this.#completion = new Completion(this.#text, {
      people: () => this.#people,
      completed: () => this.#noteInput(),
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#say();
    });
    this.#text.addEventListener("input", () => {
      this.#noteInput();
      if (this.#text.value !== "") actions.typing(this.#room);
      actions.correct();
    });
    this.#text.addEventListener("keydown", (event) => this.#press(event));
    this.#text.addEventListener("paste", (event) => {
      const files = [...event.clipboardData?.files ?? []];
      if (files.length === 0) return;
      event.preventDefault();
      this.addFiles(files);
    });
    byId("composer-about-cancel", HTMLButtonElement)
      .addEventListener("click", () => this.#cancelAbout());
  }

  /** Puts the cursor here, unless that would slide a keyboard in. */
  focus() {
    if (!this.#touch.matches) this.#text.focus();
  }

  /** @param {readonly File[]} files to be sent with the message */
  addFiles(files) {
    if (this.#form.hidden) return;
    this.#files.add(files);
    this.focus();
  }

  /** @param {Utterance} line that is answered */
  reply(line) {
    this.#endEdit();
    this.#about.set(this.#room, { kind: "reply", line });
    this.#renderAbout();
    this.#text.focus();
  }

  /** @param {Utterance} line that is changed */
  edit(line) {
    this.#about.set(this.#room, { kind: "edit", line });
    this.#text.value = line.text;
    this.#renderAbout();
    this.#renderText();
    this.#text.focus();
  }

  /** @param {string} name of somebody to be mentioned */
  mention(name) {
    const { value } = this.#text;
    const space = value === "" || /\s$/u.test(value) ? "" : " ";
    this.#text.value = `${value}${space}@${name} `;
    this.#noteInput();
    this.#text.focus();
  }

  /**
   * @param {State} state
   * @param {State} [previous] none for the first time
   */
  render(state, previous) {
    const room = findRoom(state, state.active);
    const limits = state.server.limits;
    this.#form.hidden = room === undefined;
    this.#joined = room?.joined ?? false;
    this.#limit = limits.text ?? Infinity;
    this.#files.limit = limits.upload ?? 0;
    this.#people = peopleOf(room, state.me?.id);
    const slow = room?.slow ?? 0;
    this.#keys =
      (slow > 0 ? `Slow mode: a message in ${formatDuration(slow)}. ` : "") +
      "Enter sends, Shift+Enter starts a new line" +
      (state.rooms.length > 1 ? ", Alt+↑ and Alt+↓ change the room" : "");
    if (state.active !== previous?.active) this.#enter(state.active ?? "");
    const title = room === undefined ? "" : titleOf(room);
    this.#text.placeholder = `Message ${isolate(title)}`;
    setText(this.#label, `Message to ${title}`);
    this.#shown = room;
    this.#refusal = state.problems.message;
    this.#renderTyping(room);
    this.#renderText();
  }

  /** @param {string} room */
  #enter(room) {
    this.#room = room;
    const about = this.#about.get(room);
    this.#text.value = about?.kind === "edit"
      ? about.line.text
      : this.#drafts.get(room) ?? "";
    this.#pressed = false;
    this.#files.room = room;
    this.#completion.close();
    this.#renderAbout();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    // While an input method composes, Enter picks a word. Safari says so
    // only by the key code.
    if (event.isComposing || event.keyCode === 229) return;
    if (this.#completion.press(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.#say();
    } else if (event.key === "Escape" && this.#about.has(this.#room)) {
      event.preventDefault();
      this.#cancelAbout();
    } else if (
      event.key === "ArrowUp" && !event.altKey && this.#text.value === ""
    ) {
      const line = this.#actions.lastOwn(this.#room);
      if (line === undefined) return;
      event.preventDefault();
      this.edit(line);
    }
  }

  #noteInput() {
    this.#keepDraft();
    this.#pressed = false;
    this.#renderText();
  }

  /** @param {Room | undefined} room */
  #renderTyping(room) {
    const names = (room?.typists ?? []).map(({ name }) => isolate(name));
    const words = names.length === 0
      ? ""
      : names.length === 1
      ? `${names[0]} is typing…`
      : names.length === 2
      ? `${names[0]} and ${names[1]} are typing…`
      : "Several people are typing…";
    setText(this.#typing, words);
  }

  #renderAbout() {
    const about = this.#about.get(this.#room);
    this.#aboutBox.hidden = about === undefined;
    if (about === undefined) return;
    const { kind, line } = about;
    this.#aboutText.replaceChildren(
      icon(kind === "edit" ? "edit" : "reply"),
      h(
        "span",
        {},
        kind === "edit" ? "Changing: " : "Answering ",
        ...kind === "edit"
          ? []
          : [h("bdi", {}, line.own ? "yourself" : line.from.name), ": "],
        h("bdi", { class: "about-quote" }, line.text),
      ),
    );
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
        : this.#pressed && this.#files.isBusy
        ? "The files are still on their way. Send it when they are there."
        : this.#refusal ?? mutedWords(this.#shown),
    );
    this.#counter.hidden = left > this.#limit * (1 - COUNTER_FROM);
    this.#counter.classList.toggle("over", left < 0);
    setText(
      this.#counter,
      left < 0 ? `${-left} too many` : `${left} left`,
    );
    const { ready, isBusy } = this.#files;
    const isEmpty = length === 0 && ready.length === 0;
    this.#send.disabled = isEmpty || left < 0 || !this.#joined || isBusy;
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
    const room = this.#room;
    const about = this.#about.get(room);
    this.#pressed = true;
    this.#renderText();
    if (this.#send.disabled) return;
    const mentions = mentionedIn(text, this.#people);
    if (about?.kind === "edit") {
      this.#change(about.line, { text, mentions });
      return;
    }
    const attachments = this.#files.ready;
    const isSent = this.#actions.say(room, text, {
      ...about?.line.offset === undefined ? {} : { replyTo: about.line.offset },
      ...mentions.length === 0 ? {} : { mentions },
      ...attachments.length === 0 ? {} : { attachments },
    });
    if (!isSent) return;
    this.#about.delete(room);
    this.#files.clear();
    this.#text.value = "";
    this.#noteInput();
    this.#renderAbout();
    this.#text.focus();
  }

  /**
   * @param {Utterance} line
   * @param {{ text: string, mentions: readonly string[] }} edit
   */
  async #change(line, edit) {
    const room = this.#room;
    this.#text.focus();
    try {
      if (line.offset !== undefined && edit.text !== line.text) {
        await this.#actions.edit(room, line.offset, edit);
      }
      if (this.#about.get(room)?.line === line) this.#endEdit(room);
    } catch (error) {
      setProblem(this.#text, this.#problem, wordsOf(error));
    }
  }

  #cancelAbout() {
    if (this.#about.get(this.#room)?.kind === "edit") this.#endEdit();
    this.#about.delete(this.#room);
    this.#renderAbout();
    this.#text.focus();
  }

  /** Puts the draft back that was there before the edit. */
  #endEdit(room = this.#room) {
    if (this.#about.get(room)?.kind !== "edit") return;
    this.#about.delete(room);
    if (room !== this.#room) return;
    this.#text.value = this.#drafts.get(room) ?? "";
    this.#pressed = false;
    this.#renderAbout();
    this.#renderText();
  }

  #keepDraft() {
    // A change to a message is not a draft of another one.
    if (this.#about.get(this.#room)?.kind === "edit") return;
    if (this.#text.value === "") this.#drafts.delete(this.#room);
    else this.#drafts.set(this.#room, this.#text.value);
    rememberDrafts(this.#drafts);
  }
}

/**
 * @param {Room | undefined} room
 * @param {string | undefined} me
 * @returns {readonly Person[]} who may be mentioned: who is there, and who has
 * spoken
 */
function peopleOf(room, me) {
  const people = new Map(room?.messages.map(({ from }) => [from.id, from]));
  for (const member of room?.members ?? []) people.set(member.id, member);
  if (me !== undefined) people.delete(me);
  return [...people.values()];
}

/**
 * @param {Room | undefined} room
 * @returns {string | undefined}
 */
function mutedWords(room) {
  if (room?.muted === undefined) return undefined;
  const { until } = room.muted;
  if (until === undefined) {
    return "You are muted here: you can read, but not write.";
  }
  const end = Date.parse(until);
  const now = Date.now();
  return end <= now
    ? undefined
    : `You are muted here until ${formatMoment(end, now)}: ` +
      "you can read, but not write.";
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
