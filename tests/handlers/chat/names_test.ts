import { assert, assertEquals, assertNotEquals } from "@std/assert";
import fc from "fast-check";
import {
  exactNameKey,
  isDirectRoom,
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
    ["Đỗ Hữu", "Đỗ Hữu", "it is Latin with many marks"],
    ["Владимир 2", "Владимир 2", "it is Cyrillic with a digit"],
    ["田中カナ Ken", "田中カナ Ken", "Han, Kana and Latin are together"],
    ["김철수 金 Kim", "김철수 金 Kim", "Hangul, Han and Latin are together"],
    ["ㄅㄆ王 Wang", "ㄅㄆ王 Wang", "Bopomofo, Han and Latin are together"],
    ["नमस्ते", "नमस्ते", "it has marks on letters of their own script"],
    ["عمر ٣", "عمر ٣", "its digits are those of its script"],
    ["عمر 3", "عمر 3", "its digits are the common ones"],
    ["\u{10900}\u{10901}", "\u{10900}\u{10901}", "its script is a rare one"],
    ["ᾂ".repeat(32).normalize("NFD"), "ᾂ".repeat(32), "each letter is of four"],
    [`${" ".repeat(9999)}A${" ".repeat(9999)}b`, "A b", "it has much space"],
    ["e" + "\u0316".repeat(4), "e" + "\u0316".repeat(4), "it has four marks"],
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
    ["An\u0430", "Cyrillic is mixed with Latin"],
    ["Ivan Иван", "whole words are of different scripts"],
    ["\u0391na", "Greek is mixed with Latin"],
    ["Иван 王", "Han is mixed with Cyrillic"],
    ["ㄅひ", "Bopomofo is mixed with Kana"],
    ["한ひ", "Hangul is mixed with Kana"],
    ["\u{10900}a", "a rare script is mixed with Latin"],
    ["عمر 3٣", "it has digits of two systems"],
    ["e" + "\u0316".repeat(5), "it has five marks on a letter"],
  ] as const
) {
  Deno.test(`normalizeName() refuses a name when ${why}`, () => {
    assertEquals(normalizeName(given), undefined);
  });
}

Deno.test("normalizeName() refuses a row of marks without putting it in order", () => {
  // As many as a message has room for. In order each takes a fifth of a second.
  const name = `a${"\u0301\u0323".repeat(16_000)}`;
  const start = performance.now();
  for (let i = 0; i < 50; i++) assertEquals(normalizeName(name), undefined);
  assert(performance.now() - start < 2_000);
});

Deno.test("normalizeRoom() takes 64 code points and refuses 65", () => {
  assertEquals(normalizeRoom("r".repeat(64)), "r".repeat(64));
  assertEquals(normalizeRoom("r".repeat(65)), undefined);
});

Deno.test("normalizeRoom() keeps case", () => {
  assertEquals(normalizeRoom(" Lobby "), "Lobby");
});

Deno.test("normalizeRoom() takes mixed scripts and refuses @ at the start", () => {
  assertEquals(normalizeRoom("An\u0430 ١1"), "An\u0430 ١1");
  assertEquals(normalizeRoom("ask@home"), "ask@home");
  assertEquals(normalizeRoom(" @ana"), undefined);
  assertEquals(normalizeRoom("\uff20ana"), "\uff20ana");
});

for (
  const [a, b, why] of [
    ["ana", "ANA", "case differs"],
    ["straße", "STRASSE", "case makes one letter two"],
    ["ΝΙΚΟΣ", "νικοσ", "a final sigma differs"],
    ["οσ", "0σ", "a sigma ends a word or stands alone"],
    ["Ahha", "\u0410\u041d\u041d\u0410", "the other is wholly Cyrillic"],
    ["ANNA", "\u0391\u039d\u039d\u0391", "the other is wholly Greek"],
    ["BATE", "\u13f4\u13aa\u13a2\u13ac", "the other is wholly Cherokee"],
    ["PAT", "\ua4d1\ua4ee\ua4d4", "the other is wholly Lisu"],
    ["Bob", "B0b", "a digit looks like a letter"],
    ["Ian", "lan", "a capital looks like a small letter"],
    ["Bill", "Bi11", "a one looks like an l"],
    ["Camille", "Carnille", "two letters look like one"],
    ["vw", "wv", "three strokes may be either of two"],
    ["Ana", "🅐🅽🇦", "the other is in frames"],
    ["1", "1\ufe0f\u20e3", "the other is a key"],
    ["Роза", "Ро3а", "a digit looks like a letter of Cyrillic"],
    ["Dr.:", "Dr.\u2236", "the colon is another sign"],
    ["Ana", "\uff21\uff4e\uff41", "the other is fullwidth"],
    ["Ana", "\u{1d400}\u{1d427}\u{1d41a}", "the other is of mathematics"],
    ["İbo", "ıbo", "a dot differs on an i"],
    ["i\u0316\u0307a", "i\u0316a", "a dot is hidden among marks"],
    ["\u021b\u031b", "\u0163\u031b", "a mark below looks like another"],
    ["O'Brien", "O\u2019Brien", "the apostrophe is another one"],
    ["Ana-Li", "Ana\u2010Li", "the hyphen is another one"],
    ["カ", "力", "Kana looks like Han"],
    ["علی", "علي", "a letter is written as in another country"],
    ["❤", "❤\ufe0f", "a selector differs"],
  ] as const
) {
  Deno.test(`nameKey() is the same for ${a} and ${b} when ${why}`, () => {
    assertEquals(nameKey(a), nameKey(b));
  });
}

for (
  const [a, b] of [
    ["Ana", "Anna"],
    ["Zoe", "Zoë"],
    ["Ana Maria", "AnaMaria"],
    ["Иван", "Иваш"],
    ["Ole", "Øle"],
    ["田中", "中田"],
  ] as const
) {
  Deno.test(`nameKey() differs for ${a} and ${b}`, () => {
    assertNotEquals(nameKey(a), nameKey(b));
  });
}

/** Any code points, and often those that names are made of. */
const anyName = fc.string({
  unit: fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    fc.constantFrom(
      ...["a", "I", "l", "0", "m", "w", "r", "v", "n", "i", "j", " ", "\u00a0"],
      ...[
        "\u0307",
        "\u0301",
        "\u0327",
        "\u0345",
        "Σ",
        "ß",
        "İ",
        "а",
        "Н",
        "ν",
        "\u021b",
        "\u031b",
      ],
      ...["カ", "\u3099", "力", "한", "ㄅ", "٣", "३", "👩\u200d💻", "\ufe0f"],
    ),
  ),
  maxLength: 40,
});

Deno.test("isDirectRoom() tells a name that no other room may have", () => {
  for (const [room, isDirect] of [["@a", true], ["a@", false]] as const) {
    assertEquals(isDirectRoom(room), isDirect);
    assertEquals(normalizeRoom(room), isDirect ? undefined : room);
  }
});

Deno.test("normalizeName() does nothing more when it is done again", () => {
  fc.assert(fc.property(anyName, (text) => {
    const name = normalizeName(text);
    if (name !== undefined) assertEquals(normalizeName(name), name);
  }));
});

Deno.test("nameKey() is its own key, and that of other forms", () => {
  fc.assert(fc.property(anyName, (text) => {
    const key = nameKey(text);
    assertEquals(nameKey(key), key);
    assertEquals(nameKey(text.normalize("NFC")), key);
    assertEquals(nameKey(text.normalize("NFD")), key);
  }));
});

Deno.test("nameKey() is that of capitals", () => {
  // The capital of the iota below a letter is a letter after it, and takes over
  // the other marks.
  const text = anyName.filter((text) =>
    !text.normalize("NFD").includes("\u0345")
  );
  fc.assert(fc.property(text, (text) => {
    assertEquals(nameKey(text.toUpperCase()), nameKey(text));
  }));
});

Deno.test("exactNameKey() is the key of no name", () => {
  fc.assert(fc.property(anyName, (text) => {
    const name = normalizeName(text);
    if (name === undefined) return;
    assertNotEquals(nameKey(name), exactNameKey(name));
    assertEquals(normalizeName(exactNameKey(name)), undefined);
  }));
});
