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
import { RoomJoins } from "./room_joins.js";
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
  #joins;
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
    this.#joins = new RoomJoins(client, store, (error) => this.tell(error));
    this.#news = new ClientNews(client, store, {
      wentOffline: (status) => this.#goOffline(status),
      cameIn: () => this.#joins.findWaiting(),
      noticed: (room) => this.#joins.openQuietly(room),
      tell: (error) => this.tell(error),
    });
    this.history = new RoomHistory(client, store, {
      attempt: (action) => this.attempt(action),
      entered: (live) => this.#joins.entered(live),
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
    this.#joins.invite(room, invite);
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
    this.#joins.joinAll();
  }

  /**
   * Goes on where an earlier visit was.
   *
   * @param {{ name: string, account: boolean, rooms: readonly string[], active: string | undefined, invite?: string | undefined }} visit
   */
  resume({ invite, active, ...visit }) {
    this.#joins.invite(active, invite);
    this.#store.dispatch({ type: "entered", active, ...visit });
    this.#joins.joinAll();
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
    this.#joins.invite(room, invite);
    this.#store.dispatch({ type: "opened", room });
    this.#joins.joinAll();
  }

  /**
   * @param {string} room
   * @param {{ kind: "public" | "private", topic: string }} options
   */
  async create(room, options) {
    this.#joins.entered(await this.#client.create(room, options));
  }

  /** @param {string} person */
  async direct(person) {
    try {
      this.#joins.entered(await this.#client.direct(person));
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
