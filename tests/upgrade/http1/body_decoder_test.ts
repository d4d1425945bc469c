import { assertEquals, assertStrictEquals } from "@std/assert";
import { BodyDecoder } from "../../../upgrade/http1/mod.ts";
import { bytesOf, decodeBody, decodeBodyEveryWay, NEXT } from "./feed.ts";

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

Deno.test("BodyDecoder.decode() gives views of its input when there is content", () => {
  const bytes = bytesOf("5\r\nabcde\r\n");
  const chunked = new BodyDecoder({ kind: "chunked" }).decode(bytes);
  assertStrictEquals(chunked.data.buffer, bytes.buffer);
  assertEquals([chunked.data.byteOffset, chunked.consumed], [3, 8]);
  const length = new BodyDecoder({ kind: "length", length: 4 }).decode(bytes);
  assertStrictEquals(length.data.buffer, bytes.buffer);
  assertEquals([length.data.length, length.consumed], [4, 4]);
});

Deno.test("BodyDecoder.decode() takes a chunk when its size is 2^53 - 1", () => {
  const decoder = new BodyDecoder({ kind: "chunked" });
  decoder.decode(bytesOf("1fffffffffffff\r\n"));
  assertEquals(decoder.decode(bytesOf("a")).consumed, 1);
});

Deno.test("BodyDecoder.decode() has its limits when none are given", () => {
  const cases = [
    [`0;${"a".repeat(1023)}\r\n\r\n`, undefined],
    [`0;${"a".repeat(1024)}`, "chunk_extension_too_long"],
    [`0\r\nX:${"a".repeat(8188)}\r\n\r\n`, undefined],
    [`0\r\nX:${"a".repeat(8189)}\r\n\r\n`, "trailers_too_large"],
    [`0\r\n${"X:\r\n".repeat(32)}\r\n`, undefined],
    [`0\r\n${"X:\r\n".repeat(32)}X`, "too_many_trailers"],
  ] as const;
  for (const [text, code] of cases) {
    const outcome = decodeBody([bytesOf(text)]);
    assertEquals("code" in outcome ? outcome.code : undefined, code);
  }
});

Deno.test("BodyDecoder.decode() takes an empty trailer section when none may come", () => {
  const limits = { maxTrailerBytes: 0, maxTrailerFields: 0 };
  assertEquals(decodeBodyEveryWay(`0\r\n\r\n${NEXT}`, { limits }), {
    content: "",
    rest: NEXT,
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

Deno.test("BodyDecoder.decode() takes everything until finish() when the body ends with the connection", () => {
  const framing = { kind: "until_close" } as const;
  assertEquals(decodeBodyEveryWay(`abc${NEXT}`, { framing }), {
    content: `abc${NEXT}`,
    rest: "",
  });
  assertEquals(
    decodeBodyEveryWay("abc", {
      framing,
      limits: { maxBodyBytes: 2 },
    }),
    { code: "body_too_large", status: 413 },
  );
  const decoder = new BodyDecoder(framing);
  assertEquals(decoder.done, false);
  decoder.finish();
  assertEquals(decoder.done, true);
});
