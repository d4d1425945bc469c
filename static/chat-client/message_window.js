// @ts-check

/** @import { ChatMessage } from "./wire.d.ts" */

/**
 * The messages of a room that are held: sorted by offset, without holes. Its
 * list is replaced by each change, so that a view can see that there was one.
 */
export class MessageWindow {
  /** @type {readonly ChatMessage[]} */
  messages = [];
  /** Whether there are older ones. */
  hasOlder = false;
  #size;
  #limit;
  /**
   * Changed messages that are not held, while an older page is on its way,
   * which may have been read before they changed.
   * @type {Map<number, ChatMessage> | undefined}
   */
  #changedMeanwhile;

  /** @param {number} size so many are held, unless older ones are asked for */
  constructor(size) {
    this.#size = size;
    this.#limit = size;
  }

  /**
   * Begins anew.
   *
   * @param {readonly ChatMessage[]} messages
   * @param {boolean} hasOlder
   */
  reset(messages, hasOlder) {
    this.messages = messages;
    this.hasOlder = hasOlder;
    this.#limit = Math.max(this.#size, messages.length);
    this.#changedMeanwhile = undefined;
  }

  /** @param {ChatMessage} message the next one */
  append(message) {
    const surplus = this.messages.length + 1 - this.#limit;
    if (surplus > 0) this.hasOlder = true;
    const kept = surplus > 0 ? this.messages.slice(surplus) : this.messages;
    this.messages = [...kept, message];
  }

  /** @param {ChatMessage} message as it is now */
  replace(message) {
    const first = this.messages[0]?.offset;
    const index = first === undefined ? -1 : message.offset - first;
    if (this.messages[index]?.offset === message.offset) {
      this.messages = this.messages.with(index, message);
    } else {
      this.#changedMeanwhile?.set(message.offset, message);
    }
  }

  /** An older page is asked for. */
  expectOlder() {
    this.#changedMeanwhile ??= new Map();
  }

  /**
   * Puts a page before the others, if it belongs there.
   *
   * @param {readonly ChatMessage[]} page
   * @param {{ before: number, hasOlder: boolean }} options the offset before
   * which it was asked for
   * @returns {readonly ChatMessage[]} what was added
   */
  prepend(page, { before, hasOlder }) {
    const changed = this.#changedMeanwhile;
    this.#changedMeanwhile = undefined;
    if ((this.messages[0]?.offset ?? before) !== before) return [];
    const older = page.map((message) =>
      changed?.get(message.offset) ?? message
    );
    this.messages = [...older, ...this.messages];
    this.hasOlder = hasOlder;
    this.#limit = Math.max(this.#limit, this.messages.length);
    return older;
  }
}
