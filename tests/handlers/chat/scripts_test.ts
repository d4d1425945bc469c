import { assert, assertFalse } from "@std/assert";
import fc from "fast-check";
import {
  hasOneKindOfDigits,
  isOneScript,
} from "../../../handlers/chat/scripts.ts";

const ALPHABETS = {
  Latin: "abcé",
  Greek: "αβγ",
  Cyrillic: "абв",
  Arabic: "ابت",
  Thai: "กขค",
  Hebrew: "אבג",
  Phoenician: "\u{10900}\u{10901}\u{10902}",
} as const;

const word = (script: keyof typeof ALPHABETS) =>
  fc.string({ unit: fc.constantFrom(...ALPHABETS[script]), minLength: 1 });

const scripts = fc.constantFrom(
  ...Object.keys(ALPHABETS) as (keyof typeof ALPHABETS)[],
);

const shared = fc.string({
  unit: fc.constantFrom(" ", "-", "7", "😀", "."),
});

Deno.test("isOneScript() takes any word with signs around it", () => {
  const text = scripts.chain((script) =>
    fc.tuple(shared, word(script), shared)
  );
  fc.assert(fc.property(text, (parts) => assert(isOneScript(parts.join("")))));
});

Deno.test("isOneScript() refuses any two words of two scripts", () => {
  const two = fc.uniqueArray(scripts, { minLength: 2, maxLength: 2 });
  const text = two.chain(([a, b]) => fc.tuple(word(a!), shared, word(b!)));
  fc.assert(
    fc.property(text, (parts) => assertFalse(isOneScript(parts.join("")))),
  );
});

Deno.test("isOneScript() knows each script that people write today", () => {
  // One letter of each: Balinese, Cham, Lepcha, Meetei Mayek, Newa, Tai Le.
  const letters = [
    "\u1b05",
    "\uaa00",
    "\u1c00",
    "\uabc0",
    "\u{11400}",
    "\u1950",
  ];
  for (const [index, letter] of letters.entries()) {
    assert(isOneScript(letter));
    assertFalse(isOneScript(letter + letters.at(index - 1)));
    assertFalse(isOneScript(`${letter}\u{10900}`));
  }
});

Deno.test("isOneScript() takes a text without letters", () => {
  assert(isOneScript("😀 123 -"));
});

for (
  const [text, expected] of [
    ["no digits", true],
    ["12 34", true],
    ["٠١٩", true],
    ["1٢", false],
    ["٢۲", false],
    ["\u{1d7ce}\u{1d7d7}", true],
    ["\u{1d7d7}\u{1d7d8}", false],
  ] as const
) {
  Deno.test(`hasOneKindOfDigits() is ${expected} for ${text}`, () => {
    assert(hasOneKindOfDigits(text) === expected);
  });
}
