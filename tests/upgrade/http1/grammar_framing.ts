import type { Rule } from "./grammar_rule.ts";

const START = "POST / HTTP/1.1\r\nHost: h.example\r\n";
const CHUNKED = "Transfer-Encoding: chunked";
const INNER = "GET /inner HTTP/1.1\r\nHost: h.example\r\n\r\n";
const TUNNEL = "CONNECT h.example:443 HTTP/1.1\r\nHost: h.example:443\r\n";

/** The rules of where a body ends, RFC 9112 §6. */
export const FRAMING: readonly Rule[] = [
  {
    rule: "any method but CONNECT may have a body, RFC 9110 §9.3",
    request: "…\r\nContent-Length: 5\r\n\r\nabcde",
    gives: { content: "abcde" },
    accepted: [
      "GET / HTTP/1.1\r\nHost: h.example",
      "HEAD / HTTP/1.1\r\nHost: h.example",
      "DELETE / HTTP/1.1\r\nHost: h.example",
      "OPTIONS * HTTP/1.1\r\nHost: h.example",
      "TRACE / HTTP/1.1\r\nHost: h.example",
      "connect / HTTP/1.1\r\nHost: h.example",
    ],
    rejected: [
      [400, "connect_with_body", "CONNECT h.example:1 HTTP/1.1\r\nHost: h"],
    ],
  },
  {
    rule: "a CONNECT request has no body, RFC 9110 §9.3.6",
    request: `${TUNNEL}…\r\n`,
    gives: { form: "authority" },
    accepted: ["", "Content-Length: 0\r\n"],
    rejected: [
      [400, "connect_with_body", "Content-Length: 5\r\n", `${CHUNKED}\r\n`],
    ],
  },
  {
    rule: "Content-Length is digits, RFC 9110 §8.6",
    request: `${START}Content-Length: …\r\n\r\nabcde`,
    gives: { content: "abcde", body: { kind: "length", length: 5 } },
    accepted: ["5", "05", "00000000000000000000000000005", " \t5\t "],
    rejected: [
      [400, "bad_content_length", "", " ", "+5", "-5", "-0", "--5", "5-"],
      [400, "bad_content_length", "5.0", "5.", ".5", "5e0", "0x5", "0b101"],
      [400, "bad_content_length", "5h"],
      [400, "bad_content_length", "5 5", "5 0", "5\t5", "5_0", "5'0", "5;"],
      [400, "bad_content_length", "5;a"],
      [400, "bad_content_length", "five", "Infinity", "NaN", "null", '"5"'],
      [400, "bad_content_length", "(5)"],
      [400, "bad_content_length", "\xb2", "\xb95", "5\xa0", "\xa05", "\xff5"],
      [400, "bad_field_value", "5\x0b", "\x0c5", "5\0", "\x005", "5\x7f"],
      [400, "bad_field_value", "\x015"],
      [400, "obs_fold", "\r\n 5", "5\r\n\t5"],
      [400, "bare_lf", "5\n", "\n5"],
      [400, "bare_cr", "5\r\r\n", "\r5"],
    ],
  },
  {
    rule: "Content-Length does not overflow, RFC 9110 §8.6",
    request: `${START}Content-Length: …\r\n\r\n`,
    accepted: ["0", "00000000000000000000000000000"],
    rejected: [
      // 2^53, 2^63, 2^63 + 5, 2^64, 2^64 + 5.
      [400, "bad_content_length", "9007199254740992", "9223372036854775808"],
      [400, "bad_content_length", "9223372036854775813"],
      [400, "bad_content_length", "18446744073709551616"],
      [400, "bad_content_length", "18446744073709551621", "9".repeat(20)],
      [400, "bad_content_length", "9".repeat(400), `1${"0".repeat(400)}`],
    ],
  },
  {
    rule: "Content-Length may be repeated if it is the same, RFC 9110 §8.6",
    request: `${START}Content-Length: …\r\n\r\nabcde`,
    gives: { content: "abcde", body: { kind: "length", length: 5 } },
    accepted: [
      "5, 5",
      "5,5 ,\t5",
      "5\r\nContent-Length: 5",
      "5\r\nX: 1\r\nCONTENT-LENGTH:5, 5",
    ],
    rejected: [
      [400, "conflicting_content_length", "5, 6", "6, 5", "5, 5, 6", "5, 05"],
      [400, "conflicting_content_length", "5,", ",5", "5, , 5", "5, +5"],
      [400, "conflicting_content_length", "5, x"],
      [400, "conflicting_content_length", "5\r\nContent-Length: 6"],
      [400, "conflicting_content_length", "6\r\nContent-Length: 5"],
      [400, "conflicting_content_length", "5\r\nContent-Length:"],
      [400, "conflicting_content_length", "\r\nContent-Length: 5"],
      [400, "conflicting_content_length", "5, 5\r\nContent-Length: 5, 6"],
      [400, "bad_content_length", "+5, +5", ",", "-5\r\nContent-Length: -5"],
    ],
  },
  {
    rule:
      "all the bytes that are announced are the body's, RFC 9112 §6.2 and §8",
    request: `${START}…`,
    accepted: [
      ["Content-Length: 0\r\n\r\n", { body: { kind: "length", length: 0 } }],
      ["Content-Length: 5\r\n\r\na\r\n\0\xff", { content: "a\r\n\0\xff" }],
      ["Content-Length: 5\r\n\r\n0\r\n\r\n", { content: "0\r\n\r\n" }],
      [`Content-Length: ${INNER.length}\r\n\r\n${INNER}`, { content: INNER }],
      [`${CHUNKED}\r\n\r\n1\r\na\r\n0\r\n\r\n`, { content: "a" }],
    ],
    rejected: [
      // All that follows is content, until the end of the stream.
      [400, "incomplete_body", "Content-Length: 1000\r\n\r\n"],
      [400, "incomplete_body", "Content-Length: 1000\r\n\r\nabcde"],
      [400, "incomplete_body", `${CHUNKED}\r\n\r\n3e8\r\n`],
      [400, "incomplete_body", `${CHUNKED}\r\n\r\n1\r\na\r\n3e8\r\na`],
    ],
  },
  {
    rule: "the one transfer coding is chunked, once, RFC 9112 §6.1 and §7",
    request: `${START}Transfer-Encoding: …\r\n\r\n5\r\nabcde\r\n0\r\n\r\n`,
    gives: { content: "abcde", body: { kind: "chunked" } },
    accepted: ["chunked", "Chunked", "CHUNKED", "\tchunked \t"],
    rejected: [
      [400, "bad_transfer_encoding", "", " ", ",", ",,", "gzip", "identity"],
      [400, "bad_transfer_encoding", "xchunked", "x-chunked", "chunkedx"],
      [400, "bad_transfer_encoding", "chunk"],
      [400, "bad_transfer_encoding", "chunke", "hunked", "c", "chun ked"],
      [400, "bad_transfer_encoding", "x chunked", "chunked x"],
      [400, "bad_transfer_encoding", "chunked chunked"],
      [400, "bad_transfer_encoding", "chun\tked", "chunked\xa0", "\xa0chunked"],
      [400, "bad_transfer_encoding", "\xffchunked", "chun\xadked"],
      [400, "bad_transfer_encoding", "chunk\xe9d"],
      [400, "bad_transfer_encoding", '"chunked"', "'chunked'", "(chunked)"],
      [400, "bad_transfer_encoding", "chunked;q=1", "chunked;", "chunked ;a=b"],
      [400, "bad_transfer_encoding", "chunked=", "chunked/1.1", "chunked:"],
      [400, "bad_transfer_encoding", "chunked, gzip", "chunked, identity"],
      [400, "bad_transfer_encoding", "chunked, chunked", "chunked,chunked"],
      [400, "bad_transfer_encoding", "chunked;a=b, chunked"],
      [400, "bad_transfer_encoding", "CHUNKED, chunked"],
      [400, "bad_transfer_encoding", "chunked,", ",chunked", ", chunked"],
      [400, "bad_transfer_encoding", "gzip,,chunked", "gz ip, chunked"],
      [400, "bad_transfer_encoding", "gzip\r\nTransfer-Encoding:"],
      [400, "bad_transfer_encoding", "chunked\r\nTransfer-Encoding: chunked"],
      [400, "bad_transfer_encoding", "chunked\r\nTransfer-Encoding: identity"],
      [400, "bad_transfer_encoding", "chunked\r\nTransfer-Encoding:"],
      [400, "bad_transfer_encoding", "\r\nTransfer-Encoding: chunked"],
      [501, "transfer_coding_not_supported", "gzip, chunked", "gzip,chunked"],
      [501, "transfer_coding_not_supported", "identity, chunked"],
      [501, "transfer_coding_not_supported", "x;a=b, chunked"],
      [501, "transfer_coding_not_supported", "x ;a=b, chunked"],
      [
        501,
        "transfer_coding_not_supported",
        "gzip\r\nTransfer-Encoding: chunked",
      ],
      [400, "bad_field_value", "chunked\x0b", "\x0bchunked", "\0chunked"],
      [400, "bad_field_value", "chunked\0", "chunked\x7f", "\x0cchunked"],
      [400, "obs_fold", "\r\n chunked", "chunked\r\n\t, identity"],
      [400, "bare_lf", "chunked\n", "\nchunked"],
      [400, "bare_cr", "chunked\r\r\n", "\rchunked"],
    ],
  },
  {
    rule: "one of the two fields frames a body, RFC 9112 §6.3",
    request: `${START}…\r\n\r\n0\r\n\r\n`,
    accepted: [
      [CHUNKED, { body: { kind: "chunked" } }],
      ["Content-Length: 5", { content: "0\r\n\r\n" }],
    ],
    rejected: [
      [
        400,
        "content_length_with_transfer_encoding",
        ...["chunked", "gzip", "identity", ""].flatMap((coding) =>
          ["0", "5", "x", "", "5, 5"].flatMap((length) => [
            `Content-Length: ${length}\r\nTransfer-Encoding: ${coding}`,
            `Transfer-Encoding: ${coding}\r\nContent-Length: ${length}`,
          ])
        ),
      ],
    ],
  },
  {
    rule: "HTTP/1.0 has no Transfer-Encoding, RFC 9112 §6.1",
    request: "POST / HTTP/1.…\r\n\r\n0\r\n\r\n",
    accepted: [
      [`1\r\nHost: h.example\r\n${CHUNKED}`, { body: { kind: "chunked" } }],
      ["0\r\nContent-Length: 5", { content: "0\r\n\r\n", keepAlive: false }],
      ["0\r\nConnection: keep-alive\r\nContent-Length: 5", {
        content: "0\r\n\r\n",
      }],
    ],
    rejected: [
      [
        400,
        "transfer_encoding_in_http_1_0",
        `0\r\n${CHUNKED}`,
        `0\r\nConnection: keep-alive\r\n${CHUNKED}`,
        `0\r\nContent-Length: 5\r\n${CHUNKED}`,
        `0\r\n${CHUNKED}\r\nContent-Length: 5`,
        "0\r\nTransfer-Encoding: identity",
        "0\r\nTransfer-Encoding:",
      ],
    ],
  },
  {
    rule: "a body has maxBodyBytes at most, RFC 9110 §15.5.14",
    request: `${START}…`,
    limits: { maxBodyBytes: 5 },
    accepted: [
      ["Content-Length: 5\r\n\r\nabcde", { content: "abcde" }],
      [`${CHUNKED}\r\n\r\n2\r\nab\r\n3\r\ncde\r\n0\r\n\r\n`, {
        content: "abcde",
      }],
    ],
    atOnce: true,
    rejected: [
      [413, "body_too_large", "Content-Length: 6\r\n\r\n"],
      [413, "body_too_large", `Content-Length: ${"9".repeat(15)}\r\n\r\n`],
      [413, "body_too_large", `${CHUNKED}\r\n\r\n6\r\n`],
      [413, "body_too_large", `${CHUNKED}\r\n\r\n3\r\nabc\r\n3\r\n`],
    ],
  },
];
