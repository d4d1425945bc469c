import {
  CONTROLS,
  DELIMITERS,
  NOT_ASCII,
  type Rule,
  TOKEN_CHARS,
} from "./grammar_rule.ts";

const END = "\r\nHost: h.example\r\n\r\n";

/** The rules of the request line but its target, RFC 9112 §3. */
export const REQUEST_LINE: readonly Rule[] = [
  {
    rule: "one empty line before the request line is ignored, RFC 9112 §2.2",
    request: `…GET / HTTP/1.1${END}`,
    gives: { method: "GET" },
    accepted: ["", "\r\n"],
    atOnce: true,
    rejected: [
      [400, "bad_request_line", "\r\n\r\n", " ", "\t", "\r\n ", "\r\n\t"],
      [400, "bare_lf", "\n", "\r\n\n"],
      [400, "bare_cr", "\r\r\n", "\rX"],
      [400, "bad_method", ...CONTROLS, ...DELIMITERS, ...NOT_ASCII],
      // A byte order mark, and how TLS begins.
      [400, "bad_method", "\xef\xbb\xbf", "\x16\x03\x01", "\r\n\x16"],
    ],
  },
  {
    rule: "a method is a token, and case matters, RFC 9110 §9.1",
    request: `G…T / HTTP/1.1${END}`,
    accepted: [
      ["E", { method: "GET" }],
      ["e", { method: "GeT" }],
      [TOKEN_CHARS, { method: `G${TOKEN_CHARS}T` }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_method", ...CONTROLS, ...DELIMITERS, ...NOT_ASCII],
      [400, "bad_request_line", "\t", "\r"],
      [400, "bare_lf", "\n"],
    ],
  },
  {
    rule: "a method has 32 bytes at most, RFC 9112 §3",
    request: `… / HTTP/1.1${END}`,
    accepted: ["M", "M".repeat(32), `\r\n${"M".repeat(32)}`],
    atOnce: true,
    rejected: [
      [501, "method_too_long", "M".repeat(33), `\r\n${"M".repeat(33)}`],
      [501, "method_too_long", "M".repeat(100)],
    ],
  },
  {
    rule: "one space parts method, target and version, RFC 9112 §3",
    request: `…${END}`,
    gives: { method: "GET", target: "/", version: "HTTP/1.1" },
    accepted: ["GET / HTTP/1.1"],
    atOnce: true,
    rejected: [
      [400, "bad_request_line", " GET / HTTP/1.1", "GET  / HTTP/1.1"],
      [400, "bad_request_line", "GET\t/ HTTP/1.1", "GET \t/ HTTP/1.1"],
      [400, "bad_request_line", "GET /  HTTP/1.1", "GET /\tHTTP/1.1"],
      [400, "bad_request_line", "GET / \tHTTP/1.1", "GET / HTTP/1.1 "],
      [400, "bad_request_line", "GET / HTTP/1.1\t", "GET / HTTP/1.1\x0b"],
      [400, "bad_request_line", "GET / HTTP/1.1\0", "GET / HTTP/1.1 HTTP/1.1"],
      [400, "bad_request_line", "GET /a b HTTP/1.1", "GET  HTTP/1.1"],
      [400, "bad_request_line", "GET HTTP/1.1\r\n", "GET /\r\n", "GET / \r\n"],
      [400, "bad_request_line", "GET\r\n", "GET\r/ HTTP/1.1"],
      [400, "bad_request_line", "GET /\rHTTP/1.1", "GET / \rHTTP/1.1"],
      [400, "bad_request_line", "GET / \x0bHTTP/1.1", "GET / \xa0HTTP/1.1"],
      [400, "bad_method", "GET\x0b/ HTTP/1.1", "GET\xa0/ HTTP/1.1"],
      [400, "bad_method", "GET/ HTTP/1.1"],
      [400, "bad_target", "GET \x0c/ HTTP/1.1", "GET /\xa0HTTP/1.1"],
    ],
  },
  {
    rule: "a version is HTTP/, a digit, a dot and a digit, RFC 9112 §2.3",
    request: `GET / …${END}`,
    accepted: [
      ["HTTP/1.1", { version: "HTTP/1.1" }],
      ["HTTP/1.0", { version: "HTTP/1.0", keepAlive: false }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_request_line", "http/1.1", "Http/1.1", "HTTp/1.1"],
      [400, "bad_request_line", "HTTPS/1.1", "HTP/1.1", "ICY/1.1", "RTSP/1.0"],
      [400, "bad_request_line", "HTTP /1.1", "HTTP/ 1.1", "HTTP/1 .1"],
      [400, "bad_request_line", "HTTP/1. 1", "HTTP/1.10", "HTTP/1.01"],
      [400, "bad_request_line", "HTTP/01.1", "HTTP/11", "HTTP/1,1", "HTTP/1\r"],
      [400, "bad_request_line", "HTTP/1.\r", "HTTP/1.x", "HTTP/x.1"],
      [400, "bad_request_line", "HTTP/-1.1", "HTTP/+1.1", "HTTP/\xb9.1"],
      [400, "bad_request_line", "HTTP/1.\xb9", "HTTP/1.1;", "\0"],
    ],
  },
  {
    rule: "only 1.1 and 1.0 are served, RFC 9110 §15.6.6",
    request: `…${END}`,
    accepted: [
      ["GET / HTTP/1.1", { version: "HTTP/1.1" }],
      ["GET / HTTP/1.0", { version: "HTTP/1.0", keepAlive: false }],
    ],
    atOnce: true,
    rejected: [
      [
        505,
        "version_not_supported",
        "GET / HTTP/0.0",
        "GET / HTTP/0.9",
        "GET / HTTP/1.2",
        "GET / HTTP/1.9",
        "GET / HTTP/2.0",
        "GET / HTTP/3.0",
        "GET / HTTP/9.9",
        // The preface of HTTP/2, RFC 9113 §3.4.
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      ],
    ],
  },
];
