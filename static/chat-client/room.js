// @ts-check

/** @import * as types from "./types.d.ts" */
/** @import { Membership, RoomHost } from "./membership.js" */

/** Typing is told every so many milliseconds at most. */
const TYPING_INTERVAL = 3_000;

/**
 * A room as its user has it: what is known of it, and what can be done there.
 *
 * @implements {types.ChatRoom}
 */
export class Room {
  #membership;
  #facts;
  #messages;
  #host;
  #typingTold = -Infinity;

  /**
   * @param {Membership} membership
   * @param {RoomHost} host
   */
  constructor(membership, host) {
    this.#membership = membership;
    this.#facts = membership.facts;
    this.#messages = membership.messages;
    this.#host = host;
  }

  get name() {
    return this.#membership.name;
  }

  get kind() {
    return this.#facts.kind;
  }

  get topic() {
    return this.#facts.topic;
  }

  get role() {
    return this.#facts.role;
  }

  get isJoined() {
    return this.#membership.isJoined;
  }

  get with() {
    return this.#facts.with;
  }

  get count() {
    return this.#facts.count;
  }

  get members() {
    return this.#facts.members;
  }

  get messages() {
    return this.#messages.held;
  }

  get hasOlder() {
    return this.#messages.hasOlder;
  }

  get position() {
    return this.#messages.position;
  }

  get read() {
    return this.#facts.read;
  }

  get slow() {
    return this.#facts.slow;
  }

  get muted() {
    return this.#facts.muted;
  }

  get typists() {
    return this.#membership.typists.people;
  }

  get outgoing() {
    return this.#membership.outbox.messages;
  }

  /** @type {types.ChatRoom["on"]} */
  on(type, listener) {
    return this.#membership.on(type, listener);
  }

  [Symbol.asyncIterator]() {
    return this.#messages.feed();
  }

  /** @type {types.ChatRoom["send"]} */
  send(text, options) {
    this.#typingTold = -Infinity;
    return this.#membership.send(text, options);
  }

  /** @type {types.ChatRoom["retry"]} */
  retry(id) {
    this.#membership.retry(id);
  }

  /** @type {types.ChatRoom["discard"]} */
  discard(id) {
    this.#membership.outbox.discard(id);
  }

  typing() {
    const now = performance.now();
    if (!this.isJoined || now - this.#typingTold < TYPING_INTERVAL) return;
    this.#typingTold = now;
    this.#host.tell({ type: "typing", room: this.name });
  }

  /** @type {types.ChatRoom["markRead"]} */
  markRead(offset = this.position.offset) {
    return this.#host.request("read", { room: this.name, offset });
  }

  /** @type {types.ChatRoom["loadOlder"]} */
  loadOlder(limit = 50) {
    return this.#messages.loadOlder((before) =>
      this.history({ before, limit })
    );
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
    this.#membership.end();
    return done.then(() => {});
  }
}
