import fc from "fast-check";
import type { Draft, Framing } from "./corpus.ts";

const INNER = "GET /smuggled HTTP/1.1\r\nHost: inner\r\n\r\n";
const CHUNKED = "3\r\nabc\r\n0\r\n\r\n";

const versions = [
  "HTTP/1.2",
  "HTTP/1.10",
  "HTTP/01.1",
  "HTTP/0.9",
  "HTTP/2.0",
  "HTTP/3.0",
  "HTTP/1",
  "HTTP/1,1",
  "http/1.1",
  "HTTP /1.1",
  "RTSP/1.0",
  "HTTP/1.0",
  "",
];
const methods = [
  "get",
  "Get",
  "FOO",
  "M-SEARCH",
  "PRI",
  "X!#$%&'*+-.^_`|~9",
  "GET(",
  "GET\0",
  "G\xe9T",
  "CONNECT",
  "OPTIONS",
  "LONGER-THAN-ANY-METHOD-THAT-IS-KNOWN",
  "",
];
const targets = [
  "*",
  "a:1",
  "h.example:99999",
  "/a b",
  "/a\tb",
  "/a#fragment",
  "/a%",
  "/a%zz",
  "/a[1]",
  '/"<>\\^`{|}',
  "/\xe9",
  "/\0",
  "/\x7f",
  "relative",
  "?query",
  "http://",
  "http:///path",
  "http://user@h.example/",
  "http://other.example/path",
  "http://h.example:99999/",
  "http://h.example:8a/",
  "http://[::1/",
  "http://[fe80::1%25eth0]/",
  "http:/one-slash",
  "ftp://h.example/",
  "javascript:alert(1)",
  "http://a.example/http://b.example/",
  "/..%2f..%2f",
  "",
];
const gaps = ["  ", "\t", " \t", "", "\r", "\n", "\x0b", "\x0c", "\xa0"];
const ends = ["\n", "\r", "\r\r\n", "\n\r", "\r\n\r\n", " \r\n", "\r\n ", ""];
const pieces = [
  "\r",
  "\n",
  "\r\n",
  "\0",
  " ",
  "\t",
  "\x01",
  "\x0b",
  "\x7f",
  "\x80",
  "\xa0",
  "\xff",
  ":",
  ",",
  ";",
  "%",
  "0",
  "1",
  "-",
  "+",
  "/",
  "0\r\n\r\n",
  "\r\n\r\n",
];

const hosts: readonly (readonly string[])[] = [
  [],
  ["Host:"],
  ["Host: "],
  ["Host: h.example", "Host: h.example"],
  ["Host: h.example", "host: other.example"],
  ["Host: a.example, b.example"],
  ["Host: a b"],
  ["Host: user@h.example"],
  ["Host: h.example/path"],
  ["Host: h.example:"],
  ["Host: h.example:99999"],
  ["Host: h.example:80:80"],
  ["Host: h.example:-1"],
  ["Host: h.example:0"],
  ["Host: [::1"],
  ["Host: ::1"],
  ["Host: [::1]x"],
  ["Host: h\xe9.example"],
  ["Host: %68.example"],
  ["Host: h%00.example"],
  ["Host: 1.2.3.999"],
  ["Host: 0x7f.1"],
  ["Host: xn--a"],
  ["Host: h..example"],
  ["Host : h.example"],
  [" Host: h.example"],
  ["Host: h.example\r\n continued"],
  ["Host:\r\n h.example"],
  ["Host: http://h.example"],
  ["Host: ?"],
  ["Host: #"],
  ["Host: \\"],
];

/** Field lines that a strict reader refuses, or that change the connection. */
const oddFields: readonly (readonly string[])[] = [
  ["X : a"],
  ["X\t: a"],
  ["X"],
  [": a"],
  [""],
  [" X: a"],
  ["\tX: a"],
  ["X: a\r\n b"],
  ["X: a\r\n\tb"],
  ["X: a\r\n "],
  ["X: a\0b"],
  ["X: a\rb"],
  ["X: a\nY: b"],
  ["X: a\x01b"],
  ["X: a\x7fb"],
  ["X\0: a"],
  ["X\xe9: a"],
  ["X(: a"],
  ["X,Y: a"],
  ["X\x0b: a"],
  ["X:\x0ba"],
  ["X: a\x0c"],
  ["X:\xa0a\xa0"],
  ["Connection: close"],
  ["Connection: close, keep-alive"],
  ["Connection: keep-alive", "Connection: close"],
  ["Connection: closed"],
  ["Connection: close;q=1"],
  ["Connection: a b"],
  ["Connection: ,, close ,"],
  ["Connection:"],
  ["Connection: \xffclose"],
  ["Connection: close\t"],
  ["Proxy-Connection: close"],
  ["Connection: Upgrade", "Upgrade: websocket"],
  ["Connection: close, Upgrade", "Upgrade: websocket"],
  ["Connection: Upgrade"],
  ["Connection: Upgrade", "Upgrade:"],
  ["Connection: Upgrade", "Upgrade: a b"],
  ["Connection: Upgrade", "Upgrade: a/"],
  ["Connection: Upgrade", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"],
  ["Connection: Upgraded", "Upgrade: websocket"],
  ["Upgrade: websocket"],
  ["Connection: Content-Length"],
  ["Connection: Transfer-Encoding, Host"],
  ["Expect: 100-continue"],
  ["Expect: 100-Continue, 100-continue"],
  ["Expect: 200-ok"],
  ["Expect: 100-continue, x"],
  ["Expect:"],
  ["Expect: 100-continue;q=1"],
  ["Trailer: Content-Length"],
  ["Content-Encoding: chunked"],
  ["TE: trailers, chunked"],
];

const contentLengths: readonly [string, ...string[]] = [
  "Content-Length: 3",
  "Content-Length: 0",
  "Content-Length: 03",
  "Content-Length: 00000000000000000000003",
  "Content-Length: +3",
  "Content-Length: -3",
  "Content-Length: 0x3",
  "Content-Length: 3.0",
  "Content-Length: 3e0",
  "Content-Length: 3 3",
  "Content-Length: 3, 3",
  "Content-Length: 3,4",
  "Content-Length: 3,",
  "Content-Length: ,3",
  "Content-Length:",
  "Content-Length: three",
  "Content-Length: \xb3",
  "Content-Length: 3\0",
  "Content-Length: 3;",
  "Content-Length: 9007199254740993",
  "Content-Length: 18446744073709551619",
  "Content-Length : 3",
  "Content-Length\t: 3",
  " Content-Length: 3",
  "Content_Length: 3",
  "Content-Length\0: 3",
  "Content-Length: \r\n 3",
  "Content-Length:\t3\t",
  "content-length:3",
];
const transferEncodings: readonly [string, ...string[]] = [
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: CHUNKED",
  "Transfer-Encoding:chunked",
  "Transfer-Encoding:\tchunked\t",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding: gzip, chunked",
  "Transfer-Encoding: chunked, gzip",
  "Transfer-Encoding: identity",
  "Transfer-Encoding: identity, chunked",
  "Transfer-Encoding: chunked, identity",
  "Transfer-Encoding: xchunked",
  "Transfer-Encoding: chunkedx",
  "Transfer-Encoding: chunk",
  "Transfer-Encoding: chunked;q=1",
  'Transfer-Encoding: "chunked"',
  "Transfer-Encoding: 'chunked'",
  "Transfer-Encoding: chunked,",
  "Transfer-Encoding: ,chunked",
  "Transfer-Encoding: , chunked",
  "Transfer-Encoding: x y, chunked",
  "Transfer-Encoding:",
  "Transfer-Encoding: \x0bchunked",
  "Transfer-Encoding: chunked\x0b",
  "Transfer-Encoding: \xa0chunked",
  "Transfer-Encoding: chunked\xa0",
  "Transfer-Encoding: \0chunked",
  "Transfer-Encoding: chun\tked",
  "Transfer-Encoding : chunked",
  " Transfer-Encoding: chunked",
  "Transfer-Encoding\t: chunked",
  "Transfer-Encoding: \r\n chunked",
  "Transfer-Encoding:\r\n\tchunked",
  "X: y\nTransfer-Encoding: chunked",
  "X: y\rTransfer-Encoding: chunked",
  "Transfer_Encoding: chunked",
  "TransferEncoding: chunked",
  "Transfer-Encoding\xff: chunked",
];

const chunkSizes = [
  "0x3",
  "+3",
  "-3",
  " 3",
  "\t3",
  "3 ",
  "3\t",
  "03",
  "0000000000000003",
  "00000000000000000000000003",
  "3_0",
  "3h",
  "3,",
  "3.0",
  "3\0",
  "3\x0b",
  "\xb3",
  "",
  "g",
  "fffffffffffffffff",
  "ffffffffffffffff",
  "10000000000000003",
  "100000003",
  "20000000000000",
];
const chunkExtensions = [
  ";",
  ";a",
  ";a=",
  ";a=b",
  "; a",
  " ;a",
  ";a ",
  ";a =b",
  ";a= b",
  "\t;\ta\t=\tb",
  ";a;b",
  ";;a",
  ";=b",
  ';a="',
  ';a="b',
  ';a="b"c',
  ';a="\\"b"',
  ';a="\r\n"',
  ';a="\n"',
  ';a="b" ;c',
  ";a=b,c",
  ";a(b",
  ";\xff",
  ";a=\xff",
  ";a\0",
  ";a\rb",
  ";a\nb",
];
const chunkLineEnds = ["\r\n", "\n", "\r", "\r\r\n", "\n\r", "", "\r\n "];
const trailerLines = [
  "X: 1",
  "Content-Length: 3",
  "Transfer-Encoding: chunked",
  "Host: other.example",
  "X : 1",
  " X: 1",
  "X",
  "X: a\0b",
  "X: a\nY: b",
  "X: a\r\n b",
  "Connection: close",
  "Trailer: X",
  "X\xff: 1",
  ": 1",
];

const oneOf = (texts: readonly string[]) => fc.constantFrom(...texts);

// The plain spelling comes first in its table. It is drawn as often as all odd
// ones together, for each odd one says most beside a plain one.
const upToTwo = (spellings: readonly [string, ...string[]]) =>
  fc.array(fc.oneof(fc.constant(spellings[0]), oneOf(spellings)), {
    maxLength: 2,
  });

/** Framings that two readers could read in two ways. */
const smuggledFraming: fc.Arbitrary<Framing> = fc.record({
  lengths: upToTwo(contentLengths),
  encodings: upToTwo(transferEncodings),
  lengthFirst: fc.boolean(),
  body: oneOf(["", "abc", CHUNKED, `0\r\n\r\n${INNER}`, `abc${INNER}`]),
}).map(({ lengths, encodings, lengthFirst, body }) => ({
  fields: lengthFirst ? [...lengths, ...encodings] : [...encodings, ...lengths],
  body,
}));

const oddChunk = fc.record({
  size: fc.oneof(fc.constant("3"), oneOf(chunkSizes)),
  extension: fc.oneof(fc.constant(""), oneOf(chunkExtensions)),
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constant("\r\n") },
    { weight: 1, arbitrary: oneOf(chunkLineEnds) },
  ),
  dataEnd: fc.oneof(
    { weight: 4, arbitrary: fc.constant("\r\n") },
    { weight: 1, arbitrary: oneOf(chunkLineEnds) },
  ),
}).map(({ size, extension, end, dataEnd }) =>
  `${size}${extension}${end}abc${dataEnd}`
);
const oddChunks = fc.record({
  chunk: oddChunk,
  last: fc.oneof(
    fc.constant("0"),
    oneOf(["00", "0;a", "0 ", "000000000000000000", "-0"]),
  ),
  trailers: fc.array(oneOf(trailerLines), { maxLength: 2 }),
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constant("\r\n") },
    { weight: 1, arbitrary: oneOf(chunkLineEnds) },
  ),
}).map(({ chunk, last, trailers, end }): Framing => ({
  fields: ["Transfer-Encoding: chunked"],
  body: `${chunk}${last}\r\n${
    trailers.map((line) => `${line}\r\n`).join("")
  }${end}`,
}));

type Trick = (draft: Draft) => Draft;

const inLine = (at: number) => (text: string): Trick => (draft) => ({
  ...draft,
  line: draft.line.with(at, text),
});
const withFraming = ({ fields, body }: Framing): Trick => (draft) => ({
  ...draft,
  fields: [...draft.fields.filter((line) => !isFraming(line)), ...fields],
  body,
});
const withHost = (lines: readonly string[]): Trick => (draft) => ({
  ...draft,
  fields: [...lines, ...draft.fields.filter((line) => !/^host:/i.test(line))],
});
const withFields =
  ([lines, at]: [readonly string[], number]): Trick => (draft) => ({
    ...draft,
    fields: draft.fields.toSpliced(at % (draft.fields.length + 1), 0, ...lines),
  });

const trick: fc.Arbitrary<Trick> = fc.oneof(
  { weight: 1, arbitrary: oneOf(methods).map(inLine(0)) },
  { weight: 1, arbitrary: oneOf(gaps).map(inLine(1)) },
  { weight: 2, arbitrary: oneOf(targets).map(inLine(2)) },
  { weight: 1, arbitrary: oneOf(gaps).map(inLine(3)) },
  { weight: 1, arbitrary: oneOf(versions).map(inLine(4)) },
  { weight: 2, arbitrary: fc.constantFrom(...hosts).map(withHost) },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom(...oddFields), fc.nat({ max: 9 }))
      .map(withFields),
  },
  { weight: 5, arbitrary: smuggledFraming.map(withFraming) },
  { weight: 5, arbitrary: oddChunks.map(withFraming) },
);

/** Drafts with one trick played on each. */
export function tricked(drafts: fc.Arbitrary<Draft>): fc.Arbitrary<Draft> {
  return fc.tuple(drafts, trick).map(([draft, trick]) => trick(draft));
}

type Edit = (text: string) => string;

const place = fc.nat({ max: 0xffff });

/** Replaces one line end by another text. */
const lineEndEdit = fc.tuple(place, oneOf(ends)).map(
  ([place, end]): Edit => (text) => {
    const lines = text.split("\r\n");
    if (lines.length < 2) return text;
    const at = place % (lines.length - 1);
    return lines.slice(0, at + 1).join("\r\n") + end +
      lines.slice(at + 1).join("\r\n");
  },
);
/** Replaces a few characters by another text. */
const spliceEdit = fc.tuple(
  place,
  fc.nat({ max: 3 }),
  fc.oneof(fc.constant(""), oneOf(pieces)),
).map(([place, remove, piece]): Edit => (text) => {
  const at = place % (text.length + 1);
  return text.slice(0, at) + piece + text.slice(at + remove);
});
/** Flips one bit. */
const flipEdit = fc.tuple(place, fc.nat({ max: 7 })).map(
  ([place, bit]): Edit => (text) => {
    if (text === "") return text;
    const at = place % text.length;
    const flipped = String.fromCharCode(text.charCodeAt(at) ^ (1 << bit));
    return text.slice(0, at) + flipped + text.slice(at + 1);
  },
);
/** Repeats a piece. */
const repeatEdit = fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(
  ([place, length]): Edit => (text) => {
    const at = place % (text.length + 1);
    return text.slice(0, at + length) + text.slice(at);
  },
);
/** Changes the case of a piece. */
const caseEdit = fc.tuple(place, fc.integer({ min: 1, max: 20 })).map(
  ([place, length]): Edit => (text) => {
    const at = place % (text.length + 1);
    const piece = text.slice(at, at + length);
    const changed = piece.replace(
      /[A-Za-z]/g,
      (letter) => String.fromCharCode(letter.charCodeAt(0) ^ 0x20),
    );
    return text.slice(0, at) + changed + text.slice(at + length);
  },
);

const edit = fc.oneof(lineEndEdit, spliceEdit, flipEdit, repeatEdit, caseEdit);

/** Texts, each with one to three edits that know nothing of HTTP. */
export function respelled(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.tuple(texts, fc.array(edit, { minLength: 1, maxLength: 3 }))
    .map(([text, edits]) => edits.reduce((text, edit) => edit(text), text));
}

function isFraming(line: string): boolean {
  return /^(content-length|transfer-encoding):/i.test(line);
}
