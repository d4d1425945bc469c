// @ts-check
/// <reference lib="dom" />

/**
 * The elements of the talk: what people say, and what happens.
 * @module
 */

import { h, icon } from "../../dom.js";
import { linkify } from "../linkify.js";
import { cutMentions } from "../mentions.js";
import { isEmojiOnly, isolate, plural } from "../text.js";
import { formatClock, formatFull } from "../time.js";
import { formatSize, wordsOf } from "../words.js";
import { avatar, cordClass } from "./avatar.js";

/** @import { Person } from "../../chat-client/wire.d.ts" */
/** @import { Notice } from "../room.js" */
/** @import { Utterance } from "../utterance.js" */

/** @typedef {{ who: string, from: string, text: string }} Quote */

/**
 * What a line needs to know besides itself.
 * @typedef {object} LineContext
 * @property {string} me
 * @property {readonly Person[]} people who may be named in it
 * @property {Quote | undefined} quote what it answers; `undefined` if that is
 * not known
 * @property {(id: string) => string} nameOf
 * @property {LineActions} actions
 */

/**
 * @typedef {object} LineActions
 * @property {(line: Utterance) => void} retry
 * @property {(line: Utterance) => void} discard
 * @property {(line: Utterance, reaction: { emoji: string, on: boolean }) => void} react
 * @property {(offset: number) => void} visit
 */

/** Pictures that browsers show; the server serves others as files. */
const PICTURES = new Set([
  "image/avif",
  "image/gif",
  "image/jpeg",
  "image/png",
  "image/webp",
]);

/**
 * Fills a line's element anew.
 *
 * @param {HTMLElement} element
 * @param {Utterance} line
 * @param {LineContext} context
 */
export function renderUtterance(element, line, context) {
  const { from, own, text, deleted, status } = line;
  const isLarge = isEmojiOnly(text) && line.replyTo === undefined;
  const shape = [...element.classList].filter((name) =>
    name === "starts" || name === "ends" || name === "visited"
  );
  element.className = [
    "line",
    own ? "own" : "other",
    cordClass(from.name),
    ...isLarge ? ["emoji"] : [],
    ...deleted ? ["deleted"] : [],
    ...line.forMe ? ["for-me"] : [],
    ...status === "sent" ? [] : [status],
    ...shape,
  ].join(" ");
  const files = line.attachments.map(({ name }) => name);
  element.ariaLabel = `${own ? "You" : from.name}: ${
    deleted ? "deleted" : [text, ...files].join(" ")
  }, ${formatClock(line.time)}`;
  const focused = focusKeyIn(element);
  // The tools stay where they are: they may have the focus.
  for (const child of [...element.children]) {
    if (!child.classList.contains("line-tools")) child.remove();
  }
  element.prepend(
    ...own ? [] : [avatar(from.name)],
    // In each line, though seen only in a group's first: who hears the page
    // hears one line at a time.
    h(
      "p",
      { class: "who" },
      h("bdi", {}, own ? "You" : from.name),
      ...from.bot ? [h("span", { class: "tag" }, "bot")] : [],
    ),
    bubble(line, context),
    ...line.reactions.length === 0 ? [] : [reactions(line, context)],
    ...status === "failed" ? [unsentNote(line, context.actions)] : [],
  );
  if (focused !== undefined) {
    const again = [...element.querySelectorAll("[data-focus]")].find((node) =>
      node instanceof HTMLElement && node.dataset.focus === focused
    );
    if (again instanceof HTMLElement) again.focus();
    else element.focus();
  }
}

/**
 * @param {Utterance} line
 * @param {LineContext} context
 * @returns {HTMLElement}
 */
function bubble(line, context) {
  const { text, attachments, deleted, replyTo } = line;
  return h(
    "div",
    { class: "bubble", dir: "auto" },
    ...replyTo === undefined || deleted ? [] : [quote(replyTo, context)],
    ...attachments.map(attachment),
    ...deleted
      ? [h("span", { class: "text" }, "This message was deleted.")]
      : text === ""
      ? []
      : [h("span", { class: "text" }, ...textNodes(line, context))],
    moment(line),
  );
}

/**
 * @param {Utterance} line
 * @param {LineContext} context
 * @returns {(Node | string)[]}
 */
function textNodes({ text, mentions }, { people, me }) {
  const named = people.filter(({ id }) => mentions.includes(id));
  return linkify(text).flatMap((piece) => {
    if (piece.href !== undefined) {
      return [h("a", {
        href: piece.href,
        target: "_blank",
        rel: "noopener noreferrer",
      }, piece.text)];
    }
    return cutMentions(piece.text, named).map(({ text, person }) =>
      person === undefined ? text : h("span", {
        class: `mention ${person.id === me ? "mention-me" : ""}`,
      }, text)
    );
  });
}

/**
 * @param {number} offset
 * @param {LineContext} context
 * @returns {HTMLElement}
 */
function quote(offset, { quote, actions }) {
  const button = h(
    "button",
    {
      type: "button",
      class: `quote ${quote === undefined ? "" : cordClass(quote.from)}`,
      "data-focus": "quote",
    },
    // Only what the person wrote says in which direction the bubble reads.
    h("bdi", { class: "visually-hidden" }, "In answer to "),
    h("bdi", { class: "quote-who" }, quote?.who ?? "An earlier message"),
    ...quote === undefined ? [] : [
      h("span", { class: "visually-hidden" }, ": "),
      h("span", { class: "quote-text", dir: "auto" }, quote.text),
    ],
  );
  button.addEventListener("click", () => actions.visit(offset));
  return button;
}

/**
 * @param {Utterance["attachments"][number]} file
 * @returns {HTMLElement}
 */
function attachment({ hash, name, type, size }) {
  const href = `/files/${hash}/${encodeURIComponent(name)}`;
  if (type === undefined) {
    return h(
      "span",
      { class: "file" },
      icon("file"),
      h("bdi", { class: "file-name" }, name),
    );
  }
  if (PICTURES.has(type)) {
    return h(
      "a",
      { class: "picture", href, target: "_blank", rel: "noopener" },
      h("img", { src: href, alt: name, loading: "lazy", title: name }),
    );
  }
  return h(
    "a",
    { class: "file", href, download: name },
    icon("file"),
    h("bdi", { class: "file-name" }, name),
    h("bdi", { class: "file-size" }, formatSize(size ?? 0)),
  );
}

/**
 * When it was said, and whether the server has it.
 *
 * @param {Utterance} line
 * @returns {HTMLElement}
 */
function moment(line) {
  return h(
    "time",
    {
      datetime: new Date(line.time).toISOString(),
      title: formatFull(line.time),
    },
    ...line.edited && !line.deleted ? ["edited "] : [],
    // In its own direction: "7:02 PM" stays so beside Arabic.
    h("bdi", {}, formatClock(line.time)),
    ...line.own && !line.deleted ? statusMark(line) : [],
  );
}

/**
 * @param {Utterance} line one's own
 * @returns {Node[]} what tells whether the server has it
 */
function statusMark({ status }) {
  switch (status) {
    case "sent":
      return [icon("check")];
    case "pending":
      return [
        icon("clock"),
        h("span", { class: "visually-hidden" }, " sending"),
      ];
    case "failed":
      return [];
  }
}

/**
 * @param {Utterance} line
 * @param {LineContext} context
 * @returns {HTMLElement}
 */
function reactions(line, { me, nameOf, actions }) {
  const buttons = line.reactions.map(({ emoji, count, people }) => {
    const mine = people.includes(me);
    const names = people.map((id) => id === me ? "you" : isolate(nameOf(id)))
      .join(", ");
    const button = h(
      "button",
      {
        type: "button",
        class: "reaction",
        "aria-pressed": String(mine),
        "aria-label": `${emoji}, ${plural(count, "person", "people")}`,
        title: names,
        "data-focus": `reaction ${emoji}`,
      },
      h("span", { class: "reaction-emoji" }, emoji),
      String(count),
    );
    button.addEventListener(
      "click",
      () => actions.react(line, { emoji, on: !mine }),
    );
    return button;
  });
  return h(
    "div",
    { class: "reactions", role: "group", "aria-label": "Reactions" },
    ...buttons,
  );
}

/**
 * @param {Utterance} line
 * @param {LineActions} actions
 * @returns {HTMLElement}
 */
function unsentNote(line, { retry, discard }) {
  const retryButton = h("button", { type: "button" }, "Try again");
  const discardButton = h("button", { type: "button" }, "Discard");
  retryButton.addEventListener("click", () => retry(line));
  discardButton.addEventListener("click", () => discard(line));
  return h(
    "p",
    { class: "unsent" },
    h("strong", {}, "Not sent. "),
    `${wordsOf(line.error)} `,
    retryButton,
    discardButton,
  );
}

/**
 * @param {Notice} line
 * @returns {HTMLElement}
 */
export function notice(line) {
  return h(
    "p",
    { class: `notice notice-${line.event}` },
    h("span", {}, ...noticeWords(line)),
    " ",
    h("time", {
      datetime: new Date(line.time).toISOString(),
      title: formatFull(line.time),
    }, formatClock(line.time)),
  );
}

/**
 * @param {Notice} line
 * @returns {(string | Node)[]}
 */
function noticeWords({ event, name, was = "", own }) {
  const who = h("bdi", {}, name);
  switch (event) {
    case "joined":
      return [who, " joined"];
    case "left":
      return [who, " left"];
    case "returned":
      return [who, " reconnected"];
    case "renamed":
      return own ? ["You are now ", who] : [h("bdi", {}, was), " is now ", who];
  }
}

/**
 * @param {HTMLElement} element
 * @returns {string | undefined} what has the focus in it
 */
function focusKeyIn(element) {
  const { activeElement } = document;
  return activeElement instanceof HTMLElement && element !== activeElement &&
      element.contains(activeElement)
    ? activeElement.dataset.focus
    : undefined;
}
