// @ts-check

import { Membership } from "./membership.js";

/** @import { ChatError } from "./errors.js" */
/** @import { KeptState } from "./kept_state.js" */
/** @import { RoomHost } from "./membership.js" */
/** @import { Room } from "./room.js" */
/** @import { Joined, Moderated, Position, ServerMessage } from "./wire.d.ts" */

/** The rooms that one is in, and what is kept of them. */
export class JoinedRooms {
  /**
   * By name, as their user has them.
   * @type {Map<string, Room>}
   */
  byName = new Map();

  /** @type {Map<string, Membership>} */
  #memberships = new Map();
  #kept;
  /** Messages of an earlier client, whose rooms have not been joined. */
  #keptMessages;
  #isClosed = false;
  /** @type {RoomHost} */
  #host;

  /**
   * @param {KeptState} kept
   * @param {Omit<RoomHost, "keepMessages" | "keepPosition" | "forget">} host
   */
  constructor(kept, host) {
    this.#kept = kept;
    this.#keptMessages = kept.messages;
    this.#host = {
      ...host,
      keepMessages: () => this.#keepMessages(),
      keepPosition: (room, position) => kept.keepPosition(room, position),
      forget: (room) => this.#forget(room),
    };
  }

  /**
   * @param {string} name
   * @returns {Position | undefined} where an earlier client has been
   */
  earlierPosition(name) {
    return this.#kept.position(name);
  }

  /**
   * @param {Joined} joined
   * @param {Position} [since] the position that was joined with
   * @returns {Room}
   */
  enter(joined, since) {
    const name = joined.room;
    const known = this.#memberships.get(name);
    if (known !== undefined) {
      known.take(joined);
      return known.room;
    }
    const kept = this.#keptMessages.filter(({ room }) => room === name);
    this.#keptMessages = this.#keptMessages.filter((message) =>
      !kept.includes(message)
    );
    const membership = new Membership(name, { host: this.#host, since, kept });
    const { room } = membership;
    this.#memberships.set(name, membership);
    this.byName.set(name, room);
    membership.take(joined, { isFirst: since === undefined });
    return room;
  }

  /**
   * There is a connection again.
   *
   * @param {() => boolean} isThere whether it still is
   */
  enterAll(isThere) {
    for (const membership of [...this.#memberships.values()]) {
      // A listener may have closed it.
      if (!isThere()) return;
      membership.setPerson();
      membership.enter();
    }
  }

  /** The connection is gone. */
  pauseAll() {
    for (const membership of [...this.#memberships.values()]) {
      membership.pause();
    }
  }

  /**
   * What the server says of a room, unasked.
   *
   * @param {ServerMessage & { readonly room: string }} message
   */
  hear(message) {
    this.#memberships.get(message.room)?.hear(message);
  }

  /** @param {Moderated} moderated */
  moderate(moderated) {
    if (moderated.room === undefined) return;
    this.#memberships.get(moderated.room)?.moderate(moderated);
  }

  /**
   * One is in no room any more. What is not stored stays in the storage.
   *
   * @param {ChatError} error why
   */
  close(error) {
    this.#isClosed = true;
    for (const membership of [...this.#memberships.values()]) {
      membership.end(error);
    }
  }

  #keepMessages() {
    if (this.#isClosed) return;
    const memberships = [...this.#memberships.values()];
    this.#kept.messages = [
      ...this.#keptMessages,
      ...memberships.flatMap((membership) => membership.unsettled),
    ];
  }

  /** @param {string} name */
  #forget(name) {
    this.#memberships.delete(name);
    this.byName.delete(name);
  }
}
