import { assertEquals, assertStrictEquals, assertThrows } from "@std/assert";
import {
  BodyDecoder,
  type BodyLimits,
  HTTP_ERRORS,
  HttpError,
  type HttpErrorCode,
} from "../../../upgrade/http1/mod.ts";
import { bytesOf, decodeBodyEveryWay, NEXT } from "./feed.ts";

function assertContent(
  text: string,
  { content, limits = {} }: { content: string; limits?: Partial<BodyLimits> },
): void {
  assertEquals(
    decodeBodyEveryWay(text + NEXT, { limits }),
    { content, rest: NEXT },
    text,
  );
}

function assertRefused(
  text: string,
  { code, limits = {} }: { code: HttpErrorCode; limits?: Partial<BodyLimits> },
): void {
  const expected = { code, status: HTTP_ERRORS[code].status };
  assertEquals(decodeBodyEveryWay(text, { limits }), expected, text);
  assertEquals(decodeBodyEveryWay(text + NEXT, { limits }), expected, text);
}

/** Checks that the last byte of `text`, and none before it, is refused. */
function assertRefusedAtLastByte(
  text: string,
  options: { code: HttpErrorCode; limits?: Partial<BodyLimits> },
): void {
  assertEquals(
    decodeBodyEveryWay(text.slice(0, -1), { limits: options.limits ?? {} }),
    { code: "incomplete_body", status: 400 },
    text,
  );
  assertRefused(text, options);
}

Deno.test("BodyDecoder.decode() uses nothing when there is no body", () => {
  for (
    const framing of [
      { kind: "none" },
      { kind: "length", length: 0 },
    ] as const
  ) {
    assertEquals(decodeBodyEveryWay(NEXT, { framing }), {
      content: "",
      rest: NEXT,
    });
    assertEquals(new BodyDecoder(framing).done, true);
  }
});

Deno.test("BodyDecoder.decode() gives as much as declared when the length is known", () => {
  const content = "a\r\n\0\xff";
  assertEquals(
    decodeBodyEveryWay(content + NEXT, {
      framing: { kind: "length", length: content.length },
    }),
    { content, rest: NEXT },
  );
});

Deno.test("BodyDecoder.decode() gives views of its input when there is content", () => {
  const bytes = bytesOf("5\r\nabcde\r\n");
  const chunked = new BodyDecoder({ kind: "chunked" }).decode(bytes);
  assertStrictEquals(chunked.data.buffer, bytes.buffer);
  assertEquals([chunked.data.byteOffset, chunked.consumed], [3, 8]);
  const length = new BodyDecoder({ kind: "length", length: 4 }).decode(bytes);
  assertStrictEquals(length.data.buffer, bytes.buffer);
  assertEquals([length.data.length, length.consumed], [4, 4]);
});

Deno.test("BodyDecoder.decode() joins chunks when there are several", () => {
  assertContent("0\r\n\r\n", { content: "" });
  assertContent("1\r\na\r\n0\r\n\r\n", { content: "a" });
  assertContent("3\r\na\r\n\r\n2\r\nbc\r\n0\r\n\r\n", { content: "a\r\nbc" });
  assertContent(`1F\r\n${"a".repeat(31)}\r\n0\r\n\r\n`, {
    content: "a".repeat(31),
  });
  assertContent(`aB\r\n${"a".repeat(171)}\r\n0\r\n\r\n`, {
    content: "a".repeat(171),
  });
});

Deno.test("BodyDecoder.decode() takes leading zeros when a size has up to 16 digits", () => {
  assertContent("0000000000000003\r\nabc\r\n0000000000000000\r\n\r\n", {
    content: "abc",
  });
  assertRefusedAtLastByte(`${"0".repeat(17)}`, { code: "chunk_too_large" });
});

Deno.test("BodyDecoder.decode() throws bad_chunk_size when a size is no hex number", () => {
  const sizes = [
    "\r",
    " ",
    "\t",
    ";",
    "x",
    "0x",
    "-",
    "+",
    "g",
    "G",
    "/",
    ":",
    "@",
    "`",
    "5_",
    "5,",
    "5.",
    "\0",
    "5\0",
    "\xb2",
  ];
  for (const size of sizes) {
    assertRefusedAtLastByte(size, { code: "bad_chunk_size" });
    assertRefusedAtLastByte(`1\r\na\r\n${size}`, { code: "bad_chunk_size" });
  }
});

Deno.test("BodyDecoder.decode() throws chunk_too_large when a size is above 2^53 - 1", () => {
  const sizes = ["20000000000000", "10000000000000000", "ffffffffffffffff"];
  for (const size of sizes) {
    assertRefused(`${size}\r\na`, { code: "chunk_too_large" });
  }
  const decoder = new BodyDecoder({ kind: "chunked" });
  decoder.decode(bytesOf("1fffffffffffff\r\n"));
  assertEquals(decoder.decode(bytesOf("a")).consumed, 1);
});

Deno.test("BodyDecoder.decode() throws bare_lf when a line of the framing ends with LF alone", () => {
  const cases = [
    "\n",
    "5\n",
    "5;a\n",
    "5;a=\n",
    '5;a="\n',
    "5 \n",
    "0\r\n\n",
    "0\r\nX: 1\n",
    "0\r\nX\n",
    "0\r\nX: 1\r\n\n",
  ];
  for (const text of cases) assertRefusedAtLastByte(text, { code: "bare_lf" });
});

Deno.test("BodyDecoder.decode() throws bare_cr when a line of the framing has a CR alone", () => {
  const cases = ["5\ra", "5\r\r", "5;a\rb", "0\r\n\ra", "0\r\nX: 1\r\r"];
  for (const text of cases) assertRefusedAtLastByte(text, { code: "bare_cr" });
});

Deno.test("BodyDecoder.decode() throws bad_chunk_end when data is not followed by CR LF", () => {
  const cases = [
    "3\r\nabcd",
    "3\r\nabc\n",
    "3\r\nabc\r\r",
    "3\r\nabc\ra",
    "3\r\nabc0",
    "3\r\nabc ",
  ];
  for (const text of cases) {
    assertRefusedAtLastByte(text, { code: "bad_chunk_end" });
  }
});

Deno.test("BodyDecoder.decode() ignores extensions when they are well formed", () => {
  const extensions = [
    ";a",
    ";a=b",
    ";a;b;c=d",
    ";a=b;c",
    ';a="b";c',
    ' \t;\t a\t =\t "b" ;c',
    ' ; a = b ; c = "d;\\"\\\\ \t\x80\xff"',
    ';a=""',
    ';a="\\\t\\ \\a"',
    ";!#$%&'*+-.^_`|~=!#$%&'*+-.^_`|~",
  ];
  for (const extension of extensions) {
    assertContent(`3${extension}\r\nabc\r\n0${extension}\r\n\r\n`, {
      content: "abc",
    });
  }
});

Deno.test("BodyDecoder.decode() throws bad_chunk_extension when one is not well formed", () => {
  const extensions = [
    ";\r",
    "; \r",
    ";;",
    ";=",
    ";a=\r",
    ";a= \r",
    ";a=;",
    ";a==",
    ";a=b=",
    ';a"',
    ';a=b"',
    ';a="b"c',
    ';a="b""',
    ';a="b\r',
    ';a="\\\r',
    ';a="\0',
    ';a="\\\0',
    ';a="\x7f',
    ";a,",
    ";a\0",
    ";a b",
    ";a \r",
    ";a=b c",
    ";a=b \r",
    ';a="b" \r',
    " \r",
    " a",
    "\t1",
    ";\xe9",
  ];
  for (const extension of extensions) {
    const code = "bad_chunk_extension";
    assertRefusedAtLastByte(`3${extension}`, { code });
    assertRefusedAtLastByte(`0${extension}`, { code });
  }
});

Deno.test("BodyDecoder.decode() throws chunk_extension_too_long when one byte is too many", () => {
  const limits = { maxChunkExtensionBytes: 8 };
  const code = "chunk_extension_too_long";
  const end = "\r\n0\r\n\r\n";
  assertContent(`1;a=45678\r\na${end}`, { content: "a", limits });
  assertContent(`1;a="567"\r\na${end}`, { content: "a", limits });
  assertContent(`1      ;a\r\na${end}`, { content: "a", limits });
  assertRefusedAtLastByte("1;a=456789", { code, limits });
  assertRefusedAtLastByte('1;a="5678"', { code, limits });
  assertRefusedAtLastByte("1         ", { code, limits });
  assertRefusedAtLastByte("1;a", {
    code,
    limits: { maxChunkExtensionBytes: 1 },
  });
  assertRefusedAtLastByte(`1;${"a".repeat(1024)}`, { code });
});

Deno.test("BodyDecoder.decode() counts extensions over chunks when data does not pay for them", () => {
  const limits = { maxChunkExtensionBytes: 8 };
  const paid = "4;a=b\r\nabcd\r\n";
  assertContent(`${paid.repeat(20)}0\r\n\r\n`, {
    content: "abcd".repeat(20),
    limits,
  });
  const unpaid = "1;a=b\r\na\r\n";
  assertContent(`${unpaid.repeat(2)}0\r\n\r\n`, { content: "aa", limits });
  assertRefusedAtLastByte(`${unpaid.repeat(2)}1;a=`, {
    code: "chunk_extension_too_long",
    limits,
  });
});

Deno.test("BodyDecoder.decode() drops trailers when they are well formed", () => {
  assertContent("0\r\nX-Check: abc\r\nY:\r\n\r\n", { content: "" });
  assertContent("1\r\na\r\n0\r\nX: \xff\t b \r\n\r\n", { content: "a" });
});

Deno.test("BodyDecoder.decode() throws the code of the field when a trailer is malformed", () => {
  const cases = [
    [" ", "obs_fold"],
    ["X: 1\r\n\t", "obs_fold"],
    ["X ", "bad_field_name"],
    [":", "bad_field_name"],
    ["X\r", "bad_field_name"],
    ["X: \0", "bad_field_value"],
    ["G\xe9", "bad_field_name"],
  ] as const;
  for (const [text, code] of cases) {
    assertRefusedAtLastByte(`0\r\n${text}`, { code });
  }
});

Deno.test("BodyDecoder.decode() throws bad_trailer when one is for framing or routing", () => {
  for (const name of ["Content-Length", "transfer-encoding", "HOST"]) {
    assertRefusedAtLastByte(`0\r\nX: 1\r\n${name}: 0\r\n\r\n`, {
      code: "bad_trailer",
    });
  }
});

Deno.test("BodyDecoder.decode() throws trailers_too_large when one byte is too many", () => {
  const limits = { maxTrailerBytes: 8 };
  assertContent("0\r\nX: 123\r\n\r\n", { content: "", limits });
  assertContent("0\r\n\r\n", { content: "", limits: { maxTrailerBytes: 0 } });
  assertRefused("0\r\nX: 1234\r\n\r\n", { code: "trailers_too_large", limits });
  assertRefused(`0\r\nX: ${"a".repeat(100)}`, {
    code: "trailers_too_large",
    limits,
  });
});

Deno.test("BodyDecoder.decode() throws too_many_trailers when one begins too many", () => {
  const limits = { maxTrailerFields: 2 };
  assertContent("0\r\nX: 1\r\nY: 2\r\n\r\n", { content: "", limits });
  assertRefusedAtLastByte("0\r\nX: 1\r\nY: 2\r\nZ", {
    code: "too_many_trailers",
    limits,
  });
});

Deno.test("BodyDecoder() throws body_too_large when the declared length is", () => {
  const limits = { maxBodyBytes: 5 };
  assertEquals(
    decodeBodyEveryWay("abcde", {
      framing: { kind: "length", length: 5 },
      limits,
    }),
    { content: "abcde", rest: "" },
  );
  const error = assertThrows(
    () => new BodyDecoder({ kind: "length", length: 6 }, limits),
    HttpError,
  );
  assertEquals([error.code, error.status], ["body_too_large", 413]);
});

Deno.test("BodyDecoder.decode() throws body_too_large when a chunk's size makes it so", () => {
  const limits = { maxBodyBytes: 5 };
  assertContent("2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n", {
    content: "abcde",
    limits,
  });
  assertRefusedAtLastByte("6\r\n", { code: "body_too_large", limits });
  assertRefusedAtLastByte("3\r\nabc\r\n3\r\n", {
    code: "body_too_large",
    limits,
  });
});

Deno.test("BodyDecoder.finish() throws incomplete_body when the body is not done", () => {
  const body = "3;a=b\r\nabc\r\n0\r\nX: 1\r\n\r\n";
  for (let length = 0; length < body.length; length++) {
    assertEquals(decodeBodyEveryWay(body.slice(0, length)), {
      code: "incomplete_body",
      status: 400,
    });
  }
  assertEquals(decodeBodyEveryWay(body), { content: "abc", rest: "" });
  assertEquals(
    decodeBodyEveryWay("ab", { framing: { kind: "length", length: 3 } }),
    { code: "incomplete_body", status: 400 },
  );
});
