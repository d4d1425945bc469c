import fc from "fast-check";
import { respelled, tricked } from "./tricks.ts";

/** A request before it becomes text, so that a trick knows its parts. */
export interface Draft {
  /** Method, target and version, with what is between them. */
  readonly line: readonly string[];
  /** The field lines without their ends. */
  readonly fields: readonly string[];
  /** What follows the empty line. */
  readonly body: string;
}

const letters = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength });

const method = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom("GET", "POST", "PUT", "DELETE") },
  { weight: 3, arbitrary: fc.constantFrom("HEAD", "OPTIONS", "PATCH") },
  { weight: 1, arbitrary: fc.constantFrom("TRACE", "PROPFIND", "QUERY") },
);
const host = fc.constantFrom(
  "h.example",
  "H.Example:8080",
  "127.0.0.1",
  "[::1]:80",
  "a-b_c.example:",
);
const path = fc.oneof(
  fc.constantFrom("/", "/index.html?q=1&r=%20", "//two/slashes", "/a/../b/."),
  fc.tuple(
    letters("aZ09-._~!$&'()*+,;=:@/?", 12),
    fc.constantFrom("", "%C3%a9"),
  )
    .map(([text, escape]) => `/${text}${escape}`),
);
const target = fc.oneof(
  { weight: 8, arbitrary: path },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom("http://", "HTTP://"), host, path)
      .map((parts) => parts.join("")),
  },
  { weight: 1, arbitrary: host.map((host) => `http://${host}?query`) },
);
const version = fc.oneof(
  { weight: 9, arbitrary: fc.constant("HTTP/1.1") },
  { weight: 1, arbitrary: fc.constant("HTTP/1.0") },
);

const fieldName = fc.oneof(
  fc.constantFrom("Accept", "Cookie", "X-A", "x-a", "Set-Cookie", "TE"),
  letters("abXY09!#$%&'*+-.^_`|~", 8).map((name) => `x${name}`),
);
const fieldValue = fc.oneof(
  letters('abXY09,;="\\/ \t\x80\xa0\xff', 16),
  fc.constantFrom("", "a, b", "close", "chunked", "100-continue", "5"),
);
const fieldLine = fc.tuple(
  fieldName,
  fc.constantFrom(":", ": ", ":\t", ":  "),
  fieldValue,
  fc.constantFrom("", "", " ", "\t "),
).map((parts) => parts.join(""));

const connection = fc.oneof(
  { weight: 12, arbitrary: fc.constant<string[]>([]) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(
      ["Connection: keep-alive"],
      ["Connection: close"],
      ["connection: Keep-Alive, X-A"],
      ["Connection: x-a, Close"],
      ["Expect: 100-continue"],
      ["Upgrade: other/1"],
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ["Connection: Upgrade", "Upgrade: other/1"],
      ["Connection: keep-alive, upgrade", "Upgrade: websocket, h2c"],
    ),
  },
);

const content = fc.oneof(
  letters("ab \r\n\0\xff", 30),
  fc.constantFrom("GET /inner HTTP/1.1\r\nHost: inner\r\n\r\n", "0\r\n\r\n"),
);
const chunk = fc.record({
  content,
  spell: fc.constantFrom(
    (size: string) => size,
    (size: string) => size.toUpperCase(),
    (size: string) => `00${size}`,
  ),
  extension: fc.constantFrom("", "", "", ";a", ";a=b;c", ';a="b;\\"c"'),
}).map(({ content, spell, extension }) =>
  `${spell(content.length.toString(16))}${extension}\r\n${content}\r\n`
);
const trailers = fc.constantFrom("", "", "X-T: 1\r\n", "X-T:\r\nX-U: a, b\r\n");
const chunked = fc.tuple(fc.array(chunk, { maxLength: 3 }), trailers)
  .map(([chunks, trailers]) => `${chunks.join("")}0\r\n${trailers}\r\n`);

/** The framing fields of a request and the body they frame. */
export interface Framing {
  /** The field lines. */
  readonly fields: readonly string[];
  /** The body. */
  readonly body: string;
}

const framing: fc.Arbitrary<Framing> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ fields: [], body: "" }) },
  {
    weight: 3,
    arbitrary: content.map((body) => ({
      fields: [`Content-Length: ${body.length}`],
      body,
    })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(
      fc.constantFrom("chunked", "Chunked", "chunked "),
      chunked,
    ).map(([coding, body]) => ({
      fields: [`Transfer-Encoding: ${coding}`],
      body,
    })),
  },
);

const ordinary = fc.record({
  method,
  target,
  version,
  host: host.map((host) => `Host: ${host}`),
  fields: fc.array(fieldLine, { maxLength: 3 }),
  connection,
  framing,
}).map((parts): Draft => ({
  line: [parts.method, " ", parts.target, " ", parts.version],
  fields: [
    parts.host,
    ...parts.fields,
    ...parts.connection,
    ...parts.framing.fields,
  ],
  body: parts.framing.body,
}));
const special = fc.constantFrom<Draft>(
  {
    line: ["OPTIONS", " ", "*", " ", "HTTP/1.1"],
    fields: ["Host: h.example"],
    body: "",
  },
  {
    line: ["CONNECT", " ", "h.example:443", " ", "HTTP/1.1"],
    fields: ["Host: h.example:443"],
    body: "",
  },
  {
    line: ["GET", " ", "/", " ", "HTTP/1.0"],
    fields: ["Connection: keep-alive"],
    body: "",
  },
);

/** A request that is valid, but for the rare field that is not. */
const draft = fc.oneof(
  { weight: 15, arbitrary: ordinary },
  { weight: 1, arbitrary: special },
);

const request = fc.oneof(
  { weight: 6, arbitrary: draft.map(textOf) },
  { weight: 3, arbitrary: tricked(draft).map(textOf) },
  { weight: 1, arbitrary: tricked(tricked(draft)).map(textOf) },
  { weight: 2, arbitrary: respelled(draft.map(textOf)) },
);

const stream = fc.array(request, { minLength: 1, maxLength: 3 })
  .map((requests) => requests.join(""));

/**
 * Streams of one to three requests, one character a byte: valid ones, requests
 * with one or two of the tricks by which requests are smuggled, and any of them
 * with a few bytes changed.
 */
export const streams: fc.Arbitrary<string> = fc.oneof(
  { weight: 3, arbitrary: stream },
  { weight: 1, arbitrary: respelled(stream) },
);

function textOf({ line, fields, body }: Draft): string {
  return `${line.join("")}\r\n${
    fields.map((field) => `${field}\r\n`).join("")
  }\r\n${body}`;
}
