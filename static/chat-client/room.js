// @ts-check

import { Emitter } from "./emitter.js";
import { ChatError } from "./errors.js";
import { MessageFeed } from "./message_feed.js";
import { MessageWindow } from "./message_window.js";
import { Outbox } from "./outbox.js";
import { retryTime } from "./retry_time.js";
import { Typists } from "./typists.js";

/** @import * as types from "./types.d.ts" */
/** @import * as wire from "./wire.d.ts" */
/** @import { Asker } from "./pending_requests.js" */
/** @import { KeptMessage } from "./kept_state.js" */

/** Typing is told every so many milliseconds at most. */
const TYPING_INTERVAL = 3_000;

/** So far the client's idea of the server's clock may be off, in milliseconds. */
const CLOCK_ERROR = 500;

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
 * @property {(room: Room) => void} keepPosition
 * @property {(error: ChatError) => void} warn
 * @property {(room: Room) => void} forget
 * @property {number} windowSize
 */

/** @implements {types.ChatRoom} */
export class Room {
  name;
  /** @type {types.ChatRoom["kind"]} */
  kind = "public";
  topic = "";
  /** @type {types.ChatRoom["role"]} */
  role = "member";
  /** @type {wire.Person | undefined} */
  with;
  count = 0;
  /** @type {Map<string, wire.Member> | undefined} */
  members;
  read = 0;
  slow = 0;

  #host;
  #window;
  #typists;
  #outbox;
  /** @type {Emitter<{ [T in keyof types.RoomEvents]: [types.RoomEvents[T]] }>} */
  #emitter = new Emitter();
  /** @type {types.ChatRoom["muted"]} as the server has said last */
  #muted;
  /** @type {Set<MessageFeed>} */
  #feeds = new Set();
  /** The offset after which the next loop over the messages begins. */
  #taken = 0;
  /** @type {"joining" | "joined" | "left"} */
  #state = "joining";
  /** @type {wire.Position} */
  #position = { epoch: "", offset: 0, change: 0 };
  /** Whether what is known of the history is to be forgotten. */
  #isStale = false;
  /** Whether a message is on its way to the server. */
  #isSending = false;
  /** @type {string | undefined} the message for which the room was joined again */
  #rejoinedFor;
  /** @type {ReturnType<typeof setTimeout> | undefined} until when nothing is tried */
  #retryTimer;
  /**
   * What happens in a room that its user cannot listen to yet, because the
   * promise of it has not been seen.
   * @type {(() => void)[] | undefined}
   */
  #held = [];
  #holdTimer;
  #typingTold = -Infinity;
  /** @type {Promise<readonly wire.ChatMessage[]> | undefined} */
  #loadingOlder;

  /**
   * @param {wire.Joined} joined
   * @param {{ host: RoomHost, since: wire.Position | undefined, kept: readonly KeptMessage[] }} options
   * the position that was joined with, and messages of an earlier client
   */
  constructor(joined, { host, since, kept }) {
    this.name = joined.room;
    this.#host = host;
    this.#window = new MessageWindow(host.windowSize);
    this.#typists = new Typists(() =>
      this.#emit("typing", this.#typists.people)
    );
    this.#outbox = new Outbox((message) => {
      this.#host.keepMessages();
      this.#emit("outgoing", message);
    });
    for (const message of kept) this.#outbox.restore(message);
    this.setPerson();
    if (since !== undefined) {
      this.#position = since;
      this.#taken = since.offset;
      this.#window.hasOlder = since.offset > 0;
    }
    this.#isStale = since === undefined;
    this.#holdTimer = setTimeout(() => this.#release());
  }

  get isJoined() {
    return this.#state === "joined";
  }

  get messages() {
    return this.#window.messages;
  }

  get hasOlder() {
    return this.#window.hasOlder;
  }

  get position() {
    return this.#position;
  }

  get typists() {
    return this.#typists.people;
  }

  get muted() {
    const { until } = this.#muted ?? {};
    const left = until === undefined
      ? Infinity
      : Date.parse(until) - this.#host.now();
    return left > CLOCK_ERROR ? this.#muted : undefined;
  }

  get outgoing() {
    return this.#outbox.messages;
  }

  /** @returns {readonly KeptMessage[]} what is to be kept of this room */
  get unsettled() {
    return this.#outbox.unsettled.map((message) => ({
      ...message,
      room: this.name,
    }));
  }

  /** @type {types.ChatRoom["on"]} */
  on(type, listener) {
    return this.#emitter.on(type, listener);
  }

  [Symbol.asyncIterator]() {
    const feed = new MessageFeed({
      onTake: ({ offset }) => this.#taken = offset,
      onReturn: (left) => this.#feeds.delete(left),
    });
    for (const message of this.messages) {
      if (message.offset > this.#taken) feed.push(message);
    }
    if (this.#state === "left") feed.end();
    else this.#feeds.add(feed);
    return feed;
  }

  // What the client tells the room.

  /** Joins again, on a new connection or because something is missing. */
  enter() {
    if (this.#state === "left") return;
    this.#state = "joining";
    this.#release();
    this.#stopWaiting();
    const since = this.#isStale ? undefined : this.#position;
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
    this.#release();
    this.#isSending = false;
    this.#stopWaiting();
    this.#typists.clear();
  }

  /** Who one is has become known. */
  setPerson() {
    const person = this.#host.personId();
    if (person !== undefined) this.#outbox.setPerson(person);
  }

  /**
   * The answer to `join`, `create` or `direct`.
   *
   * @param {wire.Joined} joined
   * @param {{ isFirst?: boolean }} [options]
   */
  take(joined, { isFirst = false } = {}) {
    if (this.#state === "left") return;
    this.kind = joined.kind;
    this.topic = joined.topic;
    this.role = joined.role;
    this.with = joined.with;
    this.slow = joined.slow;
    this.read = joined.read;
    this.#muted = joined.muted === undefined
      ? undefined
      : { until: joined.muted };
    this.#setMembers(joined.count, joined.members);
    if (joined.recovered === true && !this.#isStale) {
      this.#state = "joined";
      this.#whenHeard(() => this.#recover(joined));
    } else if (!this.#knows(joined)) this.#beginAnew(joined, isFirst);
    this.#state = "joined";
    this.#whenHeard(() => {
      if (this.#state !== "joined") return;
      this.#host.keepPosition(this);
      this.#emit("joined", this.#position);
      this.#flush();
    });
  }

  /**
   * What the server says of this room, unasked. While the room is being joined
   * nothing is heard: the answer to `join` has it all.
   *
   * @param {wire.ServerMessage} message
   */
  hear(message) {
    if (this.#held !== undefined) {
      this.#held.push(() => this.hear(message));
      return;
    }
    if (this.#state !== "joined") return;
    switch (message.type) {
      case "message": {
        const { type: _, ...said } = message;
        if (!this.#accept(said)) this.#mend();
        else this.#host.keepPosition(this);
        break;
      }
      case "changed":
        this.#acceptChange(message);
        break;
      case "presence":
        this.#setPresence(message);
        break;
      case "typing":
        if (message.person.id !== this.#host.personId()) {
          this.#typists.add(message.person);
        }
        break;
      case "read":
        this.read = message.offset;
        this.#emit("read", message);
        break;
      case "room_changed":
        this.#setChanged(message);
        break;
    }
  }

  /** @param {wire.Moderated} moderated */
  moderate({ action, role, until, reason }) {
    switch (action) {
      case "mute":
        this.#muted = until === undefined ? {} : { until };
        break;
      case "role":
        this.role = role ?? this.role;
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
    this.#release();
    this.#state = "left";
    this.#stopWaiting();
    this.#typists.clear();
    this.#host.forget(this);
    this.#outbox.end(error ?? ChatError.local("left", { room: this.name }));
    for (const feed of this.#feeds) feed.end();
    this.#feeds.clear();
    this.#emit("left", error);
  }

  // What the room's user does.

  /** @type {types.ChatRoom["send"]} */
  send(text, options = {}) {
    if (this.#state === "left") {
      return Promise.reject(ChatError.local("left", { room: this.name }));
    }
    const person = this.#host.personId();
    const sent = this.#outbox.add(text, { ...options, person });
    this.#typingTold = -Infinity;
    this.#flush();
    return sent;
  }

  /** @type {types.ChatRoom["retry"]} */
  retry(id) {
    if (this.#state !== "left" && this.#outbox.retry(id)) this.#flush();
  }

  /** @type {types.ChatRoom["discard"]} */
  discard(id) {
    this.#outbox.discard(id);
  }

  typing() {
    const now = performance.now();
    if (!this.isJoined || now - this.#typingTold < TYPING_INTERVAL) return;
    this.#typingTold = now;
    this.#host.tell({ type: "typing", room: this.name });
  }

  /** @type {types.ChatRoom["markRead"]} */
  markRead(offset = this.#position.offset) {
    return this.#host.request("read", { room: this.name, offset });
  }

  /** @type {types.ChatRoom["loadOlder"]} */
  loadOlder(limit = 50) {
    return this.#loadingOlder ??= this.#loadOlder(limit)
      .finally(() => this.#loadingOlder = undefined);
  }

  /** @type {types.ChatRoom["history"]} */
  history(place = {}) {
    return this.#host.request("history", { room: this.name, ...place });
  }

  /** @type {types.ChatRoom["search"]} */
  search(query, options = {}) {
    return this.#host.request("search", { query, room: this.name, ...options });
  }

  /** @type {types.ChatRoom["edit"]} */
  async edit(offset, edit) {
    await this.#host.request("edit", { room: this.name, offset, ...edit });
  }

  /** @type {types.ChatRoom["remove"]} */
  async remove(offset, options = {}) {
    await this.#host.request("delete", { room: this.name, offset, ...options });
  }

  /** @type {types.ChatRoom["react"]} */
  async react(offset, { emoji, on = true }) {
    await this.#host.request("react", { room: this.name, offset, emoji, on });
  }

  /** @type {types.ChatRoom["versions"]} */
  async versions(offset) {
    const { versions } = await this.#host.request("versions", {
      room: this.name,
      offset,
    });
    return versions;
  }

  /** @type {types.ChatRoom["listMembers"]} */
  listMembers(options = {}) {
    return this.#host.request("members", { room: this.name, ...options });
  }

  /** @type {types.ChatRoom["invite"]} */
  invite(options = {}) {
    return this.#host.request("invite", { room: this.name, ...options });
  }

  /** @type {types.ChatRoom["invites"]} */
  invites(options = {}) {
    return this.#host.request("invites", { room: this.name, ...options });
  }

  /** @type {types.ChatRoom["dropInvite"]} */
  async dropInvite(id) {
    await this.#host.request("drop_invite", { room: this.name, invite: id });
  }

  /** @type {types.ChatRoom["setTopic"]} */
  async setTopic(topic) {
    await this.#host.request("topic", { room: this.name, topic });
  }

  /** @type {types.ChatRoom["kick"]} */
  async kick(person, options = {}) {
    await this.#host.request("kick", { room: this.name, person, ...options });
  }

  /** @type {types.ChatRoom["mute"]} */
  async mute(person, options) {
    await this.#host.request("mute", { room: this.name, person, ...options });
  }

  /** @type {types.ChatRoom["ban"]} */
  async ban(person, options = {}) {
    await this.#host.request("ban", { room: this.name, person, ...options });
  }

  /** @type {types.ChatRoom["unban"]} */
  async unban(person) {
    await this.#host.request("unban", { room: this.name, person });
  }

  /** @type {types.ChatRoom["bans"]} */
  bans(options = {}) {
    return this.#host.request("bans", { room: this.name, ...options });
  }

  /** @type {types.ChatRoom["setSlow"]} */
  async setSlow(seconds) {
    await this.#host.request("slow", { room: this.name, seconds });
  }

  /** @type {types.ChatRoom["setRole"]} */
  async setRole(person, role) {
    await this.#host.request("role", { room: this.name, person, role });
  }

  /** @type {types.ChatRoom["audit"]} */
  audit(options = {}) {
    return this.#host.request("audit", { room: this.name, ...options });
  }

  /** @type {types.ChatRoom["leave"]} */
  leave({ forGood = false } = {}) {
    const done = new Promise((resolve) => {
      this.#host.ask({
        type: "leave",
        room: this.name,
        ...(forGood && { for_good: true }),
      }, {
        answered: resolve,
        // Not in it, or no connection that could be in it.
        refused: resolve,
        lost: () => resolve(undefined),
      });
    });
    this.end();
    return done.then(() => {});
  }

  // How it stays right.

  /**
   * Does something when the room's user can listen.
   *
   * @param {() => void} step
   */
  #whenHeard(step) {
    if (this.#held === undefined) step();
    else this.#held.push(step);
  }

  #release() {
    clearTimeout(this.#holdTimer);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const step of held) step();
  }

  /** @param {wire.Joined} joined */
  #recover(joined) {
    const fits = joined.messages.every((message) => this.#accept(message)) &&
      this.#position.offset === joined.offset;
    if (!fits) {
      this.#isStale = true;
      this.#mend();
      return;
    }
    this.#position = { ...this.#position, change: joined.change };
    for (const message of joined.changed ?? []) {
      this.#window.replace(message);
      this.#emit("changed", message);
    }
  }

  /**
   * @param {wire.Joined} joined
   * @returns {boolean} whether its history is the one that is known
   */
  #knows({ recovered, epoch, offset, change }) {
    const known = this.#position;
    return !this.#isStale && recovered === undefined &&
      known.epoch === epoch && known.offset === offset &&
      known.change === change;
  }

  /**
   * @param {wire.Joined} joined
   * @param {boolean} isFirst
   */
  #beginAnew({ epoch, offset, change, messages, more }, isFirst) {
    this.#position = { epoch, offset, change };
    this.#taken = offset;
    this.#isStale = false;
    this.#window.reset(messages, more);
    for (const message of messages) this.#confirmOwn(message);
    if (!isFirst) this.#whenHeard(() => this.#emit("reset", this.#position));
  }

  /**
   * @param {wire.ChatMessage} message
   * @returns {boolean} whether it is the next one, or known
   */
  #accept(message) {
    const { offset } = this.#position;
    if (message.offset <= offset) return true;
    if (message.offset !== offset + 1) return false;
    this.#position = { ...this.#position, offset: message.offset };
    this.#window.append(message);
    this.#typists.remove(message.from.id);
    this.#confirmOwn(message);
    this.#emit("message", message);
    for (const feed of this.#feeds) feed.push(message);
    return true;
  }

  /** @param {{ change: number, message: wire.ChatMessage }} changed */
  #acceptChange({ change, message }) {
    const last = this.#position.change;
    if (change <= last) return;
    if (change !== last + 1) {
      this.#mend();
      return;
    }
    this.#position = { ...this.#position, change };
    this.#window.replace(message);
    this.#host.keepPosition(this);
    this.#emit("changed", message);
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
    this.#outbox.confirm({ type: "sent", room: this.name, id, offset, time });
  }

  /**
   * @param {number} count
   * @param {readonly wire.Member[] | undefined} members
   */
  #setMembers(count, members) {
    this.count = count;
    this.members = members &&
      new Map(members.map((member) => [member.id, member]));
  }

  /** @param {wire.Presence} presence */
  #setPresence(presence) {
    const { count, members, joined, left, changed } = presence;
    const hasList = joined !== undefined || left !== undefined ||
      changed !== undefined;
    // A room that has become one of many members tells their count only.
    if (members !== undefined || !hasList) this.#setMembers(count, members);
    this.count = count;
    for (const id of left ?? []) {
      this.members?.delete(id);
      this.#typists.remove(id);
    }
    for (const member of [...joined ?? [], ...changed ?? []]) {
      this.members?.set(member.id, member);
      if (member.id === this.#host.personId()) {
        this.role = member.role ?? "member";
      }
    }
    this.#emit("presence", presence);
  }

  /** @param {wire.RoomChanged} changed */
  #setChanged(changed) {
    if (changed.gone) {
      this.end(ChatError.local("room_gone", { room: this.name }));
      return;
    }
    this.topic = changed.topic ?? this.topic;
    this.slow = changed.slow ?? this.slow;
    this.#emit("room_changed", changed);
    if (changed.reset) {
      this.#isStale = true;
      this.enter();
    }
  }

  /** @param {ChatError} error */
  #joinRefused(error) {
    const wait = retryTime(error);
    if (wait === undefined) this.end(error);
    else this.#wait(wait, () => this.enter());
  }

  /**
   * @param {number} time in milliseconds
   * @param {() => void} step
   */
  #wait(time, step) {
    this.#stopWaiting();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      step();
    }, time);
  }

  #stopWaiting() {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }

  /**
   * Sends the next message. There is one on its way at a time, for behind one
   * that the server refuses for now, others might be taken and so come before it.
   */
  #flush() {
    const entry = this.#outbox.next;
    const isBusy = this.#isSending || this.#retryTimer !== undefined;
    if (entry === undefined || !this.isJoined || isBusy) return;
    this.#isSending = true;
    const { id, text, replyTo, mentions, attachments } = entry.message;
    entry.tried = true;
    this.#host.keepMessages();
    this.#host.ask({
      type: "send",
      room: this.name,
      id,
      text,
      reply_to: replyTo,
      mentions,
      attachments,
    }, {
      answered: ({ ref: _, ...sent }) => {
        this.#isSending = false;
        this.#outbox.confirm(sent);
        this.#flush();
      },
      refused: (error) => {
        this.#isSending = false;
        this.#sendRefused(id, error);
      },
      lost: () => {},
    });
  }

  /**
   * @param {string} id
   * @param {ChatError} error
   */
  #sendRefused(id, error) {
    const wait = retryTime(error);
    if (wait !== undefined) this.#wait(wait, () => this.#flush());
    else if (error.code === "not_in_room" && this.#rejoinedFor !== id) {
      this.#rejoinedFor = id;
      if (this.isJoined) this.enter();
    } else {
      this.#outbox.fail(id, error);
      this.#flush();
    }
  }

  /** @param {number} limit */
  async #loadOlder(limit) {
    const before = this.messages[0]?.offset ?? this.#position.offset + 1;
    this.#window.expectOlder();
    const page = await this.history({ before, limit });
    if (page.epoch !== this.#position.epoch) return [];
    return this.#window.prepend(page.messages, {
      before,
      hasOlder: page.older,
    });
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
    this.#host.emit(type, event, this);
  }
}
