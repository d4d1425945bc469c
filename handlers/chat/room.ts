import type { Member } from "./messages.ts";

/** What a room needs of its members: who they are, and how to reach them. */
export interface RoomMember<Frame> extends Member {
  /** Hands a frame to the member. Must not throw. */
  send(frame: Frame): void;
}

/**
 * A room: the members who hear each other. It knows nothing of sockets.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { Room } from "@switchboard/switchboard/chat";
 *
 * const heard: string[] = [];
 * const room = new Room<string>("lobby");
 * room.join({ id: "1", name: "Ana", send: (frame) => heard.push(frame) });
 * room.broadcast("hello");
 * assertEquals(heard, ["hello"]);
 * ```
 */
export class Room<Frame> {
  /** The room's name, normalised. */
  readonly name: string;
  readonly #members = new Set<RoomMember<Frame>>();

  /** Makes an empty room. */
  constructor(name: string) {
    this.name = name;
  }

  /** How many members are in the room. */
  get size(): number {
    return this.#members.size;
  }

  /** Who is in the room now, in order of joining. */
  members(): Member[] {
    return Array.from(this.#members, ({ id, name }) => ({ id, name }));
  }

  /** Adds a member. Returns `false` if it was in the room already. */
  join(member: RoomMember<Frame>): boolean {
    if (this.#members.has(member)) return false;
    this.#members.add(member);
    return true;
  }

  /** Removes a member. Returns `false` if it was not in the room. */
  leave(member: RoomMember<Frame>): boolean {
    return this.#members.delete(member);
  }

  /**
   * Sends a frame to every member but `except`. Who leaves meanwhile gets it
   * no more, who joins meanwhile does not get it yet.
   */
  broadcast(frame: Frame, except?: RoomMember<Frame>): void {
    // A copy: `send` may make members join or leave.
    for (const member of [...this.#members]) {
      if (member !== except && this.#members.has(member)) member.send(frame);
    }
  }
}
