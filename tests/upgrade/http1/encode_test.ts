import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  CHUNK_END,
  CONTINUE,
  encodeErrorResponse,
  formatChunkHeader,
  formatResponseHead,
  httpDate,
  HttpError,
  LAST_CHUNK,
} from "../../../upgrade/http1/mod.ts";
import { bytesOf, decodeBody, textOf } from "./feed.ts";

const NOW = Date.UTC(1994, 10, 6, 8, 49, 37, 500);

Deno.test("formatResponseHead() writes fields in order when they are valid", () => {
  const head = formatResponseHead({
    status: 200,
    fields: [["Set-Cookie", "a=1"], ["X-Empty", ""], ["Set-Cookie", "b\t2"]],
  });
  assertEquals(
    head,
    "HTTP/1.1 200 OK\r\nSet-Cookie: a=1\r\nX-Empty: \r\nSet-Cookie: b\t2\r\n\r\n",
  );
});

Deno.test("formatResponseHead() writes the reason when it is given or known", () => {
  const fields = new Headers();
  assertEquals(
    formatResponseHead({ status: 404, fields }),
    "HTTP/1.1 404 Not Found\r\n\r\n",
  );
  assertEquals(
    formatResponseHead({ status: 200, statusText: "Fine", fields }),
    "HTTP/1.1 200 Fine\r\n\r\n",
  );
  assertEquals(
    formatResponseHead({ status: 200, statusText: "", fields }),
    "HTTP/1.1 200 \r\n\r\n",
  );
  assertEquals(
    formatResponseHead({ status: 799, fields }),
    "HTTP/1.1 799 \r\n\r\n",
  );
});

Deno.test("formatResponseHead() throws a TypeError when a value could split the response", () => {
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
      assertThrows(() => formatResponseHead(head), TypeError, "Cannot write");
    }
  }
  for (const name of ["", "a b", "a:", "a ", "\xe9"]) {
    assertThrows(
      () => formatResponseHead({ status: 200, fields: [[name, ""]] }),
      TypeError,
    );
  }
});

Deno.test("formatResponseHead() throws a RangeError when the status is out of range", () => {
  for (const status of [0, 99, 1000, 200.5, NaN, -200]) {
    assertThrows(() => formatResponseHead({ status, fields: [] }), RangeError);
  }
  for (const status of [100, 999]) formatResponseHead({ status, fields: [] });
});

Deno.test("formatChunkHeader() frames what the decoder reads when data has any length", () => {
  const sizes = [1, 9, 10, 15, 16, 255, 256, 70_000];
  const pieces = sizes.map((size) => new Uint8Array(size).fill(size));
  const chunks = pieces.flatMap((piece) => [
    bytesOf(formatChunkHeader(piece.length)),
    piece,
    CHUNK_END,
  ]);
  const outcome = decodeBody([...chunks, LAST_CHUNK]);
  assertEquals(outcome, { content: pieces.map(textOf).join(""), rest: "" });
});

Deno.test("formatChunkHeader() writes the size in hex when it is above zero", () => {
  assertEquals(formatChunkHeader(255), "ff\r\n");
  assertEquals(
    formatChunkHeader(Number.MAX_SAFE_INTEGER),
    "1fffffffffffff\r\n",
  );
  for (const size of [0, -1, 1.5, NaN, Infinity, 2 ** 53]) {
    assertThrows(() => formatChunkHeader(size), RangeError);
  }
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
