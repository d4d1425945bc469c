// @ts-check

import { fullJitter } from "./backoff.js";
import { Calls } from "./calls.js";
import { afterClose, REST_TIME } from "./close_codes.js";
import { Emitter } from "./emitter.js";
import { ChatError } from "./errors.js";
import { identification } from "./identification.js";
import { KeptState } from "./kept_state.js";
import { LiveSocket, withResolvers } from "./live_socket.js";
import { PendingRequests } from "./pending_requests.js";
import { retryTime } from "./retry_time.js";
import { Room } from "./room.js";
import { uploadFile } from "./upload.js";

/** @import * as types from "./types.d.ts" */
/** @import * as wire from "./wire.d.ts" */
/** @import { CallOptions, Request } from "./calls.js" */
/** @import { Asker } from "./pending_requests.js" */
/** @import { RoomHost } from "./room.js" */

/** A longer request ends the connection. In bytes. */
const MAX_REQUEST = 64 * 1024;

/**
 * A connection that held for so long was a good one: waiting begins anew after
 * it. In milliseconds.
 */
const STEADY_TIME = 5_000;

/** Of the time that an identity lasts, after this part it is made to last longer. */
const REFRESH_PART = 0.8;

/** No timer can be longer, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/** @type {typeof import("./mod.d.ts").connectChat} */
export function connectChat(url, options = {}) {
  return new Client(url, options);
}

/** @implements {types.ChatClient} */
class Client {
  /** @type {types.ChatStatus} */
  status = { state: "connecting" };
  /** @type {wire.Person | undefined} */
  person;
  /** @type {wire.Welcome | undefined} */
  welcome;
  isOwner = false;

  #url;
  #options;
  #kept;
  #identity;
  /** @type {string | undefined} the secret to come back with */
  #secret;
  /** @type {Emitter<types.ChatEvents>} */
  #emitter = new Emitter();
  #pending = new PendingRequests();
  #calls;
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  /** Messages of an earlier client, whose rooms have not been joined. */
  #keptMessages;
  /** @type {LiveSocket | undefined} */
  #socket;
  /** @type {Set<Promise<void>>} WebSockets that are not closed yet */
  #open = new Set();
  /** How many attempts have failed in a row. */
  #failures = 0;
  /** When the connection became a good one; `performance.now()`. */
  #readyAt = Infinity;
  /** When `welcome` came; `performance.now()`. */
  #welcomeAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retryTimer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #refreshTimer;
  /** @type {PromiseWithResolvers<wire.Person>[]} who waits to be online */
  #waiters = [];
  /** Ends listening to what lies outside. */
  #outside = new AbortController();
  /** @type {RoomHost} */
  #host;

  /**
   * @param {string | URL} url
   * @param {types.ChatOptions} options
   */
  constructor(url, options) {
    this.#url = new URL(url, globalThis.location?.href);
    this.#url.protocol = this.#url.protocol.replace(/^http/, "ws");
    const random = options.random ?? Math.random;
    this.#options = {
      WebSocket: options.WebSocket ??
        /** @type {types.WebSocketConstructor} */ (globalThis.WebSocket),
      backoff: options.backoff ??
        ((/** @type {number} */ failures) => fullJitter(failures, random)),
      silence: options.silence ?? 30_000,
      answerTime: options.answerTime ?? 15_000,
      requestTimeout: options.requestTimeout ?? 30_000,
    };
    this.#kept = new KeptState(options.storage, {
      key: options.storageKey ?? "switchboard-chat",
      onFailure: (cause) =>
        this.#warn(ChatError.local("storage_failed", { cause })),
    });
    this.#identity = options.identity;
    this.#secret = this.#kept.secret;
    this.#keptMessages = this.#kept.messages;
    this.#calls = new Calls((request, asker) => this.#ask(request, asker));
    this.#host = {
      ask: (request, asker) => this.#ask(request, asker),
      tell: (request) => this.#socket?.send(JSON.stringify(request)),
      request: (type, fields, ...rest) => this.request(type, fields, ...rest),
      personId: () => this.person?.id,
      now: () => this.#serverTime,
      emit: (type, event, room) => this.#emitRoom(type, event, room),
      keepMessages: () => this.#keepMessages(),
      keepPosition: ({ name, position }) =>
        this.#kept.keepPosition(name, position),
      warn: (error) => this.#warn(error),
      forget: (room) => this.#rooms.delete(room.name),
      windowSize: options.windowSize ?? 1000,
    };
    this.#listenOutside(options.signal);
    if (options.signal?.aborted) this.close();
    else this.#connect();
  }

  get joinedRooms() {
    return this.#rooms;
  }

  /** @type {types.ChatClient["on"]} */
  on(type, listener) {
    return this.#emitter.on(type, listener);
  }

  /** @returns {Promise<wire.Person>} */
  whenReady() {
    if (this.status.state === "online" && this.person !== undefined) {
      return Promise.resolve(this.person);
    }
    const error = this.#hopeless;
    if (error !== undefined) return Promise.reject(error);
    const waiter = withResolvers();
    this.#waiters.push(waiter);
    return waiter.promise;
  }

  /** @param {types.Identity} identity */
  signIn(identity) {
    if (this.status.state === "closed") return this.whenReady();
    this.#forgetSecret();
    this.#identity = identity;
    this.#hangUp();
    this.#failures = 0;
    this.#connect();
    return this.whenReady();
  }

  async logout() {
    const identity = this.#identity;
    if (identity !== undefined && "token" in identity) {
      // The server keeps no session of who comes with a token.
      this.#identity = undefined;
      this.#goOffline("signed_out");
      return;
    }
    const done = this.#call({ type: "logout" }, {
      take: () => {
        this.#identity = undefined;
        this.#forgetSecret();
      },
    });
    await done;
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
    const known = this.#rooms.get(name);
    if (known !== undefined) return Promise.resolve(known);
    const since = catchUp ? this.#kept.position(name) : undefined;
    return this.#call({ type: "join", room: name, invite, since, limit }, {
      timeout: Infinity,
      signal,
      take: (joined) => this.#enter(joined, since),
    });
  }

  /** @type {types.ChatClient["create"]} */
  create(room, options = {}) {
    return this.#call({ type: "create", room, kind: "public", ...options }, {
      take: (joined) => this.#enter(joined),
    });
  }

  /** @type {types.ChatClient["direct"]} */
  direct(person) {
    return this.#call({ type: "direct", person }, {
      timeout: Infinity,
      take: (joined) => this.#enter(joined),
    });
  }

  /** @type {types.ChatClient["search"]} */
  search(query, options = {}) {
    return this.request("search", { query, ...options });
  }

  /** @type {types.ChatClient["upload"]} */
  async upload(file, { name, signal, onProgress } = {}) {
    await this.whenReady();
    const identity = this.#identity;
    const secret = this.#secret ??
      (identity !== undefined && "token" in identity
        ? await identity.token()
        : undefined);
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
    if (this.status.state === "offline") {
      this.#failures = 0;
      this.#connect();
    } else this.#socket?.probe();
  }

  async close() {
    if (this.status.state !== "closed") {
      this.#outside.abort();
      this.#hangUp();
      // First of all: what is not stored stays in the storage.
      this.#setStatus({ state: "closed" });
      const error = ChatError.local("closed");
      for (const room of [...this.#rooms.values()]) room.end(error);
      this.#giveUp(error);
    }
    await this.#allClosed();
  }

  [Symbol.dispose]() {
    this.close();
  }

  // The connection.

  #connect() {
    clearTimeout(this.#retryTimer);
    const { WebSocket, silence, answerTime } = this.#options;
    const socket = new LiveSocket(this.#url.href, {
      WebSocket,
      silence,
      answerTime,
      onMessage: (message) => {
        if (this.#socket === socket) this.#receive(message);
      },
      onEnd: (code) => {
        if (this.#socket === socket) this.#ended(code);
      },
    });
    this.#socket = socket;
    this.#open.add(socket.closed);
    socket.closed.then(() => this.#open.delete(socket.closed));
    this.#setStatus({ state: "connecting" });
  }

  /** The connection is over: what was on its way is lost. */
  #hangUp() {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#refreshTimer);
    const isSteady = performance.now() - this.#readyAt >= STEADY_TIME;
    this.#readyAt = Infinity;
    if (isSteady) this.#failures = 0;
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
    for (const room of [...this.#rooms.values()]) room.pause();
    this.#pending.lose();
    return isSteady;
  }

  /** @param {number} closeCode */
  #ended(closeCode) {
    const isSteady = this.#hangUp();
    const identity = this.#identity;
    const next = afterClose(closeCode);
    switch (next) {
      case "disconnected":
      case "banned":
      case "broken":
        this.#goOffline(next, { closeCode });
        break;
      case "ended":
        this.#forgetSecret();
        if (identity !== undefined && "token" in identity) {
          this.#retry({ closeCode });
        } else this.#goOffline("ended", { closeCode });
        break;
      case "anew":
        if (identity ?? this.#secret) this.#retry({ closeCode });
        else this.#goOffline("signed_out", { closeCode });
        break;
      case "rest":
        this.#retry({ closeCode, least: REST_TIME });
        break;
      case "at_once":
        this.#retry(isSteady ? { closeCode, most: 0 } : { closeCode });
        break;
      case "back_off":
        this.#retry({ closeCode });
    }
  }

  /** @param {{ closeCode?: number, error?: ChatError, least?: number, most?: number }} how */
  #retry({ least = 0, most = Infinity, ...why }) {
    const wait = least +
      Math.min(most, this.#options.backoff(this.#failures++));
    this.#retryTimer = setTimeout(() => this.#connect(), wait);
    const retryAt = Date.now() + wait;
    this.#setStatus({ state: "offline", reason: "lost", retryAt, ...why });
  }

  /**
   * There is no connection, until somebody asks for one.
   *
   * @param {types.OfflineReason} reason
   * @param {{ closeCode?: number, error?: ChatError }} [why]
   */
  #goOffline(reason, why = {}) {
    this.#hangUp();
    this.#setStatus({ state: "offline", reason, ...why });
    const error = this.#hopeless;
    if (error !== undefined) this.#giveUp(error);
  }

  /** @returns {ChatError | undefined} why nothing is to be waited for */
  get #hopeless() {
    const { status } = this;
    if (status.state === "closed") return ChatError.local("closed");
    if (status.state !== "offline" || status.retryAt !== undefined) {
      return undefined;
    }
    const isSignedOut = status.reason === "signed_out" ||
      status.reason === "ended";
    return status.error ??
      ChatError.local(isSignedOut ? "signed_out" : "offline");
  }

  /** @param {ChatError} error */
  #giveUp(error) {
    for (const { reject } of this.#waiters.splice(0)) reject(error);
    this.#calls.rejectAll(error);
  }

  /** @param {types.ChatStatus} status */
  #setStatus(status) {
    this.status = status;
    this.#emitter.emit("status", status);
  }

  async #allClosed() {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    // A server that is gone does not answer a Close frame.
    const late = new Promise((resolve) => {
      timer = setTimeout(resolve, this.#options.answerTime);
    });
    await Promise.race([Promise.all(this.#open), late]);
    clearTimeout(timer);
  }

  /** @param {AbortSignal | undefined} closing */
  #listenOutside(closing) {
    const { signal } = this.#outside;
    closing?.addEventListener("abort", () => this.close(), { signal });
    // Node has no such events.
    globalThis.addEventListener?.("online", () => {
      // Only one that is about to try again, or seems to be there.
      if (this.#hopeless === undefined) this.reconnect();
    }, { signal });
    globalThis.addEventListener?.("offline", () => this.#socket?.probe(), {
      signal,
    });
  }

  // Who one is.

  async #identify() {
    const socket = this.#socket;
    const secret = this.#secret;
    const identity = secret === undefined ? this.#identity : { resume: secret };
    if (identity === undefined) {
      this.#goOffline("signed_out");
      return;
    }
    /** @type {Request} */
    let request;
    try {
      const made = identification(identity);
      request = made instanceof Promise ? await made : made;
    } catch (cause) {
      if (this.#socket !== socket) return;
      this.#hangUp();
      this.#retry({ error: ChatError.local("no_token", { cause }) });
      return;
    }
    if (this.#socket !== socket) return;
    this.#ask(request, {
      answered: (ready) => this.#setReady(ready),
      refused: (error) => this.#identityRefused(error),
      lost: () => {},
    });
  }

  /** @param {ChatError} error */
  #identityRefused(error) {
    const wait = retryTime(error);
    if (wait !== undefined) {
      this.#hangUp();
      this.#retry({ error, least: wait });
      return;
    }
    const hadSecret = this.#secret !== undefined;
    if (error.code === "unknown_session") this.#forgetSecret();
    // Who one was has been forgotten; who one said to be may do.
    const isLeft = this.#identity !== undefined && this.#secret === undefined;
    if (hadSecret && isLeft) this.#identify();
    else this.#goOffline("refused", { error });
  }

  /** @param {wire.Ready & { ref?: string }} answer */
  #setReady({ ref: _, ...ready }) {
    const socket = this.#socket;
    const identity = this.#identity;
    if (ready.resume !== undefined) this.#secret = ready.resume;
    else if (identity !== undefined && "resume" in identity) {
      this.#secret ??= identity.resume;
    }
    // It is of use once; the secret does from here on.
    const isUsedUp = identity !== undefined &&
      ("login" in identity || "register" in identity || "resume" in identity);
    if (isUsedUp) this.#identity = undefined;
    this.person = ready.person;
    this.isOwner = ready.owner ?? false;
    this.#kept.secret = this.#secret;
    this.#expectEnd(ready.expires);
    this.#readyAt = performance.now();
    this.#setStatus({ state: "online" });
    this.#emitter.emit("ready", ready);
    for (const { resolve } of this.#waiters.splice(0)) resolve(ready.person);
    for (const room of [...this.#rooms.values()]) {
      // A listener may have closed it.
      if (this.#socket !== socket) return;
      room.setPerson();
      room.enter();
    }
    if (this.#socket === socket) this.#calls.sendAll();
  }

  #forgetSecret() {
    this.#secret = undefined;
    this.#kept.secret = undefined;
  }

  /**
   * Makes an identity that ends at some time last longer.
   *
   * @param {string | undefined} expires
   */
  #expectEnd(expires) {
    clearTimeout(this.#refreshTimer);
    const identity = this.#identity;
    if (expires === undefined) return;
    if (identity === undefined || !("token" in identity)) return;
    const left = Date.parse(expires) - this.#serverTime;
    const wait = Math.max(1000, Math.min(MAX_TIMER, left * REFRESH_PART));
    const { token } = identity;
    this.#refreshTimer = setTimeout(() => this.#refresh(token), wait);
  }

  /**
   * @returns {number} by the server's clock, for this one may be wrong;
   * milliseconds since 1970
   */
  get #serverTime() {
    if (this.welcome === undefined) return Date.now();
    const elapsed = performance.now() - this.#welcomeAt;
    return Date.parse(this.welcome.time) + elapsed;
  }

  /** @param {() => string | Promise<string>} token */
  async #refresh(token) {
    const socket = this.#socket;
    try {
      const request = { type: "refresh", token: await token() };
      if (this.#socket !== socket) return;
      this.#ask(request, {
        answered: (ready) => this.#expectEnd(ready.expires),
        refused: (error) => this.#warn(error),
        lost: () => {},
      });
    } catch (cause) {
      this.#warn(ChatError.local("no_token", { cause }));
    }
  }

  // What is said.

  /** @param {wire.ServerMessage} message */
  #receive(message) {
    if (message.type === "renamed") this.person = message.person;
    // All of one's connections hear it, the one that has asked by its answer.
    if (message.type === "read") this.#rooms.get(message.room)?.hear(message);
    if (this.#pending.settle(message)) return;
    switch (message.type) {
      case "welcome":
        this.welcome = message;
        this.#welcomeAt = performance.now();
        this.#emitter.emit("welcome", message);
        this.#identify();
        break;
      case "notice":
        this.#emitter.emit("notice", message.message);
        break;
      case "moderated":
        this.#emitter.emit("moderated", message);
        if (message.room !== undefined) {
          this.#rooms.get(message.room)?.moderate(message);
        }
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
        this.#rooms.get(message.room)?.hear(message);
    }
  }

  /**
   * @param {Record<string, unknown>} request
   * @param {Asker} asker
   */
  #ask(request, asker) {
    const socket = this.#socket;
    if (socket === undefined) {
      asker.lost();
      return;
    }
    // "ref" is the last one: it is the shortest.
    const text = JSON.stringify(request);
    if (isTooLarge(text)) {
      asker.refused(ChatError.local("too_large"));
      return;
    }
    const ref = this.#pending.add(asker);
    socket.send(`${text.slice(0, -1)},"ref":"${ref}"}`);
  }

  /**
   * @param {Request} request
   * @param {CallOptions} options
   * @returns {Promise<any>}
   */
  #call(request, options) {
    const error = this.#hopeless;
    if (error !== undefined) return Promise.reject(error);
    return this.#calls.make(request, {
      timeout: this.#options.requestTimeout,
      ...options,
      isOnline: this.status.state === "online",
    });
  }

  /**
   * @param {wire.Joined} joined
   * @param {wire.Position} [since]
   * @returns {Room}
   */
  #enter(joined, since) {
    const known = this.#rooms.get(joined.room);
    if (known !== undefined) {
      known.take(joined);
      return known;
    }
    const kept = this.#keptMessages.filter(({ room }) => room === joined.room);
    this.#keptMessages = this.#keptMessages.filter((message) =>
      !kept.includes(message)
    );
    const room = new Room(joined, { host: this.#host, since, kept });
    this.#rooms.set(room.name, room);
    room.take(joined, { isFirst: since === undefined });
    return room;
  }

  #keepMessages() {
    if (this.status.state === "closed") return;
    const rooms = [...this.#rooms.values()];
    this.#kept.messages = [
      ...this.#keptMessages,
      ...rooms.flatMap((room) => room.unsettled),
    ];
  }

  /**
   * @template {keyof types.RoomEvents} T
   * @param {T} type
   * @param {types.RoomEvents[T]} event
   * @param {Room} room
   */
  #emitRoom(type, event, room) {
    this.#emitter.emit(type, .../** @type {any} */ ([event, room]));
  }

  /** @param {ChatError} error */
  #warn(error) {
    this.#emitter.emit("error", error);
  }
}

/** @param {string} text */
function isTooLarge(text) {
  // With room for the "ref".
  const most = MAX_REQUEST - 100;
  // A UTF-16 code unit is at most three bytes of UTF-8.
  return text.length * 3 > most &&
    new TextEncoder().encode(text).length > most;
}
