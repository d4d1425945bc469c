import { assertEquals, assertMatch, fail } from "@std/assert";
import { LOOK_ALIKES, skeleton } from "../../../handlers/chat/look_alikes.ts";
import { normalizeName } from "../../../handlers/chat/names.ts";

const ROWS = Object.entries(LOOK_ALIKES).map(([script, pairs]) => ({
  script,
  pairs: pairs.split(" ").map((pair) => [...pair]),
}));

/** What is written in one script and looks like Latin, capitals included. */
const LATIN_LIKE = ROWS.filter(({ script }) =>
  !["Arabic", "Common", "Han", "Hiragana", "Katakana", "Latin"].includes(script)
);

for (const { script, pairs } of ROWS) {
  Deno.test(`LOOK_ALIKES has characters of ${script}, each one once`, () => {
    const pattern = new RegExp(`^\\p{scx=${script}}$`, "u");
    for (const pair of pairs) {
      assertEquals(pair.length, 2, pair.join(" "));
      if (script !== "Common") assertMatch(pair[0]!, pattern);
    }
    const characters = pairs.map(([character]) => character);
    assertEquals(new Set(characters).size, characters.length);
  });

  Deno.test(`skeleton() unites the pairs of ${script} in either case`, () => {
    for (const [character, target] of pairs) {
      for (const same of [character!.toUpperCase(), character!.toLowerCase()]) {
        assertEquals(skeleton(same), skeleton(target!), `${same} ${target}`);
      }
    }
  });
}

for (const { script, pairs } of LATIN_LIKE) {
  Deno.test(`skeleton() lets no name of ${script} pass for a Latin one`, () => {
    const letters = pairs.filter(([, target]) => /[a-z]/.test(target!));
    const name = normalizeName(
      letters.map(([letter]) => letter).join("").slice(0, 32),
    );
    const latin = [...name!].map((letter) =>
      letters.find(([like]) => like === letter)![1]
    ).join("");
    assertEquals(skeleton(name!), skeleton(latin));
  });
}

Deno.test("skeleton() of each character is its own skeleton", () => {
  // Beyond these planes nothing has cases or forms.
  for (let codePoint = 0; codePoint < 0x30000; codePoint++) {
    const key = skeleton(String.fromCodePoint(codePoint));
    if (skeleton(key) !== key) fail(`U+${codePoint.toString(16)}`);
  }
});
