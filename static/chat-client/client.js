// @ts-check

import { fullJitter } from "./backoff.js";
import { Calls } from "./calls.js";
import { Connection } from "./connection.js";
import { Emitter } from "./emitter.js";
import { ChatError } from "./errors.js";
import { Identification } from "./identification.js";
import { JoinedRooms } from "./joined_rooms.js";
import { KeptState } from "./kept_state.js";
import { ServerClock } from "./server_clock.js";
import { Standing } from "./standing.js";
import { uploadFile } from "./upload.js";

/** @import * as types from "./types.d.ts" */
/** @import * as wire from "./wire.d.ts" */
/** @import { CallOptions, Request } from "./calls.js" */
/** @import { Room } from "./room.js" */

/** @type {typeof import("./mod.d.ts").connectChat} */
export function connectChat(url, options = {}) {
  return new Client(url, options);
}

/** @implements {types.ChatClient} */
class Client {
  /** @type {wire.Welcome | undefined} */
  welcome;

  #url;
  #requestTimeout;
  /** @type {Emitter<types.ChatEvents>} */
  #emitter = new Emitter();
  #standing = new Standing();
  #clock = new ServerClock();
  #connection;
  /** @type {Identification} */
  #identification;
  #calls;
  #rooms;
  /** Ends listening to what lies outside. */
  #outside = new AbortController();

  /**
   * @param {string | URL} url
   * @param {types.ChatOptions} options
   */
  constructor(url, options) {
    this.#url = new URL(url, globalThis.location?.href);
    this.#url.protocol = this.#url.protocol.replace(/^http/, "ws");
    this.#requestTimeout = options.requestTimeout ?? 30_000;
    const kept = new KeptState(options.storage, {
      key: options.storageKey ?? "switchboard-chat",
      onFailure: (cause) =>
        this.#warn(ChatError.local("storage_failed", { cause })),
    });
    const random = options.random ?? Math.random;
    const connection = new Connection(this.#url.href, {
      WebSocket: options.WebSocket ??
        /** @type {types.WebSocketConstructor} */ (globalThis.WebSocket),
      backoff: options.backoff ?? ((failures) => fullJitter(failures, random)),
      silence: options.silence ?? 30_000,
      answerTime: options.answerTime ?? 15_000,
      onStatus: (status) => this.#setStatus(status),
      onMessage: (message) => this.#receive(message),
      onGone: () => {
        this.#identification.pause();
        this.#rooms.pauseAll();
      },
      onSessionEnd: () => {
        this.#identification.forgetSecret();
        return this.#identification.hasToken;
      },
      isIdentified: () => this.#identification.isPossible,
    });
    this.#connection = connection;
    this.#identification = new Identification(options.identity, {
      connection,
      kept,
      now: () => this.#clock.now,
      onReady: (ready, isThere) => this.#setReady(ready, isThere),
      warn: (error) => this.#warn(error),
    });
    this.#calls = new Calls((request, asker) => connection.ask(request, asker));
    this.#rooms = new JoinedRooms(kept, {
      ask: (request, asker) => connection.ask(request, asker),
      tell: (request) => connection.tell(request),
      request: (type, fields, ...rest) => this.request(type, fields, ...rest),
      personId: () => this.person?.id,
      now: () => this.#clock.now,
      emit: (type, event, room) =>
        this.#emitter.emit(type, .../** @type {any} */ ([event, room])),
      warn: (error) => this.#warn(error),
      windowSize: options.windowSize ?? 1000,
    });
    this.#listenOutside(options.signal);
    if (options.signal?.aborted) this.close();
    else connection.connect();
  }

  get status() {
    return this.#standing.status;
  }

  get person() {
    return this.#identification.person;
  }

  get isOwner() {
    return this.#identification.isOwner;
  }

  /** @returns {ReadonlyMap<string, Room>} */
  get joinedRooms() {
    return this.#rooms.byName;
  }

  /** @type {types.ChatClient["on"]} */
  on(type, listener) {
    return this.#emitter.on(type, listener);
  }

  /** @returns {Promise<wire.Person>} */
  whenReady() {
    return this.status.state === "online" && this.person !== undefined
      ? Promise.resolve(this.person)
      : this.#standing.wait();
  }

  /** @param {types.Identity} identity */
  signIn(identity) {
    if (this.status.state === "closed") return this.whenReady();
    this.#identification.become(identity);
    this.#connection.hangUp();
    this.#connection.connect();
    return this.whenReady();
  }

  async logout() {
    if (this.#identification.hasToken) {
      this.#identification.forgetIdentity();
      this.#connection.goOffline("signed_out");
      return;
    }
    await this.#call({ type: "logout" }, {
      take: () => {
        this.#identification.forgetIdentity();
        this.#identification.forgetSecret();
      },
    });
  }

  /** @param {string} name */
  async rename(name) {
    return (await this.request("rename", { name })).person;
  }

  /** @param {{ readonly old: string, readonly new: string }} passwords */
  async changePassword(passwords) {
    await this.request("change_password", passwords);
  }

  async sessions() {
    return (await this.request("sessions", {})).sessions;
  }

  /** @param {string} session */
  async revoke(session) {
    await this.request("revoke", { session });
  }

  /** @param {boolean} away */
  async setAway(away) {
    await this.request("status", { away });
  }

  /** @type {types.ChatClient["rooms"]} */
  rooms(options = {}) {
    return this.request("rooms", options);
  }

  /**
   * @param {string} name
   * @param {types.JoinOptions} [options]
   * @returns {Promise<Room>}
   */
  join(name, { invite, limit, catchUp = false, signal } = {}) {
    const known = this.#rooms.byName.get(name);
    if (known !== undefined) return Promise.resolve(known);
    const since = catchUp ? this.#rooms.earlierPosition(name) : undefined;
    return this.#call({ type: "join", room: name, invite, since, limit }, {
      timeout: Infinity,
      signal,
      take: (joined) => this.#rooms.enter(joined, since),
    });
  }

  /** @type {types.ChatClient["create"]} */
  create(room, options = {}) {
    return this.#call({ type: "create", room, kind: "public", ...options }, {
      take: (joined) => this.#rooms.enter(joined),
    });
  }

  /** @type {types.ChatClient["direct"]} */
  direct(person) {
    return this.#call({ type: "direct", person }, {
      timeout: Infinity,
      take: (joined) => this.#rooms.enter(joined),
    });
  }

  /** @type {types.ChatClient["search"]} */
  search(query, options = {}) {
    return this.request("search", { query, ...options });
  }

  /** @type {types.ChatClient["upload"]} */
  async upload(file, { name, signal, onProgress } = {}) {
    await this.whenReady();
    const secret = await this.#identification.bearer();
    if (secret === undefined) throw ChatError.local("signed_out");
    return await uploadFile(file, {
      url: this.#url,
      name: name ?? /** @type {{ name?: string }} */ (file).name ?? "file",
      secret,
      signal,
      onProgress,
    });
  }

  /** @type {types.ChatClient["request"]} */
  request(type, fields, options = {}) {
    return this.#call({ ...fields, type }, options);
  }

  reconnect() {
    if (this.status.state === "offline") this.#connection.connect();
    else this.#connection.probe();
  }

  async close() {
    if (this.status.state !== "closed") {
      this.#outside.abort();
      this.#connection.hangUp();
      this.#setStatus({ state: "closed" });
      this.#rooms.close(ChatError.local("closed"));
    }
    await this.#connection.allClosed();
  }

  [Symbol.dispose]() {
    this.close();
  }

  /** @param {AbortSignal | undefined} closing */
  #listenOutside(closing) {
    const { signal } = this.#outside;
    closing?.addEventListener("abort", () => this.close(), { signal });
    // Node has no such events.
    globalThis.addEventListener?.("online", () => {
      // Only one that is about to try again, or seems to be there.
      if (this.#standing.hopeless === undefined) this.reconnect();
    }, { signal });
    globalThis.addEventListener?.("offline", () => this.#connection.probe(), {
      signal,
    });
  }

  /** @param {types.ChatStatus} status */
  #setStatus(status) {
    this.#standing.status = status;
    this.#emitter.emit("status", status);
    const error = this.#standing.hopeless;
    if (error === undefined) return;
    this.#standing.rejectAll(error);
    this.#calls.rejectAll(error);
  }

  /**
   * @param {wire.Ready} ready
   * @param {() => boolean} isThere
   */
  #setReady(ready, isThere) {
    this.#connection.setReady();
    this.#setStatus({ state: "online" });
    this.#emitter.emit("ready", ready);
    this.#standing.resolveAll(ready.person);
    this.#rooms.enterAll(isThere);
    if (isThere()) this.#calls.sendAll();
  }

  /** @param {wire.ServerMessage} message */
  #receive(message) {
    if (message.type === "renamed") {
      this.#identification.person = message.person;
    }
    // All of one's connections hear it, the one that has asked by its answer.
    if (message.type === "read") this.#rooms.hear(message);
    if (this.#connection.settle(message)) return;
    switch (message.type) {
      case "welcome":
        this.welcome = message;
        this.#clock.set(message.time);
        this.#emitter.emit("welcome", message);
        this.#identification.identify();
        break;
      case "notice":
        this.#emitter.emit("notice", message.message);
        break;
      case "moderated":
        this.#emitter.emit("moderated", message);
        this.#rooms.moderate(message);
        break;
      case "error":
        // Of the probe: it shows as well that the server is there.
        if (message.ref === undefined) this.#warn(ChatError.of(message));
        break;
      case "message":
      case "changed":
      case "presence":
      case "typing":
      case "room_changed":
        this.#rooms.hear(message);
    }
  }

  /**
   * @param {Request} request
   * @param {CallOptions} options
   * @returns {Promise<any>}
   */
  #call(request, options) {
    const error = this.#standing.hopeless;
    if (error !== undefined) return Promise.reject(error);
    return this.#calls.make(request, {
      timeout: this.#requestTimeout,
      ...options,
      isOnline: this.status.state === "online",
    });
  }

  /** @param {ChatError} error */
  #warn(error) {
    this.#emitter.emit("error", error);
  }
}
