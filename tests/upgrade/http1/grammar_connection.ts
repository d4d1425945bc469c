import type { Rule } from "./grammar_rule.ts";

const START = "GET / HTTP/1.1\r\nHost: h.example\r\n";
const START_1_0 = "GET / HTTP/1.0\r\nHost: h.example\r\n";

/** The rules of Connection, Upgrade and Expect, RFC 9112 §9 and RFC 9110. */
export const CONNECTION: readonly Rule[] = [
  {
    rule: "HTTP/1.1 goes on unless Connection has close, RFC 9112 §9.3",
    request: `${START}Connection: …\r\n\r\n`,
    accepted: [
      "",
      "keep-alive",
      "closed",
      "x-close",
      "Content-Length, Transfer-Encoding, Host",
      // RFC 9110 §5.6.1.2: empty elements are ignored.
      ", ,keep-alive,,",
      ["close", { keepAlive: false }],
      ["CLOSE\t", { keepAlive: false }],
      ["keep-alive, close", { keepAlive: false }],
      ["close,keep-alive", { keepAlive: false }],
      [",, close ,", { keepAlive: false }],
      ["keep-alive\r\nConnection: x, close", { keepAlive: false }],
      ["close\r\nConnection: keep-alive", { keepAlive: false }],
    ],
    rejected: [
      [400, "bad_connection", "a b", "close;", "close;q=1", '"close"', "a/b"],
      [400, "bad_connection", "close\xa0", "\xffclose"],
      [400, "bad_connection", "close\r\nConnection: :"],
      [400, "bad_field_value", "close\x0b", "close\0"],
    ],
  },
  {
    rule: "HTTP/1.0 ends unless Connection has keep-alive, RFC 9112 §9.3",
    request: `${START_1_0}…\r\n`,
    accepted: [
      ["", { keepAlive: false }],
      ["Connection: Keep-Alive\r\n", {}],
      ["Connection: x\r\nConnection: keep-alive\r\n", {}],
      ["Connection: keep-alive, close\r\n", { keepAlive: false }],
      ["Connection: close\r\n", { keepAlive: false }],
      ["Connection: x\r\n", { keepAlive: false }],
      ["Keep-Alive: timeout=5\r\n", { keepAlive: false }],
      ["Proxy-Connection: keep-alive\r\n", { keepAlive: false }],
    ],
    rejected: [[400, "bad_connection", "Connection: keep alive\r\n"]],
  },
  {
    rule: "Upgrade is a list of protocols, RFC 9110 §7.8",
    request: `${START}Connection: upgrade\r\nUpgrade: …\r\n\r\n`,
    accepted: [
      ["", { upgrade: [] }],
      ["websocket", { upgrade: ["websocket"] }],
      ["WebSocket, IRC/6.9,,h2c", { upgrade: ["WebSocket", "IRC/6.9", "h2c"] }],
      ["a\r\nUpgrade: b", { upgrade: ["a", "b"] }],
    ],
    rejected: [
      [400, "bad_upgrade", "a b", "a/", "/1", "a/1/2", "a;b", "a\xa0", '"a"'],
    ],
  },
  {
    rule: "Upgrade counts in HTTP/1.1 with Connection, RFC 9110 §7.8",
    request: "GET / …\r\n",
    gives: { upgrade: [] },
    accepted: [
      "HTTP/1.1\r\nHost: h.example\r\nUpgrade: a b\r\n",
      "HTTP/1.1\r\nHost: h.example\r\nConnection: upgraded\r\nUpgrade: a b\r\n",
      ["HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: a b\r\n", {
        keepAlive: false,
      }],
    ],
    rejected: [
      [
        400,
        "bad_upgrade",
        "HTTP/1.1\r\nHost: h.example\r\nConnection: upgrade\r\nUpgrade: a b\r\n",
        "HTTP/1.1\r\nHost: h.example\r\nUpgrade: a b\r\nConnection: UPGRADE\r\n",
      ],
    ],
  },
  {
    rule: "the one expectation is 100-continue, RFC 9110 §10.1.1",
    request:
      "POST / HTTP/1.1\r\nHost: h.example\r\nContent-Length: 5\r\nExpect: …\r\n\r\nabcde",
    gives: { content: "abcde" },
    accepted: [
      ["100-continue", { expectsContinue: true }],
      ["100-Continue, 100-CONTINUE", { expectsContinue: true }],
      [", 100-continue\t,", { expectsContinue: true }],
      ["", { expectsContinue: false }],
    ],
    rejected: [
      [417, "expectation_failed", "x", "200-ok", "100", "100-continued"],
      [417, "expectation_failed", "100-continue, x", "100-continue;a"],
      [417, "expectation_failed", "100-continue\r\nExpect: x"],
      [417, "expectation_failed", "100-continue\xa0", "y 100-continue", "\xff"],
    ],
  },
  {
    rule: "100-continue counts in HTTP/1.1 with a body, RFC 9110 §10.1.1",
    request: "POST / …",
    accepted: [
      ["HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n", {
        expectsContinue: false,
      }],
      [
        "HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 0\r\n\r\n",
        { expectsContinue: false },
      ],
      ["HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\na", {
        expectsContinue: false,
        keepAlive: false,
        content: "a",
      }],
      [
        "HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n" +
        "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        { expectsContinue: true },
      ],
    ],
    rejected: [
      [417, "expectation_failed", "HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n"],
      [417, "expectation_failed", "HTTP/1.0\r\nExpect: x\r\n\r\n"],
    ],
  },
];
