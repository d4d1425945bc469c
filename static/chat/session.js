// @ts-check

/**
 * Carries out what the person does, by the chat's client, and tells the store
 * what comes of it.
 * @module
 */

import { ChatError } from "../chat-client/mod.js";
import { ClientNews } from "./client_news.js";
import { ReadMarks } from "./read_marks.js";
import { RoomHistory } from "./room_history.js";
import { findRoom } from "./state.js";
import { fieldOf, wordsOf } from "./words.js";

/** @import { ChatClient, ChatRoom, ChatStatus, Identity, SendOptions } from "../chat-client/types.d.ts" */
/** @import { Member } from "../chat-client/wire.d.ts" */
/** @import { Action, State } from "./state.js" */

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
   * Secrets of invitations, by room.
   * @type {Map<string, string>}
   */
  #invitations = new Map();
  #news;
  /** What was said before. */
  history;

  /**
   * @param {ChatClient} client
   * @param {import("./store.js").Store<State, Action>} store
   */
  constructor(client, store) {
    this.#client = client;
    this.#store = store;
    this.#news = new ClientNews(client, store, {
      wentOffline: (status) => this.#goOffline(status),
      cameIn: () => this.#findWaiting(),
      noticed: (room) => this.#openQuietly(room),
      tell: (error) => this.tell(error),
    });
    this.history = new RoomHistory(client, store, {
      attempt: (action) => this.attempt(action),
      entered: (live) => this.#entered(live),
      sync: (live) => this.#news.sync(live),
    });
    new ReadMarks(client, store);
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

  /**
   * @param {string} room a private one
   * @returns {Promise<Member[]>} also those who are not there now
   */
  async allMembers(room) {
    /** @type {Member[]} */
    const all = [];
    for (;;) {
      const { members, more } = await this.room(room).listMembers({
        limit: 100,
        ...all.length === 0 ? {} : { after: all.at(-1)?.id ?? "" },
      });
      all.push(...members);
      if (!more || members.length === 0) return all;
    }
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
    this.history.toNewest(room);
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
    if (live !== undefined) this.#news.sync(live);
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

  /** @param {Extract<ChatStatus, { state: "offline" }>} status */
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
