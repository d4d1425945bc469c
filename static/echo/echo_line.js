// @ts-check
/// <reference lib="dom" />

/**
 * A WebSocket to something that sends back what it gets, in order.
 * @module
 */

import { isSame } from "./payload.js";

/** @typedef {import("./payload.js").Payload} Payload */

/** @typedef {"closed" | "connecting" | "open"} Phase */

/**
 * What came back: `sent` is what it answers, `time` how long that took in
 * milliseconds, `same` whether nothing was changed on the way. A message that
 * answers nothing has none of them.
 * @typedef {{ data: Payload, answer?: { sent: Payload, time: number, same: boolean } }} Echo
 */

/**
 * @typedef {object} EchoEvents
 * @property {(phase: Phase) => void} onPhase
 * @property {(echo: Echo) => void} onEcho
 * @property {(code: number, reason: string) => void} onClose after it was open
 * or could not be opened
 */

/** Opens, sends, and pairs each echo with what was sent. */
export class EchoLine {
  #url;
  #events;
  /** @type {WebSocket | undefined} */
  #socket;
  /** @type {{ data: Payload, sentAt: number }[]} */
  #waiting = [];

  /**
   * @param {string} url
   * @param {EchoEvents} events
   */
  constructor(url, events) {
    this.#url = url;
    this.#events = events;
  }

  open() {
    if (this.#socket !== undefined) return;
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#events.onPhase("open");
    socket.onmessage = ({ data }) => this.#receive(data);
    socket.onclose = ({ code, reason }) => {
      this.#socket = undefined;
      this.#waiting = [];
      this.#events.onPhase("closed");
      this.#events.onClose(code, reason);
    };
    this.#events.onPhase("connecting");
  }

  close() {
    this.#socket?.close(1000);
  }

  /**
   * @param {Payload} data
   * @returns {boolean} whether the line is open
   */
  send(data) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#waiting.push({ data, sentAt: performance.now() });
    this.#socket.send(data);
    return true;
  }

  /** @param {string | ArrayBuffer} received */
  #receive(received) {
    const data = typeof received === "string"
      ? received
      : new Uint8Array(received);
    const sent = this.#waiting.shift();
    this.#events.onEcho({
      data,
      ...sent !== undefined && {
        answer: {
          sent: sent.data,
          time: performance.now() - sent.sentAt,
          same: isSame(data, sent.data),
        },
      },
    });
  }
}
