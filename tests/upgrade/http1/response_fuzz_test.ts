import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  BodyDecoder,
  HttpError,
  HttpResponseError,
  RESPONSE_ERRORS,
  ResponseHeadParser,
} from "../../../upgrade/http1/mod.ts";
import { bytesOf, textOf } from "./feed.ts";

const RUNS = { numRuns: 3000, seed: 9112 };

const framing = fc.constantFrom(
  "",
  "Content-Length: 5\r\n",
  "Content-Length: 5, 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Connection: Upgrade\r\nUpgrade: a, b/1\r\n",
  "Connection: close\r\nContent-Length: 0\r\n",
);
const body = fc.constantFrom(
  "",
  "hello",
  "5\r\nhello\r\n0\r\n\r\n",
  "3;a=b\r\nhel\r\n2\r\nlo\r\n0\r\nX: 1\r\n\r\n",
);
/** A response that is mostly valid. */
const response = fc.record({
  version: fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.0"),
  status: fc.integer({ min: 100, max: 599 }),
  reason: fc.constantFrom("OK", "", "Not \xe9 Found"),
  fields: fc.constantFrom("", "A: b\r\n", "A:\r\nB: \t c d\xff \r\n"),
  framing,
  body,
}).map(({ version, status, reason, fields, framing, body }) =>
  `${version} ${status} ${reason}\r\n${fields}${framing}\r\n${body}`
);

const piece = fc.constantFrom(
  ...["", " ", "\t", "\r", "\n", "\r\n", "\0", ":", "\xff", "0", "-1", ","],
  "Content-Length: 7\r\n",
  "Transfer-Encoding: chunked\r\n",
  "HTTP/1.1 200 OK\r\n",
);
const mutation = fc.record({
  at: fc.nat(),
  remove: fc.integer({ min: 0, max: 3 }),
  insert: piece,
});
/** The same with a few characters replaced, inserted or removed. */
const mutated = fc.tuple(response, fc.array(mutation, { maxLength: 3 }))
  .map(([text, mutations]) =>
    mutations.reduce((text, { at, remove, insert }) => {
      const start = at % (text.length + 1);
      return text.slice(0, start) + insert + text.slice(start + remove);
    }, text)
  );
const cuts = fc.array(fc.nat(), { maxLength: 8 });
const method = fc.constantFrom("GET", "HEAD", "CONNECT");

/** Reads a whole response in pieces; what it is does not depend on them. */
function read(pieces: Uint8Array[], method: string): unknown {
  const parser = new ResponseHeadParser();
  parser.reset(method);
  let decoder: BodyDecoder | undefined;
  let content = "";
  let rest = "";
  try {
    for (let bytes of pieces) {
      bytes = bytes.subarray(parser.parse(bytes));
      if (parser.head === undefined) continue;
      decoder ??= new BodyDecoder(parser.head.body);
      while (!decoder.done && bytes.length > 0) {
        const { consumed, data } = decoder.decode(bytes);
        content += textOf(data);
        bytes = bytes.subarray(consumed);
      }
      rest += textOf(bytes);
    }
  } catch (error) {
    // The connection translates those of the body.
    assert(error instanceof HttpResponseError || error instanceof HttpError);
    assert(decoder !== undefined || error instanceof HttpResponseError);
    assert(Object.hasOwn(RESPONSE_ERRORS, error.code), error.code);
    return error.code;
  }
  return { head: parser.head, content, rest, done: decoder?.done };
}

/** Cuts bytes in pieces at any offsets, empty pieces among them. */
function cutAt(bytes: Uint8Array, offsets: number[]): Uint8Array[] {
  const ends = offsets.map((offset) => offset % (bytes.length + 1));
  ends.sort((a, b) => a - b);
  let start = 0;
  return [...ends, bytes.length].map((end) => {
    const part = bytes.subarray(start, end);
    start = end;
    return part;
  });
}

Deno.test("ResponseHeadParser.parse() gives one verdict for all splits, and documented errors alone, when a response is mutated", () => {
  let accepted = 0;
  fc.assert(
    fc.property(mutated, method, cuts, (text, method, offsets) => {
      const bytes = bytesOf(text);
      const whole = read([bytes], method);
      assertEquals(read(cutAt(bytes, offsets), method), whole);
      const one = Array.from(bytes, (byte) => Uint8Array.of(byte));
      assertEquals(read(one, method), whole);
      if (typeof whole === "object") accepted++;
    }),
    RUNS,
  );
  assert(accepted > RUNS.numRuns / 10, `only ${accepted} were valid`);
});

Deno.test("ResponseHeadParser.parse() throws documented errors alone when bytes are random", () => {
  const bytes = fc.uint8Array({ maxLength: 100 });
  const start = fc.constantFrom("", "HTTP/1.1 ", "HTTP/1.1 200 OK\r\n");
  fc.assert(
    fc.property(start, bytes, cuts, (start, bytes, offsets) => {
      const all = bytesOf(start + textOf(bytes));
      assertEquals(read(cutAt(all, offsets), "GET"), read([all], "GET"));
    }),
    RUNS,
  );
});
