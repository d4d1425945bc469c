import { CHAT_LIMITS } from "./limits.ts";
import { skeleton, SKELETON_VERSION } from "./look_alikes.ts";
import { hasOneKindOfDigits, isOneScript } from "./scripts.ts";
import { hasLength } from "./text.ts";

/**
 * Controls, format characters (bidi overrides and zero-width ones among them),
 * lone surrogates, line separators and everything else that leaves no ink but
 * is no white space. With them one name could pass for another.
 */
const INVISIBLE =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u;

/** What has no meaning that people share: private use and noncharacters. */
const MEANINGLESS = /[\p{Co}\p{Cn}]/u;

/** Emoji, some of which are held together by invisible characters. */
const EMOJI = /\p{RGI_Emoji}/gv;

/** More marks on one letter than any language writes. */
const STACKED_MARKS = /[\p{Mn}\p{Me}]{5}/u;

/** No character is made of more code points than so many. */
const MOST_PARTS = 4;

/** What needs no look at its scripts, as most names do not. */
const ASCII = /^[\x20-\x7e]*$/;

/**
 * Normalises a person's name: Unicode NFC, without white space at its ends, and
 * one plain space for each other run of white space.
 *
 * Returns `undefined` unless the value is a string of 1 to 32 code points
 * without control or invisible characters, in one script or in scripts that are
 * commonly written together, with digits of one system. Emoji may contain the
 * joiners they are made with.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalizeName } from "./names.ts";
 *
 * assertEquals(normalizeName("  Zoe\u0308 "), "Zo\u00eb");
 * assertEquals(normalizeName("Ana\u202e"), undefined);
 * assertEquals(normalizeName("An\u0430"), undefined); // a Cyrillic а
 * ```
 */
export function normalizeName(value: unknown): string | undefined {
  const name = normalize(value, CHAT_LIMITS.name);
  if (name === undefined || ASCII.test(name)) return name;
  return isOneScript(name) && hasOneKindOfDigits(name) ? name : undefined;
}

/**
 * Normalises a room's name by the rules of {@linkcode normalizeName}, but with
 * at most 64 code points, in any scripts, and not with `@` first, as the rooms
 * of two people have it. Unlike names, rooms that differ in case are different.
 */
export function normalizeRoom(value: unknown): string | undefined {
  const room = normalize(value, CHAT_LIMITS.room);
  return room === undefined || isDirectRoom(room) ? undefined : room;
}

/** Whether a room is that of two people, by its name, which the server makes. */
export function isDirectRoom(room: string): boolean {
  return room.startsWith("@");
}

/**
 * What two names have in common when they count as the same name: they differ
 * only in case or in characters that look alike, as the digit 0 and the letter
 * O, or the Latin A and the Cyrillic А. See `look_alikes.ts`.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameKey } from "./names.ts";
 *
 * assertEquals(nameKey("STRASSE"), nameKey("Straße"));
 * assertEquals(nameKey("Bob"), nameKey("B0b"));
 * ```
 */
export function nameKey(name: string): string {
  return skeleton(name);
}

/** Says how {@linkcode nameKey} works: kept keys of another version are stale. */
export const NAME_KEY_VERSION: number = SKELETON_VERSION;

/**
 * The key of those who keep a name although its {@linkcode nameKey} is somebody
 * else's: they got theirs when the two were not known to look alike. It begins
 * with that other key, and a character that names do not have comes next.
 */
export function exactNameKey(name: string): string {
  return `${nameKey(name)}\x01${name}`;
}

function normalize(value: unknown, max: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const spaced = value.trim().replaceAll(/\p{Zs}+/gu, " ");
  // To put a row of marks in order takes time in the square of its length.
  if (!hasLength(spaced, { min: 1, max: max * MOST_PARTS })) return undefined;
  const name = spaced.normalize("NFC");
  if (!hasLength(name, { min: 1, max })) return undefined;
  // A mark at the start has no letter to stand on.
  if (MEANINGLESS.test(name) || /^\p{M}/u.test(name)) return undefined;
  if (STACKED_MARKS.test(name)) return undefined;
  return INVISIBLE.test(name.replace(EMOJI, "")) ? undefined : name;
}
