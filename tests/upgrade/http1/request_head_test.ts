import { assertHead, assertRefused } from "./feed.ts";

const V11 = "GET / HTTP/1.1\r\n";
const V10 = "GET / HTTP/1.0\r\n";
const HOST = "Host: h.example\r\n";

Deno.test("readRequestHead() takes a host with an optional port when it is valid", () => {
  for (const host of ["h.example", "h.example:8000", "[::1]:80", "10.0.0.1"]) {
    assertHead(`${V11}Host: ${host}\r\n\r\n`, { authority: host });
    assertHead(`${V10}Host:${host} \r\n\r\n`, { authority: host });
  }
});

Deno.test("readRequestHead() throws missing_host when HTTP/1.1 has none", () => {
  assertRefused(`${V11}\r\n`, "missing_host");
  assertRefused(`${V11}X-Host: h.example\r\n\r\n`, "missing_host");
  assertRefused("GET http://h.example/ HTTP/1.1\r\n\r\n", "missing_host");
});

Deno.test("readRequestHead() throws duplicate_host when Host comes twice", () => {
  assertRefused(`${V11}${HOST}${HOST}\r\n`, "duplicate_host");
  assertRefused(`${V11}${HOST}X: 1\r\nHOST:\r\n\r\n`, "duplicate_host");
  assertRefused(`${V10}${HOST}${HOST}\r\n`, "duplicate_host");
});

Deno.test("readRequestHead() throws bad_host when it is no host with a port", () => {
  const hosts = [
    "",
    "a b",
    "user@h.example",
    "h.example/",
    "http://h.example",
    "h.example:x",
    "h.example:65536",
    "h.example, h.example",
    "[::1",
    "1.2.3.999",
    "h\xe9.example",
    "h.example\xa0",
  ];
  for (const host of hosts) {
    assertRefused(`${V11}Host: ${host}\r\n\r\n`, "bad_host");
    assertRefused(`${V10}Host: ${host}\r\n\r\n`, "bad_host");
    assertRefused(
      `GET http://h.example/ HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
      "bad_host",
    );
  }
});

Deno.test("readRequestHead() replaces Host when the target names another", () => {
  assertHead(`GET http://t.example:81/ HTTP/1.1\r\nA: 1\r\n${HOST}\r\n`, {
    authority: "t.example:81",
    fields: [["a", "1"], ["host", "t.example:81"]],
  });
  assertHead(`CONNECT t.example:81 HTTP/1.1\r\n${HOST}\r\n`, {
    authority: "t.example:81",
    fields: [["host", "t.example:81"]],
  });
  assertHead("GET http://t.example/ HTTP/1.0\r\nA: 1\r\n\r\n", {
    authority: "t.example",
    fields: [["a", "1"]],
  });
});

Deno.test("readRequestHead() keeps the connection alive when the client lets it", () => {
  const cases: [version: string, connection: string, keepAlive: boolean][] = [
    [V11, "", true],
    [V11, "Connection: keep-alive\r\n", true],
    [V11, "Connection: close\r\n", false],
    [V11, "Connection: Close\r\n", false],
    [V11, "Connection: keep-alive, close\r\n", false],
    [V11, "Connection: keep-alive\r\nConnection: x,,close\r\n", false],
    [V11, "Connection: closed\r\n", true],
    [V10, "", false],
    [V10, "Connection: Keep-Alive\r\n", true],
    [V10, "Connection: keep-alive, close\r\n", false],
  ];
  for (const [version, connection, keepAlive] of cases) {
    assertHead(`${version}${HOST}${connection}\r\n`, { keepAlive });
  }
});

Deno.test("readRequestHead() throws bad_connection when it is no list of tokens", () => {
  for (const value of ["a b", "close;", '"close"', "close\xa0", "a/b"]) {
    assertRefused(
      `${V11}${HOST}Connection: ${value}\r\n\r\n`,
      "bad_connection",
    );
  }
});

Deno.test("readRequestHead() gives the protocols when Connection has upgrade", () => {
  assertHead(
    `${V11}${HOST}Upgrade: WebSocket, IRC/6.9\r\nUpgrade: h2c\r\n` +
      "Connection: keep-alive, Upgrade\r\n\r\n",
    { upgrade: ["WebSocket", "IRC/6.9", "h2c"], keepAlive: true },
  );
});

Deno.test("readRequestHead() gives no protocol when Connection lacks upgrade or it is 1.0", () => {
  const upgrade = "Upgrade: websocket\r\n";
  const connection = "Connection: upgrade\r\n";
  assertHead(`${V11}${HOST}${upgrade}\r\n`, { upgrade: [] });
  assertHead(`${V11}${HOST}${connection}\r\n`, { upgrade: [] });
  assertHead(`${V10}${HOST}${upgrade}${connection}\r\n`, { upgrade: [] });
  assertHead(`${V11}${HOST}Upgrade: a b\r\n\r\n`, { upgrade: [] });
});

Deno.test("readRequestHead() throws bad_upgrade when it is no list of protocols", () => {
  for (const value of ["a b", "a/", "/1", "a/1/2", "a;b"]) {
    assertRefused(
      `${V11}${HOST}Connection: upgrade\r\nUpgrade: ${value}\r\n\r\n`,
      "bad_upgrade",
    );
  }
});

Deno.test("readRequestHead() tells of 100-continue when a body is to come", () => {
  const cases: [version: string, fields: string, expects: boolean][] = [
    [V11, "Expect: 100-continue\r\nContent-Length: 5\r\n", true],
    [V11, "Expect: 100-Continue\r\nTransfer-Encoding: chunked\r\n", true],
    [V11, "Expect: , 100-continue\t,\r\nContent-Length: 5\r\n", true],
    [V11, "Expect: 100-continue\r\nContent-Length: 0\r\n", false],
    [V11, "Expect: 100-continue\r\n", false],
    [V11, "Expect:\r\nContent-Length: 5\r\n", false],
    [V11, "Content-Length: 5\r\n", false],
    // RFC 9110 §10.1.1: in an HTTP/1.0 request it is ignored.
    [V10, "Expect: 100-continue\r\nContent-Length: 5\r\n", false],
  ];
  for (const [version, fields, expectsContinue] of cases) {
    assertHead(`${version}${HOST}${fields}\r\n`, { expectsContinue });
  }
});

Deno.test("readRequestHead() throws expectation_failed when it is not 100-continue", () => {
  for (const value of ["x", "100-continue, x", "100-continue;a", "200-ok"]) {
    assertRefused(
      `${V11}${HOST}Content-Length: 5\r\nExpect: ${value}\r\n\r\n`,
      "expectation_failed",
    );
  }
});
