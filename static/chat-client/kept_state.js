// @ts-check

/** @import { ChatStorage } from "./types.d.ts" */
/** @import { Position } from "./wire.d.ts" */

/**
 * A message of one's own that is not known to be stored. `tried` says whether
 * it may be, nevertheless; `person` who has said it.
 * @typedef {object} KeptMessage
 * @property {string} room
 * @property {string} person
 * @property {string} id
 * @property {string} text
 * @property {boolean} tried
 * @property {number} [replyTo]
 * @property {readonly string[]} [mentions]
 * @property {readonly { hash: string, name: string }[]} [attachments]
 */

/** What a client remembers, in a storage if it has one. */
export class KeptState {
  #storage;
  #key;
  #onFailure;

  /**
   * @param {ChatStorage | undefined} storage
   * @param {{ key: string, onFailure: (cause: unknown) => void }} options
   */
  constructor(storage, { key, onFailure }) {
    this.#storage = storage;
    this.#key = key;
    this.#onFailure = onFailure;
  }

  /** @returns {string | undefined} what to come back with */
  get secret() {
    const kept = this.#read("secret");
    return typeof kept === "string" ? kept : undefined;
  }

  set secret(secret) {
    this.#write("secret", secret);
  }

  /** @returns {KeptMessage[]} */
  get messages() {
    const kept = this.#read("outbox");
    return Array.isArray(kept) ? kept : [];
  }

  set messages(messages) {
    this.#write("outbox", messages.length === 0 ? undefined : messages);
  }

  /**
   * @param {string} room
   * @returns {Position | undefined}
   */
  position(room) {
    const kept = this.#read(`position ${room}`);
    const isPosition = typeof kept?.epoch === "string" &&
      typeof kept.offset === "number" && typeof kept.change === "number";
    return isPosition ? kept : undefined;
  }

  /**
   * @param {string} room
   * @param {Position} position
   */
  keepPosition(room, position) {
    this.#write(`position ${room}`, position);
  }

  /** @param {string} name */
  #read(name) {
    try {
      const text = this.#storage?.getItem(`${this.#key} ${name}`) ?? null;
      return text === null ? undefined : JSON.parse(text);
    } catch {
      // Whatever it is, this client has not written it.
      return undefined;
    }
  }

  /**
   * @param {string} name
   * @param {unknown} value
   */
  #write(name, value) {
    if (this.#storage === undefined) return;
    const key = `${this.#key} ${name}`;
    try {
      if (value === undefined) this.#storage.removeItem(key);
      else this.#storage.setItem(key, JSON.stringify(value));
    } catch (cause) {
      this.#onFailure(cause);
    }
  }
}
