import { assertEquals } from "@std/assert";
import {
  CHAR_CLASS,
  DIGIT,
  FIELD_VALUE,
  HEX,
  isMadeOf,
  REG_NAME,
  TARGET,
  TOKEN,
  WHITE_SPACE,
} from "../../../upgrade/http1/char_class.ts";

const UNRESERVED = /[A-Za-z0-9._~-]/;
const SUB_DELIMS = /[!$&'()*+,;=]/;

Deno.test("CHAR_CLASS agrees with the grammars when each byte is looked up", () => {
  const grammars: [number, (char: string) => boolean][] = [
    [TOKEN, (char) => /[A-Za-z0-9!#$%&'*+.^_`|~-]/.test(char)],
    [FIELD_VALUE, (char) => /[\t\x20-\x7e\x80-\xff]/.test(char)],
    [REG_NAME, (char) => UNRESERVED.test(char) || SUB_DELIMS.test(char)],
    [
      TARGET,
      (char) =>
        UNRESERVED.test(char) || SUB_DELIMS.test(char) ||
        "/?:@[]^`{|}".includes(char),
    ],
    [HEX, (char) => /[0-9A-Fa-f]/.test(char)],
    [DIGIT, (char) => /[0-9]/.test(char)],
    [WHITE_SPACE, (char) => char === " " || char === "\t"],
  ];
  for (const [charClass, isIn] of grammars) {
    for (let code = 0; code < 256; code++) {
      const char = String.fromCharCode(code);
      const bits = (CHAR_CLASS[code] ?? 0) & charClass;
      assertEquals(bits !== 0, isIn(char), `${charClass}: ${code}`);
    }
  }
});

Deno.test("isMadeOf() is false when a character is above U+00FF", () => {
  assertEquals(isMadeOf("", TOKEN), true);
  assertEquals(isMadeOf("abc", TOKEN), true);
  assertEquals(isMadeOf("a c", TOKEN), false);
  assertEquals(isMadeOf("a\u0141", FIELD_VALUE), false);
  assertEquals(isMadeOf("\u{1f600}", FIELD_VALUE), false);
});
