import { NOT_ASCII, type Rule, TOKEN_CHARS } from "./grammar_rule.ts";

const START =
  "POST / HTTP/1.1\r\nHost: h.example\r\nTransfer-Encoding: chunked\r\n\r\n";
const INNER = "GET /inner HTTP/1.1\r\nHost: h.example\r\n\r\n";

const EXTENSIONS: readonly [string, ...string[]] = [
  "",
  ";a",
  ";a=b",
  ";a;b;c=d",
  ';a="b";c',
  ';a=""',
  ";5=5;0",
  // RFC 9112 §7.1.1: white space may surround the semicolon and the equals sign.
  ' \t;\t a\t =\t "b" ;c',
  // RFC 9110 §5.6.4.
  ';a="; = \\" \\\\ \\a \\\t \t\x80\xff"',
  `;${TOKEN_CHARS}=${TOKEN_CHARS}`,
];
// Each ends with the byte that is refused.
const BAD_EXTENSIONS: readonly string[] = [
  ...[" \r", "\t\r", " 5", " a", ";\r", "; \r", ";;", "; ;", ";=", ";,"],
  ...[";a,", ";a:", ";a(", ";a/", ';a"', ";a b", ";a \r", ";a=\r", ";a= \r"],
  ...[";a=;", ";a==", ";a=b=", ";a=b c", ";a=b \r", ";a=b,", ';a=b"', ";a=("],
  ...[';a="b"c', ';a="b""', ';a="b" \r', ';a="b\r', ';a="b\\\r', ';a="b\x7f'],
  ...[";\0", ";a\0", ";a=\0", ';a="\0', ';a="\\\0', ";a\x0b", ";a=b\x0c"],
  ...NOT_ASCII.flatMap((char) => [`;${char}`, `;a${char}`, `;a=${char}`]),
];

/** The rules of the chunked coding, RFC 9112 §7.1. */
export const CHUNKS: readonly Rule[] = [
  {
    rule: "a chunk is a size, CR LF, so much data and CR LF, RFC 9112 §7.1",
    request: `${START}…0\r\n\r\n`,
    accepted: [
      ["", { body: { kind: "chunked" } }],
      ["1\r\na\r\n", { content: "a" }],
      ["5\r\na\r\n\0\xff\r\n", { content: "a\r\n\0\xff" }],
      ["1\r\na\r\n02\r\nbc\r\n3\r\ndef\r\n", { content: "abcdef" }],
      ["5\r\n0\r\n\r\n\r\n", { content: "0\r\n\r\n" }],
      ["a\r\n0123456789\r\n", { content: "0123456789" }],
      ["A\r\n0123456789\r\n", { content: "0123456789" }],
      [`1F\r\n${"a".repeat(31)}\r\n`, { content: "a".repeat(31) }],
      [`${INNER.length.toString(16)}\r\n${INNER}\r\n`, { content: INNER }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_chunk_end", "5\r\nabcdef", "5\r\nabc\r\n0", "5\r\nabcde0"],
      [400, "bad_chunk_end", "5\r\nabcde\n", "5\r\nabcde \r\n", "5\r\nabcde\t"],
      [400, "bad_chunk_end", "5\r\nabcde\r\r\n", "5\r\nabcde\r0", "1\r\n\r\n0"],
      [400, "bad_chunk_size", "5\r\nabcde\r\n\r\n", "5\r\nabcde\r\nxyz"],
      [400, "bare_lf", "5\r\nabcde\r\n\n"],
    ],
  },
  {
    rule: "a chunk size is hex digits, RFC 9112 §7.1",
    request: `${START}…\r\nabcde\r\n0\r\n\r\n`,
    gives: { content: "abcde" },
    accepted: ["5", "05", "0000000000000005"],
    atOnce: true,
    rejected: [
      [400, "bad_chunk_size", "\r\n", " 5", "\t5", "+5", "-5", "0x5", "0X5"],
      [400, "bad_chunk_size", "x5", "5h", "h5", "5x", "g", "G", "5_", "5,"],
      [400, "bad_chunk_size", "5."],
      [400, "bad_chunk_size", "5:", "5=", '"5"', "'5'", "/", "@", "`", "{5}"],
      [400, "bad_chunk_size", "5\0", "\x005", "5\x0b", "\x0b5", "5\x0c"],
      [400, "bad_chunk_size", "5\x7f"],
      [400, "bad_chunk_size", "\xb2", "5\xa0", "\xa05", "5\xff", ";a", "5GET"],
      [400, "bare_lf", "\n", "\n5"],
    ],
  },
  {
    rule: "a chunk size does not overflow, RFC 9112 §7.1",
    request: `${START}5\r\nabcde\r\n…\r\n\r\n`,
    gives: { content: "abcde" },
    accepted: ["0", "0000000000000000"],
    atOnce: true,
    rejected: [
      // 2^53, 2^63, 2^64 - 1, 2^64, 2^64 + 5, 2^128, and 17 digits.
      [400, "chunk_too_large", "20000000000000", "8000000000000000"],
      [400, "chunk_too_large", "ffffffffffffffff", "10000000000000000"],
      [400, "chunk_too_large", "10000000000000005", `1${"0".repeat(32)}`],
      [400, "chunk_too_large", "00000000000000000", "00000000000000005"],
    ],
  },
  {
    rule: "the line of a chunk ends with CR LF, RFC 9112 §7.1",
    request: `${START}5…abcde\r\n0\r\n\r\n`,
    gives: { content: "abcde" },
    accepted: ["\r\n", ";a\r\n"],
    atOnce: true,
    rejected: [
      [400, "bare_lf", "\n", " \n", ";\n", ";a\n", ";a=\n", ";a=b\n"],
      [400, "bare_lf", ';a="b"\n'],
      [400, "bare_lf", ';a="\n', ';a="\\\n', ";a\nX: 1\r\n", ";a \n"],
      [400, "bare_cr", "\rX", "\r\r\n", ";a\rX", ";a=b\rX", ';a="b"\r\r\n'],
    ],
  },
  {
    rule: "an empty line ends the body, RFC 9112 §7.1",
    request: `${START}…`,
    accepted: ["0\r\n\r\n", "00;a\r\n\r\n", "0\r\nX: 1\r\n\r\n"],
    atOnce: true,
    rejected: [
      [400, "bare_lf", "0\n", "0;a\n", "0\r\n\n", "0\r\nX: 1\r\n\n"],
      [400, "bare_cr", "0\r\r\n", "0\r\n\rX", "0\r\n\r\r\n"],
      [400, "bare_cr", "0\r\nX: 1\r\n\rX"],
    ],
  },
  {
    rule: "extensions of a chunk are ignored, RFC 9112 §7.1.1",
    request: `${START}5…\r\nabcde\r\n0\r\n\r\n`,
    gives: { content: "abcde" },
    accepted: EXTENSIONS,
    atOnce: true,
    rejected: [[400, "bad_chunk_extension", ...BAD_EXTENSIONS]],
  },
  {
    rule: "extensions of the last chunk are ignored, RFC 9112 §7.1.1",
    request: `${START}0…\r\n\r\n`,
    accepted: EXTENSIONS,
    atOnce: true,
    rejected: [[400, "bad_chunk_extension", ...BAD_EXTENSIONS]],
  },
  {
    rule:
      "data makes up for extensions before it but for maxChunkExtensionBytes, RFC 9112 §7.1.1",
    request: `${START}…0\r\n\r\n`,
    limits: { maxChunkExtensionBytes: 8 },
    accepted: [
      ["1;a=45678\r\na\r\n", { content: "a" }],
      ['1;a="567"\r\na\r\n', { content: "a" }],
      ["1      ;a\r\na\r\n", { content: "a" }],
      ["1;a=b\r\na\r\n".repeat(2), { content: "aa" }],
      ["4;a=b\r\nabcd\r\n".repeat(9), { content: "abcd".repeat(9) }],
    ],
    atOnce: true,
    rejected: [
      [400, "chunk_extension_too_long", "1;a=456789", '1;a="5678"'],
      [400, "chunk_extension_too_long", "1         "],
      [400, "chunk_extension_too_long", `${"1;a=b\r\na\r\n".repeat(2)}1;a=`],
      [400, "chunk_extension_too_long", "5\r\nabcde\r\n1;a=456789"],
      [400, "chunk_extension_too_long", `0;${"a".repeat(8)}`],
    ],
  },
  {
    rule: "trailers are checked and dropped, RFC 9110 §6.5",
    request: `${START}1\r\na\r\n0\r\n…\r\n`,
    gives: {
      content: "a",
      fields: [["host", "h.example"], ["transfer-encoding", "chunked"]],
    },
    accepted: [
      "",
      "X: 1\r\n",
      "X: \xff\t b \r\nY:\r\n",
      "Connection: close\r\n",
      "Upgrade: a b\r\nExpect: x\r\n",
      "Trailer: Host\r\nX-Content-Length: 5\r\n",
    ],
    atOnce: true,
    rejected: [
      [400, "obs_fold", " X: 1", "\t", "X: 1\r\n 2", "X: 1\r\n\t\r\n"],
      [400, "bad_field_name", "X : 1", ":", "X\r\n", "G\xe9", "\0", "GET /"],
      [400, "bad_field_name", "Content-Length : 5", "Content-Length\x0b: 5"],
      [400, "bad_field_value", "X: \0", "X: a\x7f", "X:\x0b1"],
      [400, "bare_lf", "X: 1\n", "X\n", "X:\n", "X: 1\r\n\n"],
      [400, "bare_cr", "X: 1\rY: 2", "X: 1\r\r\n", "X:\r\r\n"],
    ],
  },
  {
    rule: "no trailer frames or routes a request, RFC 9110 §6.5.1",
    request: `${START}0\r\n…\r\n`,
    accepted: ["", "X: Host: h.example\r\n", "Content_Length: 5\r\n"],
    rejected: [
      [400, "bad_trailer", "Content-Length: 5\r\n", "content-length:\r\n"],
      [400, "bad_trailer", "X: 1\r\nTransfer-Encoding: chunked\r\n"],
      [400, "bad_trailer", "Host: other.example\r\n"],
      [400, "bad_trailer", "HOST: h.example\r\nX:\r\n"],
    ],
  },
  {
    rule: "trailers have maxTrailerBytes at most, RFC 6585 §5",
    request: `${START}0\r\n…\r\n`,
    limits: { maxTrailerBytes: 8 },
    accepted: ["", "X: 123\r\n", "X:\r\nY:\r\n"],
    rejected: [
      [431, "trailers_too_large", "X: 1234\r\n", "X:\r\nY: \r\n"],
      [431, "trailers_too_large", `X: ${"a".repeat(100)}\r\n`],
    ],
  },
  {
    rule: "trailers have maxTrailerFields lines at most, RFC 6585 §5",
    request: `${START}0\r\n…\r\n`,
    limits: { maxTrailerFields: 2 },
    accepted: ["", "X: 1\r\nY: 2\r\n"],
    atOnce: true,
    rejected: [
      [431, "too_many_trailers", "X: 1\r\nY: 2\r\nZ", "X:\r\nX:\r\nX:\r\n"],
    ],
  },
];
