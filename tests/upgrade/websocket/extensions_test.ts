import { assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  type Extension,
  formatExtensions,
  parseExtensions,
} from "../../../upgrade/websocket/extensions.ts";

const VALID: [value: string, extensions: Extension[]][] = [
  ["a", [{ name: "a", params: [] }]],
  ["permessage-deflate", [{ name: "permessage-deflate", params: [] }]],
  ["a;b", [{ name: "a", params: [["b"]] }]],
  ["a;b=1", [{ name: "a", params: [["b", "1"]] }]],
  ["a; b; c=d", [{ name: "a", params: [["b"], ["c", "d"]] }]],
  ["a, b", [{ name: "a", params: [] }, { name: "b", params: [] }]],
  ["a;x, a;y=1", [
    { name: "a", params: [["x"]] },
    { name: "a", params: [["y", "1"]] },
  ]],
  // Quoted values.
  ['a;b="1"', [{ name: "a", params: [["b", "1"]] }]],
  ['a;b="x-y"; c', [{ name: "a", params: [["b", "x-y"], ["c"]] }]],
  ['a;b="\\1\\0"', [{ name: "a", params: [["b", "10"]] }]],
  ['a;b="1",c', [
    { name: "a", params: [["b", "1"]] },
    { name: "c", params: [] },
  ]],
  // White space, and empty elements.
  [" \ta\t;\tb\t=\t1 ", [{ name: "a", params: [["b", "1"]] }]],
  ['a ; b = "1" , c', [
    { name: "a", params: [["b", "1"]] },
    { name: "c", params: [] },
  ]],
  [",a", [{ name: "a", params: [] }]],
  ["a,", [{ name: "a", params: [] }]],
  [" , ,a,, ,b, ", [{ name: "a", params: [] }, { name: "b", params: [] }]],
  // Case and duplicates are kept.
  ["A;B=C;B=c", [{ name: "A", params: [["B", "C"], ["B", "c"]] }]],
  // Every character of a token.
  ["!#$%&'*+-.^_`|~09AZaz", [{ name: "!#$%&'*+-.^_`|~09AZaz", params: [] }]],
];

const MALFORMED = [
  "",
  " ",
  ",",
  " ,\t, ",
  ";",
  ";a",
  "a;",
  "a; ",
  "a;;b",
  "a;b;",
  "a;,b",
  "a;=1",
  "a;b=",
  "a;b= ,c",
  "a;b==1",
  "a;b=1=2",
  "a=1",
  "a b",
  "a;b c",
  "a;b=1 2",
  'a;b=""',
  'a;b=" "',
  'a;b="1 2"',
  'a;b="1',
  'a;b=1"',
  'a;b="1"2',
  'a;b="1\\"',
  'a;b="\\"1\\""',
  'a;b="1,2"',
  'a;b="1;2"',
  '"a"',
  'a;"b"',
  "a\\",
  "a/b",
  "a;b/c",
  "a;b=c/d",
  "(a)",
  "a;b=\u00e9",
  "\u00e9",
  "a\u00a0",
  "a\0",
  "a;b=1\r\n",
  "a\nb",
  "a,b@c",
];

for (const [value, extensions] of VALID) {
  Deno.test(`parseExtensions() reads ${JSON.stringify(value)}`, () => {
    assertEquals(parseExtensions(value), extensions);
  });
}

for (const value of MALFORMED) {
  Deno.test(`parseExtensions() gives undefined for ${JSON.stringify(value)}`, () => {
    assertEquals(parseExtensions(value), undefined);
  });
}

Deno.test("formatExtensions() writes what parseExtensions() reads", () => {
  const token = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
  const param = fc.oneof(
    fc.tuple(token),
    fc.tuple(token, token),
  );
  const extension = fc.record({
    name: token,
    params: fc.array(param, { maxLength: 5 }),
  }, { noNullPrototype: true });
  fc.assert(fc.property(
    fc.array(extension, { minLength: 1, maxLength: 5 }),
    (extensions) => {
      assertEquals(parseExtensions(formatExtensions(extensions)), extensions);
    },
  ));
});

Deno.test("parseExtensions() reads again what it has read when it was random", () => {
  const char = fc.constantFrom(...'ab1=;, \t"\\-');
  fc.assert(
    fc.property(fc.string({ unit: char, maxLength: 20 }), (value) => {
      const extensions = parseExtensions(value);
      if (extensions === undefined) return;
      assertEquals(parseExtensions(formatExtensions(extensions)), extensions);
    }),
    { numRuns: 5000 },
  );
});

Deno.test("parseExtensions() takes time in proportion when a value is long", () => {
  const time = (value: string) => {
    const start = performance.now();
    parseExtensions(value);
    return performance.now() - start;
  };
  // With time in its square, each would take minutes.
  for (const piece of [" ", ",", "a ", ";a ", 'a;b="', "\\"]) {
    assertEquals(time(`a;b="${piece.repeat(100_000)}`) < 2_000, true, piece);
    assertEquals(time(`a${piece.repeat(100_000)}`) < 2_000, true, piece);
  }
});
