import { assertEquals } from "@std/assert";
import {
  fieldValues,
  isFieldValue,
  isToken,
  parseProtocolList,
  parseTokenList,
  trimOws,
} from "../../../upgrade/http1/fields.ts";

Deno.test("isToken() is false when a text is empty or has a character of no token", () => {
  for (const text of ["a", "Content-Length", "!#$%&'*+-.^_`|~09"]) {
    assertEquals(isToken(text), true, text);
  }
  for (const text of ["", " ", "a b", "a:", "a\r\n", "a,b", "é", "\u212a"]) {
    assertEquals(isToken(text), false, text);
  }
});

Deno.test("isFieldValue() is false when a text could end its line or is no latin1", () => {
  for (const text of ["", " ", "a\tb", "caf\xe9", 'a, b; c="d"']) {
    assertEquals(isFieldValue(text), true, text);
  }
  for (const text of ["a\rb", "a\nb", "\0", "\x7f", "\x1f", "\u010d\u010a"]) {
    assertEquals(isFieldValue(text), false, text);
  }
});

Deno.test("fieldValues() gives every value when a name comes more than once", () => {
  const fields = [["a", "1"], ["b", "2"], ["a", "3"]] as const;
  assertEquals(fieldValues(fields, "a"), ["1", "3"]);
  assertEquals(fieldValues(fields, "c"), []);
});

Deno.test("trimOws() keeps what is no space or tab when it stands at an end", () => {
  assertEquals(trimOws(" \t a b \t"), "a b");
  assertEquals(trimOws(" \t"), "");
  assertEquals(trimOws("\xa0a\x85"), "\xa0a\x85");
});

Deno.test("parseTokenList() gives lower-cased tokens when lists span values", () => {
  assertEquals(parseTokenList(["keep-alive, Upgrade", "CLOSE"]), [
    "keep-alive",
    "upgrade",
    "close",
  ]);
  assertEquals(parseTokenList([]), []);
});

Deno.test("parseTokenList() ignores elements when they are empty", () => {
  assertEquals(parseTokenList(["", ",,a ,\t, b,", " , "]), ["a", "b"]);
});

Deno.test("parseTokenList() gives undefined when an element is no token", () => {
  for (const value of ["a b", "a, b c", "a;b", '"a"', "a\xa0", "a/b"]) {
    assertEquals(parseTokenList([value]), undefined, value);
  }
});

Deno.test("parseProtocolList() keeps case and version when it reads protocols", () => {
  assertEquals(parseProtocolList(["WebSocket, IRC/6.9", "h2c,"]), [
    "WebSocket",
    "IRC/6.9",
    "h2c",
  ]);
});

Deno.test("parseProtocolList() gives undefined when an element is no protocol", () => {
  for (const value of ["/1", "a/", "a/b/c", "a b", "a/ b", "a;q=1"]) {
    assertEquals(parseProtocolList([value]), undefined, value);
  }
});
