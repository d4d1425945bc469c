import { assertHead, assertRefused } from "./feed.ts";

const HOST = "Host: h.example\r\n";

Deno.test("parseRequestTarget() keeps the path when the target has origin form", () => {
  for (const target of ["/", "//", "//b.example/c", "/a:b@c?d", "/?", "/*"]) {
    assertHead(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`, {
      form: "origin",
      authority: "h.example",
      path: target,
    });
  }
});

Deno.test("parseRequestTarget() parts host and path when the target has absolute form", () => {
  const cases = [
    ["http://a.example", "a.example", "/"],
    ["http://a.example/", "a.example", "/"],
    ["HTTP://a.example:80/b?c", "a.example:80", "/b?c"],
    ["https://a.example?c", "a.example", "/?c"],
    ["http://a.example/b?c=/d?e:@", "a.example", "/b?c=/d?e:@"],
    ["http://[::1]:8000/b", "[::1]:8000", "/b"],
    ["http://a.example//b", "a.example", "//b"],
    ["http://a.example/http://b.example/", "a.example", "/http://b.example/"],
  ] as const;
  for (const [target, authority, path] of cases) {
    assertHead(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`, {
      target,
      form: "absolute",
      authority,
      path,
    });
  }
});

Deno.test("parseRequestTarget() throws bad_target when absolute form has no valid host", () => {
  const targets = [
    "http:",
    "http:/",
    "http://",
    "http:///",
    "http://?a",
    "http://:80/",
    "http:/a.example/",
    "http:a.example",
    "http://user@a.example/",
    "http://user:password@a.example/",
    "http://a.example:x/",
    "http://a.example:65536/",
    "http://a%20b/",
    "http://1.2.3.999/",
    "http://[::1/",
    "http://[::1]a/",
    "http://[a.example]/",
    "ftp://a.example/",
    "ws://a.example/",
    "httpx://a.example/",
    "urn:a",
  ];
  for (const target of targets) {
    assertRefused(`GET ${target} HTTP/1.1\r\n${HOST}\r\n`, "bad_target");
  }
});

Deno.test("parseRequestTarget() takes host and port when the method is CONNECT", () => {
  for (const target of ["a.example:443", "127.0.0.1:1", "[::1]:65535"]) {
    assertHead(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`, {
      form: "authority",
      authority: target,
      path: "",
      body: { kind: "none" },
    });
  }
});

Deno.test("parseRequestTarget() throws bad_target when CONNECT names no host and port", () => {
  const targets = [
    "a.example",
    "a.example:",
    "a.example:0",
    "a.example:65536",
    ":443",
    "user@a.example:443",
    "/",
    "*",
    "http://a.example:443",
    "http://a.example:443/",
    "[::1]",
  ];
  for (const target of targets) {
    assertRefused(`CONNECT ${target} HTTP/1.1\r\n${HOST}\r\n`, "bad_target");
  }
});

Deno.test("parseRequestTarget() throws bad_target when another method has authority form", () => {
  assertRefused(`GET a.example:443 HTTP/1.1\r\n${HOST}\r\n`, "bad_target");
});

Deno.test("parseRequestTarget() takes an asterisk when the method is OPTIONS", () => {
  assertHead(`OPTIONS * HTTP/1.1\r\n${HOST}\r\n`, {
    form: "asterisk",
    authority: "h.example",
    path: "*",
  });
  for (const method of ["GET", "HEAD", "options", "CONNECT"]) {
    assertRefused(`${method} * HTTP/1.1\r\n${HOST}\r\n`, "bad_target");
  }
});
