import { CHAT_LIMITS } from "./limits.ts";
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

/**
 * Normalises a member's name: Unicode NFC, without white space at its ends, and
 * one plain space for each other run of white space.
 *
 * Returns `undefined` unless the value is a string of 1 to 32 code points
 * without control or invisible characters. Emoji may contain the joiners they
 * are made with.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { normalizeName } from "./names.ts";
 *
 * assertEquals(normalizeName("  Zoe\u0308 "), "Zo\u00eb");
 * assertEquals(normalizeName("Ana\u202e"), undefined);
 * ```
 */
export function normalizeName(value: unknown): string | undefined {
  return normalize(value, CHAT_LIMITS.name);
}

/**
 * Normalises a room's name by the rules of {@linkcode normalizeName}, with at
 * most 64 code points. Unlike names, rooms that differ in case are different.
 */
export function normalizeRoom(value: unknown): string | undefined {
  return normalize(value, CHAT_LIMITS.room);
}

/**
 * What two names have in common when they count as the same name.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { nameKey } from "./names.ts";
 *
 * assertEquals(nameKey("STRASSE"), nameKey("Straße"));
 * ```
 */
export function nameKey(name: string): string {
  // Upper case first: it unites what lower case alone keeps apart (ß and SS,
  // σ and ς).
  return name.toUpperCase().toLowerCase().normalize("NFC");
}

function normalize(value: unknown, max: number): string | undefined {
  if (typeof value !== "string") return undefined;
  const name = value.normalize("NFC").trim().replaceAll(/\p{Zs}+/gu, " ");
  if (!hasLength(name, { min: 1, max })) return undefined;
  // A mark at the start has no letter to stand on.
  if (MEANINGLESS.test(name) || /^\p{M}/u.test(name)) return undefined;
  return INVISIBLE.test(name.replace(EMOJI, "")) ? undefined : name;
}
