import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  HttpResponseError,
  type HttpResponseErrorCode,
  type ReceivedResponseHead,
  type ResponseHeadLimits,
  ResponseHeadParser,
} from "../../../upgrade/http1/mod.ts";
import { bytesOf, everySplit, textOf } from "./feed.ts";
import { CONTROLS, NOT_ASCII } from "./grammar_rule.ts";

type Outcome =
  | { head: ReceivedResponseHead; rest: string }
  | { code: HttpResponseErrorCode }
  | "incomplete";

interface Setting {
  method?: string;
  limits?: Partial<ResponseHeadLimits>;
}

function parse(
  pieces: Uint8Array[],
  { method = "GET", limits = {} }: Setting,
): Outcome {
  const parser = new ResponseHeadParser(limits);
  parser.reset(method);
  let rest = "";
  try {
    for (const piece of pieces) {
      const used = parser.parse(piece);
      if (parser.head === undefined) assertEquals(used, piece.length);
      rest += textOf(piece.subarray(used));
    }
  } catch (error) {
    if (error instanceof HttpResponseError) return { code: error.code };
    throw error;
  }
  return parser.head === undefined ? "incomplete" : { head: parser.head, rest };
}

/** Feeds a head in all splits, which must not differ; gives what they gave. */
function parseEveryWay(text: string, setting: Setting = {}): Outcome {
  const bytes = bytesOf(text);
  const whole = parse([bytes], setting);
  for (const pieces of everySplit(bytes)) {
    assertEquals(parse(pieces, setting), whole);
  }
  return whole;
}

function headOf(text: string, setting: Setting = {}): ReceivedResponseHead {
  const outcome = parseEveryWay(text, setting);
  assert(
    typeof outcome === "object" && "head" in outcome,
    outcomeText(outcome),
  );
  return outcome.head;
}

function outcomeText(outcome: Outcome): string {
  return JSON.stringify(outcome);
}

Deno.test("ResponseHeadParser.parse() gives every part of a head when it is complete", () => {
  assertEquals(
    parseEveryWay(
      "HTTP/1.1 404 Not \tFound\xe9 \r\nX-A:  b\r\nContent-Length: 3\r\n" +
        "x-a: \xff\r\n\r\nabcHTTP/1.1 200 OK\r\n\r\n",
    ),
    {
      head: {
        version: "HTTP/1.1",
        status: 404,
        reason: "Not \tFound\xe9 ",
        fields: [["x-a", "b"], ["content-length", "3"], ["x-a", "\xff"]],
        body: { kind: "length", length: 3 },
        keepAlive: true,
        upgrade: [],
      },
      rest: "abcHTTP/1.1 200 OK\r\n\r\n",
    },
  );
});

Deno.test("ResponseHeadParser.parse() takes a status line when its reason is empty", () => {
  const head = headOf("HTTP/1.0 200 \r\n\r\n");
  assertEquals([head.version, head.status, head.reason], ["HTTP/1.0", 200, ""]);
});

Deno.test("ResponseHeadParser.parse() takes every status from 100 to 599", () => {
  for (const status of [100, 101, 199, 200, 304, 499, 599]) {
    const fields = status === 101
      ? "Connection: upgrade\r\nUpgrade: a\r\n"
      : "";
    const head = headOf(`HTTP/1.1 ${status} Any\r\n${fields}\r\n`);
    assertEquals(head.status, status);
  }
});

// Each text ends with the byte that is wrong.
const refused: [code: HttpResponseErrorCode, ...texts: string[]][] = [
  // RFC 9112 §4.
  ["bad_status_line", " ", "\r", "h", "<", "I", "\0", "HTTPS", "HTTP/11"],
  ["bad_status_line", "HTTP/1,", "HTTP/1.10", "HTTP/1.1\t", "HTTP/1.1\r"],
  ["bad_status_line", "HTTP/1.1  ", "HTTP/1.1 +", "HTTP/1.1 \xb2"],
  ["bad_status_line", "HTTP/1.1 2\r", "HTTP/1.1 20 ", "HTTP/1.1 2000"],
  ["bad_status_line", "HTTP/1.1 200\t", "HTTP/1.1 200\r"],
  ["bad_status_line", ...CONTROLS.map((char) => `HTTP/1.1 200 O${char}`)],
  // RFC 9112 §2.3.
  ["version_not_supported", "HTTP/0.9", "HTTP/1.2", "HTTP/2.0", "HTTP/9.9"],
  // RFC 9110 §15.
  ["bad_status", "HTTP/1.1 0", "HTTP/1.1 6", "HTTP/1.1 9"],
  // RFC 9112 §2.2.
  ["bare_lf", "\n", "HTTP\n", "HTTP/1.1\n", "HTTP/1.1 200\n"],
  ["bare_lf", "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\n\n"],
  ["bare_lf", "HTTP/1.1 200 OK\r\nA\n", "HTTP/1.1 200 OK\r\nA: b\n"],
  ["bare_cr", "HTTP/1.1 200 OK\rX", "HTTP/1.1 200 OK\r\r"],
  ["bare_cr", "HTTP/1.1 200 OK\r\nA: b\rX", "HTTP/1.1 200 OK\r\n\rX"],
  // RFC 9112 §5.2 and §5.1.
  ["obs_fold", "HTTP/1.1 200 OK\r\n ", "HTTP/1.1 200 OK\r\nA: b\r\n\t"],
  ["bad_field_name", "HTTP/1.1 200 OK\r\nA ", "HTTP/1.1 200 OK\r\n:"],
  ["bad_field_name", ...NOT_ASCII.map((c) => `HTTP/1.1 200 OK\r\nA${c}`)],
  ["bad_field_value", ...CONTROLS.map((c) => `HTTP/1.1 200 OK\r\nA: b${c}`)],
];
for (const [code, ...texts] of refused) {
  const names = texts.slice(0, 8).map((text) => JSON.stringify(text));
  Deno.test(`ResponseHeadParser.parse() throws ${code} at the last byte of ${names.join(", ")}`, () => {
    for (const text of texts) {
      assertEquals(parseEveryWay(text.slice(0, -1)), "incomplete", text);
      assertEquals(parseEveryWay(text), { code }, JSON.stringify(text));
    }
  });
}

const OK = "HTTP/1.1 200 OK\r\n";
const contradictory: [code: HttpResponseErrorCode, head: string][] = [
  ["bad_connection", `${OK}Connection: a b\r\n\r\n`],
  ["bad_content_length", `${OK}Content-Length: 5x\r\n\r\n`],
  ["bad_content_length", `${OK}Content-Length:\r\n\r\n`],
  ["bad_content_length", `${OK}Content-Length: 9007199254740992\r\n\r\n`],
  ["conflicting_content_length", `${OK}Content-Length: 5, 6\r\n\r\n`],
  [
    "conflicting_content_length",
    `${OK}Content-Length: 5\r\nContent-Length: 05\r\n\r\n`,
  ],
  [
    "content_length_with_transfer_encoding",
    `${OK}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n`,
  ],
  ["bad_transfer_encoding", `${OK}Transfer-Encoding: gzip\r\n\r\n`],
  ["bad_transfer_encoding", `${OK}Transfer-Encoding: identity\r\n\r\n`],
  ["bad_transfer_encoding", `${OK}Transfer-Encoding: chunked, chunked\r\n\r\n`],
  ["bad_transfer_encoding", `${OK}Transfer-Encoding: chunked;q=1\r\n\r\n`],
  [
    "transfer_coding_not_supported",
    `${OK}Transfer-Encoding: gzip, chunked\r\n\r\n`,
  ],
  [
    "transfer_encoding_in_http_1_0",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  ],
  ["bad_switch", "HTTP/1.1 101 \r\n\r\n"],
  ["bad_switch", "HTTP/1.1 101 \r\nUpgrade: a\r\n\r\n"],
  ["bad_switch", "HTTP/1.1 101 \r\nConnection: upgrade\r\n\r\n"],
  ["bad_switch", "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: ,\r\n\r\n"],
  ["bad_switch", "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: a/\r\n\r\n"],
  ["bad_switch", "HTTP/1.0 101 \r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n"],
];
for (const [code, head] of contradictory) {
  Deno.test(`ResponseHeadParser.parse() throws ${code} when ${JSON.stringify(head)} ends`, () => {
    assertEquals(parseEveryWay(head.slice(0, -1)), "incomplete");
    assertEquals(parseEveryWay(head), { code });
  });
}

// RFC 9112 §6.3.
const LENGTH = "Content-Length: 5\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const framings: [
  name: string,
  head: string,
  body: ReceivedResponseHead["body"],
  method?: string,
][] = [
  ["until the end", `${OK}\r\n`, { kind: "until_close" }],
  ["by length", `${OK}${LENGTH}\r\n`, { kind: "length", length: 5 }],
  ["by a repeated length", `${OK}Content-Length: 5, 5\r\n${LENGTH}\r\n`, {
    kind: "length",
    length: 5,
  }],
  ["in chunks", `${OK}${CHUNKED}\r\n`, { kind: "chunked" }],
  ["not at all, to HEAD", `${OK}${LENGTH}\r\n`, { kind: "none" }, "HEAD"],
  ["not at all, to HEAD", `${OK}\r\n`, { kind: "none" }, "HEAD"],
  ["not at all, in 204", `HTTP/1.1 204 \r\n${LENGTH}\r\n`, { kind: "none" }],
  ["not at all, in 304", `HTTP/1.1 304 \r\n${LENGTH}\r\n`, { kind: "none" }],
  ["not at all, in 304", `HTTP/1.1 304 \r\n${CHUNKED}\r\n`, { kind: "none" }],
  ["not at all, in 100", `HTTP/1.1 100 \r\n${LENGTH}\r\n`, { kind: "none" }],
  ["not at all, in 103", `HTTP/1.1 103 \r\n${CHUNKED}\r\n`, { kind: "none" }],
  [
    "not at all, in 2xx to CONNECT",
    `${OK}${CHUNKED}\r\n`,
    { kind: "none" },
    "CONNECT",
  ],
  [
    "not at all, in 2xx to CONNECT",
    `HTTP/1.1 299 \r\n\r\n`,
    { kind: "none" },
    "CONNECT",
  ],
  ["by length, in 300 to CONNECT", `HTTP/1.1 300 \r\n${LENGTH}\r\n`, {
    kind: "length",
    length: 5,
  }, "CONNECT"],
  ["until the end, in 407 to CONNECT", `HTTP/1.1 407 \r\n\r\n`, {
    kind: "until_close",
  }, "CONNECT"],
];
Deno.test("ResponseHeadParser.parse() frames the body as RFC 9112 §6.3 says", async (t) => {
  for (const [name, head, body, method = "GET"] of framings) {
    await t.step(`${name}: ${JSON.stringify(head)}`, () => {
      assertEquals(headOf(head, { method }).body, body);
    });
  }
});

// RFC 9112 §9.3.
const persistence: [head: string, keepAlive: boolean][] = [
  [`${OK}${LENGTH}\r\n`, true],
  [`${OK}${LENGTH}Connection: close\r\n\r\n`, false],
  [`${OK}${LENGTH}Connection: x, CLOSE\r\n\r\n`, false],
  [`${OK}\r\n`, false],
  [`HTTP/1.0 200 OK\r\n${LENGTH}\r\n`, false],
  [`HTTP/1.0 200 OK\r\n${LENGTH}Connection: Keep-Alive\r\n\r\n`, true],
  [`HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n`, false],
  ["HTTP/1.1 204 \r\n\r\n", true],
];
Deno.test("ResponseHeadParser.parse() says whether the connection goes on when the head ends", () => {
  for (const [head, keepAlive] of persistence) {
    assertEquals(headOf(head).keepAlive, keepAlive, head);
  }
});

Deno.test("ResponseHeadParser.parse() gives the protocols when the status is 101 alone", () => {
  const fields = "Connection: x, Upgrade\r\nUpgrade: TLS/1.0, foo\r\n\r\n";
  assertEquals(headOf(`HTTP/1.1 101 \r\n${fields}`).upgrade, [
    "TLS/1.0",
    "foo",
  ]);
  assertEquals(headOf(`HTTP/1.1 426 \r\n${fields}`).upgrade, []);
  assertEquals(headOf(`HTTP/1.1 426 \r\nUpgrade: a/\r\n\r\n`).upgrade, []);
});

Deno.test("ResponseHeadParser.parse() throws head_too_large when the head has one byte too many", () => {
  for (
    const head of [`${OK}X: ${"a".repeat(20)}\r\n\r\n`, "HTTP/1.1 200 \r\n\r\n"]
  ) {
    assertEquals(
      headOf(head, { limits: { maxHeadBytes: head.length } }).status,
      200,
    );
    for (let missing = 1; missing < head.length; missing++) {
      const limits = { maxHeadBytes: head.length - missing };
      assertEquals(parseEveryWay(head, { limits }), { code: "head_too_large" });
    }
  }
});

Deno.test("ResponseHeadParser.parse() throws at the byte after the limit when reason or field has no end", () => {
  for (const start of ["HTTP/1.1 200 ", `${OK}X: `]) {
    const parser = new ResponseHeadParser();
    parser.reset("GET");
    parser.parse(bytesOf(start));
    let fed = start.length;
    const error = assertThrows(() => {
      for (; fed < 1 << 20; fed++) parser.parse(bytesOf("a"));
    }, HttpResponseError);
    assertEquals(error.code, "head_too_large");
    // Both line ends of a reason are still to come.
    assertEquals(fed, start === "HTTP/1.1 200 " ? 65536 - 2 : 65536);
    const whole = bytesOf(start + "a".repeat(1 << 20));
    assertEquals(parse([whole], {}), { code: "head_too_large" });
  }
});

Deno.test("ResponseHeadParser.parse() throws too_many_fields when one more comes than may", () => {
  const head = (count: number) =>
    bytesOf(`${OK}${"X: 1\r\n".repeat(count)}\r\n`);
  assert(parse([head(200)], {}) !== "incomplete");
  assertEquals(parse([head(201)], {}), { code: "too_many_fields" });
  assertEquals(parse([head(2)], { limits: { maxFields: 1 } }), {
    code: "too_many_fields",
  });
});

Deno.test("ResponseHeadParser.reset() forgets the response when it is complete or cut anywhere", () => {
  const head = "HTTP/1.0 404 No\r\nX: 1\r\nContent-Length: 5\r\n\r\n";
  const next = "HTTP/1.1 200 OK\r\nY: 2\r\n\r\n";
  const fresh = headOf(next, { method: "HEAD" });
  const parser = new ResponseHeadParser();
  for (let length = 0; length <= head.length; length++) {
    parser.reset("GET");
    assertEquals(parser.started, false);
    parser.parse(bytesOf(head.slice(0, length)));
    assertEquals(parser.started, length > 0);
    parser.reset("HEAD");
    assertEquals(parser.head, undefined);
    assertEquals(parser.parse(bytesOf(`${next}abc`)), next.length);
    assertEquals(parser.head, fresh, `Cut after ${length} bytes`);
    assertEquals(parser.parse(bytesOf("abc")), 0);
  }
});
