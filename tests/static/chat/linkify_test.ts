import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { linkify } from "../../../static/chat/linkify.js";

function hrefs(text: string): string[] {
  return linkify(text).flatMap(({ href }) => href ?? []);
}

const ONE_LINK: [text: string, shown: string][] = [
  ["http://a.example", "http://a.example"],
  ["see https://a.example/b?c=d#e now", "https://a.example/b?c=d#e"],
  ["HTTPS://A.example/x", "HTTPS://A.example/x"],
  ["ends a sentence: http://a.example/x.", "http://a.example/x"],
  ["(http://a.example/x)", "http://a.example/x"],
  ["http://a.example/x_(y)", "http://a.example/x_(y)"],
  ["(as in http://a.example/x_(y)).", "http://a.example/x_(y)"],
  ["“http://a.example/x”, she said", "http://a.example/x"],
  ["<http://a.example/x>", "http://a.example/x"],
  ["really? http://a.example/x?!", "http://a.example/x"],
  ["http://a.example/x_(y)]).)", "http://a.example/x_(y)"],
  ["http://a.example/ö", "http://a.example/ö"],
  ["line\nhttp://a.example/x\nline", "http://a.example/x"],
];

for (const [text, shown] of ONE_LINK) {
  Deno.test(`linkify() finds ${shown} when the text is ${JSON.stringify(text)}`, () => {
    const links = linkify(text).filter(({ href }) => href !== undefined);
    assertEquals(links.map((piece) => piece.text), [shown]);
    assertEquals(links[0]?.href, new URL(shown).href);
  });
}

for (
  const text of [
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "ftp://a.example/",
    "http://",
    "https://...",
    "xhttp://a.example/",
    "a.example",
    "https://bank.example@evil.example/",
    "https://:bank.example@evil.example/",
    "http://[",
    "",
  ]
) {
  Deno.test(`linkify() makes no link when the text is ${JSON.stringify(text)}`, () => {
    assertEquals(hrefs(text), []);
  });
}

Deno.test("linkify() keeps the order when there are several links", () => {
  assertEquals(linkify("a http://b.example/ c http://d.example/"), [
    { text: "a " },
    { text: "http://b.example/", href: "http://b.example/" },
    { text: " c " },
    { text: "http://d.example/", href: "http://d.example/" },
  ]);
});

Deno.test("linkify() gives the whole text back for any text", () => {
  const words = fc.array(fc.oneof(
    fc.string({ unit: "grapheme" }),
    fc.constantFrom(
      "http://a.example/",
      "https://b.example/(x",
      ").",
      " ",
      "\n",
      "http://@",
    ),
  )).map((parts) => parts.join(""));
  fc.assert(fc.property(words, (text) => {
    const pieces = linkify(text);
    assertEquals(pieces.map((piece) => piece.text).join(""), text);
    for (const { href } of pieces) {
      if (href !== undefined) {
        assertEquals(/^https?:$/.test(new URL(href).protocol), true);
      }
    }
  }));
});

Deno.test("linkify() takes no longer for a row of brackets", () => {
  const text = `http://a.example/${")".repeat(3_900)}`;
  const start = performance.now();
  for (let i = 0; i < 100; i++) assertEquals(hrefs(text).length, 1);
  assert(performance.now() - start < 2_000);
});
