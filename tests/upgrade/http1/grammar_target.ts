import { CONTROLS, NOT_ASCII, type Rule } from "./grammar_rule.ts";

const HOST = "Host: h.example\r\n";
const END = ` HTTP/1.1\r\n${HOST}\r\n`;

/** Every character of `pchar`, RFC 3986 §3.3, letters and digits in part. */
const PCHARS = "azAZ09-._~!$&'()*+,;=:@";
/** What browsers leave as it is in a query although RFC 3986 does not. */
const UNESCAPED = "[]^`{|}";
const NOT_IN_TARGET = ['"', "#", "<", ">", "\\", ...CONTROLS, ...NOT_ASCII];

/** The rules of the request target, RFC 9112 §3.2. */
export const TARGET: readonly Rule[] = [
  {
    rule: "a path has the characters of RFC 3986 §3.3",
    request: `GET /a…b${END}`,
    accepted: [
      [PCHARS, { path: `/a${PCHARS}b` }],
      [UNESCAPED, { path: `/a${UNESCAPED}b` }],
      ["//", { path: "/a//b" }],
      ["/../", { path: "/a/../b" }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_target", ...NOT_IN_TARGET],
      [400, "bad_request_line", "\t", "\r"],
      [400, "bare_lf", "\n"],
    ],
  },
  {
    rule: "a query has the characters of RFC 3986 §3.4",
    request: `GET /?a…b${END}`,
    accepted: [
      [PCHARS, { path: `/?a${PCHARS}b` }],
      [UNESCAPED, { path: `/?a${UNESCAPED}b` }],
      ["?/?", { path: "/?a?/?b" }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_target", ...NOT_IN_TARGET],
      [400, "bad_request_line", "\t", "\r"],
      [400, "bare_lf", "\n"],
    ],
  },
  {
    rule: "a percent sign has two hex digits after it, RFC 3986 §2.1",
    request: `GET /…${END}`,
    accepted: [
      ["%41", { path: "/%41" }],
      ["%fF%Ff", { path: "/%fF%Ff" }],
      ["..%2f..%2F", { path: "/..%2f..%2F" }],
      ["%00%0d%0a", { path: "/%00%0d%0a" }],
      ["?%20", { path: "/?%20" }],
    ],
    atOnce: true,
    rejected: [
      [400, "bad_target", "%g0", "%0g", "%%41", "%4%", "%u0041", "%+1"],
      [400, "bad_target", "%/", "%?a", "% ", "%4 ", "?%&", "%\0", "%\xb2"],
      [400, "bad_request_line", "%\r", "%4\t"],
      [400, "bare_lf", "%\n", "%4\n"],
    ],
  },
  {
    rule: "origin-form is a path and a query, RFC 9112 §3.2.1",
    request: `GET …${END}`,
    gives: { form: "origin", authority: "h.example" },
    accepted: [
      ["/", { path: "/" }],
      ["/?", { path: "/?" }],
      ["/*", { path: "/*" }],
      ["/a:b@c?d", { path: "/a:b@c?d" }],
      ["//other.example/a", { path: "//other.example/a" }],
      ["/http://other.example/", { path: "/http://other.example/" }],
      ["/@other.example", { path: "/@other.example" }],
    ],
    rejected: [
      [400, "bad_target", "a", "a/b", "?a", "&", "@", ":", ".", "../", "%2F"],
      [400, "bad_target", "#", "\\", "<", "\0", "\xff", "h.example"],
      [400, "bad_target", "h.example/", "www.h.example:80/"],
      [400, "bad_request_line", ""],
    ],
  },
  {
    rule: "absolute-form is http, a host and maybe a path, RFC 9112 §3.2.2",
    request: `GET …${END}`,
    gives: { form: "absolute" },
    accepted: [
      ["http://a.example", { authority: "a.example", path: "/" }],
      ["http://a.example/", { authority: "a.example", path: "/" }],
      ["HTTP://a.example:80/b?c", {
        target: "HTTP://a.example:80/b?c",
        authority: "a.example:80",
        path: "/b?c",
      }],
      ["http://a.example?c", { authority: "a.example", path: "/?c" }],
      ["http://a.example/b?/c:@", { authority: "a.example", path: "/b?/c:@" }],
      ["http://[::1]:8000/b", { authority: "[::1]:8000", path: "/b" }],
      ["http://a.example//b", { authority: "a.example", path: "//b" }],
      ["http://a.example/http://b/", {
        authority: "a.example",
        path: "/http://b/",
      }],
    ],
    rejected: [
      [400, "bad_target", "http:", "http:/", "http://", "http:///"],
      [400, "bad_target", "http://?a"],
      [400, "bad_target", "http://:80/", "http:/a.example/", "http:a.example"],
      // RFC 9110 §4.2.4.
      [400, "bad_target", "http://user@a.example/", "http://u:p@a.example/"],
      [400, "bad_target", "http://a.example:x/", "http://a.example:65536/"],
      [400, "bad_target", "http://a:80:81/", "http://a\\@b/", "http://a#@b/"],
      [400, "bad_target", "http://a%20b/", "http://a%2Fb/"],
      [400, "bad_target", "http://1.2.3.999/"],
      [400, "bad_target", "http://[::1/", "http://[::1]a/", "http://[a.b]/"],
      [400, "bad_target", "http://a|b/", "http://a^b/", "http://[::1]@a/"],
      [400, "bad_target", "ftp://a.example/", "ws://a.example/", "urn:a"],
      [400, "bad_target", "httpx://a.example/", "xhttp://a/", "://a.example/"],
      // RFC 9110 §7.4: what asks for TLS came without.
      [421, "misdirected", "https://h.example/", "HTTPS://h.example"],
    ],
  },
  {
    rule: "the host of absolute-form replaces Host, RFC 9112 §3.2.2",
    request: "GET http://t.example:81/ HTTP/1.…X: 1\r\n\r\n",
    gives: {
      authority: "t.example:81",
      fields: [["host", "t.example:81"], ["x", "1"]],
    },
    accepted: [
      "1\r\nHost: t.example:81\r\n",
      "1\r\nHost: t.example:82\r\n",
      `1\r\n${HOST}`,
      [`1\r\nA: 1\r\n${HOST}`, {
        fields: [["a", "1"], ["host", "t.example:81"], ["x", "1"]],
      }],
      ["0\r\n", { fields: [["x", "1"]], keepAlive: false }],
    ],
    rejected: [
      [400, "missing_host", "1\r\n", "1\r\nX-Host: t.example:81\r\n"],
      [400, "duplicate_host", `1\r\n${HOST}${HOST}`, `0\r\n${HOST}${HOST}`],
      [400, "bad_host", "1\r\nHost:\r\n", "1\r\nHost: u@t.example:81\r\n"],
      [400, "bad_host", "0\r\nHost: a b\r\n"],
    ],
  },
  {
    rule: "authority-form is a host and a port, RFC 9112 §3.2.3",
    request: `CONNECT …${END}`,
    gives: { method: "CONNECT", form: "authority", path: "" },
    accepted: [
      ["a.example:443", {
        authority: "a.example:443",
        fields: [["host", "a.example:443"]],
      }],
      ["127.0.0.1:1", { authority: "127.0.0.1:1" }],
      ["[::1]:65535", { authority: "[::1]:65535" }],
    ],
    rejected: [
      [400, "bad_target", "a.example", "a.example:", "[::1]", "[::1]:", ":443"],
      [400, "bad_target", "a.example:0", "a.example:65536"],
      [400, "bad_target", "a.example:443:443"],
      [400, "bad_target", "u@a.example:443", "a.example:443/"],
      [400, "bad_target", "a.example:443?"],
      [400, "bad_target", "/", "*", "http://a.example:443", "//a.example:443"],
    ],
  },
  {
    rule: "authority-form is for CONNECT alone, RFC 9112 §3.2.3",
    request: `… a.example:443${END}`,
    accepted: [["CONNECT", { form: "authority", authority: "a.example:443" }]],
    rejected: [[400, "bad_target", "GET", "OPTIONS", "connect", "CONNECTED"]],
  },
  {
    rule: "asterisk-form is for OPTIONS alone, RFC 9112 §3.2.4",
    request: `… *${END}`,
    accepted: [
      ["OPTIONS", { form: "asterisk", authority: "h.example", path: "*" }],
    ],
    rejected: [
      [400, "bad_target", "GET", "POST", "TRACE", "options", "CONNECT"],
    ],
  },
  {
    rule: "asterisk-form is one asterisk, RFC 9112 §3.2.4",
    request: `OPTIONS …${END}`,
    gives: { method: "OPTIONS" },
    accepted: [
      ["*", { form: "asterisk", path: "*" }],
      ["/*", { form: "origin", path: "/*" }],
      ["http://h.example", { form: "absolute", path: "*" }],
      ["http://h.example/", { form: "absolute", path: "/" }],
      ["http://h.example?", { form: "absolute", path: "/?" }],
    ],
    rejected: [[400, "bad_target", "**", "*/", "*?a", "%2A"]],
  },
  {
    rule: "a target has maxTargetBytes at most, RFC 9110 §15.5.15",
    request: `GET …${END}`,
    limits: { maxTargetBytes: 10 },
    accepted: [
      ["/aaaaaaaaa", { path: "/aaaaaaaaa" }],
      ["/aaaaaa%20", { path: "/aaaaaa%20" }],
      ["http://a/b", { form: "absolute", path: "/b" }],
    ],
    atOnce: true,
    rejected: [
      [414, "target_too_long", "/aaaaaaaaaa", "/aaaaaaa%20", "/aaaaaaaa%20"],
      [414, "target_too_long", "/aaaaaaaaa%20", "http://a/bc"],
    ],
  },
];
