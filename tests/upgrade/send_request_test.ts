import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  HttpResponseError,
  type HttpResponseErrorCode,
  RESPONSE_ERRORS,
  sendRequest,
  type SendRequestOptions,
} from "../../upgrade/mod.ts";
import type { RawSocket } from "../_raw_socket.ts";
import { closed, limitReads, readHead, withPeer } from "./_peer.ts";

const URL_HERE = "http://a.example/";
const OK = "HTTP/1.1 200 OK\r\n";
const HELLO = `${OK}Content-Length: 5\r\n\r\nhello`;
const EMPTY = `${OK}Content-Length: 0\r\n\r\n`;

/** Sends a GET, or what `init` says. */
function send(
  conn: Deno.Conn,
  init: RequestInit = {},
  options: SendRequestOptions = {},
): Promise<Response> {
  return sendRequest(conn, new Request(URL_HERE, init), options);
}

/** Answers each request with the next of these texts. */
function answers(...texts: string[]): (peer: RawSocket) => Promise<void> {
  return async (peer) => {
    for (const text of texts) {
      await readHead(peer);
      await peer.send(Uint8Array.from(text, (char) => char.charCodeAt(0)));
    }
  };
}

/** The code with which an action fails. */
async function codeOf(
  action: () => Promise<unknown>,
): Promise<HttpResponseErrorCode> {
  const error = await assertRejects(action, HttpResponseError);
  assertEquals(error.message, RESPONSE_ERRORS[error.code]);
  return error.code;
}

async function assertOver(conn: Deno.Conn): Promise<void> {
  assertEquals(await codeOf(() => send(conn)), "connection_over");
}

/** Fails unless the connection serves a further request. */
async function assertGoesOn(peer: RawSocket): Promise<void> {
  await readHead(peer);
  await peer.send(HELLO);
}

Deno.test("sendRequest() resolves to a Response when the head has come", async () => {
  await withPeer(
    answers(
      `HTTP/1.1 404 Not  h\xe9re\r\nX-A: 1\r\nx-a: \xe9\r\nSet-Cookie: a=1\r\n` +
        "Set-Cookie: b=2\r\nContent-Length: 4\r\n\r\nnone",
    ),
    async (conn) => {
      const response = await send(conn);
      assertInstanceOf(response, Response);
      assertEquals(response.status, 404);
      assertEquals(response.statusText, "Not  h\xe9re");
      assertEquals(response.headers.get("x-a"), "1, \xe9");
      assertEquals(response.headers.getSetCookie(), ["a=1", "b=2"]);
      assertEquals(await response.text(), "none");
    },
  );
});

const heads: [
  name: string,
  url: string,
  init: RequestInit,
  head: string,
  options?: SendRequestOptions,
][] = [
  [
    "path and query, without the fragment",
    "http://a.example:80/b/%20?c=d&e#f",
    {},
    "GET /b/%20?c=d&e HTTP/1.1\r\nHost: a.example\r\n\r\n",
  ],
  [
    "Host first, then the fields",
    "http://[::1]:8000",
    { method: "DELETE", headers: { accept: "*/*", "X-A": "\xe9" } },
    "DELETE / HTTP/1.1\r\nHost: [::1]:8000\r\naccept: */*\r\nx-a: \xe9\r\n\r\n",
  ],
  [
    "the Host of the request",
    URL_HERE,
    { headers: { host: "b.example:1" } },
    "GET / HTTP/1.1\r\nHost: b.example:1\r\n\r\n",
  ],
  [
    "a method in its own case",
    URL_HERE,
    { method: "patch" },
    "patch / HTTP/1.1\r\nHost: a.example\r\n\r\n",
  ],
  [
    "upgrade in Connection when there is Upgrade",
    URL_HERE,
    { headers: { upgrade: "foo/1, bar" } },
    "GET / HTTP/1.1\r\nHost: a.example\r\nupgrade: foo/1, bar\r\n" +
    "connection: upgrade\r\n\r\n",
  ],
  [
    "the options of Connection, upgrade once",
    URL_HERE,
    { headers: { connection: "X-A, Upgrade", upgrade: "foo" } },
    "GET / HTTP/1.1\r\nHost: a.example\r\nupgrade: foo\r\n" +
    "connection: x-a, upgrade\r\n\r\n",
  ],
  [
    "no Expect without content, and no Transfer-Encoding",
    URL_HERE,
    { headers: { expect: "100-continue", "transfer-encoding": "chunked" } },
    "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n",
  ],
  [
    "a field that is larger than one write",
    URL_HERE,
    { headers: { "x-a": "a".repeat(100_000) } },
    `GET / HTTP/1.1\r\nHost: a.example\r\nx-a: ${"a".repeat(100_000)}\r\n\r\n`,
  ],
  [
    "an asterisk as its target",
    URL_HERE,
    { method: "OPTIONS" },
    "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n",
    { target: "*" },
  ],
  [
    "an absolute target, whose authority is Host",
    "http://proxy.example/",
    {},
    "GET http://b.example:1/c HTTP/1.1\r\nHost: b.example:1\r\n\r\n",
    { target: "http://b.example:1/c" },
  ],
];
for (const [name, url, init, head, options] of heads) {
  Deno.test(`sendRequest() writes ${name}`, async () => {
    await withPeer(async (peer) => {
      assertEquals(await readHead(peer), head);
      await peer.send(EMPTY);
    }, async (conn) => {
      await sendRequest(conn, new Request(url, init), options);
    });
  });
}

const CHUNKED = "Transfer-Encoding: chunked\r\n\r\n";
const framings: [
  name: string,
  response: string,
  body: string | null,
  method?: string,
][] = [
  ["has a length", HELLO, "hello"],
  ["has the length 0", EMPTY, ""],
  [
    "is chunked, with extensions and trailers",
    `${OK}${CHUNKED}3;a=b\r\nhel\r\n002\r\nlo\r\n0\r\nX: 1\r\n\r\n`,
    "hello",
  ],
  ["is chunked and empty", `${OK}${CHUNKED}0\r\n\r\n`, ""],
  ["answers HEAD", `${OK}Content-Length: 5\r\n\r\n`, null, "HEAD"],
  ["has status 204", "HTTP/1.1 204 \r\nX: 1\r\n\r\n", null],
  ["has status 304", "HTTP/1.1 304 \r\nContent-Length: 5\r\n\r\n", null],
  ["has status 205", "HTTP/1.1 205 \r\nContent-Length: 0\r\n\r\n", null],
  ["has status 205", `HTTP/1.1 205 \r\n${CHUNKED}0\r\n\r\n`, null],
  [
    "comes after interim ones",
    `HTTP/1.1 100 \r\n\r\nHTTP/1.1 103 Hints\r\nLink: a\r\n\r\n${HELLO}`,
    "hello",
  ],
];
for (const [name, response, body, method = "GET"] of framings) {
  Deno.test(`sendRequest() reads a response that ${name}, and goes on, when it is split at any byte`, async () => {
    const read = async (conn: Deno.Conn) => {
      const answer = await send(conn, { method });
      assertEquals(answer.body === null, body === null);
      assertEquals(await answer.text(), body ?? "");
      const next = await send(conn);
      assertEquals(await next.text(), "hello");
    };
    await withPeer(answers(response, HELLO), read);
    for (let at = 1; at < response.length; at++) {
      await withPeer(answers(response, HELLO), async (conn) => {
        limitReads(conn, at);
        await read(conn);
      });
    }
    await withPeer(answers(response, HELLO), async (conn) => {
      limitReads(conn, ...Array<number>(response.length).fill(1));
      await read(conn);
    });
  });
}

Deno.test("sendRequest() reads a body until the connection ends when nothing frames it", async () => {
  for (const version of ["HTTP/1.0", "HTTP/1.1"]) {
    await withPeer(async (peer) => {
      await answers(`${version} 200 OK\r\n\r\nhel`)(peer);
      await peer.send("lo");
      await peer.closeWrite();
      await closed(peer);
    }, async (conn) => {
      assertEquals(await (await send(conn)).text(), "hello");
      await assertOver(conn);
    });
  }
});

Deno.test("sendRequest() sends many requests one after the other on one connection", async () => {
  await withPeer(answers(...Array<string>(50).fill(HELLO)), async (conn) => {
    for (let i = 0; i < 50; i++) {
      assertEquals(await (await send(conn)).text(), "hello");
    }
  });
});

const ends: [name: string, response: string, init?: RequestInit][] = [
  [
    "the response says close",
    `${OK}Connection: close\r\nContent-Length: 2\r\n\r\nok`,
  ],
  ["the request says close", `${OK}Content-Length: 2\r\n\r\nok`, {
    headers: { connection: "close" },
  }],
  [
    "the response is HTTP/1.0",
    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
  ],
  // RFC 9112 §9.2: it could be taken for the response to the next request.
  ["more than the response came", `${OK}Content-Length: 2\r\n\r\nok${HELLO}`],
  ["more than no content came", `HTTP/1.1 204 \r\n\r\nok`],
];
for (const [name, response, init] of ends) {
  Deno.test(`sendRequest() closes the connection after the response when ${name}`, async () => {
    await withPeer(async (peer) => {
      await answers(response)(peer);
      await closed(peer);
    }, async (conn) => {
      const answer = await send(conn, init);
      assertEquals(await answer.text(), answer.status === 204 ? "" : "ok");
      await assertOver(conn);
    });
  });
}

Deno.test("sendRequest() goes on after HTTP/1.0 when the response says keep-alive", async () => {
  const kept =
    "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok";
  await withPeer(answers(kept, HELLO), async (conn) => {
    assertEquals(await (await send(conn)).text(), "ok");
    assertEquals(await (await send(conn)).text(), "hello");
  });
});

Deno.test("sendRequest() rejects with connection_in_use until the response has been read to its end", async () => {
  const asked = Promise.withResolvers<void>();
  await withPeer(async (peer) => {
    await readHead(peer);
    asked.resolve();
    await peer.send(`${OK}Content-Length: 5\r\n\r\nhe`);
    await peer.send("llo");
    await assertGoesOn(peer);
  }, async (conn) => {
    const first = send(conn);
    await asked.promise;
    assertEquals(await codeOf(() => send(conn)), "connection_in_use");
    const response = await first;
    assertEquals(await codeOf(() => send(conn)), "connection_in_use");
    // The body of a request that is refused so stays as it is.
    const request = new Request(URL_HERE, { method: "POST", body: "a" });
    assertEquals(
      await codeOf(() => sendRequest(conn, request)),
      "connection_in_use",
    );
    assertEquals(await request.text(), "a");
    assertEquals(await response.text(), "hello");
    assertEquals(await (await send(conn)).text(), "hello");
  });
});

Deno.test("sendRequest() serves again as soon as the last byte of a body has been read", async () => {
  await withPeer(answers(HELLO, HELLO), async (conn) => {
    const reader = (await send(conn)).body!.getReader();
    const { value } = await reader.read();
    assertEquals(value?.length, 5);
    // The end of the stream has not been asked for.
    assertEquals(await (await send(conn)).text(), "hello");
    assert((await reader.read()).done);
  });
});

Deno.test("sendRequest() reads nothing of a body before somebody wants it", async () => {
  const size = 1 << 22;
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(`${OK}Content-Length: ${size}\r\n\r\n`);
    await peer.send(new Uint8Array(size));
  }, async (conn) => {
    let reads = 0;
    const read = conn.read.bind(conn);
    Object.defineProperty(conn, "read", {
      value: (target: Uint8Array) => {
        reads++;
        return read(target);
      },
    });
    const response = await send(conn);
    const before = reads;
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals(reads, before);
    let length = 0;
    for await (const piece of response.body!) {
      length += piece.length;
      const count = reads;
      await new Promise((resolve) => setImmediate(resolve));
      assert(reads <= count + 1, "it reads ahead");
    }
    assertEquals(length, size);
  });
});

Deno.test("sendRequest() tells of each interim response but 100 when onInterim is given", async () => {
  const told: [number, string | null][] = [];
  await withPeer(
    answers(
      "HTTP/1.1 102 \r\n\r\nHTTP/1.1 100 \r\nA: b\r\n\r\n" +
        `HTTP/1.1 103 \r\nLink: </a>\r\nLink: </b>\r\n\r\n${HELLO}`,
    ),
    async (conn) => {
      const onInterim = (status: number, headers: Headers) => {
        told.push([status, headers.get("link")]);
      };
      const response = await send(conn, {}, { onInterim });
      assertEquals(await response.text(), "hello");
      assertEquals(told, [[102, null], [103, "</a>, </b>"]]);
    },
  );
});

Deno.test("sendRequest() reads a response after 100 interim ones", async () => {
  const interim = "HTTP/1.1 102 \r\n\r\n".repeat(100);
  await withPeer(answers(interim + HELLO), async (conn) => {
    assertEquals(await (await send(conn)).text(), "hello");
  });
});

Deno.test("sendRequest() rejects with the error of onInterim, and closes", async () => {
  await withPeer(async (peer) => {
    await answers(`HTTP/1.1 103 \r\n\r\n${HELLO}`)(peer);
    await closed(peer);
  }, async (conn) => {
    const failure = new Error("mine");
    const onInterim = () => {
      throw failure;
    };
    const error = await assertRejects(() => send(conn, {}, { onInterim }));
    assertStrictEquals(error, failure);
    await assertOver(conn);
  });
});

const lies: [code: HttpResponseErrorCode, response: string][] = [
  ["bad_status_line", "SSH-2.0-OpenSSH\r\n"],
  ["bad_status", "HTTP/1.1 600 \r\n"],
  ["version_not_supported", "HTTP/2.0 200 OK\r\n"],
  ["bare_lf", "HTTP/1.1 200 OK\n\n"],
  ["obs_fold", `${OK}A: b\r\n c: d\r\n\r\n`],
  ["head_too_large", `${OK}A: ${"b".repeat(70_000)}`],
  ["conflicting_content_length", `${OK}Content-Length: 1, 2\r\n\r\n`],
  [
    "content_length_with_transfer_encoding",
    `${OK}Content-Length: 1\r\n${CHUNKED}0\r\n\r\n`,
  ],
  ["bad_transfer_encoding", `${OK}Transfer-Encoding: gzip\r\n\r\n`],
  ["unexpected_content", `HTTP/1.1 205 \r\nContent-Length: 1\r\n\r\na`],
  ["unexpected_content", `HTTP/1.1 205 \r\n${CHUNKED}1\r\na\r\n0\r\n\r\n`],
  ["bad_chunk_size", `HTTP/1.1 205 \r\n${CHUNKED}x`],
  ["too_many_interim", "HTTP/1.1 100 \r\n\r\n".repeat(101)],
];
for (const [code, response] of lies) {
  Deno.test(`sendRequest() rejects with ${code} and closes when ${JSON.stringify(response.slice(0, 60))} comes`, async () => {
    await withPeer(async (peer) => {
      // Whoever closes with bytes unread resets the connection.
      await answers(response)(peer).catch(() => {});
      await closed(peer);
    }, async (conn) => {
      assertEquals(await codeOf(() => send(conn)), code);
      await assertOver(conn);
    });
  });
}

const brokenBodies: [code: HttpResponseErrorCode, body: string][] = [
  ["bad_chunk_size", "x"],
  ["bad_chunk_size", "-1\r\n"],
  ["chunk_too_large", "20000000000000\r\n"],
  ["bad_chunk_extension", "1;\r\n"],
  ["chunk_extension_too_long", `1;${"a".repeat(2000)}`],
  ["bad_chunk_end", "1\r\nab"],
  ["bare_lf", "1\n"],
  ["bare_cr", "1\rX"],
  ["bad_trailer", "0\r\nContent-Length: 5\r\n\r\n"],
  ["trailers_too_large", `0\r\nA: ${"b".repeat(9000)}`],
  ["too_many_trailers", `0\r\n${"A: b\r\n".repeat(33)}`],
];
for (const [code, body] of brokenBodies) {
  Deno.test(`sendRequest() errors the body's stream with ${code} and closes when ${JSON.stringify(body.slice(0, 40))} comes`, async () => {
    for (const first of ["", "3\r\nabc\r\n"]) {
      await withPeer(async (peer) => {
        await answers(`${OK}${CHUNKED}${first}${body}`)(peer).catch(() => {});
        await closed(peer);
      }, async (conn) => {
        const response = await send(conn);
        assertEquals(await codeOf(() => response.text()), code);
        await assertOver(conn);
      });
    }
  });
}

Deno.test("sendRequest() never takes a cut response for a whole one, wherever it is cut", async () => {
  const responses = [
    HELLO,
    `${OK}${CHUNKED}5\r\nhello\r\n0\r\nA: b\r\n\r\n`,
    `HTTP/1.1 103 \r\n\r\n${HELLO}`,
  ];
  for (const response of responses) {
    const interim = response.startsWith("HTTP/1.1 103") ? 17 : 0;
    const headEnd = response.indexOf("\r\n\r\n", interim) + 4;
    for (let length = 0; length < response.length; length++) {
      await withPeer(async (peer) => {
        await answers(response.slice(0, length))(peer);
        await peer.closeWrite();
        await closed(peer);
      }, async (conn) => {
        const code = await codeOf(async () => {
          await (await send(conn)).text();
        });
        const expected = length === 0 || length === interim
          ? "no_response"
          : length < headEnd
          ? "incomplete_head"
          : "incomplete_body";
        assertEquals(code, expected, `Cut after ${length} bytes`);
        await assertOver(conn);
      });
    }
  }
});

Deno.test("sendRequest() rejects with connection_over when the connection was closed on this side", async () => {
  await withPeer(closed, async (conn) => {
    conn.close();
    const error = await assertRejects(() => send(conn), HttpResponseError);
    assertEquals(error.code, "connection_over");
    assertInstanceOf(error.cause, Deno.errors.BadResource);
  });
  await withPeer(async (peer) => {
    await answers(`${OK}Content-Length: 5\r\n\r\nhe`)(peer);
    await closed(peer);
  }, async (conn) => {
    const text = (await send(conn)).text();
    await Promise.resolve();
    conn.close();
    assertEquals(await codeOf(() => text), "connection_over");
  });
});

const cannot: [
  name: string,
  request: () => Request,
  options?: SendRequestOptions,
][] = [
  ["the scheme is another", () => new Request("ws://a.example/")],
  ["https is to go without TLS", () => new Request("https://a.example/")],
  ["the URL has a user", () => new Request("http://a:b@a.example/")],
  ["Host is none", () => new Request(URL_HERE, { headers: { host: "a/b" } })],
  [
    "Host is there twice",
    () => new Request(URL_HERE, { headers: [["host", "a"], ["host", "b"]] }),
  ],
  [
    "a value has a control character",
    () => new Request(URL_HERE, { headers: { "x-a": "\x01" } }),
  ],
  [
    "Connection is no list",
    () => new Request(URL_HERE, { headers: { connection: "a b" } }),
  ],
  [
    "Upgrade is no list of protocols",
    () => new Request(URL_HERE, { headers: { upgrade: "a/" } }),
  ],
  [
    "there is a length and no body",
    () => new Request(URL_HERE, { headers: { "content-length": "5" } }),
  ],
  ["the length is no number", () =>
    new Request(URL_HERE, {
      method: "POST",
      body: "a",
      headers: { "content-length": "+1" },
    })],
  [
    "the method is CONNECT",
    () =>
      Object.defineProperty(new Request(URL_HERE), "method", {
        value: "CONNECT",
      }),
  ],
  ["the method does not go with *", () => new Request(URL_HERE), {
    target: "*",
  }],
  ["the target would split the request", () => new Request(URL_HERE), {
    target: "/ HTTP/1.1\r\nHost: b\r\n\r\nGET /",
  }],
];
Deno.test("sendRequest() rejects with a TypeError and leaves the connection alone when the request cannot be sent", async (t) => {
  await withPeer(
    answers(...Array<string>(cannot.length).fill(HELLO)),
    async (conn) => {
      for (const [name, request, options] of cannot) {
        await t.step(name, async () => {
          await assertRejects(
            () => sendRequest(conn, request(), options),
            TypeError,
          );
          assertEquals(await (await send(conn)).text(), "hello");
        });
      }
    },
  );
});

Deno.test("sendRequest() rejects with a TypeError when the request's body was used or is locked", async () => {
  await withPeer(answers(HELLO), async (conn) => {
    const used = new Request(URL_HERE, { method: "POST", body: "a" });
    await used.text();
    await assertRejects(() => sendRequest(conn, used), TypeError);
    const locked = new Request(URL_HERE, { method: "POST", body: "a" });
    const reader = locked.body!.getReader();
    await assertRejects(() => sendRequest(conn, locked), TypeError);
    await reader.cancel();
    assertEquals(await (await send(conn)).text(), "hello");
  });
});
