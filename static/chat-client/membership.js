// @ts-check

import { Delivery } from "./delivery.js";
import { Emitter } from "./emitter.js";
import { ChatError } from "./errors.js";
import { HeldSteps } from "./held_steps.js";
import { Outbox } from "./outbox.js";
import { retryTime } from "./retry_time.js";
import { Room } from "./room.js";
import { RoomFacts } from "./room_facts.js";
import { RoomMessages } from "./room_messages.js";
import { Typists } from "./typists.js";

/** @import * as types from "./types.d.ts" */
/** @import * as wire from "./wire.d.ts" */
/** @import { Asker } from "./pending_requests.js" */
/** @import { KeptMessage } from "./kept_state.js" */

/**
 * What a room uses of its client.
 * @typedef {object} RoomHost
 * @property {(request: Record<string, unknown>, asker: Asker) => void} ask
 * sends a request now, if there is a connection
 * @property {(request: Record<string, unknown>) => void} tell sends what has no answer
 * @property {types.ChatClient["request"]} request
 * @property {() => string | undefined} personId
 * @property {() => number} now the server's time, in milliseconds since 1970
 * @property {<T extends keyof types.RoomEvents>(type: T, event: types.RoomEvents[T], room: Room) => void} emit
 * @property {() => void} keepMessages
 * @property {(room: string, position: wire.Position) => void} keepPosition
 * @property {(error: ChatError) => void} warn
 * @property {(room: string) => void} forget
 * @property {number} windowSize
 */

/**
 * Being in a room: it joins again after each loss, gets what was missed, hears
 * what the server says, and ends.
 */
export class Membership {
  name;
  facts;
  messages;
  outbox;
  /** Who is typing. */
  typists;
  /** What the room's user has of it. */
  room;

  #host;
  #delivery;
  /** @type {Emitter<{ [T in keyof types.RoomEvents]: [types.RoomEvents[T]] }>} */
  #emitter = new Emitter();
  /** @type {"joining" | "joined" | "left"} */
  #state = "joining";
  #held = new HeldSteps();
  /** @type {ReturnType<typeof setTimeout> | undefined} until when joining is not tried */
  #retryTimer;

  /**
   * @param {string} name
   * @param {{ host: RoomHost, since: wire.Position | undefined, kept: readonly KeptMessage[] }} options
   * the position that was joined with, and messages of an earlier client
   */
  constructor(name, { host, since, kept }) {
    this.name = name;
    this.#host = host;
    this.facts = new RoomFacts(host.now);
    this.messages = new RoomMessages({
      windowSize: host.windowSize,
      since,
      onMessage: (message) => {
        this.typists.remove(message.from.id);
        this.#confirmOwn(message);
        this.#emit("message", message);
      },
      onChanged: (message) => this.#emit("changed", message),
    });
    this.typists = new Typists(() => this.#emit("typing", this.typists.people));
    this.outbox = new Outbox((message) => {
      host.keepMessages();
      this.#emit("outgoing", message);
    });
    this.#delivery = new Delivery(this.outbox, {
      room: name,
      ask: host.ask,
      isJoined: () => this.isJoined,
      rejoin: () => this.enter(),
      keepMessages: host.keepMessages,
    });
    this.room = new Room(this, host);
    for (const message of kept) this.outbox.restore(message);
    this.setPerson();
  }

  get isJoined() {
    return this.#state === "joined";
  }

  /** @returns {readonly KeptMessage[]} what is to be kept of this room */
  get unsettled() {
    return this.outbox.unsettled.map((message) => ({
      ...message,
      room: this.name,
    }));
  }

  /** @type {types.ChatRoom["on"]} */
  on(type, listener) {
    return this.#emitter.on(type, listener);
  }

  /** Joins again, on a new connection or because something is missing. */
  enter() {
    if (this.#state === "left") return;
    this.#state = "joining";
    this.#held.release();
    this.#stopWaiting();
    const { since } = this.messages;
    this.#host.ask(
      { type: "join", room: this.name, ...(since && { since }) },
      {
        answered: (joined) => this.take(joined),
        refused: (error) => this.#joinRefused(error),
        lost: () => {},
      },
    );
  }

  /** The connection is gone. */
  pause() {
    if (this.#state === "left") return;
    this.#state = "joining";
    this.#held.release();
    this.#stopWaiting();
    this.#delivery.pause();
    this.typists.clear();
  }

  /** Who one is has become known. */
  setPerson() {
    const person = this.#host.personId();
    if (person !== undefined) this.outbox.setPerson(person);
  }

  /**
   * The answer to `join`, `create` or `direct`.
   *
   * @param {wire.Joined} joined
   * @param {{ isFirst?: boolean }} [options]
   */
  take(joined, { isFirst = false } = {}) {
    if (this.#state === "left") return;
    this.facts.take(joined);
    if (joined.recovered === true && this.messages.since !== undefined) {
      this.#state = "joined";
      this.#held.do(() => {
        if (!this.messages.recover(joined)) this.#mend();
      });
    } else {
      if (!this.messages.knows(joined)) this.#beginAnew(joined, isFirst);
      this.#state = "joined";
    }
    this.#held.do(() => {
      if (this.#state !== "joined") return;
      this.#keepPosition();
      this.#emit("joined", this.messages.position);
      this.#delivery.flush();
    });
  }

  /**
   * What the server says of this room, unasked. While the room is being joined
   * nothing is heard: the answer to `join` has it all.
   *
   * @param {wire.ServerMessage} message
   */
  hear(message) {
    this.#held.do(() => {
      if (this.#state === "joined") this.#heed(message);
    });
  }

  /** @param {wire.Moderated} moderated */
  moderate({ action, role, until, reason }) {
    switch (action) {
      case "mute":
        this.facts.mute(until);
        break;
      case "role":
        this.facts.role = role ?? this.facts.role;
        break;
      case "kick":
      case "ban":
        this.end(ChatError.local("left", { room: this.name, until, reason }));
    }
  }

  /**
   * One is not in the room any more.
   *
   * @param {ChatError} [error] why, unless one wished it
   */
  end(error) {
    if (this.#state === "left") return;
    this.#held.release();
    this.#state = "left";
    this.#stopWaiting();
    this.typists.clear();
    this.#host.forget(this.name);
    this.outbox.end(error ?? ChatError.local("left", { room: this.name }));
    this.messages.end();
    this.#emit("left", error);
  }

  /** @type {types.ChatRoom["send"]} */
  send(text, options = {}) {
    if (this.#state === "left") {
      return Promise.reject(ChatError.local("left", { room: this.name }));
    }
    const person = this.#host.personId();
    const sent = this.outbox.add(text, { ...options, person });
    this.#delivery.flush();
    return sent;
  }

  /** @type {types.ChatRoom["retry"]} */
  retry(id) {
    if (this.#state !== "left" && this.outbox.retry(id)) this.#delivery.flush();
  }

  /** @param {wire.ServerMessage} message */
  #heed(message) {
    switch (message.type) {
      case "message": {
        const { type: _, ...said } = message;
        if (this.messages.accept(said)) this.#keepPosition();
        else this.#mend();
        break;
      }
      case "changed":
        if (this.messages.acceptChange(message)) this.#keepPosition();
        else this.#mend();
        break;
      case "presence":
        this.facts.takePresence(message, this.#host.personId());
        for (const id of message.left ?? []) this.typists.remove(id);
        this.#emit("presence", message);
        break;
      case "typing":
        if (message.person.id !== this.#host.personId()) {
          this.typists.add(message.person);
        }
        break;
      case "read":
        this.facts.read = message.offset;
        this.#emit("read", message);
        break;
      case "room_changed":
        this.#setChanged(message);
        break;
    }
  }

  /** @param {wire.RoomChanged} changed */
  #setChanged(changed) {
    if (changed.gone) {
      this.end(ChatError.local("room_gone", { room: this.name }));
      return;
    }
    this.facts.takeChange(changed);
    this.#emit("room_changed", changed);
    if (changed.reset) {
      this.messages.forget();
      this.enter();
    }
  }

  /**
   * @param {wire.Joined} joined
   * @param {boolean} isFirst
   */
  #beginAnew(joined, isFirst) {
    this.messages.beginAnew(joined);
    for (const message of joined.messages) this.#confirmOwn(message);
    if (isFirst) return;
    this.#held.do(() => this.#emit("reset", this.messages.position));
  }

  /** Something is missing: the server is asked what. */
  #mend() {
    this.#host.warn(ChatError.local("hole", { room: this.name }));
    this.enter();
  }

  /**
   * A message of one's own is stored, when everybody gets it, even if the answer
   * was lost.
   *
   * @param {wire.ChatMessage} message
   */
  #confirmOwn({ from, id, offset, time }) {
    if (from.id !== this.#host.personId()) return;
    this.outbox.confirm({ type: "sent", room: this.name, id, offset, time });
  }

  /** @param {ChatError} error */
  #joinRefused(error) {
    const wait = retryTime(error);
    if (wait === undefined) this.end(error);
    else {
      this.#stopWaiting();
      this.#retryTimer = setTimeout(() => this.enter(), wait);
    }
  }

  #stopWaiting() {
    clearTimeout(this.#retryTimer);
    this.#delivery.stopWaiting();
  }

  #keepPosition() {
    this.#host.keepPosition(this.name, this.messages.position);
  }

  /**
   * @template {keyof types.RoomEvents} T
   * @param {T} type
   * @param {types.RoomEvents[T]} event
   */
  #emit(type, event) {
    this.#emitter.emit(
      type,
      .../** @type {any} */ ([event]),
    );
    this.#host.emit(type, event, this.room);
  }
}
