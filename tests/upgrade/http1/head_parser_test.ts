import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HeadParser, HttpError } from "../../../upgrade/http1/mod.ts";
import { bytesOf, NEXT, parseHead, parseHeadEveryWay } from "./feed.ts";

const HOST = "Host: a.example\r\n";

Deno.test("HeadParser.parse() gives every part of a head when it is complete", () => {
  const outcome = parseHeadEveryWay(
    "POST /chat/a%20b?x=1&y=%2F HTTP/1.1\r\n" +
      "Host: a.example:8000\r\nX-Empty:\r\nX-Tabs: \t one\t two \t\r\n" +
      "Content-Length: 3\r\nx-empty: again\r\n\r\n" + NEXT,
  );
  assertEquals(outcome, {
    rest: NEXT,
    head: {
      method: "POST",
      target: "/chat/a%20b?x=1&y=%2F",
      form: "origin",
      version: "HTTP/1.1",
      fields: [
        ["host", "a.example:8000"],
        ["x-empty", ""],
        ["x-tabs", "one\t two"],
        ["content-length", "3"],
        ["x-empty", "again"],
      ],
      authority: "a.example:8000",
      path: "/chat/a%20b?x=1&y=%2F",
      body: { kind: "length", length: 3 },
      keepAlive: true,
      expectsContinue: false,
      upgrade: [],
    },
  });
});

Deno.test("HeadParser.parse() throws bad_target when the line with a target of no form ends", () => {
  for (const line of ["GET a HTTP/1.1\r\n", "CONNECT / HTTP/1.1\r\n"]) {
    assertEquals(parseHeadEveryWay(line.slice(0, -1)), "incomplete");
    assertEquals(parseHeadEveryWay(line), { code: "bad_target", status: 400 });
  }
});

Deno.test("HeadParser.parse() throws target_too_long when a request line of 1 MB comes", () => {
  const line = bytesOf(`GET /${"a".repeat(1024 * 1024)} HTTP/1.1\r\n`);
  const refused = { code: "target_too_long", status: 414 };
  assertEquals(parseHead([line]), refused);
  const parser = new HeadParser();
  let fed = 0;
  assertThrows(() => {
    for (; fed < line.length; fed++) parser.parse(line.subarray(fed, fed + 1));
  }, HttpError);
  assertEquals(fed, "GET ".length + 8192);
});

Deno.test("HeadParser.parse() throws head_too_large when the head has one byte too many", () => {
  const head = `GET / HTTP/1.1\r\n${HOST}X: ${"a".repeat(20)}\r\n\r\n`;
  const size = { maxHeadBytes: head.length };
  const outcome = parseHeadEveryWay(head + NEXT, size);
  assert(outcome !== "incomplete" && "head" in outcome);
  assertEquals(outcome.rest, NEXT);
  assertEquals(
    parseHeadEveryWay(`\r\n${head}`, size),
    parseHeadEveryWay(head),
  );
  for (let missing = 1; missing < head.length; missing++) {
    assertEquals(
      parseHeadEveryWay(head, { maxHeadBytes: head.length - missing }),
      { code: "head_too_large", status: 431 },
    );
  }
});

Deno.test("HeadParser.parse() throws head_too_large when a field of 1 MB comes", () => {
  const bytes = bytesOf(`GET / HTTP/1.1\r\nX: ${"a".repeat(1024 * 1024)}`);
  const refused = { code: "head_too_large", status: 431 };
  assertEquals(parseHead([bytes]), refused);
  const parser = new HeadParser();
  let fed = 0;
  assertThrows(() => {
    for (; fed < bytes.length; fed++) {
      parser.parse(bytes.subarray(fed, fed + 1));
    }
  }, HttpError);
  assertEquals(fed, 16384);
});

Deno.test("HeadParser.parse() throws too_many_fields when 10,000 come", () => {
  const bytes = bytesOf(`GET / HTTP/1.1\r\n${"X: 1\r\n".repeat(10_000)}\r\n`);
  assertEquals(parseHead([bytes]), { code: "too_many_fields", status: 431 });
  const hundred = `GET / HTTP/1.1\r\n${HOST}${"X: 1\r\n".repeat(99)}\r\n`;
  const outcome = parseHead([bytesOf(hundred)]);
  assert(outcome !== "incomplete" && "head" in outcome);
  assertEquals(outcome.head.fields.length, 100);
});

Deno.test("HeadParser.parse() uses nothing when the head is complete", () => {
  const parser = new HeadParser();
  const bytes = bytesOf(`GET / HTTP/1.1\r\n${HOST}\r\n${NEXT}`);
  const used = parser.parse(bytes);
  const head = parser.head;
  assertEquals(parser.parse(bytes.subarray(used)), 0);
  assertStrictEquals(parser.head, head);
});

Deno.test("HeadParser.parse() keeps no byte when the caller's buffer changes after it", () => {
  const bytes = bytesOf(`GET /abc HTTP/1.1\r\n${HOST}X-Name: value\r\n\r\n`);
  const buffer = new Uint8Array(7);
  const parser = new HeadParser();
  for (let at = 0; at < bytes.length; at += buffer.length) {
    const piece = bytes.subarray(at, at + buffer.length);
    buffer.set(piece);
    parser.parse(buffer.subarray(0, piece.length));
    buffer.fill(0x58);
  }
  assertEquals(parser.head?.target, "/abc");
  assertEquals(parser.head?.fields[1], ["x-name", "value"]);
});

Deno.test("HeadParser.started is false when only an empty line has come", () => {
  const parser = new HeadParser();
  const seen = [];
  for (const char of "\r\nGET") {
    seen.push(parser.started);
    parser.parse(bytesOf(char));
  }
  assertEquals(seen, [false, false, false, true, true]);
  assert(parser.started);
  parser.reset();
  assertEquals(parser.started, false);
});

Deno.test("HeadParser.reset() forgets the request when it is complete or cut anywhere", () => {
  const head = "POST /a%20b HTTP/1.0\r\nX: 1\r\nContent-Length: 5\r\n\r\n";
  const fresh = new HeadParser();
  fresh.parse(bytesOf(NEXT));
  const parser = new HeadParser();
  for (let length = 0; length <= head.length; length++) {
    parser.parse(bytesOf(head.slice(0, length)));
    const first = parser.head;
    parser.reset();
    assertEquals(parser.head, undefined);
    parser.parse(bytesOf(NEXT));
    assertEquals(parser.head, fresh.head, `Cut after ${length} bytes`);
    parser.reset();
    if (length < head.length) assertEquals(first, undefined);
    else assertEquals(first?.fields, [["x", "1"], ["content-length", "5"]]);
  }
});

Deno.test("HeadParser.method is there as soon as the space after it, until reset()", () => {
  const parser = new HeadParser();
  parser.parse(bytesOf("HEAD"));
  assertEquals(parser.method, "");
  parser.parse(bytesOf(" "));
  assertEquals(parser.method, "HEAD");
  assertThrows(() => parser.parse(bytesOf(" ")), HttpError);
  assertEquals(parser.method, "HEAD");
  parser.reset();
  assertEquals(parser.method, "");
});
