// @ts-check

import { MessageFeed } from "./message_feed.js";
import { MessageWindow } from "./message_window.js";

/** @import { ChatMessage, HistoryPage, Joined, Position } from "./wire.d.ts" */

/**
 * @typedef {object} RoomMessagesOptions
 * @property {number} windowSize
 * @property {Position | undefined} since where an earlier client has been
 * @property {(message: ChatMessage) => void} onMessage called with each new one,
 * once and in order
 * @property {(message: ChatMessage) => void} onChanged
 */

/**
 * The messages of a room, and how far they have been seen: it takes what is
 * next, and says when something is missing.
 */
export class RoomMessages {
  #options;
  #window;
  /** @type {Position} */
  #position = { epoch: "", offset: 0, change: 0 };
  /** Whether what is known of the history is to be forgotten. */
  #isStale;
  /** @type {Set<MessageFeed>} */
  #feeds = new Set();
  /** The offset after which the next loop over the messages begins. */
  #taken = 0;
  #isOver = false;
  /** @type {Promise<readonly ChatMessage[]> | undefined} */
  #loadingOlder;

  /** @param {RoomMessagesOptions} options */
  constructor(options) {
    const { windowSize, since } = options;
    this.#options = options;
    this.#window = new MessageWindow(windowSize);
    this.#isStale = since === undefined;
    if (since !== undefined) {
      this.#position = since;
      this.#taken = since.offset;
      this.#window.hasOlder = since.offset > 0;
    }
  }

  /** The newest ones without holes, oldest first. */
  get held() {
    return this.#window.messages;
  }

  get hasOlder() {
    return this.#window.hasOlder;
  }

  get position() {
    return this.#position;
  }

  /** The position to go on from; `undefined` if all is to be asked for anew. */
  get since() {
    return this.#isStale ? undefined : this.#position;
  }

  /** What is known of the history is not true any more. */
  forget() {
    this.#isStale = true;
  }

  /**
   * @param {ChatMessage} message
   * @returns {boolean} whether it is the next one, or known
   */
  accept(message) {
    const { offset } = this.#position;
    if (message.offset <= offset) return true;
    if (message.offset !== offset + 1) return false;
    this.#position = { ...this.#position, offset: message.offset };
    this.#window.append(message);
    this.#options.onMessage(message);
    for (const feed of this.#feeds) feed.push(message);
    return true;
  }

  /**
   * @param {{ change: number, message: ChatMessage }} changed
   * @returns {boolean} whether it is the next change, or known
   */
  acceptChange({ change, message }) {
    const last = this.#position.change;
    if (change <= last) return true;
    if (change !== last + 1) return false;
    this.#position = { ...this.#position, change };
    this.#window.replace(message);
    this.#options.onChanged(message);
    return true;
  }

  /**
   * Takes what was missed.
   *
   * @param {Joined} joined
   * @returns {boolean} whether that is all; what is known is stale otherwise
   */
  recover({ messages, offset, change, changed = [] }) {
    const isWhole = messages.every((message) => this.accept(message)) &&
      this.#position.offset === offset;
    if (!isWhole) {
      this.#isStale = true;
      return false;
    }
    this.#position = { ...this.#position, change };
    for (const message of changed) {
      this.#window.replace(message);
      this.#options.onChanged(message);
    }
    return true;
  }

  /**
   * @param {Joined} joined
   * @returns {boolean} whether its history is the one that is known
   */
  knows({ recovered, epoch, offset, change }) {
    const known = this.#position;
    return !this.#isStale && recovered === undefined &&
      known.epoch === epoch && known.offset === offset &&
      known.change === change;
  }

  /** @param {Joined} joined */
  beginAnew({ epoch, offset, change, messages, more }) {
    this.#position = { epoch, offset, change };
    this.#taken = offset;
    this.#isStale = false;
    this.#window.reset(messages, more);
  }

  /**
   * Puts the next older page before those that are held.
   *
   * @param {(before: number) => Promise<HistoryPage>} ask for the page that ends
   * before this offset
   * @returns {Promise<readonly ChatMessage[]>} what is new
   */
  loadOlder(ask) {
    return this.#loadingOlder ??= this.#loadOlder(ask)
      .finally(() => this.#loadingOlder = undefined);
  }

  /** @returns {MessageFeed} what comes, and what no loop has taken */
  feed() {
    const feed = new MessageFeed({
      onTake: ({ offset }) => this.#taken = offset,
      onReturn: (left) => this.#feeds.delete(left),
    });
    for (const message of this.held) {
      if (message.offset > this.#taken) feed.push(message);
    }
    if (this.#isOver) feed.end();
    else this.#feeds.add(feed);
    return feed;
  }

  /** No more will come. */
  end() {
    this.#isOver = true;
    for (const feed of this.#feeds) feed.end();
    this.#feeds.clear();
  }

  /** @param {(before: number) => Promise<HistoryPage>} ask */
  async #loadOlder(ask) {
    const before = this.held[0]?.offset ?? this.#position.offset + 1;
    this.#window.expectOlder();
    const page = await ask(before);
    if (page.epoch !== this.#position.epoch) return [];
    return this.#window.prepend(page.messages, {
      before,
      hasOlder: page.older,
    });
  }
}
