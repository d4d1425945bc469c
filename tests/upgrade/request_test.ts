import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import fc from "fast-check";
import { HeadParser, HttpError } from "../../upgrade/http1/mod.ts";
import { makeRequest, ServedRequest } from "../../upgrade/request.ts";
import { connect } from "../_raw_socket.ts";
import { readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";
import { bytesOf } from "./http1/feed.ts";

/** Makes the request of a head that is written without CR. */
function requestOf(
  text: string,
  { scheme = "http" as "http" | "https", body }: {
    scheme?: "http" | "https";
    body?: ReadableStream<Uint8Array<ArrayBuffer>>;
  } = {},
): ServedRequest {
  const parser = new HeadParser();
  const bytes = bytesOf(`${text.replaceAll("\n", "\r\n")}\r\n\r\n`);
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

const HEAD = "POST /a?b HTTP/1.1\nHost: x.example\nX-A: 1";

/** A request with a body, as a server makes it. */
function withBody(text: string, type = "text/plain"): ServedRequest {
  const head = `${HEAD}\nContent-Type: ${type}\nContent-Length: ${text.length}`;
  return requestOf(head, { body: streamOf(text) });
}

/** A request that is the same, but made by the platform. */
function realWithBody(text: string, type = "text/plain"): Request {
  return new Request("http://x.example/a?b", {
    method: "POST",
    headers: [
      ["host", "x.example"],
      ["x-a", "1"],
      ["content-type", type],
      ["content-length", `${text.length}`],
    ],
    body: streamOf(text),
  });
}

Deno.test("ServedRequest is a Request for all that asks", () => {
  const request = withBody("body");
  assertInstanceOf(request, Request);
  assert(request instanceof ServedRequest);
  assertEquals(Object.prototype.toString.call(request), "[object Request]");
  assertEquals(JSON.stringify(request), JSON.stringify(realWithBody("body")));
  assertEquals(Object.keys(request), []);
});

Deno.test("ServedRequest has every member of a Request, with the same value", () => {
  const own = ["body", "headers", "signal"];
  const values = (request: Request) =>
    Object.entries(Object.getOwnPropertyDescriptors(Request.prototype))
      .filter(([name, { get }]) => get !== undefined && !own.includes(name))
      .map(([name]) => [name, Reflect.get(request, name)]);
  const served = values(withBody("body"));
  assertEquals(served, values(realWithBody("body")));
  assert(served.length >= 4, `${served}`);
  assertEquals([...withBody("body").headers], [
    ...realWithBody("body").headers,
  ]);
});

const readers: [name: string, read: (request: Request) => Promise<unknown>][] =
  [
    ["text", (request) => request.text()],
    ["bytes", (request) => request.bytes()],
    ["arrayBuffer", (request) => request.arrayBuffer()],
    ["blob", async (request) => {
      const blob = await request.blob();
      return [blob.type, blob.size, await blob.text()];
    }],
    ["json", (request) => request.json()],
    ["formData", async (request) => [...await request.formData()]],
  ];
for (const [name, read] of readers) {
  Deno.test(`ServedRequest.${name}() reads the body once, as that of a Request does`, async () => {
    const [text, type] = name === "formData"
      ? ["a=b&c=%64", "application/x-www-form-urlencoded"]
      : ['{"a":[1,null]}', "application/json"];
    const request = withBody(text, type);
    assertEquals([request.bodyUsed, request.body?.locked], [false, false]);
    assertEquals(await read(request), await read(realWithBody(text, type)));
    assertEquals([request.bodyUsed, request.body?.locked], [true, true]);
    await assertRejects(() => read(request), TypeError);
    assertThrows(() => request.clone(), TypeError);
    assertThrows(() => new Request(request), TypeError);
  });
}

Deno.test("ServedRequest.formData() reads a multipart form", async () => {
  const form =
    "--x\r\nContent-Disposition: form-data; name=a\r\n\r\nb\r\n--x--\r\n";
  const request = withBody(form, "multipart/form-data; boundary=x");
  assertEquals((await request.formData()).get("a"), "b");
});

Deno.test("ServedRequest.json() rejects with a SyntaxError when the body is none", async () => {
  await assertRejects(() => withBody("{").json(), SyntaxError);
});

Deno.test("ServedRequest has no body, and reads as empty, when none came", async () => {
  for (const [name, read] of readers.slice(0, 4)) {
    const request = requestOf("GET / HTTP/1.1\nHost: x");
    assertEquals([request.body, request.bodyUsed], [null, false]);
    const real = new Request("http://x/");
    assertEquals(await read(request), await read(real), name);
    assertEquals([request.body, request.bodyUsed], [null, false]);
  }
});

Deno.test("ServedRequest.body is one stream, locked while it is read", async () => {
  const request = withBody("body");
  const { body } = request;
  assertStrictEquals(request.body, body);
  const reader = body!.getReader();
  assertEquals([body!.locked, request.bodyUsed], [true, false]);
  await assertRejects(() => request.text(), TypeError);
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value), "body");
  assertEquals(request.bodyUsed, true);
  reader.releaseLock();
  await assertRejects(() => request.text(), TypeError);
});

Deno.test("ServedRequest.headers is one object that nobody changes, and copies can change theirs", () => {
  const request = requestOf("GET / HTTP/1.1\nHost: x\nX-A: 1");
  const { headers } = request;
  assertStrictEquals(request.headers, headers);
  for (
    const change of [
      () => headers.set("x-a", "2"),
      () => headers.append("x-a", "2"),
      () => headers.delete("x-a"),
    ]
  ) assertThrows(change, TypeError, "immutable");
  for (const copy of [new Request(request), request.clone()]) {
    copy.headers.set("x-a", "2");
    assertEquals(copy.headers.get("x-a"), "2");
  }
  assertEquals(request.headers.get("x-a"), "1");
});

Deno.test("ServedRequest.headers is a Headers for all that asks", () => {
  const { headers } = withBody("body");
  const lines = [...realWithBody("body").headers];
  assertInstanceOf(headers, Headers);
  assertEquals(Object.prototype.toString.call(headers), "[object Headers]");
  const copies: Headers[] = [
    new Headers(headers),
    new Response(null, { headers }).headers,
    new Request("http://x/", { headers }).headers,
  ];
  for (const copy of copies) assertEquals([...copy], lines);
  const seen: [string, string][] = [];
  headers.forEach((value, name, all) => {
    assertStrictEquals(all, headers);
    seen.push([name, value]);
  });
  assertEquals(seen, lines);
  assertEquals([...headers.keys()], lines.map(([name]) => name));
  assertEquals([...headers.values()], lines.map(([, value]) => value));
  assertEquals(Object.fromEntries(headers), Object.fromEntries(lines));
  assertStringIncludes(Deno.inspect(headers), '"x-a": "1"');
});

const fieldName = fc.constantFrom(
  "a",
  "A",
  "x-b",
  "X-B",
  "cookie",
  "Set-Cookie",
  "set-cookie",
  "constructor",
);
const fieldValue = fc.string({
  maxLength: 8,
  unit: fc.constantFrom(...'ab1 \t,;="\x80\xa0\xff'),
});

Deno.test("ServedRequest.headers says what a Headers of the same lines says", () => {
  const lines = fc.array(fc.tuple(fieldName, fieldValue), { maxLength: 8 });
  fc.assert(
    fc.property(lines, fc.boolean(), (lines, first) => {
      const text = lines.map(([name, value]) => `${name}: ${value}\n`);
      const { headers } = requestOf(
        `GET / HTTP/1.1\n${text.join("")}Host: x`,
      );
      const real = new Headers([...lines, ["host", "x"]]);
      // Whatever is asked first, of the lines or of all of them.
      if (first) assertEquals([...headers], [...real]);
      for (
        const name of ["a", "A", "x-B", "COOKIE", "set-cookie", "host", "b"]
      ) {
        assertEquals(headers.get(name), real.get(name), name);
        assertEquals(headers.has(name), real.has(name), name);
      }
      assertEquals(headers.getSetCookie(), real.getSetCookie());
      assertEquals([...headers], [...real]);
    }),
    { numRuns: 1000, seed: 9110 },
  );
});

Deno.test("ServedRequest.headers refuses a name that no field can have, as a Headers does", () => {
  const { headers } = requestOf("GET / HTTP/1.1\nHost: x");
  for (const name of ["", "a b", "a:", "\u212a"]) {
    assertThrows(() => new Headers().get(name), TypeError);
    assertThrows(() => headers.get(name), TypeError, undefined, name);
    assertThrows(() => headers.has(name), TypeError, undefined, name);
  }
});

Deno.test("new Request(request) takes over method, URL, fields and body", async () => {
  const request = withBody("body");
  const copy = new Request(request);
  assertEquals(copy.method, "POST");
  assertEquals(copy.url, "http://x.example/a?b");
  assertEquals([...copy.headers], [...request.headers]);
  assertEquals(request.bodyUsed, true);
  assertEquals(await copy.text(), "body");
});

Deno.test("new Request(request, init) changes what init names, and keeps the rest", async () => {
  const request = withBody("body");
  const copy = new Request(request, {
    method: "PUT",
    headers: { "x-a": "2" },
  });
  assertEquals([copy.method, copy.url], ["PUT", "http://x.example/a?b"]);
  assertEquals(copy.headers.get("x-a"), "2");
  assertEquals(copy.headers.get("host"), null);
  assertEquals(await copy.text(), "body");

  const other = new Request(withBody("body"), { body: "other" });
  assertEquals([other.method, await other.text()], ["POST", "other"]);
  const { signal } = new AbortController();
  assertEquals(new Request(requestOf(HEAD), { signal }).signal.aborted, false);
});

Deno.test("new Request(url, request) takes over the rest of the request", async () => {
  const copy = new Request("http://other.example/", withBody("body"));
  assertEquals([copy.method, copy.url], ["POST", "http://other.example/"]);
  assertEquals(copy.headers.get("x-a"), "1");
  assertEquals(await copy.text(), "body");
});

Deno.test("ServedRequest.clone() gives a Request that reads the same body", async () => {
  const request = withBody("body");
  const clone = request.clone();
  assertInstanceOf(clone, Request);
  assertEquals([clone.method, clone.url], ["POST", "http://x.example/a?b"]);
  assertEquals([...clone.headers], [...request.headers]);
  assertEquals([request.bodyUsed, clone.bodyUsed], [false, false]);
  assertEquals(await clone.text(), "body");
  assertEquals([request.bodyUsed, clone.bodyUsed], [false, true]);
  assertEquals(await request.text(), "body");
});

// Those that Fetch takes in this case; it changes that of `get`, for one.
for (
  const method of ["GET", "HEAD", "PATCH", "patch", "PROPFIND", "M-SEARCH"]
) {
  Deno.test(`ServedRequest keeps its method in copies when it is ${method}`, () => {
    const request = requestOf(`${method} / HTTP/1.1\nHost: x`);
    assertEquals(new Request("http://x/", { method }).method, method);
    assertEquals(new Request(request).method, method);
    assertEquals(request.clone().method, method);
  });
}

Deno.test("fetch(request) sends method, target, fields and body of a request on", async () => {
  await withServer(async (request) => {
    const { method, url, headers } = request;
    return Response.json([
      method,
      new URL(url).pathname + new URL(url).search,
      headers.get("x-a"),
      await request.text(),
    ]);
  }, async (inner) => {
    await withServer((request) => fetch(request), async ({ port }) => {
      const host = `Host: 127.0.0.1:${inner.port}`;
      const requests: [request: string, seen: unknown[]][] = [
        [`GET /a?b%20c HTTP/1.1\r\n${host}\r\nX-A: 1\r\n\r\n`, [
          "GET",
          "/a?b%20c",
          "1",
          "",
        ]],
        [`PUT /p HTTP/1.1\r\n${host}\r\nContent-Length: 4\r\n\r\nbody`, [
          "PUT",
          "/p",
          null,
          "body",
        ]],
        [
          `POST / HTTP/1.1\r\n${host}\r\nTransfer-Encoding: chunked\r\n\r\n` +
          "2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n",
          ["POST", "/", null, "body"],
        ],
        [`DELETE / HTTP/1.1\r\n${host}\r\nX-A:\r\n\r\n`, [
          "DELETE",
          "/",
          "",
          "",
        ]],
      ];
      for (const [request, seen] of requests) {
        using socket = await connect(port);
        await socket.send(request);
        const { status, body } = await readResponse(socket);
        assertEquals(status, 200);
        assertEquals(JSON.parse(body), seen);
      }
    });
  });
});

Deno.test("ServedRequest can be inspected, whether its Request was made or not", async () => {
  const used = withBody("body");
  await used.text();
  for (const request of [requestOf(HEAD), withBody("body"), used]) {
    for (let i = 0; i < 2; i++) {
      const text = Deno.inspect(request);
      assertStringIncludes(text, "http://x.example/a?b");
      assertStringIncludes(text, '"POST"');
      assertStringIncludes(Deno.inspect({ request }, { depth: 9 }), '"POST"');
      void request.headers;
    }
  }
  const other = Deno.inspect(requestOf("PROPFIND / HTTP/1.1\nHost: x"));
  assertStringIncludes(other, '"PROPFIND"');
});

const hosts = fc.constantFrom(
  "x.example",
  "X.Example:80",
  "x.example:",
  "x.example.:0080",
  "x.example:65535",
  "127.1",
  "0x7f.1",
  "[::1]:81",
  "[0:0:0::127.0.0.1]",
  "%41%2e.example",
  "xn--bcher-kva.example",
  "a_b~!$&'()*+,;=",
  "..",
);
const pieces = fc.constantFrom(
  ..."aZ09-._~!$&'()*+,;=:@/?[]^`{|}",
  "%20",
  "%2e",
  "%2E%2e",
  "%00",
  "%ff",
  "%5c",
  "/../",
  "/./",
  "//",
);
const paths = fc.array(pieces, { maxLength: 12 }).map((all) =>
  `/${all.join("")}`
);

Deno.test("ServedRequest.url is normalised as that of a Request", () => {
  fc.assert(
    fc.property(hosts, paths, fc.boolean(), (host, path, absolute) => {
      const target = absolute ? `http://${host}${path}` : path;
      const request = requestOf(`GET ${target} HTTP/1.1\nHost: ${host}`);
      const { url } = new Request(`http://${host}${path}`);
      assertEquals(request.url, url);
      assertEquals(new Request(request).url, url);
      assertEquals(request.clone().url, url);
    }),
    { numRuns: 2000, seed: 9112 },
  );
});
