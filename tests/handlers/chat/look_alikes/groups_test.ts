import { assertEquals } from "@std/assert";
import {
  type Pair,
  spellingsOf,
} from "../../../../handlers/chat/look_alikes/groups.ts";

function spelled(...pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(spellingsOf(pairs, new Map(pairs)));
}

Deno.test("spellingsOf() spells by what is plain, whichever was first", () => {
  assertEquals(spelled(["Α", "А"], ["А", "A"]), { α: "a", а: "a" });
  assertEquals(spelled(["A", "А"], ["Α", "А"]), { α: "a", а: "a" });
});

Deno.test("spellingsOf() spells by the target when nothing is plain", () => {
  assertEquals(spelled(["ю", "Ю"], ["へ", "ヘ"]), { へ: "ヘ" });
});

Deno.test("spellingsOf() follows what a sequence is made of", () => {
  const pairs = [["m", "rn"], ["ɱ", "m"], ["ꭇ", "r"], ["ꬺ", "ꭇn"]] as const;
  assertEquals(spelled(...pairs), { m: "rn", ɱ: "rn", ꭇ: "r", ꬺ: "rn" });
});

Deno.test("spellingsOf() takes the first sequence of a character", () => {
  assertEquals(spelled(["Ɓ", "'B"], ["ɓ", "bh"]), { ɓ: "'b" });
});

Deno.test("spellingsOf() keeps a letter plain that looks like a sequence in another script", () => {
  assertEquals(spelled(["ұ", "y-"], ["ұ", "y"]), { ұ: "y-" });
  assertEquals(spelled(["ұ", "y"], ["ұ", "y-"]), { ұ: "y" });
});

Deno.test("spellingsOf() keeps two letters apart that a third one looks like", () => {
  assertEquals(spelled(["Ν", "N"], ["ν", "v"]), { ν: "n" });
  assertEquals(spelled(["ν", "v"], ["Ν", "N"]), { ν: "v" });
});

Deno.test("spellingsOf() unites two letters that look alike in one case", () => {
  assertEquals(spelled(["I", "l"]), { i: "l" });
  assertEquals(spelled(["ο", "o"], ["σ", "o"]), { ο: "o", σ: "o" });
});

Deno.test("spellingsOf() has nothing for what is the same when folded", () => {
  assertEquals(spelled(["A", "a"], ["Å", "å"], ["ẞ", "SS"]), {});
});
