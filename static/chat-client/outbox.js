// @ts-check

import { ChatError } from "./errors.js";
import { withResolvers } from "./live_socket.js";
import { randomId } from "./random_id.js";

/** @import { OutgoingMessage, SendOptions } from "./types.d.ts" */
/** @import { KeptMessage } from "./kept_state.js" */
/** @import { Sent } from "./wire.d.ts" */

/** So many failed messages are held. */
const FAILED_KEPT = 50;

/**
 * @typedef {object} Entry
 * @property {OutgoingMessage} message
 * @property {boolean} tried whether it was sent, so that it may be stored
 * @property {string | undefined} person who was the sender when it was said
 * @property {PromiseWithResolvers<Sent>} done
 */

/**
 * The messages of one's own in one room that are not stored, in their order,
 * and the failed ones.
 */
export class Outbox {
  /** @type {Entry[]} */
  #entries = [];
  #onChange;

  /**
   * @param {(message: OutgoingMessage) => void} onChange called when something
   * has become of a message
   */
  constructor(onChange) {
    this.#onChange = onChange;
  }

  /** @returns {readonly OutgoingMessage[]} */
  get messages() {
    return this.#entries.map(({ message }) => message);
  }

  /** @returns {readonly Omit<KeptMessage, "room">[]} what is not settled */
  get unsettled() {
    return this.#entries.filter(isSending).map((entry) => {
      const { state: _, ...message } = entry.message;
      return { ...message, tried: entry.tried, person: entry.person ?? "" };
    });
  }

  /** @returns {Entry | undefined} what is to be sent next */
  get next() {
    return this.#entries.find(isSending);
  }

  /**
   * @param {string} text
   * @param {SendOptions & { person: string | undefined }} options
   * @returns {Promise<Sent>}
   */
  add(text, { replyTo, mentions, attachments, person }) {
    const entry = this.#push({
      message: {
        id: randomId(),
        text,
        ...(replyTo === undefined ? {} : { replyTo }),
        ...(mentions === undefined ? {} : { mentions }),
        ...(attachments === undefined ? {} : {
          attachments: attachments.map(({ hash, name }) => ({ hash, name })),
        }),
        state: "sending",
      },
      tried: false,
      person,
    });
    this.#onChange(entry.message);
    return entry.done.promise;
  }

  /** @param {KeptMessage} kept what an earlier client has left */
  restore({ room: _, tried, person, ...message }) {
    this.#push({ message: { ...message, state: "sending" }, tried, person });
  }

  /**
   * It is stored. Does nothing if that is known.
   *
   * @param {Sent} sent
   */
  confirm(sent) {
    const index = this.#entries.findIndex(({ message }) =>
      message.id === sent.id
    );
    const [entry] = index < 0 ? [] : this.#entries.splice(index, 1);
    if (entry === undefined) return;
    entry.message = { ...entry.message, state: "sent", offset: sent.offset };
    entry.done.resolve(sent);
    this.#onChange(entry.message);
  }

  /**
   * @param {string} id
   * @param {ChatError} error
   */
  fail(id, error) {
    const entry = this.#find(id);
    if (entry === undefined || !isSending(entry)) return;
    entry.message = { ...entry.message, state: "failed", error };
    entry.done.reject(error);
    const failed = this.#entries.filter((other) => !isSending(other));
    if (failed.length > FAILED_KEPT) this.#remove(failed[0]);
    this.#onChange(entry.message);
  }

  /**
   * @param {string} id
   * @returns {boolean} whether there is such a failed one
   */
  retry(id) {
    const entry = this.#find(id);
    if (entry === undefined || isSending(entry)) return false;
    const { error: _, ...message } = entry.message;
    entry.message = { ...message, state: "sending" };
    this.#onChange(entry.message);
    return true;
  }

  /** @param {string} id */
  discard(id) {
    const entry = this.#find(id);
    if (entry !== undefined && !isSending(entry)) this.#remove(entry);
  }

  /**
   * Says who the sender is. The server knows a repeated message by its id and
   * sender, so what another one has tried to send cannot be sent again.
   *
   * @param {string} person
   */
  setPerson(person) {
    for (const entry of this.#entries.filter(isSending)) {
      const isOther = entry.person !== undefined && entry.person !== person;
      if (entry.tried && isOther) {
        this.fail(entry.message.id, ChatError.local("unconfirmed"));
      } else entry.person = person;
    }
  }

  /**
   * Nothing of it will be sent.
   *
   * @param {ChatError} error
   */
  end(error) {
    for (const { message } of this.#entries.filter(isSending)) {
      this.fail(message.id, error);
    }
  }

  /** @param {Omit<Entry, "done">} entry */
  #push(entry) {
    const whole = { ...entry, done: withResolvers() };
    // Who does not await it learns of a failure by the message's state.
    whole.done.promise.catch(() => {});
    this.#entries.push(whole);
    return whole;
  }

  /** @param {string} id */
  #find(id) {
    return this.#entries.find(({ message }) => message.id === id);
  }

  /** @param {Entry | undefined} entry */
  #remove(entry) {
    this.#entries = this.#entries.filter((other) => other !== entry);
  }
}

/** @param {Entry} entry */
function isSending({ message }) {
  return message.state === "sending";
}
