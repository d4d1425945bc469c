import { foldCase, foldForms } from "./fold.ts";

/** A character, and what it looks like: one character or several. */
export type Pair = readonly [character: string, target: string];

/**
 * What each folded character counts as that does not count as itself. What it
 * counts as is folded, and counts as itself.
 *
 * Case makes no difference, but ν looks like v and its capital Ν like N. What
 * looks like two things counts as one of them, so that v and n stay two letters:
 * as that of the pair which comes first.
 *
 * @param pairs The most important one first.
 * @param looks What letters look like as they are, without regard to case.
 */
export function spellingsOf(
  pairs: readonly Pair[],
  looks: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  const groups = new Groups(looks);
  for (const pair of pairs) groups.unite(pair);
  return groups.spellings();
}

/** Characters that look alike. */
interface Group {
  readonly members: string[];
  /** Those members that belong to an alphabet. */
  readonly letters: string[];
  /** Several characters that each of them looks like. */
  sequence: string | undefined;
}

/** What people tell apart, whatever else looks like two of a row. */
const ALPHABETS = /^[\x21-\x7eα-ωа-џա-ֆ]$/;

class Groups {
  readonly #groups = new Map<string, Group>();
  readonly #looks: ReadonlyMap<string, string>;

  constructor(looks: ReadonlyMap<string, string>) {
    this.#looks = looks;
  }

  unite([from, to]: Pair): void {
    const character = foldCase(from);
    const target = foldForms(to);
    // A letter whose capital is several ones is looked up as those.
    if ([...character].length !== 1 || character === target) return;
    const group = this.#of(character);
    if ([...target].length === 1) this.#merge(group, this.#of(target));
    else if (group.members.length === 1 || !group.members.some(isAscii)) {
      group.sequence ??= target;
    }
  }

  spellings(): Map<string, string> {
    const spellings = new Map<string, string>();
    for (const { members } of new Set(this.#groups.values())) {
      const spelling = this.#spell(members[0]!);
      for (const member of members) {
        if (member !== spelling) spellings.set(member, spelling);
      }
    }
    return spellings;
  }

  #spell(character: string): string {
    const group = this.#groups.get(character);
    if (group?.sequence !== undefined) {
      return [...group.sequence].map((one) => this.#spell(one)).join("");
    }
    if (group === undefined) return character;
    const { members } = group;
    // Of what Deno does not know yet it does not know that it is a mark, either.
    return members.find(isAscii) ?? members.find(isKnown) ?? character;
  }

  #of(character: string): Group {
    let group = this.#groups.get(character);
    if (group === undefined) {
      group = {
        members: [character],
        letters: ALPHABETS.test(character) ? [character] : [],
        sequence: undefined,
      };
      this.#groups.set(character, group);
    }
    return group;
  }

  #merge(from: Group, to: Group): void {
    if (from === to || this.#areApart(from, to)) return;
    const sequence = to.sequence ?? from.sequence;
    if ((from.sequence ?? sequence) !== sequence) return;
    // What is plain does not become several because another one does.
    if (sequence !== to.sequence && to.members.some(isAscii)) return;
    to.sequence = sequence;
    to.members.push(...from.members);
    to.letters.push(...from.letters);
    for (const member of from.members) this.#groups.set(member, to);
  }

  /** Whether a letter of one must not become a letter of the other. */
  #areApart(one: Group, other: Group): boolean {
    return one.letters.some((a) =>
      other.letters.some((b) => isSameAlphabet(a, b) && !this.#looksLike(a, b))
    );
  }

  /** Whether two letters look alike in one of their cases. */
  #looksLike(a: string, b: string): boolean {
    const looks = this.#looksOf(b);
    return this.#looksOf(a).some((look) => looks.includes(look));
  }

  #looksOf(letter: string): string[] {
    return [letter, letter.toUpperCase()].map((one) =>
      foldCase(this.#looks.get(one) ?? one)
    );
  }
}

function isAscii(character: string): boolean {
  return character <= "\x7e";
}

function isKnown(character: string): boolean {
  return !/\p{Cn}/u.test(character);
}

/** Alphabets stand in blocks of 256, the signs of ASCII among them. */
function isSameAlphabet(a: string, b: string): boolean {
  return a.charCodeAt(0) >> 8 === b.charCodeAt(0) >> 8;
}
