import {
  assert,
  assertEquals,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { HeadParser, HttpError } from "../../../upgrade/http1/mod.ts";
import {
  assertHead,
  assertRefusedAtLastByte,
  bytesOf,
  NEXT,
  parseHead,
  parseHeadEveryWay,
} from "./feed.ts";

const HOST = "Host: a.example\r\n";

Deno.test("HeadParser.parse() gives every part of a head when it is complete", () => {
  assertHead(
    "POST /chat/a%20b?x=1&y=%2F HTTP/1.1\r\n" +
      "Host: a.example:8000\r\nX-Empty:\r\nX-Tabs: \t one\t two \t\r\n" +
      "Content-Length: 3\r\nx-empty: again\r\n\r\n",
    {
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
  );
});

Deno.test("HeadParser.parse() takes any token when it reads the method", () => {
  for (const method of ["GET", "get", "M-SEARCH", "!#$%&'*+-.^_`|~09azAZ"]) {
    assertHead(`${method} / HTTP/1.1\r\n${HOST}\r\n`, { method });
  }
  assertHead(`${"M".repeat(32)} / HTTP/1.1\r\n${HOST}\r\n`, {});
});

Deno.test("HeadParser.parse() throws bad_method when a byte is not of a token", () => {
  const outsiders = '"(),/:;<=>?@[\\]{}\x7f\x80\xff\x00\x01\x0b\x1f';
  for (const outsider of outsiders) {
    assertRefusedAtLastByte(outsider, "bad_method");
    assertRefusedAtLastByte(`GE${outsider}`, "bad_method");
  }
});

Deno.test("HeadParser.parse() throws at the first byte when TLS begins", () => {
  assertRefusedAtLastByte("\x16", "bad_method");
});

Deno.test("HeadParser.parse() throws method_too_long when a method has 33 bytes", () => {
  assertRefusedAtLastByte("M".repeat(33), "method_too_long");
  assertRefusedAtLastByte(`\r\n${"M".repeat(33)}`, "method_too_long");
});

Deno.test("HeadParser.parse() throws bad_request_line when its parts are not parted by one space", () => {
  const cases = [
    " ",
    "\t",
    "GET\t",
    "GET\r",
    "GET  ",
    "GET /\t",
    "GET /  ",
    "GET /\r",
    "GET / \r",
    "GET / HTTP/1.1 ",
    "GET / HTTP/1.1\t",
    "GET / HTTP/1.10",
  ];
  for (const text of cases) assertRefusedAtLastByte(text, "bad_request_line");
});

Deno.test("HeadParser.parse() throws bad_request_line when the version is malformed", () => {
  const cases = [
    "h",
    "HTTp",
    "HTTPS",
    "HTTP ",
    "HTTP/x",
    "HTTP/.",
    "HTTP/11",
    "HTTP/1,",
    "HTTP/1.x",
    "HTTP/1.\r",
    "HTTP/\xb2",
    "\x00",
  ];
  for (const version of cases) {
    assertRefusedAtLastByte(`GET / ${version}`, "bad_request_line");
  }
});

Deno.test("HeadParser.parse() throws version_not_supported when it is not 1.0 or 1.1", () => {
  for (const version of ["0.9", "1.2", "1.9", "2.0", "3.0", "9.9", "0.1"]) {
    assertRefusedAtLastByte(`GET / HTTP/${version}`, "version_not_supported");
  }
});

Deno.test("HeadParser.parse() throws version_not_supported when the preface of HTTP/2 comes", () => {
  assertRefusedAtLastByte("PRI * HTTP/2.0", "version_not_supported");
});

Deno.test("HeadParser.parse() takes 1.0 when it reads the version", () => {
  assertHead("GET / HTTP/1.0\r\n\r\n", {
    version: "HTTP/1.0",
    authority: "",
    keepAlive: false,
  });
});

Deno.test("HeadParser.parse() skips one empty line when it comes before the request line", () => {
  assertHead(`\r\nGET / HTTP/1.1\r\n${HOST}\r\n`, { method: "GET" });
});

Deno.test("HeadParser.parse() throws bad_request_line when two empty lines come first", () => {
  assertRefusedAtLastByte("\r\n\r", "bad_request_line");
});

Deno.test("HeadParser.parse() throws bare_lf when a line ends with LF alone", () => {
  const cases = [
    "\n",
    "\r\n\n",
    "GET\n",
    "GET \n",
    "GET /\n",
    "GET /%2\n",
    "GET / \n",
    "GET / HTTP/1.\n",
    "GET / HTTP/1.1\n",
    "GET / HTTP/1.1\r\n\n",
    "GET / HTTP/1.1\r\nHost\n",
    "GET / HTTP/1.1\r\nHost:\n",
    "GET / HTTP/1.1\r\nHost: a.example\n",
    `GET / HTTP/1.1\r\n${HOST}\n`,
  ];
  for (const text of cases) assertRefusedAtLastByte(text, "bare_lf");
});

Deno.test("HeadParser.parse() throws bare_cr when a CR has no LF after it", () => {
  const cases = [
    "\rG",
    "\r\r",
    "GET / HTTP/1.1\rH",
    "GET / HTTP/1.1\r\r",
    "GET / HTTP/1.1\r\nHost: a\rb",
    "GET / HTTP/1.1\r\nHost: a\r\r",
    `GET / HTTP/1.1\r\n${HOST}\r\r`,
    `GET / HTTP/1.1\r\n${HOST}\rX`,
  ];
  for (const text of cases) assertRefusedAtLastByte(text, "bare_cr");
});

Deno.test("HeadParser.parse() takes every character of RFC 3986 when it reads a target", () => {
  const pchars = "azAZ09-._~!$&'()*+,;=:@%00%fF";
  const target = `/${pchars}//${pchars}?${pchars}/?${pchars}`;
  assertHead(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`, {
    target,
    path: target,
    form: "origin",
  });
});

Deno.test("HeadParser.parse() throws bad_target when a character may not be in one", () => {
  const outsiders = '"#<>\\\x7f\x80\xe9\xff\x00\x0b\x1f';
  for (const outsider of outsiders) {
    for (const before of ["/", "/?", "", "http://a/"]) {
      assertRefusedAtLastByte(`GET ${before}${outsider}`, "bad_target");
    }
  }
});

Deno.test("HeadParser.parse() takes what browsers do not escape in a query", () => {
  const target = "/?list[]=1&either=a|b&set={c}&mark=^`";
  assertHead(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`, {
    target,
    path: target,
    form: "origin",
  });
});

Deno.test("HeadParser.parse() throws bad_target when an escape has no two hex digits", () => {
  for (const escape of ["%g", "%%", "%0g", "%0%", "% ", "%2 ", "%\x00"]) {
    assertRefusedAtLastByte(`GET /${escape}`, "bad_target");
  }
});

Deno.test("HeadParser.parse() throws bad_target when the line with a target of no form ends", () => {
  const cases = [
    "GET a",
    "GET *",
    "GET **",
    "OPTIONS **",
    "GET ?a",
    "GET a.example:80",
    "CONNECT /",
    "CONNECT *",
    "CONNECT http://a.example:80",
  ];
  for (const text of cases) {
    assertRefusedAtLastByte(
      `${text} HTTP/1.1\r\n`,
      "bad_target",
    );
  }
});

Deno.test("HeadParser.parse() throws obs_fold when a line begins with white space", () => {
  for (const space of " \t") {
    assertRefusedAtLastByte(`GET / HTTP/1.1\r\n${space}`, "obs_fold");
    assertRefusedAtLastByte(`GET / HTTP/1.1\r\n${HOST}${space}`, "obs_fold");
  }
});

Deno.test("HeadParser.parse() takes every token when it reads a field name", () => {
  assertHead(`GET / HTTP/1.1\r\n${HOST}!#$%&'*+-.^_\`|~09aZ: v\r\n\r\n`, {
    fields: [["host", "a.example"], ["!#$%&'*+-.^_`|~09az", "v"]],
  });
});

Deno.test("HeadParser.parse() throws bad_field_name when a byte is not of a token", () => {
  const outsiders = ' \t\r"(),/;<=>?@[\\]{}\x7f\x80\xff\x00\x0b\x1f';
  for (const outsider of outsiders) {
    const text = `GET / HTTP/1.1\r\n${HOST}X-Name${outsider}`;
    assertRefusedAtLastByte(text, "bad_field_name");
  }
  assertRefusedAtLastByte("GET / HTTP/1.1\r\n:", "bad_field_name");
  assertRefusedAtLastByte("GET / HTTP/1.1\r\n\x00", "bad_field_name");
});

Deno.test("HeadParser.parse() throws bad_field_name when a space stands before the colon", () => {
  for (const name of ["Host", "Content-Length", "Transfer-Encoding"]) {
    assertRefusedAtLastByte(`GET / HTTP/1.1\r\n${name} `, "bad_field_name");
  }
});

Deno.test("HeadParser.parse() takes one character a byte when a value is not ASCII", () => {
  let value = "";
  for (let code = 0x21; code <= 0xff; code++) {
    if (code !== 0x7f) value += String.fromCharCode(code);
  }
  assertHead(`GET / HTTP/1.1\r\n${HOST}X: ${value}\r\nY: \x80\r\n\r\n`, {
    fields: [["host", "a.example"], ["x", value], ["y", "\x80"]],
  });
  const lowest = "\x80".repeat(20);
  assertHead(`GET / HTTP/1.1\r\n${HOST}X: ${lowest}\r\n\r\n`, {
    fields: [["host", "a.example"], ["x", lowest]],
  });
});

Deno.test("HeadParser.parse() keeps what is no space or tab when it trims a value", () => {
  assertHead(`GET / HTTP/1.1\r\n${HOST}X: \xa0a\x85 \xa0 \t\r\n\r\n`, {
    fields: [["host", "a.example"], ["x", "\xa0a\x85 \xa0"]],
  });
});

Deno.test("HeadParser.parse() throws bad_field_value when a value has a control", () => {
  const controls = Array.from({ length: 32 }, (_, code) => code)
    .filter((code) => ![0x09, 0x0a, 0x0d].includes(code));
  for (const code of [...controls, 0x7f]) {
    const control = String.fromCharCode(code);
    const start = `GET / HTTP/1.1\r\n${HOST}X:`;
    assertRefusedAtLastByte(start + control, "bad_field_value");
    assertRefusedAtLastByte(`${start} a${control}`, "bad_field_value");
  }
});

Deno.test("HeadParser.parse() throws target_too_long when the target has one byte too many", () => {
  const limits = { maxTargetBytes: 10 };
  const refused = { code: "target_too_long", status: 414 };
  const line = (target: string) => `GET ${target} HTTP/1.1\r\n${HOST}\r\n`;
  for (const target of ["/aaaaaaaaa", "/aaaaaa%20", "/aaaaa%20a"]) {
    const outcome = parseHeadEveryWay(line(target), limits);
    assert(outcome !== "incomplete" && "head" in outcome, target);
  }
  for (
    const target of ["/aaaaaaaaaa", "/aaaaaaa%20", "/aaaaaaaa%2", "/aaaaaaaaa%"]
  ) {
    assertEquals(parseHeadEveryWay(`GET ${target}`, limits), refused, target);
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

Deno.test("HeadParser.parse() throws too_many_fields when one field too many begins", () => {
  const fields = (count: number) => "X: 1\r\n".repeat(count);
  const limits = { maxFields: 3 };
  const start = `GET / HTTP/1.1\r\n${HOST}`;
  const outcome = parseHeadEveryWay(`${start}${fields(2)}\r\n`, limits);
  assert(outcome !== "incomplete" && "head" in outcome);
  assertEquals(parseHeadEveryWay(start + fields(2), limits), "incomplete");
  assertEquals(parseHeadEveryWay(`${start}${fields(2)}X`, limits), {
    code: "too_many_fields",
    status: 431,
  });
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

Deno.test("HeadParser.reset() forgets the request when it is complete or cut", () => {
  const parser = new HeadParser();
  parser.parse(
    bytesOf(`POST /a HTTP/1.0\r\nX: 1\r\nContent-Length: 5\r\n\r\n`),
  );
  const first = parser.head;
  parser.reset();
  assertEquals(parser.head, undefined);
  parser.parse(bytesOf("PATCH /cut%2"));
  parser.reset();
  parser.parse(bytesOf("PATCH /cut HTTP/1.1\r\nCut: of"));
  parser.reset();
  const fresh = new HeadParser();
  parser.parse(bytesOf(NEXT));
  fresh.parse(bytesOf(NEXT));
  assertEquals(parser.head, fresh.head);
  assertEquals(first?.fields, [["x", "1"], ["content-length", "5"]]);
});
