// @ts-check

/**
 * Carries out what the person does, by the chat's client, and tells the store
 * what comes of it.
 * @module
 */

import { ChatError } from "../chat-client/mod.js";
import { findMessage } from "./room.js";
import { findRoom, isSeen } from "./state.js";
import { fieldOf, moderatedWords, wordsOf } from "./words.js";

/** @import { ChatClient, ChatRoom, Identity, SendOptions } from "../chat-client/types.d.ts" */
/** @import { Action, State } from "./state.js" */
/** @import { Place, Room } from "./room.js" */

/** How many messages a page of the history has. */
const PAGE = 50;

/** The reader's place is told every so many milliseconds at most. */
const READ_INTERVAL = 1_000;

/**
 * Who comes in: where there are accounts with a password, new ones with
 * `register`.
 * @typedef {object} Entrance
 * @property {string} name
 * @property {string | undefined} password
 * @property {boolean} register
 * @property {string | undefined} code the owner's
 * @property {string} room
 * @property {string | undefined} [invite]
 */

/** What a person can do in the chat, from coming in to signing out. */
export class Session {
  #client;
  #store;
  /**
   * The rooms that are being joined.
   * @type {Set<string>}
   */
  #joining = new Set();
  /**
   * Rooms that have changed since they were looked at.
   * @type {Set<ChatRoom>}
   */
  #changed = new Set();
  /**
   * Secrets of invitations, by room.
   * @type {Map<string, string>}
   */
  #invitations = new Map();
  /** @type {Set<string>} messages that are being fetched, as `room offset` */
  #fetching = new Set();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #readTimer;

  /**
   * @param {ChatClient} client
   * @param {import("./store.js").Store<State, Action>} store
   */
  constructor(client, store) {
    this.#client = client;
    this.#store = store;
    this.#listen();
    store.subscribe(() => this.#tellRead());
  }

  // Coming in and going out.

  /**
   * Comes in from the first screen.
   *
   * @param {Entrance} entrance
   */
  async enter({ name, password, register, code, room, invite }) {
    const { state } = this.#store;
    if (invite !== undefined) this.#invitations.set(room, invite);
    const account = password !== undefined;
    const isIn = state.status.state === "online" && state.me?.name === name &&
      (!account || state.account);
    this.#store.dispatch({
      type: "entered",
      name,
      account,
      rooms: [room],
      active: room,
    });
    if (!isIn) {
      this.#leaveAll();
      try {
        await this.#client.signIn(
          identityOf({ name, password, register, code }),
        );
      } catch (error) {
        this.#store.dispatch({
          type: "refused",
          problems: { [fieldOf(error)]: wordsOf(error) },
          room,
        });
        return;
      }
    }
    this.#joinRooms();
  }

  /**
   * Goes on where an earlier visit was.
   *
   * @param {{ name: string, account: boolean, rooms: readonly string[], active: string | undefined, invite?: string | undefined }} visit
   */
  resume({ invite, active, ...visit }) {
    if (invite !== undefined && active !== undefined) {
      this.#invitations.set(active, invite);
    }
    this.#store.dispatch({ type: "entered", active, ...visit });
    this.#joinRooms();
  }

  /** Ends the session on this device. */
  async signOut() {
    if (this.#store.state.status.state === "online") {
      await this.#client.logout();
    }
    this.#leaveAll();
    this.#store.dispatch({ type: "signed-out" });
  }

  /** Tries to connect now, or finds out whether the connection still is one. */
  reconnect() {
    this.#client.reconnect();
  }

  // Rooms.

  /**
   * @param {string} room
   * @param {{ invite?: string | undefined }} [options]
   */
  open(room, { invite } = {}) {
    if (invite !== undefined) this.#invitations.set(room, invite);
    this.#store.dispatch({ type: "opened", room });
    this.#joinRooms();
  }

  /**
   * @param {string} room
   * @param {{ kind: "public" | "private", topic: string }} options
   */
  async create(room, options) {
    this.#entered(await this.#client.create(room, options));
  }

  /** @param {string} person */
  async direct(person) {
    try {
      this.#entered(await this.#client.direct(person));
    } catch (error) {
      this.tell(error);
    }
  }

  /**
   * @param {string} room
   * @param {{ forGood?: boolean }} [options]
   */
  close(room, options) {
    this.#store.dispatch({ type: "closed", room });
    this.#client.joinedRooms.get(room)?.leave(options);
  }

  /**
   * @param {string} room
   * @returns {ChatRoom} for what a dialog asks of it
   * @throws {ChatError} when one is not in it
   */
  room(room) {
    const live = this.#client.joinedRooms.get(room);
    if (live === undefined) throw ChatError.local("left", { room });
    return live;
  }

  /** @returns {ChatClient} for what a dialog asks of it */
  get client() {
    return this.#client;
  }

  // Messages.

  /**
   * @param {string} room
   * @param {string} text
   * @param {SendOptions} options
   * @returns {boolean} whether it is on its way
   */
  say(room, text, options) {
    const live = this.#client.joinedRooms.get(room);
    if (live === undefined) return false;
    this.toNewest(room);
    // What becomes of it, the line in the talk tells.
    live.send(text, options).catch(() => {});
    return true;
  }

  /**
   * @param {string} room
   * @param {string} id
   */
  retry(room, id) {
    this.#client.joinedRooms.get(room)?.retry(id);
  }

  /**
   * @param {string} room
   * @param {string} id
   */
  discard(room, id) {
    const live = this.#client.joinedRooms.get(room);
    live?.discard(id);
    if (live !== undefined) this.#sync(live);
  }

  /**
   * @param {string} room
   * @param {number} offset
   * @param {{ emoji: string, on: boolean }} reaction
   */
  async react(room, offset, reaction) {
    try {
      await this.room(room).react(offset, reaction);
    } catch (error) {
      const isNoEmoji = error instanceof ChatError &&
        error.code === "invalid_field";
      if (isNoEmoji) this.#announce("Only an emoji can be a reaction.");
      else this.tell(error);
    }
  }

  /** @param {string} room */
  typing(room) {
    this.#client.joinedRooms.get(room)?.typing();
  }

  // The history.

  /**
   * Shows what was said before what is shown.
   *
   * @param {string} room
   * @returns {Promise<void>} when it is there
   */
  async older(room) {
    const { place } = findRoom(this.#store.state, room) ?? {};
    const live = this.#client.joinedRooms.get(room);
    if (live === undefined || !live.isJoined) return;
    await this.attempt(async () => {
      if (place === undefined) {
        await live.loadOlder(PAGE);
        this.#sync(live);
        return;
      }
      const before = place.messages[0]?.offset ?? 1;
      const page = await live.history({ before, limit: PAGE });
      this.#grow(room, place, {
        older: page.older,
        messages: [...page.messages, ...place.messages],
      });
    });
  }

  /**
   * Shows what was said after the part of the history that is shown.
   *
   * @param {string} room
   * @returns {Promise<void>} when it is there
   */
  async newer(room) {
    const { place } = findRoom(this.#store.state, room) ?? {};
    const live = this.#client.joinedRooms.get(room);
    if (place === undefined || live === undefined || !live.isJoined) return;
    await this.attempt(async () => {
      const after = place.messages.at(-1)?.offset ?? 0;
      const page = await live.history({ after, limit: PAGE });
      const first = live.messages[0]?.offset ?? Infinity;
      const last = page.messages.at(-1)?.offset ?? Infinity;
      // Where it meets what is held anyhow, the newest messages go on.
      if (!page.newer || last >= first) {
        while ((live.messages[0]?.offset ?? 0) > after && live.hasOlder) {
          await live.loadOlder(100);
        }
        this.#sync(live);
        this.toNewest(room);
        return;
      }
      this.#grow(room, place, {
        newer: page.newer,
        messages: [...place.messages, ...page.messages],
      });
    });
  }

  /**
   * Leads to a message, wherever it is in the history.
   *
   * @param {string} name
   * @param {number} offset
   */
  async visit(name, offset) {
    await this.attempt(async () => {
      const live = await this.#client.join(name);
      this.#entered(live);
      const first = live.messages[0]?.offset ?? Infinity;
      if (offset >= first) {
        this.toNewest(name);
        return;
      }
      const page = await live.history({ around: offset, limit: PAGE });
      const { messages, older, newer } = page;
      this.#store.dispatch({
        type: "placed",
        room: name,
        place: { messages, older, newer, target: offset },
      });
    });
  }

  /**
   * Leaves the part of the history that is shown for the newest messages.
   *
   * @param {string} room
   */
  toNewest(room) {
    if (findRoom(this.#store.state, room)?.place === undefined) return;
    this.#store.dispatch({ type: "placed", room, place: undefined });
  }

  /**
   * Fetches a message that another one answers.
   *
   * @param {string} name
   * @param {number} offset
   */
  async fetchQuote(name, offset) {
    const room = findRoom(this.#store.state, name);
    const live = this.#client.joinedRooms.get(name);
    const key = `${name} ${offset}`;
    if (
      room === undefined || live === undefined || this.#fetching.has(key) ||
      room.quotes.has(offset) || findMessage(room, offset) !== undefined
    ) return;
    this.#fetching.add(key);
    try {
      const { messages } = await live.history({ around: offset, limit: 1 });
      const message = messages.find((found) => found.offset === offset);
      this.#store.dispatch({ type: "quoted", room: name, offset, message });
    } catch {
      // It stays "an earlier message"; a click says more.
    } finally {
      this.#fetching.delete(key);
    }
  }

  // What is told.

  /**
   * Does something, and tells if it cannot be done.
   *
   * @param {() => unknown} action
   * @returns {Promise<void>}
   */
  async attempt(action) {
    try {
      await action();
    } catch (error) {
      this.tell(error);
    }
  }

  /** @param {unknown} error what the person has to know */
  tell(error) {
    this.#announce(wordsOf(error));
  }

  /** @param {string} news */
  #announce(news) {
    this.#store.dispatch({ type: "told", news });
  }

  #listen() {
    const client = this.#client;
    const dispatch = (/** @type {Action} */ action) =>
      this.#store.dispatch(action);
    client.on("status", (status) => {
      dispatch({ type: "status", status });
      if (status.state === "offline") this.#goOffline(status);
      if (status.state === "closed") clearTimeout(this.#readTimer);
    });
    client.on("welcome", (welcome) => dispatch({ type: "welcome", welcome }));
    client.on("ready", ({ person, owner = false }) => {
      dispatch({ type: "ready", person, owner });
      this.#findWaiting();
    });
    client.on("notice", ({ room }) => this.#openQuietly(room));
    client.on(
      "moderated",
      (moderated) =>
        dispatch({ type: "told", news: moderatedWords(moderated) }),
    );
    client.on("message", (message, room) => {
      dispatch({ type: "heard", room: room.name, message });
      this.#sync(room);
    });
    client.on("changed", (message, room) => {
      dispatch({ type: "changed", room: room.name, message });
      this.#sync(room);
    });
    client.on("presence", (presence, room) => {
      this.#nameMyself();
      dispatch({ type: "presence", room: room.name, presence });
      this.#sync(room);
    });
    client.on("outgoing", (message, { name: room }) => {
      const { state, id, offset } = message;
      if (state === "sent" && offset !== undefined) {
        dispatch({ type: "confirmed", room, id, offset });
      }
      const live = client.joinedRooms.get(room);
      if (live !== undefined) this.#sync(live);
    });
    client.on("read", ({ room, unread, mentions }, live) => {
      const shown = findRoom(this.#store.state, room);
      if (shown !== undefined && !isSeen(this.#store.state, shown)) {
        dispatch({ type: "counted", room, unread, mentions });
      }
      this.#sync(live);
    });
    for (const type of /** @type {const} */ (["typing", "room_changed"])) {
      client.on(type, (_, room) => this.#sync(room));
    }
    client.on("joined", (_, room) => this.#sync(room));
    client.on(
      "reset",
      (_, live) => dispatch({ type: "reset", live, now: Date.now() }),
    );
    client.on("left", (error, { name: room }) => {
      if (findRoom(this.#store.state, room) === undefined) return;
      dispatch({ type: "closed", room });
      // Of a kick or a ban, `moderated` says more.
      if (error !== undefined && error.code !== "left") this.tell(error);
    });
  }

  /** @param {Extract<import("../chat-client/types.d.ts").ChatStatus, { state: "offline" }>} status */
  #goOffline({ reason, error }) {
    if (reason !== "signed_out" && reason !== "refused" && reason !== "ended") {
      return;
    }
    const { stage } = this.#store.state;
    // On the first screen, whoever has asked is told.
    if (stage === "entry") return;
    this.#leaveAll();
    const words = error === undefined
      ? reason === "ended" ? "Your session has ended. Come in again." : ""
      : wordsOf(error);
    this.#store.dispatch({
      type: "signed-out",
      problems: words === "" ? {} : { [fieldOf(error)]: words },
    });
  }

  /** Joins the rooms that are open on the page. */
  #joinRooms() {
    for (const { name } of this.#store.state.rooms) this.#join(name);
  }

  /** @param {string} name */
  async #join(name) {
    if (this.#joining.has(name) || this.#client.joinedRooms.has(name)) return;
    this.#joining.add(name);
    const invite = this.#invitations.get(name);
    try {
      const live = await this.#client.join(
        name,
        invite === undefined ? {} : { invite },
      );
      // It may have been closed meanwhile, or be called otherwise.
      if (findRoom(this.#store.state, name) === undefined) live.leave();
      else {
        if (live.name !== name) this.#rename(name, live.name);
        this.#joined(live);
      }
      this.#invitations.delete(name);
    } catch (error) {
      if (findRoom(this.#store.state, name) === undefined) return;
      const { stage, status } = this.#store.state;
      // Who is not in yet is told why by what has let nobody in.
      if (stage === "entry" && status.state !== "online") return;
      this.#invitations.delete(name);
      this.#store.dispatch({
        type: "refused",
        problems: { room: wordsOf(error) },
        room: name,
      });
      if (stage === "chat") this.tell(error);
    } finally {
      this.#joining.delete(name);
    }
  }

  /**
   * The server has brought a name of a room to another form.
   *
   * @param {string} asked
   * @param {string} name
   */
  #rename(asked, name) {
    const isActive = this.#store.state.active === asked;
    this.#store.dispatch({ type: "opened", room: name, quiet: !isActive });
    this.#store.dispatch({ type: "closed", room: asked });
  }

  /** @param {ChatRoom} live to be shown */
  #entered(live) {
    this.#store.dispatch({ type: "opened", room: live.name });
    this.#joined(live);
  }

  /** @param {ChatRoom} live */
  #joined(live) {
    this.#store.dispatch({ type: "joined", live, now: Date.now() });
  }

  /** @param {string} room where somebody has written to the person */
  #openQuietly(room) {
    this.#store.dispatch({ type: "opened", room, quiet: true });
    this.#joinRooms();
  }

  /** Opens the person's own rooms in which something waits to be read. */
  async #findWaiting() {
    const { stage, entering } = this.#store.state;
    if (stage === "entry" && !entering) return;
    try {
      const { rooms } = await this.#client.rooms();
      for (const { room, kind, unread } of rooms) {
        if (kind !== "public" && unread > 0) this.#openQuietly(room);
      }
    } catch {
      // The list of rooms can be asked for again.
    }
  }

  /** Gives up all rooms: somebody else may come in. */
  #leaveAll() {
    for (const room of [...this.#client.joinedRooms.values()]) room.leave();
  }

  /** One's name may have changed on another device. */
  #nameMyself() {
    const { person } = this.#client;
    const { me } = this.#store.state;
    if (person !== undefined && person.name !== me?.name) {
      this.#store.dispatch({ type: "named", person });
    }
  }

  /**
   * Takes a room over into the state with the end of this turn, once for all
   * that happens in it.
   *
   * @param {ChatRoom} room
   */
  #sync(room) {
    if (this.#changed.size === 0) queueMicrotask(() => this.#syncAll());
    this.#changed.add(room);
  }

  #syncAll() {
    const rooms = [...this.#changed];
    this.#changed.clear();
    for (const live of rooms) {
      if (this.#client.joinedRooms.get(live.name) !== live) continue;
      this.#store.dispatch({ type: "synced", live, now: Date.now() });
    }
  }

  /**
   * @param {string} room
   * @param {Place} place
   * @param {Partial<Place>} more
   */
  #grow(room, place, more) {
    const now = findRoom(this.#store.state, room);
    // Another place may be shown meanwhile.
    if (now?.place !== place) return;
    this.#store.dispatch({
      type: "placed",
      room,
      place: { ...place, ...more },
    });
  }

  /** Tells the server how far the person has read. */
  #tellRead() {
    if (this.#readTimer !== undefined) return;
    const { state } = this.#store;
    const room = findRoom(state, state.active);
    if (!isUnreadButSeen(state, room)) return;
    this.#readTimer = setTimeout(() => this.#markRead(), READ_INTERVAL);
  }

  async #markRead() {
    const { state } = this.#store;
    const room = findRoom(state, state.active);
    if (isUnreadButSeen(state, room)) {
      const live = this.#client.joinedRooms.get(
        /** @type {Room} */ (room).name,
      );
      // Without a connection the next sight of the room says it.
      await live?.markRead().catch(() => {});
    }
    this.#readTimer = undefined;
    this.#tellRead();
  }
}

/**
 * @param {State} state
 * @param {Room | undefined} room
 * @returns {boolean}
 */
function isUnreadButSeen(state, room) {
  return room !== undefined && room.joined && room.offset > room.read &&
    isSeen(state, room);
}

/**
 * @param {Pick<Entrance, "name" | "password" | "register" | "code">} entrance
 * @returns {Identity}
 */
function identityOf({ name, password, register, code }) {
  if (password === undefined) return { name };
  if (!register) return { login: { name, password } };
  return { register: { name, password, ...code ? { code } : {} } };
}
