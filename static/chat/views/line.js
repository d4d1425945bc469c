// @ts-check
/// <reference lib="dom" />

/**
 * The elements of the talk: what people say, and what happens.
 * @module
 */

import { h, icon } from "../../dom.js";
import { linkify } from "../linkify.js";
import { isEmojiOnly, plural } from "../text.js";
import { formatClock, formatFull } from "../time.js";
import { avatar, cordClass } from "./avatar.js";

/** @typedef {import("../room.js").Utterance} Utterance */
/** @typedef {import("../room.js").Notice} Notice */

/**
 * @param {Utterance} line
 * @returns {HTMLElement}
 */
export function utterance({ from, own, text }) {
  const name = own ? "You" : from.name;
  return h(
    "div",
    {
      class: `line ${own ? "own" : "other"} ${cordClass(from.name)}` +
        (isEmojiOnly(text) ? " emoji" : ""),
    },
    ...own ? [] : [avatar(from.name)],
    // In each line, though seen only in a group's first: who hears the page
    // hears one line at a time.
    h("p", { class: "who" }, h("bdi", {}, name)),
    h(
      "p",
      { class: "bubble", dir: "auto" },
      h(
        "span",
        { class: "text" },
        ...linkify(text).map((piece) =>
          piece.href === undefined ? piece.text : h("a", {
            href: piece.href,
            target: "_blank",
            rel: "noopener noreferrer",
          }, piece.text)
        ),
      ),
      h("time", {}),
    ),
  );
}

/**
 * Shows how it stands with a line: when it was said, and whether the server
 * has it.
 *
 * @param {HTMLElement} element made by {@linkcode utterance}
 * @param {Utterance} line
 * @param {{ retry: () => void, discard: () => void }} actions for a line that
 * was not sent
 */
export function showStatus(element, line, actions) {
  element.classList.toggle("pending", line.status === "pending");
  element.classList.toggle("failed", line.status === "failed");
  element.querySelector("time")?.replaceWith(h(
    "time",
    {
      datetime: new Date(line.time).toISOString(),
      title: formatFull(line.time),
    },
    // In its own direction: "7:02 PM" stays so beside Arabic.
    h("bdi", {}, formatClock(line.time)),
    ...line.own ? statusMark(line) : [],
  ));
  element.querySelector(".unsent")?.remove();
  if (line.status === "failed") element.append(unsentNote(line, actions));
}

/**
 * @param {Utterance} line
 * @param {{ retry: () => void, discard: () => void }} actions
 * @returns {HTMLElement}
 */
function unsentNote({ problem }, { retry, discard }) {
  const retryButton = h("button", { type: "button" }, "Try again");
  const discardButton = h("button", { type: "button" }, "Discard");
  retryButton.addEventListener("click", retry);
  discardButton.addEventListener("click", discard);
  return h(
    "p",
    { class: "unsent" },
    h("strong", {}, "Not sent. "),
    `${problem} `,
    retryButton,
    discardButton,
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
function noticeWords({ event, name, was = "", own, duration = 0 }) {
  const who = h("bdi", {}, name);
  switch (event) {
    case "joined":
      return own ? ["You joined"] : [who, " joined"];
    case "left":
      return [who, " left"];
    case "returned":
      return [who, " reconnected"];
    case "renamed":
      return own ? ["You are now ", who] : [h("bdi", {}, was), " is now ", who];
    case "gap":
      return [
        `You were disconnected for ${formatDuration(duration)}. ` +
        "What was said meanwhile is not shown.",
      ];
  }
}

/**
 * @param {number} duration in milliseconds
 * @returns {string} e.g. `8 seconds`
 */
function formatDuration(duration) {
  const seconds = Math.max(1, Math.round(duration / 1000));
  if (seconds < 100) return plural(seconds, "second", "seconds");
  const minutes = Math.round(seconds / 60);
  if (minutes < 100) return plural(minutes, "minute", "minutes");
  return plural(Math.round(minutes / 60), "hour", "hours");
}
