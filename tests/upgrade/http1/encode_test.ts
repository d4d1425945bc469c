import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  CHUNK_END,
  CONTINUE,
  encodeChunk,
  encodeChunkHeader,
  encodeErrorResponse,
  encodeResponse,
  encodeResponseHead,
  httpDate,
  HttpError,
  LAST_CHUNK,
} from "../../../upgrade/http1/mod.ts";
import { bytesOf, decodeBody, textOf } from "./feed.ts";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 37, 500);

Deno.test("encodeResponseHead() writes fields in order when they are valid", () => {
  const head = encodeResponseHead({
    status: 200,
    fields: [["Set-Cookie", "a=1"], ["X-Empty", ""], ["Set-Cookie", "b\t2"]],
  });
  assertEquals(
    textOf(head),
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Empty: \r\nSet-Cookie: b\t2\r\n\r\n",
  );
});

Deno.test("encodeResponseHead() writes one byte a character when a value is not ASCII", () => {
  const head = encodeResponseHead({ status: 200, fields: [["A", "\x80\xff"]] });
  assertEquals(textOf(head), "HTTP/1.1 200 OK\r\nA: \x80\xff\r\n\r\n");
});

Deno.test("encodeResponseHead() writes the version and reason when they are given", () => {
  const fields = new Headers();
  assertEquals(
    textOf(encodeResponseHead({ version: "HTTP/1.0", status: 404, fields })),
    "HTTP/1.0 404 Not Found\r\n\r\n",
  );
  assertEquals(
    textOf(encodeResponseHead({ status: 200, statusText: "Fine", fields })),
    "HTTP/1.1 200 Fine\r\n\r\n",
  );
  assertEquals(
    textOf(encodeResponseHead({ status: 200, statusText: "", fields })),
    "HTTP/1.1 200 \r\n\r\n",
  );
  assertEquals(
    textOf(encodeResponseHead({ status: 799, fields })),
    "HTTP/1.1 799 \r\n\r\n",
  );
});

Deno.test("encodeResponseHead() throws a TypeError when a value could split the response", () => {
  const evils = ["\r", "\n", "a\r\nSet-Cookie: b", "\0", "\x7f", "\x1b"];
  // In UTF-16 cut to bytes these would become CR and LF.
  for (const evil of [...evils, "\u010d\u010a", "\u560a", "\u{1f600}"]) {
    const cases = [
      { status: 200, fields: [["A", evil]] },
      { status: 200, fields: [[evil, "a"]] },
      { status: 200, fields: [[`A${evil}`, "a"]] },
      { status: 200, statusText: evil, fields: [] },
    ] as const;
    for (const head of cases) {
      assertThrows(() => encodeResponseHead(head), TypeError, "Cannot write");
    }
  }
  for (const name of ["", "a b", "a:", "a ", "\xe9"]) {
    assertThrows(
      () => encodeResponseHead({ status: 200, fields: [[name, ""]] }),
      TypeError,
    );
  }
});

Deno.test("encodeResponseHead() throws a RangeError when the status is out of range", () => {
  for (const status of [0, 99, 1000, 200.5, NaN, -200]) {
    assertThrows(() => encodeResponseHead({ status, fields: [] }), RangeError);
  }
  for (const status of [100, 999]) encodeResponseHead({ status, fields: [] });
});

Deno.test("encodeResponse() puts the body after the head when it has one", () => {
  const body = bytesOf("\x00\xffbody");
  for (const value of ["a", "\xe9"]) {
    assertEquals(
      textOf(encodeResponse({ status: 200, fields: [["A", value]] }, body)),
      `HTTP/1.1 200 OK\r\nA: ${value}\r\n\r\n\x00\xffbody`,
    );
  }
});

Deno.test("encodeChunk() makes what the decoder reads when data has any length", () => {
  const sizes = [1, 9, 10, 15, 16, 255, 256, 70_000];
  const pieces = sizes.map((size) => new Uint8Array(size).fill(size));
  const outcome = decodeBody([...pieces.map(encodeChunk), LAST_CHUNK]);
  assertEquals(outcome, { content: pieces.map(textOf).join(""), rest: "" });
});

Deno.test("encodeChunk() makes no bytes when there is no data", () => {
  assertEquals(encodeChunk(new Uint8Array(0)).length, 0);
});

Deno.test("encodeChunkHeader() writes the size in hex when it is above zero", () => {
  assertEquals(textOf(encodeChunkHeader(255)), "ff\r\n");
  assertEquals(
    textOf(encodeChunkHeader(Number.MAX_SAFE_INTEGER)),
    "1fffffffffffff\r\n",
  );
  for (const size of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => encodeChunkHeader(size), RangeError);
  }
});

Deno.test("encodeChunkHeader() and CHUNK_END frame data when it is written by itself", () => {
  const data = bytesOf("data");
  assertEquals(
    textOf(encodeChunkHeader(data.length)) + textOf(data) + textOf(CHUNK_END),
    textOf(encodeChunk(data)),
  );
});

Deno.test("CONTINUE is an interim response when it is written", () => {
  assertEquals(textOf(CONTINUE), "HTTP/1.1 100 Continue\r\n\r\n");
});

Deno.test("httpDate() writes IMF-fixdate when the second changes and when it stays", () => {
  assertEquals(httpDate(NOW), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(httpDate(NOW + 499), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(httpDate(NOW + 500), "Sun, 06 Nov 1994 08:49:38 GMT");
  assertEquals(httpDate(NOW), "Sun, 06 Nov 1994 08:49:37 GMT");
  assertEquals(httpDate(0), "Thu, 01 Jan 1970 00:00:00 GMT");
});

Deno.test("httpDate() throws a RangeError when the time is none", () => {
  for (const time of [NaN, Infinity, 8.64e15 + 1000]) {
    assertThrows(() => httpDate(time), RangeError);
  }
  assertEquals(httpDate(NOW), "Sun, 06 Nov 1994 08:49:37 GMT");
});

Deno.test("encodeErrorResponse() writes the whole answer when an error is known", () => {
  assertEquals(
    textOf(encodeErrorResponse(new HttpError("bad_target"), { now: NOW })),
    "HTTP/1.1 400 Bad Request\r\n" +
      "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n" +
      "Connection: close\r\n" +
      "Content-Type: text/plain; charset=utf-8\r\n" +
      "Content-Length: 49\r\n\r\n" +
      "The request target is not valid for this method.\n",
  );
});

Deno.test("encodeErrorResponse() counts bytes when the message is not ASCII", () => {
  const error = new HttpError("tea", { status: 418, message: "thé" });
  assertMatch(
    textOf(encodeErrorResponse(error)),
    /\r\nContent-Length: 5\r\n\r\nth\xc3\xa9\n$/,
  );
});

Deno.test("encodeErrorResponse() keeps Content-Length when it leaves the body away", () => {
  const error = new HttpError("other", { status: 404, message: "none" });
  assertMatch(
    textOf(encodeErrorResponse(error, { withoutBody: true })),
    /\r\nContent-Length: 5\r\n\r\n$/,
  );
});

Deno.test("encodeErrorResponse() lists Upgrade in Connection when the error has it", () => {
  const error = new HttpError("upgrade_required", {
    status: 426,
    message: "This speaks WebSocket only.",
    headers: [["Upgrade", "websocket"], ["Sec-WebSocket-Version", "13"]],
  });
  const answer = textOf(encodeErrorResponse(error));
  assertMatch(answer, /\r\nConnection: close, Upgrade\r\n/);
  assertMatch(answer, /\r\nUpgrade: websocket\r\n/);
  assertMatch(answer, /\r\nSec-WebSocket-Version: 13\r\n/);
  const other = new HttpError("bad_target", { headers: [["Allow", "GET"]] });
  assertMatch(textOf(encodeErrorResponse(other)), /\r\nConnection: close\r\n/);
});

Deno.test("encodeErrorResponse() says nothing of close when the connection goes on", () => {
  const plain = encodeErrorResponse(new HttpError("bad_target"), {
    close: false,
  });
  assertEquals(textOf(plain).includes("Connection"), false);
});
