/** What can be on a {@linkcode Roster}. */
export interface Placed {
  /** Where it stands on the roster; -1 when it is on none. */
  place: number;
}

/**
 * A set whose members know their place.
 *
 * A `Set` that is added to and deleted from all the time leaves tables behind
 * that keep its former members from the garbage collector for long.
 */
export class Roster<Member extends Placed> {
  readonly #members: Member[] = [];

  /** How many members there are. */
  get size(): number {
    return this.#members.length;
  }

  /** Adds a member, unless it is one. */
  add(member: Member): void {
    if (member.place < 0) member.place = this.#members.push(member) - 1;
  }

  /** Takes a member off; false when it was none. */
  delete(member: Member): boolean {
    const { place } = member;
    if (place < 0) return false;
    const last = this.#members.pop()!;
    if (last !== member) {
      this.#members[place] = last;
      last.place = place;
    }
    member.place = -1;
    return true;
  }

  /** Calls `call` with each member, which may be taken off meanwhile. */
  forEach(call: (member: Member) => void): void {
    // From the end: what takes the place of a former member has been called.
    for (let i = this.#members.length - 1; i >= 0; i--) {
      const member = this.#members[i];
      if (member !== undefined) call(member);
    }
  }
}
