// @ts-check

import { retryTime } from "./retry_time.js";

/** @import { ChatError } from "./errors.js" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Asker } from "./pending_requests.js" */

/**
 * @typedef {object} DeliveryOptions
 * @property {string} room its name
 * @property {(request: Record<string, unknown>, asker: Asker) => void} ask
 * @property {() => boolean} isJoined
 * @property {() => void} rejoin the server says that one is not in the room
 * @property {() => void} keepMessages
 */

/**
 * Sends the messages of an outbox. There is one on its way at a time, for behind
 * one that the server refuses for now, others might be taken and so come before
 * it.
 */
export class Delivery {
  #outbox;
  #options;
  /** Whether a message is on its way to the server. */
  #isSending = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} until when nothing is tried */
  #retryTimer;
  /** @type {string | undefined} the message for which the room was joined again */
  #rejoinedFor;

  /**
   * @param {Outbox} outbox
   * @param {DeliveryOptions} options
   */
  constructor(outbox, options) {
    this.#outbox = outbox;
    this.#options = options;
  }

  /** Sends the next message, unless one is on its way or has to wait. */
  flush() {
    const entry = this.#outbox.next;
    const isBusy = this.#isSending || this.#retryTimer !== undefined;
    if (entry === undefined || isBusy || !this.#options.isJoined()) return;
    this.#isSending = true;
    const { id, text, replyTo, mentions, attachments } = entry.message;
    entry.tried = true;
    this.#options.keepMessages();
    this.#options.ask({
      type: "send",
      room: this.#options.room,
      id,
      text,
      reply_to: replyTo,
      mentions,
      attachments,
    }, {
      answered: ({ ref: _, ...sent }) => {
        this.#isSending = false;
        this.#outbox.confirm(sent);
        this.flush();
      },
      refused: (error) => {
        this.#isSending = false;
        this.#refused(id, error);
      },
      lost: () => {},
    });
  }

  /** The connection is gone, and with it what was on its way. */
  pause() {
    this.#isSending = false;
    this.stopWaiting();
  }

  /** The next {@linkcode flush} may try at once. */
  stopWaiting() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }

  /**
   * @param {string} id
   * @param {ChatError} error
   */
  #refused(id, error) {
    const wait = retryTime(error);
    if (wait !== undefined) this.#wait(wait);
    else if (error.code === "not_in_room" && this.#rejoinedFor !== id) {
      this.#rejoinedFor = id;
      if (this.#options.isJoined()) this.#options.rejoin();
    } else {
      this.#outbox.fail(id, error);
      this.flush();
    }
  }

  /** @param {number} time in milliseconds */
  #wait(time) {
    this.stopWaiting();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.flush();
    }, time);
  }
}
