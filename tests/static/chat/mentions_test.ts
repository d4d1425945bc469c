import { assertEquals } from "@std/assert";
import {
  completions,
  cutMentions,
  mentionedIn,
  openMention,
} from "../../../static/chat/mentions.js";

const ANA = { id: "1", name: "Ana" };
const ANA_MARIA = { id: "2", name: "Ana Maria" };
const BEN = { id: "3", name: "Ben" };
const PEOPLE = [ANA, ANA_MARIA, BEN];

Deno.test("cutMentions() gives the text again, with the names in it", () => {
  const text = "@Ana Maria, (@Ben) and @Ana: come!";
  const pieces = cutMentions(text, PEOPLE);
  assertEquals(pieces.map((piece) => piece.text).join(""), text);
  assertEquals(
    pieces.flatMap(({ person }) => person?.name ?? []),
    ["Ana Maria", "Ben", "Ana"],
  );
});

Deno.test("cutMentions() takes no part of a word for a name", () => {
  for (const text of ["ana@Ben", "@Benno", "@ben", "@Anaïs", "@"]) {
    assertEquals(cutMentions(text, PEOPLE), [{ text }]);
  }
  assertEquals(cutMentions("", PEOPLE), []);
});

Deno.test("mentionedIn() names each person once, and no more than may be", () => {
  assertEquals(mentionedIn("@Ben @Ana @Ben", PEOPLE), ["3", "1"]);
  assertEquals(mentionedIn("@Ben @Ana", PEOPLE, 1), ["3"]);
});

Deno.test("openMention() tells what is being written after an @", () => {
  assertEquals(openMention("hello @"), "");
  assertEquals(openMention("hello @Ana Ma"), "Ana Ma");
  for (const text of ["hello", "ana@example", "@Ana\n"]) {
    assertEquals(openMention(text), undefined);
  }
});

Deno.test("completions() finds names by the beginning of a word, in any case", () => {
  const names = (begun: string) =>
    completions(begun, PEOPLE).map(({ name }) => name);
  assertEquals(names("a"), ["Ana", "Ana Maria"]);
  assertEquals(names("mar"), ["Ana Maria"]);
  assertEquals(names("na"), []);
  assertEquals(completions("", PEOPLE, 2).length, 2);
});
