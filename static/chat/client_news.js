// @ts-check

/**
 * Takes what the chat's client tells over into the state of the page.
 * @module
 */

import { findRoom, isSeen } from "./state.js";
import { moderatedWords } from "./words.js";

/** @import { ChatClient, ChatRoom, ChatStatus } from "../chat-client/types.d.ts" */
/** @import { Action, State } from "./state.js" */

/**
 * @typedef {object} NewsHost
 * @property {(status: Extract<ChatStatus, { state: "offline" }>) => void} wentOffline
 * @property {() => void} cameIn
 * @property {(room: string) => void} noticed somebody has written to the person there
 * @property {(error: unknown) => void} tell
 */

/** Listens from the beginning to the end. */
export class ClientNews {
  #client;
  #store;
  #host;
  /**
   * Rooms that have changed since they were looked at.
   * @type {Set<ChatRoom>}
   */
  #changed = new Set();

  /**
   * @param {ChatClient} client
   * @param {import("./store.js").Store<State, Action>} store
   * @param {NewsHost} host
   */
  constructor(client, store, host) {
    this.#client = client;
    this.#store = store;
    this.#host = host;
    this.#listen();
  }

  /**
   * Takes a room over into the state with the end of this turn, once for all
   * that happens in it.
   *
   * @param {ChatRoom} room
   */
  sync(room) {
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

  #listen() {
    const client = this.#client;
    const dispatch = (/** @type {Action} */ action) =>
      this.#store.dispatch(action);
    client.on("status", (status) => {
      dispatch({ type: "status", status });
      if (status.state === "offline") this.#host.wentOffline(status);
    });
    client.on("welcome", (welcome) => dispatch({ type: "welcome", welcome }));
    client.on("ready", ({ person, owner = false }) => {
      dispatch({ type: "ready", person, owner });
      this.#host.cameIn();
    });
    client.on("notice", ({ room }) => this.#host.noticed(room));
    client.on("moderated", (moderated) => {
      const { action, room = "" } = moderated;
      const news = moderatedWords(moderated);
      // The connection ends with a ban from the server: that stays in sight.
      if (action === "ban" && room === "") dispatch({ type: "banned", news });
      else dispatch({ type: "told", news });
      const live = client.joinedRooms.get(room);
      if (live !== undefined) this.sync(live);
    });
    client.on("message", (message, room) => {
      dispatch({ type: "heard", room: room.name, message });
      this.sync(room);
    });
    client.on("changed", (message, room) => {
      dispatch({ type: "changed", room: room.name, message });
      this.sync(room);
    });
    client.on("presence", (presence, room) => {
      this.#nameMyself();
      dispatch({ type: "presence", room: room.name, presence });
      this.sync(room);
    });
    client.on("outgoing", (message, { name: room }) => {
      const { state, id, offset } = message;
      if (state === "sent" && offset !== undefined) {
        dispatch({ type: "confirmed", room, id, offset });
      }
      const live = client.joinedRooms.get(room);
      if (live !== undefined) this.sync(live);
    });
    client.on("read", ({ room, unread, mentions }, live) => {
      const shown = findRoom(this.#store.state, room);
      if (shown !== undefined && !isSeen(this.#store.state, shown)) {
        dispatch({ type: "counted", room, unread, mentions });
      }
      this.sync(live);
    });
    for (const type of /** @type {const} */ (["typing", "room_changed"])) {
      client.on(type, (_, room) => this.sync(room));
    }
    client.on("joined", (_, room) => this.sync(room));
    client.on(
      "reset",
      (_, live) => dispatch({ type: "reset", live, now: Date.now() }),
    );
    client.on("left", (error, { name: room }) => {
      if (findRoom(this.#store.state, room) === undefined) return;
      dispatch({ type: "closed", room });
      // Of a kick or a ban, `moderated` says more.
      if (error !== undefined && error.code !== "left") this.#host.tell(error);
    });
  }

  /** One's name may have changed on another device. */
  #nameMyself() {
    const { person } = this.#client;
    const { me } = this.#store.state;
    if (person !== undefined && person.name !== me?.name) {
      this.#store.dispatch({ type: "named", person });
    }
  }
}
