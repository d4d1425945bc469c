import { assertEquals, assertNotEquals } from "@std/assert";
import {
  nameKey,
  normalizeName,
  normalizeRoom,
} from "../../../handlers/chat/names.ts";

for (
  const [given, expected, why] of [
    ["Ana", "Ana", "it is plain"],
    ["  Ana\u3000", "Ana", "white space is at its ends"],
    ["Zoe\u0308", "Zo\u00eb", "it is decomposed"],
    ["Ana Maria", "Ana Maria", "white space is inside"],
    ["Ana \u00a0\u3000Maria", "Ana Maria", "other white space is inside"],
    ["عمر", "عمر", "it reads from right to left"],
    ["😀".repeat(32), "😀".repeat(32), "it has 32 wide code points"],
    ["❤\ufe0f", "❤\ufe0f", "an emoji has a variation selector"],
    ["👩\u200d💻 Eva", "👩\u200d💻 Eva", "an emoji has a joiner"],
  ] as const
) {
  Deno.test(`normalizeName() takes a name when ${why}`, () => {
    assertEquals(normalizeName(given), expected);
  });
}

for (
  const [given, why] of [
    [undefined, "it is missing"],
    [null, "it is null"],
    [7, "it is a number"],
    ["", "it is empty"],
    ["\u0301\u0302", "it has marks only"],
    ["Ana\uffff", "it has a noncharacter"],
    ["Ana\ue000", "it has a private character"],
    [" \t ", "it is only white space"],
    ["a".repeat(33), "it has 33 code points"],
    ["Ana\0", "it has a NUL"],
    ["An\na", "it has a line feed"],
    ["Ana\u202e", "it has a bidi override"],
    ["\u2066Ana\u2069", "it has a bidi isolate"],
    ["An\u200ba", "it has a zero-width space"],
    ["An\u200da", "it has a joiner outside an emoji"],
    ["Ana\ufe0f", "it has a variation selector outside an emoji"],
    ["Ana\ufff9", "it has an annotation mark"],
    ["An\u00ada", "it has a soft hyphen"],
    ["\u3164", "it is a Hangul filler"],
    ["\u2800", "it is a blank Braille pattern"],
    ["A\u2028B", "it has a line separator"],
    ["Ana\ud83d", "it has a lone surrogate"],
    ["Ana\u{e0041}", "it has a tag character"],
  ] as const
) {
  Deno.test(`normalizeName() refuses a name when ${why}`, () => {
    assertEquals(normalizeName(given), undefined);
  });
}

Deno.test("normalizeRoom() takes 64 code points and refuses 65", () => {
  assertEquals(normalizeRoom("r".repeat(64)), "r".repeat(64));
  assertEquals(normalizeRoom("r".repeat(65)), undefined);
});

Deno.test("normalizeRoom() keeps case", () => {
  assertEquals(normalizeRoom(" Lobby "), "Lobby");
});

for (
  const [a, b] of [["ana", "ANA"], ["straße", "STRASSE"], [
    "ΝΙΚΟΣ",
    "νικοσ",
  ]] as const
) {
  Deno.test(`nameKey() is the same when ${a} meets ${b}`, () => {
    assertEquals(nameKey(a), nameKey(b));
  });
}

Deno.test("nameKey() differs when letters differ", () => {
  assertNotEquals(nameKey("Ana"), nameKey("Anna"));
});
