// @ts-check
/// <reference lib="dom" />

/**
 * Shows how the connection stands: a lamp and a word always, and a banner with
 * the way out of it when it is not open.
 * @module
 */

import { h, setText } from "../../dom.js";

/** @typedef {import("../connection.js").Link} Link */

/** @type {Record<Link["phase"], string>} */
const WORDS = {
  connecting: "Connecting…",
  open: "Connected",
  waiting: "Reconnecting",
  offline: "Offline",
  replaced: "Disconnected",
  stopped: "Disconnected",
};

/** The lamp, its word, and the banner. */
export class LinkView {
  #status;
  #word = h("span", {});
  #banner;
  #text = h("p", {});
  #button;
  /** @type {Link} */
  #link = { phase: "stopped" };
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #tick;

  /**
   * @param {HTMLElement} status holds the lamp and the word
   * @param {HTMLElement} banner
   * @param {() => void} onRetry the person wants to be connected now
   */
  constructor(status, banner, onRetry) {
    this.#status = status;
    this.#banner = banner;
    this.#button = h("button", { type: "button", class: "button" });
    this.#button.addEventListener("click", onRetry);
    status.append(h("span", { class: "lamp", "aria-hidden": "true" }));
    status.append(this.#word);
    banner.append(this.#text, this.#button);
  }

  /** @param {Link} link */
  render(link) {
    if (link === this.#link) return;
    this.#link = link;
    this.#status.dataset.phase = link.phase;
    // The seconds are not in here: a screen reader would count them aloud.
    setText(this.#word, WORDS[link.phase]);
    this.#renderBanner();
  }

  #renderBanner() {
    clearTimeout(this.#tick);
    const link = this.#link;
    switch (link.phase) {
      case "open":
      case "stopped":
        this.#banner.hidden = true;
        break;
      case "connecting":
        // Stays if it is there: it would come and go with each attempt.
        setText(this.#text, "Trying to connect…");
        break;
      case "waiting":
        this.#showCountdown(link.retryAt);
        break;
      case "offline":
        this.#show(
          "This device is offline. The chat comes back with the network.",
          "Try now",
        );
        break;
      case "replaced":
        this.#show(
          "You are now connected in another tab or on another device.",
          "Use it here",
        );
        break;
    }
  }

  /** @param {number} retryAt */
  #showCountdown(retryAt) {
    const left = Math.max(0, retryAt - Date.now());
    const seconds = Math.ceil(left / 1000);
    this.#show(
      `No connection. Reconnecting in ${seconds}\u00a0s.`,
      "Try now",
    );
    if (left === 0) return;
    // Wakes when the shown number changes, not once more at its end.
    const untilNext = left - (seconds - 1) * 1000;
    this.#tick = setTimeout(() => this.#renderBanner(), untilNext);
  }

  /**
   * @param {string} text
   * @param {string} button
   */
  #show(text, button) {
    this.#banner.hidden = false;
    setText(this.#text, text);
    setText(this.#button, button);
  }
}
