import { assert, assertFalse } from "@std/assert";
import { hasLength, isClean, isSayable } from "../../../handlers/chat/text.ts";

Deno.test("hasLength() counts code points when characters take two units", () => {
  assert(hasLength("😀😀", { min: 2, max: 2 }));
  assertFalse(hasLength("😀", { min: 2, max: 2 }));
  assertFalse(hasLength("😀😀😀", { min: 2, max: 2 }));
});

Deno.test("hasLength() includes both ends of the range", () => {
  assert(hasLength("a", { min: 1, max: 3 }));
  assert(hasLength("aaa", { min: 1, max: 3 }));
  assertFalse(hasLength("", { min: 1, max: 3 }));
  assertFalse(hasLength("aaaa", { min: 1, max: 3 }));
});

for (
  const text of [
    "a",
    "a".repeat(10),
    "😀".repeat(10),
    "a\nb\tc",
    "  x  ",
    "\u202ea",
  ]
) {
  Deno.test(`isSayable() takes ${JSON.stringify(text)}`, () => {
    assert(isSayable(text, 10));
  });
}

for (
  const [text, why] of [
    ["", "it is empty"],
    ["a".repeat(11), "it is one code point too long"],
    ["😀".repeat(11), "it is one wide code point too long"],
    [" \n\t\u00a0", "it is only white space"],
    ["a\0b", "it has a NUL"],
    ["a\rb", "it has a carriage return"],
    ["a\x1b[2J", "it has an escape"],
    ["a\x7f", "it has a delete"],
    ["a\x85", "it has a C1 control"],
    ["a\ud800b", "it has a lone surrogate"],
  ] as const
) {
  Deno.test(`isSayable() refuses a text when ${why}`, () => {
    assertFalse(isSayable(text, 10));
  });
}

Deno.test("isClean() takes nothing, and white space", () => {
  assert(isClean("", 10));
  assert(isClean(" \n", 10));
  assertFalse(isClean("a".repeat(11), 10));
  assertFalse(isClean("\0", 10));
});
