// @ts-check

/**
 * What was said before: fetched as the reader goes through it.
 * @module
 */

import { findMessage } from "./room.js";
import { findRoom } from "./state.js";

/** @import { ChatClient, ChatRoom } from "../chat-client/types.d.ts" */
/** @import { Action, State } from "./state.js" */
/** @import { Place } from "./room.js" */

/** How many messages a page of the history has. */
const PAGE = 50;

/**
 * @typedef {object} HistoryHost
 * @property {(action: () => unknown) => Promise<void>} attempt does something,
 * and tells if it cannot be done
 * @property {(live: ChatRoom) => void} entered it is to be shown
 * @property {(live: ChatRoom) => void} sync it has changed
 */

/** The history of the rooms that are open on the page. */
export class RoomHistory {
  #client;
  #store;
  #host;
  /** @type {Set<string>} messages that are being fetched, as `room offset` */
  #fetching = new Set();

  /**
   * @param {ChatClient} client
   * @param {import("./store.js").Store<State, Action>} store
   * @param {HistoryHost} host
   */
  constructor(client, store, host) {
    this.#client = client;
    this.#store = store;
    this.#host = host;
  }

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
    await this.#host.attempt(async () => {
      if (place === undefined) {
        await live.loadOlder(PAGE);
        this.#host.sync(live);
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
    await this.#host.attempt(async () => {
      const after = place.messages.at(-1)?.offset ?? 0;
      const page = await live.history({ after, limit: PAGE });
      const first = live.messages[0]?.offset ?? Infinity;
      const last = page.messages.at(-1)?.offset ?? Infinity;
      // Where it meets what is held anyhow, the newest messages go on.
      if (!page.newer || last >= first) {
        while ((live.messages[0]?.offset ?? 0) > after && live.hasOlder) {
          await live.loadOlder(100);
        }
        this.#host.sync(live);
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
    await this.#host.attempt(async () => {
      const live = await this.#client.join(name);
      this.#host.entered(live);
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
}
