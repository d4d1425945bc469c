import type { Rule } from "./grammar_rule.ts";

const START = "GET / HTTP/1.1\r\n";
const HOST = "Host: h.example\r\n";

/** The rules of Host, RFC 9112 §3.2. */
export const HOSTS: readonly Rule[] = [
  {
    rule: "a request of HTTP/1.1 has Host, RFC 9112 §3.2",
    request: "GET / HTTP/…\r\n",
    accepted: [
      [`1.1\r\n${HOST}`, { authority: "h.example" }],
      ["1.1\r\nhOST:h.example\r\n", { authority: "h.example" }],
      ["1.0\r\n", { authority: "", keepAlive: false }],
      [`1.0\r\n${HOST}`, { authority: "h.example", keepAlive: false }],
    ],
    rejected: [
      [400, "missing_host", "1.1\r\n", "1.1\r\nX: Host: h.example\r\n"],
      [400, "missing_host", "1.1\r\nX-Host: h.example\r\n"],
      [400, "missing_host", "1.1\r\nHosts: h\r\n"],
    ],
  },
  {
    rule: "Host comes once, RFC 9112 §3.2",
    request: `${START}${HOST}…\r\n`,
    accepted: ["", "X-Host: other.example\r\n"],
    rejected: [
      [400, "duplicate_host", HOST, "HOST: other.example\r\n", "Host:\r\n"],
      [400, "duplicate_host", `X: 1\r\n${HOST}`, HOST + HOST],
    ],
  },
  {
    rule: "Host comes once at most in HTTP/1.0, RFC 9112 §3.2",
    request: "GET / HTTP/1.0\r\nConnection: keep-alive\r\n…\r\n",
    accepted: ["", HOST],
    rejected: [
      [400, "duplicate_host", HOST + HOST, `${HOST}host: other.example\r\n`],
      [400, "bad_host", "Host:\r\n", "Host: a b\r\n", "Host: u@h.example\r\n"],
    ],
  },
  {
    rule: "Host is a host and maybe a port, RFC 9110 §7.2",
    request: `${START}Host: …\r\n\r\n`,
    accepted: [
      ["h.example", { authority: "h.example" }],
      [" H.Example:8000\t ", { authority: "H.Example:8000" }],
      ["h.example:", { authority: "h.example:" }],
      ["h.example.:65535", { authority: "h.example.:65535" }],
      ["10.0.0.1", { authority: "10.0.0.1" }],
      ["[::1]", { authority: "[::1]" }],
      ["[2001:db8::192.0.2.1]:80", { authority: "[2001:db8::192.0.2.1]:80" }],
      ["my-host_1~", { authority: "my-host_1~" }],
      ["a%2Db", { authority: "a%2Db" }],
      // RFC 3986 §3.2.2: a registered name may have commas.
      ["a.example,b.example", { authority: "a.example,b.example" }],
      ["!$&'()*+,;=", { authority: "!$&'()*+,;=" }],
    ],
    rejected: [
      // RFC 9110 §4.2.1: an empty host is invalid.
      [400, "bad_host", "", " ", ":80", ":"],
      [400, "bad_host", "a b", "h.example h.example", "h.example\tx"],
      [400, "bad_host", "h.example, h.example", "a.example:80,b.example:80"],
      [400, "bad_host", "u@h.example", "u:p@h.example", "@h.example"],
      [400, "bad_host", "h.example:80@a"],
      [400, "bad_host", "h.example/", "h.example/path", "/", "h.example\\path"],
      [400, "bad_host", "h.example?a", "?", "h.example#a", "#"],
      [400, "bad_host", "h.example:80/"],
      [400, "bad_host", "http://h.example", "//h.example", "http:h.example"],
      [400, "bad_host", "h.example:x", "h.example:-1", "h.example:+1"],
      [400, "bad_host", "h.example:0x50", "h.example: 80", "h.example :80"],
      [400, "bad_host", "h.example:80:80", "h.example:65536"],
      [400, "bad_host", "h.example:000080"],
      [400, "bad_host", "::1", "[::1", "::1]", "[]", "[::1]x", "[::1]x:80"],
      [400, "bad_host", "[:::1]", "[::g]", "[v1.fe]", "[::1%25eth0]"],
      [400, "bad_host", "[[::1]]"],
      [400, "bad_host", "[::1]@h.example", "[::1]/", "x[::1]"],
      [400, "bad_host", "1.2.3.999", "1.2.3.4.5", "xn--a"],
      [400, "bad_host", "h%00.example", "a%20b", "a%2Fb", "a%40b", "a%"],
      [400, "bad_host", "a%zz"],
      [400, "bad_host", '"h.example"', "<h>", "a|b", "a^b", "a`b", "{h}"],
      [400, "bad_host", "h\xe9.example", "h.example\xa0", "\xadh.example"],
      [400, "bad_field_value", "h\0.example", "h.example\x0b", "h\x7f.example"],
      [400, "obs_fold", "\r\n h.example", "h.example\r\n\t"],
      [400, "bare_cr", "h.example\rX", "h.example\r\r\n"],
      [400, "bare_lf", "h.example\n", "h.example\nX: 1"],
    ],
  },
];
