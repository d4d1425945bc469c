import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { HTTP_ERRORS } from "../../../upgrade/http1/mod.ts";
import {
  bytesOf,
  decodeBody,
  type HeadOutcome,
  parseHead,
  textOf,
} from "./feed.ts";

const RUNS = { numRuns: 2000, seed: 9112 };

const token = fc.string({
  minLength: 1,
  maxLength: 12,
  unit: fc.constantFrom(..."abcXYZ019!#$%&'*+-.^_`|~"),
});
const value = fc.string({
  maxLength: 30,
  unit: fc.constantFrom(...'abcXYZ019 \t,;="\\/\x80\xa0\xff'),
});
const target = fc.oneof(
  fc.string({ maxLength: 20, unit: fc.constantFrom(..."abZ09-._~/?:@!&=") })
    .map((path) => `/${path}`),
  fc.constantFrom("*", "http://t.example/a?b", "https://[::1]", "t.example:1"),
);
const framing = fc.constantFrom(
  "",
  "Content-Length: 5\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Connection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n",
  "Expect: 100-continue\r\nContent-Length: 5\r\n",
);
const ownField = fc.tuple(token, value);

/** A head that is mostly valid. */
const head = fc.record({
  method: fc.oneof(token, fc.constantFrom("GET", "OPTIONS", "CONNECT")),
  target,
  version: fc.constantFrom("HTTP/1.1", "HTTP/1.1", "HTTP/1.0"),
  fields: fc.array(ownField, { maxLength: 5 }),
  framing,
}).map((parts) =>
  `${parts.method} ${parts.target} ${parts.version}\r\nHost: h.example\r\n` +
  parts.fields.map(([name, value]) => `${name}: ${value}\r\n`).join("") +
  `${parts.framing}\r\n`
);

const hostPiece = fc.oneof(
  { weight: 9, arbitrary: fc.constantFrom(..."aZ09x-_.~!$&'()*+,;=") },
  fc.constantFrom("%41", "%2e", "%00", "%", "@", "xn--", "0x", "1.2.3.999"),
);
const name = fc.array(hostPiece, { minLength: 1, maxLength: 6 }).map((all) =>
  all.join("")
);
const address = fc.string({
  maxLength: 12,
  unit: fc.constantFrom(..."01fF:::.%"),
}).map((text) => `[${text}]`);
const port = fc.constantFrom("", ":", ":80", ":00443", ":65535", ":65536");
/** A host that may or may not be one. */
const host = fc.tuple(fc.oneof(name, name, address), port).map((all) =>
  all.join("")
);
const path = fc.string({
  maxLength: 12,
  unit: fc.constantFrom(..."aZ09-._~/?:@!$&'()*+,;=[]^`{|}", "%2e", "%00"),
});

/** A head of which the host and the target are in question. */
const located = fc.record({ host, other: host, path }).chain((parts) =>
  fc.constantFrom(
    `GET /${parts.path} HTTP/1.1`,
    `GET http://${parts.other}${parts.path} HTTP/1.1`,
    `GET HTTPS://${parts.other}/${parts.path} HTTP/1.0`,
    `CONNECT ${parts.other} HTTP/1.1`,
    "OPTIONS * HTTP/1.1",
  ).map((line) => `${line}\r\nHost: ${parts.host}\r\n\r\n`)
);

const chunk = fc.record({
  data: fc.string({ minLength: 1, maxLength: 20, unit: "binary-ascii" }),
  extension: fc.constantFrom("", ";a", ";a=b", ' ; a = "\\"b" ;c'),
});
/** A chunked body that is valid. */
const chunkedBody = fc.record({
  chunks: fc.array(chunk, { maxLength: 4 }),
  trailers: fc.constantFrom("", "X: 1\r\n", "X: 1\r\nY:\r\n"),
}).map(({ chunks, trailers }) => ({
  content: chunks.map(({ data }) => data).join(""),
  text:
    chunks.map(({ data, extension }) =>
      `${data.length.toString(16)}${extension}\r\n${data}\r\n`
    ).join("") + `0\r\n${trailers}\r\n`,
}));

/** A text with a few characters replaced, inserted or removed. */
function mutated(text: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const piece = fc.oneof(
    fc.constantFrom("", " ", "\t", "\r", "\n", "\r\n", "\0", ":", "\xff"),
    fc.constantFrom("0", "-1", "%", "[", "chunked", ",", ";", '"'),
    fc.constantFrom("Content-Length: 7\r\n", "Host: x\r\n"),
  );
  const mutation = fc.record({
    at: fc.nat(),
    remove: fc.integer({ min: 0, max: 3 }),
    insert: piece,
  });
  return fc.tuple(text, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([text, mutations]) =>
      mutations.reduce((text, { at, remove, insert }) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + insert + text.slice(start + remove);
      }, text)
    );
}

const cuts = fc.array(fc.nat(), { maxLength: 8 });

/** Cuts bytes in pieces at any offsets, empty pieces among them. */
function cutAt(bytes: Uint8Array, offsets: number[]): Uint8Array[] {
  const ends = offsets.map((offset) => offset % (bytes.length + 1));
  ends.sort((a, b) => a - b);
  let start = 0;
  return [...ends, bytes.length].map((end) => {
    const piece = bytes.subarray(start, end);
    start = end;
    return piece;
  });
}

function assertDocumented(outcome: object | string): void {
  if (typeof outcome === "object" && "code" in outcome) {
    assert(Object.hasOwn(HTTP_ERRORS, outcome.code as string));
  }
}

function assertConsistent(outcome: HeadOutcome): void {
  if (outcome === "incomplete" || "code" in outcome) return;
  const { head } = outcome;
  assertEquals(head.upgrade.length > 0 && head.version === "HTTP/1.0", false);
  const named = (name: string) =>
    head.fields.filter(([field]) => field === name).map(([, value]) => value);
  assertEquals(named("host").length <= 1, true);
  assertEquals(
    named("host")[0] ?? head.authority,
    head.authority,
    "Host and authority differ",
  );
  if (head.body.kind === "chunked") assertEquals(named("content-length"), []);
  else assertEquals(named("transfer-encoding"), []);
  if (head.path.startsWith("/")) {
    assert(URL.canParse(`http://${head.authority || "x"}${head.path}`));
  }
  for (const [name, value] of head.fields) new Headers([[name, value]]);
}

Deno.test("HeadParser.parse() throws documented errors alone when bytes are random", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (bytes, offsets) => {
      const whole = parseHead([bytes]);
      assertDocumented(whole);
      assertEquals(parseHead(cutAt(bytes, offsets)), whole);
    }),
    RUNS,
  );
});

Deno.test("HeadParser.parse() gives one verdict for all splits when a head is mutated", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(head, mutated(head)), cuts, (text, offsets) => {
      const bytes = bytesOf(text);
      const whole = parseHead([bytes]);
      if (typeof whole === "object" && "head" in whole) accepted++;
      assertDocumented(whole);
      assertConsistent(whole);
      assertEquals(parseHead(cutAt(bytes, offsets)), whole);
    }),
    RUNS,
  );
  assert(accepted > RUNS.numRuns / 10, `only ${accepted} heads were valid`);
});

Deno.test("HeadParser.parse() takes a head only when a Request can be made of its URL", () => {
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(located, mutated(located)), (text) => {
      const outcome = parseHead([bytesOf(text)]);
      if (outcome === "incomplete" || "code" in outcome) return;
      accepted++;
      const { authority, path, fields } = outcome.head;
      // HTTP/1.0 may leave it to the server to say which host it is.
      const host = authority || "default.example";
      const slash = path.startsWith("/") ? "" : "/";
      const { url } = new Request(`http://${host}${slash}${path}`, {
        headers: fields.map(([name, value]): [string, string] => [name, value]),
      });
      // No character of the host or the path is taken for another part.
      const { username, password, hash, hostname } = new URL(url);
      assertEquals([username, password, hash], ["", "", ""]);
      assert(hostname !== "", text);
      assert(URL.parse(`http://${host}/`)?.hostname === hostname, text);
    }),
    { ...RUNS, numRuns: 10_000 },
  );
  assert(accepted > 1_000, `only ${accepted} heads were valid`);
});

Deno.test("HeadParser.parse() gives one verdict for all splits when limits are small", () => {
  const limits = fc.record({
    maxHeadBytes: fc.nat({ max: 200 }),
    maxTargetBytes: fc.nat({ max: 20 }),
    maxFields: fc.nat({ max: 4 }),
  });
  fc.assert(
    fc.property(head, limits, cuts, (text, limits, offsets) => {
      const bytes = bytesOf(text);
      const whole = parseHead([bytes], limits);
      assertDocumented(whole);
      assertEquals(parseHead(cutAt(bytes, offsets), limits), whole);
      if (typeof whole === "object" && "head" in whole) {
        const used = bytes.length - whole.rest.length;
        assert(used <= limits.maxHeadBytes);
        assert(whole.head.target.length <= limits.maxTargetBytes);
        assert(whole.head.fields.length <= limits.maxFields);
      }
    }),
    RUNS,
  );
});

Deno.test("BodyDecoder.decode() gives back the content when a chunked body is valid", () => {
  fc.assert(
    fc.property(chunkedBody, cuts, ({ text, content }, offsets) => {
      const bytes = bytesOf(`${text}next`);
      assertEquals(decodeBody(cutAt(bytes, offsets)), {
        content,
        rest: "next",
      });
    }),
    RUNS,
  );
});

Deno.test("BodyDecoder.decode() gives one verdict for all splits when a body is mutated", () => {
  const text = fc.oneof(
    mutated(chunkedBody.map(({ text }) => text)),
    fc.uint8Array({ maxLength: 60 }).map(textOf),
  );
  const limits = fc.record({
    maxBodyBytes: fc.nat({ max: 60 }),
    maxChunkExtensionBytes: fc.nat({ max: 10 }),
    maxTrailerBytes: fc.nat({ max: 12 }),
    maxTrailerFields: fc.nat({ max: 2 }),
  });
  fc.assert(
    fc.property(text, limits, cuts, (text, limits, offsets) => {
      const bytes = bytesOf(text);
      const whole = decodeBody([bytes], { limits });
      assertDocumented(whole);
      assertEquals(decodeBody(cutAt(bytes, offsets), { limits }), whole);
    }),
    RUNS,
  );
});
