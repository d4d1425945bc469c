import type { Member } from "./model.ts";

/** What has changed about who is in a room; empty lists are left out. */
export interface PresenceDiff {
  /** Who came. */
  readonly joined?: readonly Member[];
  /** The ids of those who went. */
  readonly left?: readonly string[];
  /** Who is not what they were. */
  readonly changed?: readonly Member[];
}

interface Change {
  /** Who everybody has been told is there. */
  readonly before: Member | undefined;
  /** Who is there now. */
  now: Member | undefined;
  /** Whether nobody was there for some of the time between. */
  wasGone: boolean;
}

/**
 * What is to be told of a room's members: the changes since it was told last,
 * one for each person, in the order in which they began.
 */
export class PresenceChanges {
  readonly #changes = new Map<string, Change>();
  #wasSeen = false;

  /** A person is there who was not. */
  came(member: Member): void {
    const change = this.#changes.get(member.id);
    if (change) change.now = member;
    else {
      this.#changes.set(member.id, {
        before: undefined,
        now: member,
        wasGone: true,
      });
    }
  }

  /** A person who is there is not what it was. */
  changed(before: Member, now: Member): void {
    const change = this.#changes.get(now.id);
    if (change) change.now = now;
    else this.#changes.set(now.id, { before, now, wasGone: false });
  }

  /** A person is not there any more. */
  went(member: Member): void {
    const change = this.#changes.get(member.id);
    if (change === undefined) {
      this.#changes.set(member.id, {
        before: member,
        now: undefined,
        wasGone: true,
      });
    } else {
      change.now = undefined;
      change.wasGone = true;
    }
  }

  /** Whether it is still to be told that a person came. */
  hasNews(id: string): boolean {
    const change = this.#changes.get(id);
    return change?.now !== undefined && change.wasGone;
  }

  /**
   * Somebody was given the whole list: so who is in it now has been seen by
   * them, though the others have not been told.
   */
  seen(): void {
    this.#wasSeen = true;
  }

  /** Gives what is to be told, and begins anew. */
  take(): PresenceDiff {
    const joined: Member[] = [];
    const left: string[] = [];
    const changed: Member[] = [];
    for (const [id, { before, now, wasGone }] of this.#changes) {
      // Who was given the list may have been shown what others were not, even
      // where all is now as it was before.
      const isSurprise = wasGone && this.#wasSeen;
      if (now === undefined) {
        if (before !== undefined || isSurprise) left.push(id);
      } else if (before === undefined || isSurprise) joined.push(now);
      else if (this.#wasSeen || !isSameMember(before, now)) changed.push(now);
    }
    this.#changes.clear();
    this.#wasSeen = false;
    return {
      ...(joined.length > 0 ? { joined } : {}),
      ...(left.length > 0 ? { left } : {}),
      ...(changed.length > 0 ? { changed } : {}),
    };
  }
}

/** Whether two entries for a person say the same. */
export function isSameMember(a: Member, b: Member): boolean {
  return a.name === b.name && a.role === b.role && a.away === b.away &&
    a.guest === b.guest;
}
