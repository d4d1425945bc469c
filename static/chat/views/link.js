// @ts-check
/// <reference lib="dom" />

/**
 * Shows how the connection stands: a lamp and a word always, and a banner with
 * the way out of it when it is not open.
 * @module
 */

import { h, setText } from "../../dom.js";

/** @import { ChatStatus } from "../../chat-client/types.d.ts" */

/** The lamp, its word, and the banner. */
export class LinkView {
  #status;
  #word = h("span", {});
  #banner;
  #text = h("p", {});
  #button;
  /** @type {ChatStatus} */
  #link = { state: "closed" };
  /** @type {string | undefined} */
  #ban;
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
    for (const type of ["online", "offline"]) {
      addEventListener(type, () => this.#render());
    }
  }

  /**
   * @param {ChatStatus} link
   * @param {string} [ban] how one was banned from the server
   */
  render(link, ban) {
    this.#ban = ban;
    if (link === this.#link) return;
    this.#link = link;
    this.#render();
  }

  #render() {
    const link = this.#link;
    const isLost = link.state === "offline" && link.reason === "lost";
    this.#status.dataset.phase = isLost ? "waiting" : link.state;
    // The seconds are not in here: a screen reader would count them aloud.
    setText(this.#word, wordOf(link));
    this.#renderBanner();
  }

  #renderBanner() {
    clearTimeout(this.#tick);
    const link = this.#link;
    if (link.state === "online" || link.state === "closed") {
      this.#banner.hidden = true;
    } else if (link.state === "connecting") {
      // Stays if it is there: it would come and go with each attempt.
      setText(this.#text, "Trying to connect…");
    } else this.#renderOffline(link);
  }

  /** @param {Extract<ChatStatus, { state: "offline" }>} link */
  #renderOffline({ reason, retryAt = 0 }) {
    switch (reason) {
      case "lost":
        if (!navigator.onLine) {
          this.#show(
            "This device is offline. The chat comes back with the network.",
            "Try now",
          );
        } else this.#showCountdown(retryAt);
        break;
      case "disconnected":
        this.#show(
          "The owner of the server has ended your connection.",
          "Connect",
        );
        break;
      case "banned":
        this.#show(this.#ban ?? "You are banned from this server.");
        break;
      case "broken":
        this.#show("This page and the server do not fit. Load the page anew.");
        break;
      default:
        this.#banner.hidden = true;
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
   * @param {string} [button]
   */
  #show(text, button) {
    this.#banner.hidden = false;
    setText(this.#text, text);
    this.#button.hidden = button === undefined;
    setText(this.#button, button ?? "");
  }
}

/**
 * @param {ChatStatus} link
 * @returns {string}
 */
function wordOf(link) {
  switch (link.state) {
    case "online":
      return "Connected";
    case "connecting":
      return "Connecting…";
    case "closed":
      return "Disconnected";
    case "offline":
      if (link.reason === "signed_out" || link.reason === "refused") return "";
      if (link.reason !== "lost") return "Disconnected";
      return navigator.onLine ? "Reconnecting" : "Offline";
  }
}
