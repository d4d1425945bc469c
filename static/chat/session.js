// @ts-check

/**
 * Keeps the server's view of this person in step with the page's: on each new
 * connection it says the name and joins the rooms again.
 * @module
 */

import { Connection } from "./connection.js";
import { findRoom } from "./state.js";
import { randomText } from "./storage.js";

/** @typedef {import("./state.js").State} State */
/** @typedef {import("./state.js").Action} Action */
/** @typedef {import("./protocol.js").ServerMessage} ServerMessage */

/**
 * @typedef {object} SessionOptions
 * @property {import("./store.js").Store<State, Action>} store
 * @property {string} key the secret by which a new connection may take the
 * name over from the old one
 * @property {Partial<import("./connection.js").ConnectionOptions>} [connection]
 */

/** What a person can do in the chat, from connecting to signing out. */
export class Session {
  #store;
  #key;
  #connection;
  /**
   * The rooms of join requests without an answer, by ref.
   * @type {Map<string, string>}
   */
  #joins = new Map();

  /**
   * @param {string} url of the chat's WebSocket
   * @param {SessionOptions} options
   */
  constructor(url, { store, key, connection }) {
    this.#store = store;
    this.#key = key;
    this.#connection = new Connection(url, {
      ...connection,
      onLink: (link) => {
        if (link.phase !== "open") this.#joins.clear();
        store.dispatch({ type: "link", link, now: Date.now() });
      },
      onMessage: (message) => this.#receive(message),
    });
  }

  /** Connects, or tries again at once. */
  start() {
    this.#connection.start();
  }

  /** Closes the connection and does not come back. */
  stop() {
    this.#connection.stop();
  }

  /**
   * Says who one is and where one wants to be; waits for the connection if
   * there is none yet.
   *
   * @param {{ name: string, rooms: readonly string[], active: string | undefined }} wish
   */
  enter(wish) {
    this.#store.dispatch({ type: "entered", ...wish });
    if (this.#store.state.me?.name === wish.name) this.#joinRooms();
    else this.rename(wish.name);
  }

  /** @param {string} name */
  rename(name) {
    this.#connection.send({ type: "name", name, key: this.#key });
  }

  /** @param {string} room */
  open(room) {
    this.#store.dispatch({ type: "opened", room });
    this.#joinRooms();
  }

  /** @param {string} room */
  close(room) {
    this.#store.dispatch({ type: "closed", room });
    this.#connection.send({ type: "leave", room });
  }

  /**
   * @param {string} room
   * @param {string} text
   * @param {string} [ref] of a line that failed, to try it again
   * @returns {boolean} whether it could be said now
   */
  say(room, text, ref = randomText(12)) {
    if (!findRoom(this.#store.state, room)?.joined) return false;
    const sent = this.#connection.send({ type: "message", room, text, ref });
    if (sent) {
      const now = Date.now();
      this.#store.dispatch({ type: "said", room, ref, text, now });
    }
    return sent;
  }

  /**
   * Finds out whether a connection that looks open still is: joining a room
   * again changes nothing and gets an answer, and without one the connection
   * counts as lost.
   */
  probe() {
    const { rooms, me } = this.#store.state;
    const room = rooms.find(({ joined }) => joined);
    if (room === undefined || me === undefined) return;
    this.#connection.send({ type: "join", room: room.name });
  }

  /** Leaves, forgets who one was, and waits for the next name. */
  signOut() {
    this.stop();
    this.#store.dispatch({ type: "signed-out" });
    this.start();
  }

  /** @param {ServerMessage} message */
  #receive(message) {
    const { state } = this.#store;
    const refused = this.#settleJoin(message);
    if (message.type === "error" && refused !== undefined) {
      this.#store.dispatch({
        type: "refused",
        room: refused,
        problem: message.message,
      });
      return;
    }
    this.#store.dispatch({ type: "received", message, now: Date.now() });
    if (message.type === "welcome" && state.name !== "") {
      this.rename(state.name);
    }
    if (message.type === "named") this.#joinRooms();
    if (
      message.type === "joined" && findRoom(state, message.room) === undefined
    ) {
      // Closed here while the answer was on its way.
      this.#connection.send({ type: "leave", room: message.room });
    }
  }

  /**
   * @param {ServerMessage} message
   * @returns {string | undefined} the room that was asked for, if it answers a join
   */
  #settleJoin(message) {
    if (message.type !== "joined" && message.type !== "error") return undefined;
    const room = this.#joins.get(message.ref ?? "");
    this.#joins.delete(message.ref ?? "");
    return room;
  }

  #joinRooms() {
    const { me, rooms } = this.#store.state;
    if (me === undefined) return;
    const asked = new Set(this.#joins.values());
    for (const { name, joined } of rooms) {
      if (joined || asked.has(name)) continue;
      const ref = randomText(12);
      this.#joins.set(ref, name);
      this.#connection.send({ type: "join", room: name, ref });
    }
  }
}
