import { assertEquals, assertThrows } from "@std/assert";
import { formatRequestHead, HeadParser } from "../../../upgrade/http1/mod.ts";
import { bytesOf } from "./feed.ts";
import { CONTROLS, NOT_ASCII } from "./grammar_rule.ts";

const PARTS = { method: "GET", target: "/", host: "a.example", fields: [] };

Deno.test("formatRequestHead() writes Host first, then the fields in order", () => {
  const head = formatRequestHead({
    method: "M-SEARCH",
    target: "/a?b=c|{}",
    host: "[::1]:8000",
    fields: [["X-B", "1"], ["x-a", ""], ["X-B", "\xe9 \t2"]],
  });
  assertEquals(
    head,
    "M-SEARCH /a?b=c|{} HTTP/1.1\r\nHost: [::1]:8000\r\n" +
      "X-B: 1\r\nx-a: \r\nX-B: \xe9 \t2\r\n\r\n",
  );
});

Deno.test("formatRequestHead() writes what HeadParser reads, for all forms of a target", () => {
  const targets = [
    ["GET", "/", "origin"],
    ["GET", "http://a.example/b?c", "absolute"],
    ["CONNECT", "a.example:443", "authority"],
    ["OPTIONS", "*", "asterisk"],
  ] as const;
  for (const [method, target, form] of targets) {
    const parser = new HeadParser();
    const fields = [["x-a", "b"]] as const;
    const host = method === "CONNECT" ? target : "a.example";
    const head = formatRequestHead({ method, target, host, fields });
    assertEquals(parser.parse(bytesOf(head)), head.length);
    assertEquals(
      [parser.head?.method, parser.head?.target, parser.head?.form],
      [
        method,
        target,
        form,
      ],
    );
    assertEquals(parser.head?.fields, [["host", host], ["x-a", "b"]]);
  }
});

Deno.test("formatRequestHead() throws a TypeError when a part could split the request", () => {
  const wrong = [
    "",
    " ",
    "a b",
    "a\tb",
    "a\r\nb",
    "a\nb",
    "a\rb",
    "é",
    "\u{1f600}",
  ];
  const more = [...CONTROLS, ...NOT_ASCII].map((char) => `/${char}`);
  for (const text of [...wrong, ...more]) {
    for (const part of ["method", "target", "host"]) {
      const parts = { ...PARTS, [part]: text };
      assertThrows(() => formatRequestHead(parts), TypeError, part);
    }
  }
  for (const host of ["a/b", "a@b", "a, b", "a:x", "a:70000", "?", "[::1"]) {
    assertThrows(
      () => formatRequestHead({ ...PARTS, host }),
      TypeError,
      "host",
    );
  }
  const fields: [string, string][] = [
    ["", "v"],
    ["a b", "v"],
    ["a:", "v"],
    ["a\r\nb", "v"],
    ["a", "v\r\nb: c"],
    ["a", "v\n"],
    ["a", "\u{100}"],
    ...CONTROLS.map((char): [string, string] => ["a", char]),
  ];
  for (const field of fields) {
    assertThrows(
      () => formatRequestHead({ ...PARTS, fields: [field] }),
      TypeError,
    );
  }
});
