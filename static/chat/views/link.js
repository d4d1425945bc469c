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
    const quiet = link.phase === "open" || link.phase === "connecting" ||
      link.phase === "stopped";
    this.#banner.hidden = quiet;
    this.#banner.dataset.phase = link.phase;
    setText(
      this.#button,
      link.phase === "replaced" ? "Use it here" : "Try now",
    );
    if (link.phase === "replaced") {
      setText(
        this.#text,
        "You are now connected in another tab or on another device.",
      );
    } else if (link.phase === "offline") {
      setText(
        this.#text,
        "This device is offline. The chat comes back with the network.",
      );
    } else if (link.phase === "waiting") {
      const left = Math.max(0, link.retryAt - Date.now());
      const seconds = Math.ceil(left / 1000);
      setText(this.#text, `No connection. Reconnecting in ${seconds}\u00a0s.`);
      if (left > 0) {
        // Wakes when the shown number changes, not once more at its end.
        const untilNext = left - (seconds - 1) * 1000;
        this.#tick = setTimeout(() => this.#renderBanner(), untilNext);
      }
    }
  }
}
