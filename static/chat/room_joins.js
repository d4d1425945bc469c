// @ts-check

/**
 * Brings the rooms that are open on the page together with those that the
 * client is in.
 * @module
 */

import { findRoom } from "./state.js";
import { wordsOf } from "./words.js";

/** @import { ChatClient, ChatRoom } from "../chat-client/types.d.ts" */
/** @import { Action, State } from "./state.js" */

/** Joins rooms, each once at a time. */
export class RoomJoins {
  #client;
  #store;
  #tell;
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

  /**
   * @param {ChatClient} client
   * @param {import("./store.js").Store<State, Action>} store
   * @param {(error: unknown) => void} tell
   */
  constructor(client, store, tell) {
    this.#client = client;
    this.#store = store;
    this.#tell = tell;
  }

  /**
   * @param {string | undefined} room
   * @param {string | undefined} invite the secret by which one may come in
   */
  invite(room, invite) {
    if (room !== undefined && invite !== undefined) {
      this.#invitations.set(room, invite);
    }
  }

  /** Joins the rooms that are open on the page. */
  joinAll() {
    for (const { name } of this.#store.state.rooms) this.#join(name);
  }

  /** @param {ChatRoom} live to be shown */
  entered(live) {
    this.#store.dispatch({ type: "opened", room: live.name });
    this.#joined(live);
  }

  /** @param {string} room where somebody has written to the person */
  openQuietly(room) {
    this.#store.dispatch({ type: "opened", room, quiet: true });
    this.joinAll();
  }

  /** Opens the person's own rooms in which something waits to be read. */
  async findWaiting() {
    const { stage, entering } = this.#store.state;
    if (stage === "entry" && !entering) return;
    try {
      const { rooms } = await this.#client.rooms();
      for (const { room, kind, unread } of rooms) {
        if (kind !== "public" && unread > 0) this.openQuietly(room);
      }
    } catch {
      // The list of rooms can be asked for again.
    }
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
      if (stage === "chat") this.#tell(error);
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

  /** @param {ChatRoom} live */
  #joined(live) {
    this.#store.dispatch({ type: "joined", live, now: Date.now() });
  }
}
