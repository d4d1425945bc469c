// @ts-check

/** @import * as types from "./types.d.ts" */
/** @import * as wire from "./wire.d.ts" */

/** So far the client's idea of the server's clock may be off, in milliseconds. */
const CLOCK_ERROR = 500;

/** What the server has said last of a room, besides its messages. */
export class RoomFacts {
  /** @type {types.ChatRoom["kind"]} */
  kind = "public";
  topic = "";
  /** @type {types.ChatRoom["role"]} */
  role = "member";
  /** @type {wire.Person | undefined} */
  with;
  count = 0;
  /** @type {Map<string, wire.Member> | undefined} */
  members;
  read = 0;
  slow = 0;

  #now;
  /** @type {types.ChatRoom["muted"]} */
  #muted;

  /** @param {() => number} now the server's time, in milliseconds since 1970 */
  constructor(now) {
    this.#now = now;
  }

  get muted() {
    const { until } = this.#muted ?? {};
    const left = until === undefined
      ? Infinity
      : Date.parse(until) - this.#now();
    return left > CLOCK_ERROR ? this.#muted : undefined;
  }

  /** @param {wire.Joined} joined all of it */
  take(joined) {
    this.kind = joined.kind;
    this.topic = joined.topic;
    this.role = joined.role;
    this.with = joined.with;
    this.slow = joined.slow;
    this.read = joined.read;
    this.#muted = joined.muted === undefined
      ? undefined
      : { until: joined.muted };
    this.#setMembers(joined.count, joined.members);
  }

  /**
   * @param {wire.Presence} presence
   * @param {string | undefined} self one's own id
   */
  takePresence({ count, members, joined, left, changed }, self) {
    const hasList = joined !== undefined || left !== undefined ||
      changed !== undefined;
    // A room that has become one of many members tells their count only.
    if (members !== undefined || !hasList) this.#setMembers(count, members);
    this.count = count;
    for (const id of left ?? []) this.members?.delete(id);
    for (const member of [...joined ?? [], ...changed ?? []]) {
      this.members?.set(member.id, member);
      if (member.id === self) this.role = member.role ?? "member";
    }
  }

  /** @param {wire.RoomChanged} changed */
  takeChange({ topic, slow }) {
    this.topic = topic ?? this.topic;
    this.slow = slow ?? this.slow;
  }

  /** @param {string | undefined} until without it, there is no end */
  mute(until) {
    this.#muted = until === undefined ? {} : { until };
  }

  /**
   * @param {number} count
   * @param {readonly wire.Member[] | undefined} members
   */
  #setMembers(count, members) {
    this.count = count;
    this.members = members &&
      new Map(members.map((member) => [member.id, member]));
  }
}
