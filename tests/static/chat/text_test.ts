import { assert, assertEquals } from "@std/assert";
import {
  countCodePoints,
  initial,
  isEmojiOnly,
  normalizeLabel,
  plural,
} from "../../../static/chat/text.js";

Deno.test("countCodePoints() counts an emoji once", () => {
  assertEquals(countCodePoints(""), 0);
  assertEquals(countCodePoints("Zoë"), 3);
  assertEquals(countCodePoints("👋!"), 2);
});

Deno.test("normalizeLabel() composes and trims", () => {
  assertEquals(normalizeLabel("  Zoe\u0308 "), "Zo\u00eb");
});

Deno.test("initial() takes a whole letter as a reader sees it", () => {
  assertEquals(initial("ana"), "A");
  assertEquals(initial("e\u0301mile"), "E\u0301");
  assertEquals(initial("👩‍👧 home"), "👩‍👧");
  assertEquals(initial("نور"), "ن");
  assertEquals(initial(""), "");
});

Deno.test("isEmojiOnly() holds for one to three emoji and nothing else", () => {
  for (const text of ["🎉", "👩‍👧 ", "❤️❤️❤️", "🇫🇷"]) {
    assert(isEmojiOnly(text), text);
  }
  for (const text of ["", " ", "1", "#", "hi 🎉", "🎉🎉🎉🎉", "©"]) {
    assert(!isEmojiOnly(text), text);
  }
});

Deno.test("plural() chooses the word by the count", () => {
  assertEquals(plural(1, "message", "messages"), "1 message");
  assertEquals(plural(0, "message", "messages"), "0 messages");
});
