// @ts-check

import { findRoom, isSeen } from "./state.js";

/** @import { ChatClient } from "../chat-client/types.d.ts" */
/** @import { Action, State } from "./state.js" */
/** @import { Room } from "./room.js" */

/** The reader's place is told every so many milliseconds at most. */
const READ_INTERVAL = 1_000;

/** Tells the server how far the person has read. */
export class ReadMarks {
  #client;
  #store;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {ChatClient} client
   * @param {import("./store.js").Store<State, Action>} store
   */
  constructor(client, store) {
    this.#client = client;
    this.#store = store;
    store.subscribe(() => this.#tell());
    client.on("status", ({ state }) => {
      if (state === "closed") clearTimeout(this.#timer);
    });
  }

  #tell() {
    if (this.#timer !== undefined) return;
    const { state } = this.#store;
    const room = findRoom(state, state.active);
    if (!isUnreadButSeen(state, room)) return;
    this.#timer = setTimeout(() => this.#markRead(), READ_INTERVAL);
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
    this.#timer = undefined;
    this.#tell();
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
