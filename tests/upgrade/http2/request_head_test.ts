import { assertEquals, assertThrows } from "@std/assert";
import { HttpError, type HttpErrorCode } from "../../../upgrade/http1/mod.ts";
import { readHttp2Request } from "../../../upgrade/http2/request_head.ts";

const PSEUDO: Readonly<Record<string, string>> = {
  ":method": "GET",
  ":scheme": "http",
  ":authority": "a.example:8080",
  ":path": "/b?c",
};

function raw(
  changes: Readonly<Record<string, string | undefined>> = {},
  ...fields: string[]
): string[] {
  const pseudo = Object.entries({ ...PSEUDO, ...changes })
    .filter(([, value]) => value !== undefined) as [string, string][];
  return [...pseudo.flat(), ...fields];
}

Deno.test("readHttp2Request() gives the head that HTTP/1.1 would have", () => {
  const { head, scheme } = readHttp2Request(
    raw({ ":method": "POST" }, "a", "1", "a", "2", "content-length", "3"),
  );
  assertEquals(head, {
    method: "POST",
    target: "/b?c",
    form: "origin",
    version: "HTTP/1.1",
    fields: [
      ["host", "a.example:8080"],
      ["a", "1"],
      ["a", "2"],
      ["content-length", "3"],
    ],
    authority: "a.example:8080",
    path: "/b?c",
    body: { kind: "length", length: 3 },
    keepAlive: true,
    expectsContinue: false,
    upgrade: [],
  });
  assertEquals(scheme, "http");
});

Deno.test("readHttp2Request() takes Host where there is no authority, and one that agrees with it", () => {
  const alone = readHttp2Request(
    raw({ ":authority": undefined }, "host", "b.example"),
  );
  assertEquals(alone.head.authority, "b.example");
  const both = readHttp2Request(raw({}, "host", "A.example:8080"));
  assertEquals(both.head.fields, [["host", "A.example:8080"]]);
});

Deno.test("readHttp2Request() puts cookies together on one line", () => {
  const { head } = readHttp2Request(
    raw({}, "cookie", "a=1", "x", "y", "cookie", "b=2", "cookie", "c=3"),
  );
  assertEquals(head.fields.slice(1), [["cookie", "a=1; b=2; c=3"], ["x", "y"]]);
});

Deno.test("readHttp2Request() takes * for OPTIONS, and a client that waits for 100", () => {
  const { head } = readHttp2Request(
    raw(
      { ":method": "OPTIONS", ":path": "*" },
      ...["expect", "100-continue"],
    ),
  );
  assertEquals([head.form, head.path], ["asterisk", "*"]);
  assertEquals(head.expectsContinue, true);
});

const REFUSED: readonly [HttpErrorCode, string[]][] = [
  ["bad_method", raw({ ":method": "G T" })],
  ["bad_method", raw({ ":method": "" })],
  ["method_too_long", raw({ ":method": "A".repeat(33) })],
  ["connect_over_http2", raw({ ":method": "CONNECT", ":path": undefined })],
  ["bad_target", raw({ ":path": "" })],
  ["bad_target", raw({ ":path": "b" })],
  ["bad_target", raw({ ":path": "*" })],
  ["bad_target", raw({ ":path": "http://a.example/" })],
  ["bad_target", raw({ ":path": "/%4" })],
  ["bad_target", raw({ ":path": "/%zz" })],
  ["bad_target", raw({ ":path": "/a b" })],
  ["bad_target", raw({ ":path": "/a\\b" })],
  ["bad_target", raw({ ":path": "/#a" })],
  ["bad_target", raw({ ":path": "/é" })],
  ["target_too_long", raw({ ":path": `/${"a".repeat(8192)}` })],
  ["missing_host", raw({ ":authority": undefined })],
  ["bad_host", raw({ ":authority": "a@b" })],
  ["bad_host", raw({ ":authority": "a/b" })],
  ["bad_host", raw({ ":authority": "" })],
  ["bad_host", raw({}, "host", "b.example")],
  [
    "duplicate_host",
    raw({ ":authority": undefined }, "host", "b", "host", "b"),
  ],
  ["bad_field_value", raw({}, "a", "b\nc")],
  ["bad_field_value", raw({ ":path": "/\x00" })],
  ["bad_field_name", raw({}, "a b", "c")],
  ["bad_content_length", raw({}, "content-length", "1x")],
  ["conflicting_content_length", raw({}, "content-length", "1, 2")],
  ["expectation_failed", raw({}, "expect", "magic")],
  ["head_too_large", raw({}, "a", "b".repeat(16_384))],
  ["too_many_fields", raw({}, ...Array<string>(202).fill("a"))],
];

for (const [code, fields] of REFUSED) {
  const told = JSON.stringify(fields.slice(0, 12)).slice(0, 120);
  Deno.test(`readHttp2Request() refuses with ${code}: ${told}`, () => {
    const error = assertThrows(() => readHttp2Request(fields), HttpError);
    assertEquals(error.code, code);
  });
}

Deno.test("readHttp2Request() counts by the limits that it is given", () => {
  const limits = { maxFields: 1, maxHeadBytes: 120, maxTargetBytes: 4 };
  readHttp2Request(raw({}, "a", "b"), limits);
  const codes = [
    raw({}, "a", "b", "c", "d"),
    raw({}, "a", "b".repeat(60)),
    raw({ ":path": "/1234" }),
  ].map((fields) =>
    assertThrows(() => readHttp2Request(fields, limits), HttpError).code
  );
  assertEquals(codes, ["too_many_fields", "head_too_large", "target_too_long"]);
});
