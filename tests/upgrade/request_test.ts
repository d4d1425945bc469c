import { assertEquals, assertThrows } from "@std/assert";
import { HeadParser, HttpError } from "../../upgrade/http1/mod.ts";
import { makeRequest, ServedRequest } from "../../upgrade/request.ts";

/** Makes the request of a head that is written without CR. */
function requestOf(
  text: string,
  { scheme = "http" as "http" | "https", body }: {
    scheme?: "http" | "https";
    body?: ReadableStream<Uint8Array<ArrayBuffer>>;
  } = {},
): ServedRequest {
  const parser = new HeadParser();
  const bytes = new TextEncoder().encode(
    `${text.replaceAll("\n", "\r\n")}\r\n\r\n`,
  );
  parser.parse(bytes);
  return makeRequest(parser.head!, {
    scheme,
    defaultAuthority: "127.0.0.1:8000",
    body,
    interim: { writeInterim: () => Promise.resolve() },
  });
}

function streamOf(text: string): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new Response(text).body!;
}

Deno.test("makeRequest() makes the URL of the target and of Host", () => {
  const urls: [head: string, url: string][] = [
    ["GET /a?b=c HTTP/1.1\nHost: x.example", "http://x.example/a?b=c"],
    ["GET / HTTP/1.1\nHost: x.example:81", "http://x.example:81/"],
    ["GET / HTTP/1.1\nHost: [::1]:81", "http://[::1]:81/"],
    ["GET http://y.example/p HTTP/1.1\nHost: x", "http://y.example/p"],
    ["GET //double HTTP/1.1\nHost: x.example", "http://x.example//double"],
    ["OPTIONS * HTTP/1.1\nHost: x.example", "http://x.example/*"],
    ["CONNECT y.example:443 HTTP/1.1\nHost: x", "http://y.example:443/"],
    ["GET /old HTTP/1.0", "http://127.0.0.1:8000/old"],
  ];
  for (const [head, url] of urls) assertEquals(requestOf(head).url, url);
});

Deno.test("makeRequest() takes the scheme of the connection", () => {
  const request = requestOf("GET / HTTP/1.1\nHost: x", { scheme: "https" });
  assertEquals(request.url, "https://x/");
});

Deno.test("makeRequest() throws misdirected when the target has another scheme", () => {
  const cases = [
    ["http", "GET https://x/ HTTP/1.1\nHost: x"],
    ["http", "GET HTTPS://x/ HTTP/1.1\nHost: x"],
    ["https", "GET http://x/ HTTP/1.1\nHost: x"],
  ] as const;
  for (const [scheme, head] of cases) {
    const error = assertThrows(() => requestOf(head, { scheme }), HttpError);
    assertEquals([error.code, error.status], ["misdirected", 421]);
  }
  const url = requestOf("GET HTTP://x/ HTTP/1.1\nHost: x").url;
  assertEquals(url, "http://x/");
});

Deno.test("makeRequest() keeps the method as it came", () => {
  for (
    const method of [
      "GET",
      "HEAD",
      "POST",
      "PUT",
      "PATCH",
      "DELETE",
      "OPTIONS",
      "TRACE",
      "TRACK",
      "PROPFIND",
      "get",
      "Post",
      "patch",
      "!#$%&'*+-.^_`|~",
    ]
  ) {
    const request = requestOf(`${method} / HTTP/1.1\nHost: x`);
    assertEquals(request.method, method);
    assertEquals(request.body, null);
  }
  assertEquals(requestOf("CONNECT x:1 HTTP/1.1\nHost: x").method, "CONNECT");
});

Deno.test("makeRequest() keeps the body when Fetch would refuse it", async () => {
  for (const method of ["GET", "HEAD", "TRACE", "get", "POST"]) {
    const request = requestOf(
      `${method} / HTTP/1.1\nHost: x\nContent-Length: 4`,
      { body: streamOf("body") },
    );
    assertEquals(request.method, method);
    assertEquals(await request.text(), "body");
  }
});

Deno.test("makeRequest() joins equal fields and keeps those a page may not set", () => {
  const { headers } = requestOf(
    "GET / HTTP/1.1\nHost: x\nX-A: 1\nx-a: 2\nCookie: a=b\nOrigin: null",
  );
  assertEquals(headers.get("x-a"), "1, 2");
  assertEquals(headers.get("cookie"), "a=b");
  assertEquals(headers.get("origin"), "null");
  assertEquals(headers.get("host"), "x");
});

Deno.test("ServedRequest.signal aborts with the reason, asked for before or after", () => {
  const reason = new Error("gone");
  const early = requestOf("GET / HTTP/1.1\nHost: x");
  const { signal } = early;
  assertEquals(signal.aborted, false);
  ServedRequest.abort(early, reason);
  assertEquals([signal.aborted, signal.reason], [true, reason]);
  assertEquals(early.signal, signal);

  const late = requestOf("GET / HTTP/1.1\nHost: x");
  ServedRequest.abort(late, reason);
  assertEquals([late.signal.aborted, late.signal.reason], [true, reason]);
});
