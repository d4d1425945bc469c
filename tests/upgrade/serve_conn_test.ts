import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { type Handler, HttpError, serveConn } from "../../upgrade/mod.ts";
import { connect, type RawSocket } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** Answers with the request line and the body of each request. */
const tellRequest: Handler = async (request) => {
  const { pathname, search } = new URL(request.url);
  const body = await request.text();
  return new Response(`${request.method} ${pathname}${search} ${body}`);
};

Deno.test("serve() answers when the head comes byte by byte", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.sendBytewise(
      "POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    );
    assertEquals((await readResponse(socket)).body, "POST /a?b abc");
  });
});

Deno.test("serve() answers when the request is split at any byte", async () => {
  const requests = [
    "POST /1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "POST /2 HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
    "2;e=1\r\nde\r\n1\r\nf\r\n0\r\nT: t\r\n\r\n",
    "\r\nGET /3 HTTP/1.1\r\nHost: x\r\n\r\n",
  ];
  const answers = ["POST /1 abc", "POST /2 def", "GET /3 "];
  const all = requests.join("");
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    for (let at = 1; at < all.length; at++) {
      await socket.send(all.slice(0, at));
      // The server has read the first part when it has answered something else.
      await answerElsewhere(port);
      await socket.send(all.slice(at));
      for (const answer of answers) {
        assertEquals((await readResponse(socket)).body, answer, `at ${at}`);
      }
    }
    socket.closeWrite();
    await assertEnds(socket);
  });
});

Deno.test("serve() answers pipelined requests once each and in order", async () => {
  const count = 500;
  await withServer(async (request) => {
    const number = Number(new URL(request.url).pathname.slice(1));
    // Some take longer than those behind them.
    for (let i = number % 7; i > 0; i--) await Promise.resolve();
    return new Response(`${number} ${await request.text()}`);
  }, async ({ port }) => {
    using socket = await connect(port);
    let all = "";
    for (let i = 0; i < count; i++) {
      all += i % 2 === 0
        ? `GET /${i} HTTP/1.1\r\nHost: x\r\n\r\n`
        : `POST /${i} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody`;
    }
    const sent = socket.send(all);
    for (let i = 0; i < count; i++) {
      const { body } = await readResponse(socket);
      assertEquals(body, `${i} ${i % 2 === 0 ? "" : "body"}`);
    }
    await sent;
    await socket.closeWrite();
    await assertEnds(socket);
  });
});

Deno.test("serve() tells the handler both addresses", async () => {
  let addresses: unknown;
  await withServer((_request, { localAddr, remoteAddr }) => {
    addresses = [localAddr, remoteAddr];
    return new Response();
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    await readResponse(socket);
    const { localAddr, remoteAddr } = socket.conn;
    assertEquals(addresses, [remoteAddr, localAddr]);
  });
});

// RFC 9112 §9.3.
const persistence: [request: string, stays: boolean, connection: string[]][] = [
  ["HTTP/1.1\r\nHost: x", true, []],
  ["HTTP/1.1\r\nHost: x\r\nConnection: keep-alive", true, []],
  ["HTTP/1.1\r\nHost: x\r\nConnection: close", false, ["close"]],
  ["HTTP/1.1\r\nHost: x\r\nConnection: a, CLOSE", false, ["close"]],
  ["HTTP/1.0", false, ["close"]],
  ["HTTP/1.0\r\nConnection: close", false, ["close"]],
  ["HTTP/1.0\r\nConnection: keep-alive, close", false, ["close"]],
  ["HTTP/1.0\r\nConnection: Keep-Alive", true, ["keep-alive"]],
];
for (const [request, stays, connection] of persistence) {
  Deno.test(`serve() ${stays ? "goes on" : "closes"} when asked: ${JSON.stringify(request)}`, async () => {
    await withServer(() => new Response("hello"), async ({ port }) => {
      using socket = await connect(port);
      await socket.send(`GET / ${request}\r\n\r\n`);
      const response = await readResponse(socket);
      assertEquals(response.body, "hello");
      assertEquals(response.values("connection"), connection);
      if (!stays) return await assertEnds(socket);
      await socket.send(`GET / ${request}\r\n\r\n`);
      assertEquals((await readResponse(socket)).body, "hello");
    });
  });
}

Deno.test("serve() answers no request that follows Connection: close", async () => {
  let count = 0;
  await withServer(() => new Response(`${++count}`), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".repeat(3),
    );
    assertEquals((await readResponse(socket)).body, "1");
    await assertEnds(socket);
    assertEquals(count, 1);
  });
});

Deno.test("serve() delivers the response when a client still pipelines after the last", async () => {
  await withServer(
    () => new Response("x".repeat(100_000)),
    async ({ port }) => {
      using socket = await connect(port);
      const last = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
      await socket.send(last + GET);
      assertEquals((await readResponse(socket)).body.length, 100_000);
      await assertListens(socket, port);
    },
  );
});

Deno.test("serve() ends without a word when the client sends nothing, or half a head", async () => {
  await withServer(tellRequest, async ({ port }) => {
    for (const part of ["", "\r\n", "G", "GET / HTTP/1.1\r\nHost: x\r\n\r"]) {
      using socket = await connect(port);
      await socket.send(part);
      await socket.closeWrite();
      await assertEnds(socket);
    }
  });
});

Deno.test("serve() answers a client that has ended its sending direction", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET + GET);
    await socket.closeWrite();
    assertEquals((await readResponse(socket)).body, "GET / ");
    assertEquals((await readResponse(socket)).body, "GET / ");
    await assertEnds(socket);
  });
});

Deno.test("serve() answers a client that has half-closed when it offers an upgrade that is not taken", async () => {
  const mayAnswer = Promise.withResolvers<void>();
  await withServer(async () => {
    await mayAnswer.promise;
    return new Response("plain");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n",
    );
    await socket.closeWrite();
    await answerElsewhere(port, mayAnswer.resolve);
    assertEquals((await readResponse(socket)).body, "plain");
    await assertEnds(socket);
  });
});

const megabyte = 1 << 20;
const host = "Host: x\r\n";
const refused: [name: string, request: string, status: number][] = [
  ["garbage", "\x16\x03\x01\x02", 400],
  ["no Host", "GET / HTTP/1.1\r\n\r\n", 400],
  ["two Hosts", `GET / HTTP/1.1\r\n${host}${host}\r\n`, 400],
  ["a request line of 1 MB", `GET /${"a".repeat(megabyte)}`, 414],
  ["a method of 1 MB", "A".repeat(megabyte), 501],
  [
    "10,000 fields",
    `GET / HTTP/1.1\r\n${host}${"a: b\r\n".repeat(10_000)}\r\n`,
    431,
  ],
  [
    "a field of 1 MB",
    `GET / HTTP/1.1\r\n${host}a: ${"b".repeat(megabyte)}`,
    431,
  ],
  ["HTTP/2.0", `GET / HTTP/2.0\r\n${host}\r\n`, 505],
  ["a bare LF", `GET / HTTP/1.1\n${host}\r\n`, 400],
  [
    "an unknown expectation",
    `GET / HTTP/1.1\r\n${host}Expect: tea\r\n\r\n`,
    417,
  ],
  [
    "an unknown coding",
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: gzip, chunked\r\n\r\n`,
    501,
  ],
  [
    "two framings",
    `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n` +
    "Content-Length: 5\r\n\r\n0\r\n\r\n",
    400,
  ],
  [
    "a declared body that is too large",
    `POST / HTTP/1.1\r\n${host}Content-Length: 2000001\r\n\r\n`,
    413,
  ],
];
for (const [name, request, status] of refused) {
  Deno.test(`serve() answers ${status} and closes when it gets ${name}`, async () => {
    let called = false;
    await withServer(
      () => {
        called = true;
        return new Response();
      },
      async ({ port }) => {
        using socket = await connect(port);
        await socket.send(request);
        const response = await readResponse(socket);
        assertEquals(response.status, status);
        assertEquals(response.values("connection"), ["close"]);
        await assertListens(socket, port);
        assertEquals(called, false);
      },
      { maxBodyBytes: 2_000_000 },
    );
  });
}

Deno.test("serve() answers 400 without a body when a HEAD request is refused later", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(
      `HEAD / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\nz\r\n`,
    );
    assertEquals((await readResponse(socket, "HEAD")).status, 400);
    await assertEnds(socket);
  });
});

Deno.test("serve() answers 500 without the error's words, reports it once and goes on when a handler throws", async () => {
  const handlers: Handler[] = [
    () => {
      throw new Error("a secret");
    },
    () => Promise.reject(new Error("a secret")),
  ];
  for (const handler of handlers) {
    await withServer(handler, async ({ port, takeErrors }) => {
      using socket = await connect(port);
      for (let i = 0; i < 2; i++) {
        await socket.send(GET);
        const { status, body, values } = await readResponse(socket);
        assertEquals(status, 500);
        assert(!body.includes("secret"));
        assertEquals(values("connection"), []);
        const [error, ...others] = takeErrors();
        assertInstanceOf(error, Error);
        assertEquals([error.message, others.length], ["a secret", 0]);
      }
    });
  }
});

Deno.test("serve() answers 500 when a handler throws nothing, or returns no Response", async () => {
  const handlers = [
    () => Promise.reject(undefined),
    () => undefined,
    () => Promise.resolve({ status: 200 }),
    () => Response.error(),
  ] as unknown as Handler[];
  for (const handler of handlers) {
    await withServer(handler, async ({ port, takeErrors }) => {
      using socket = await connect(port);
      await socket.send(GET);
      assertEquals((await readResponse(socket)).status, 500);
      assertEquals(takeErrors().length, 1);
    });
  }
});

Deno.test("serve() answers an HttpError with its status and fields, reports nothing and goes on", async () => {
  await withServer(
    () => {
      throw new HttpError("teapot", {
        status: 418,
        message: "No coffee here.",
        headers: [["X-Pot", "tea"]],
      });
    },
    async ({ port }) => {
      using socket = await connect(port);
      for (const method of ["GET", "HEAD", "GET"]) {
        await socket.send(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n`);
        const { status, body, values } = await readResponse(socket, method);
        assertEquals(status, 418);
        assertEquals(body, method === "HEAD" ? "" : "No coffee here.\n");
        assertEquals(values("x-pot"), ["tea"]);
        assertEquals(values("connection"), []);
        assertEquals(values("date").length, 1);
      }
      await socket.send(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      );
      assertEquals((await readResponse(socket)).values("connection"), [
        "close",
      ]);
      await assertEnds(socket);
    },
  );
});

Deno.test("serve() keeps serving when onError throws", async () => {
  await withServer(
    (request) => {
      if (request.url.endsWith("/fail")) throw new Error("a bug");
      return new Response("ok");
    },
    async ({ port }) => {
      const { error } = console;
      const told: unknown[] = [];
      console.error = (...words) => told.push(...words);
      try {
        using socket = await connect(port);
        await socket.send("GET /fail HTTP/1.1\r\nHost: x\r\n\r\n");
        assertEquals((await readResponse(socket)).status, 500);
        await socket.send(GET);
        assertEquals((await readResponse(socket)).body, "ok");
      } finally {
        console.error = error;
      }
      assertEquals(told.map(String), [
        "internal_error:",
        "Error: a bug",
        "Error: onError fails",
      ]);
    },
    {
      onError: () => {
        throw new Error("onError fails");
      },
    },
  );
});

Deno.test("serve() writes errors to the console when there is no onError", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { error } = console;
  const told: unknown[] = [];
  console.error = (...words) => told.push(...words);
  try {
    using socket = await connect((listener.addr as Deno.NetAddr).port);
    const served = serveConn(await listener.accept(), () => {
      throw new Error("a bug");
    });
    await socket.send(GET);
    assertEquals((await readResponse(socket)).status, 500);
    socket.close();
    await served;
  } finally {
    console.error = error;
    listener.close();
  }
  assertEquals(told.map(String), ["internal_error:", "Error: a bug"]);
});

Deno.test("serveConn() resolves when the client has left", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  using socket = await connect((listener.addr as Deno.NetAddr).port);
  const served = serveConn(await listener.accept(), tellRequest);
  listener.close();
  await socket.send(GET);
  await readResponse(socket);
  socket.close();
  await served;
});

Deno.test("serve() refuses a HEAD request without a body", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.send("HEAD / HTTP/1.1\r\nBad\r\n\r\n");
    const answer = await socket.readTextToEnd();
    assertMatch(
      answer,
      /^HTTP\/1\.1 400 [^]*\r\ncontent-length: 5\d\r\n\r\n$/i,
    );
  });
});

Deno.test("serve() answers 408 when a head stops half way", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.send("GET / HTTP/1.1\r\nHost:");
    const { status, values } = await readResponse(socket);
    assertEquals(status, 408);
    assertEquals(values("connection"), ["close"]);
    await assertEnds(socket);
  }, { headTimeout: 100 });
});

Deno.test("serve() answers 408 when a head never stops coming", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.send("GET / HTTP/1.1\r\nHost: ");
    const dripped = drip(socket);
    const start = performance.now();
    assertEquals((await readResponse(socket)).status, 408);
    assert(performance.now() - start < 1_000);
    await dripped;
  }, { headTimeout: 200 });
});

Deno.test("serve() answers 408 to the second head on a connection too", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET + "GET /");
    assertEquals((await readResponse(socket)).status, 200);
    assertEquals((await readResponse(socket)).status, 408);
    await assertEnds(socket);
  }, { headTimeout: 100 });
});

Deno.test("serve() closes without a word when no byte comes at all", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await assertEnds(socket);
  }, { headTimeout: 100 });
});

Deno.test("serve() closes without a word when the next request does not come", async () => {
  await withServer(tellRequest, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    assertEquals((await readResponse(socket)).status, 200);
    await assertEnds(socket);
  }, { keepAliveTimeout: 100 });
});

Deno.test("serve() has no time limit for the handler", async () => {
  const mayAnswer = Promise.withResolvers<void>();
  await withServer(async (request) => {
    if (request.url.endsWith("/slow")) await mayAnswer.promise;
    return new Response("done");
  }, async ({ port }) => {
    using slow = await connect(port);
    await slow.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
    // The limits of another connection are over; those are the same.
    using other = await connect(port);
    await assertEnds(other);
    mayAnswer.resolve();
    assertEquals((await readResponse(slow)).body, "done");
  }, { headTimeout: 150, bodyTimeout: 50, keepAliveTimeout: 50 });
});

Deno.test("serve() closes the connection when the client reads nothing", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  await withServer(
    () =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(100_000)),
          cancel: cancelled.resolve,
        }),
      ),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(GET);
      await cancelled.promise;
    },
    { writeTimeout: 200 },
  );
});

Deno.test("serve() waits for a client that reads slowly when it does read", async () => {
  const size = 8 << 20;
  await withServer(
    () => new Response(new Uint8Array(size)),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      );
      const start = performance.now();
      let read = 0;
      while (read < size) {
        read += (await socket.readExactly(1 << 18)).length;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      assert(performance.now() - start > 500, "It was not slow enough");
      assert((await socket.readToEnd()).length < 1_000);
    },
    { writeTimeout: 300 },
  );
});

Deno.test("serve() serves others while clients misbehave", async () => {
  await withServer(tellRequest, async ({ port }) => {
    const sockets = await Promise.all(
      Array.from({ length: 100 }, () => connect(port)),
    );
    const parts = ["", "GET", "\x00", "POST / HTTP/1.1\r\nHost: x\r\n\r\n"];
    await Promise.all(
      sockets.map((socket, i) => socket.send(parts[i % parts.length]!)),
    );
    using socket = await connect(port);
    await socket.send(GET);
    assertEquals((await readResponse(socket)).body, "GET / ");
    for (const socket of sockets) socket.close();
  });
});

Deno.test("serve() tells https in the URL when the connection is encrypted", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  using socket = await connect((listener.addr as Deno.NetAddr).port);
  const conn = await listener.accept();
  listener.close();
  // A TLS connection is told by its handshake() alone.
  Object.defineProperty(conn, "handshake", { value: () => {} });
  const served = serveConn(conn, (request) => new Response(request.url));
  await socket.send(GET);
  assertStringIncludes((await readResponse(socket)).body, "https://x/");
  socket.close();
  await served;
});

/** Sends a byte now and then, until the connection is closed. */
async function drip(socket: RawSocket): Promise<void> {
  try {
    for (;;) {
      await socket.send("a");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  } catch (error) {
    assertInstanceOf(error, Error);
  }
}

/**
 * Fails if what the client still sends meets a closed connection, whose reset
 * could destroy an answer on its way, or if any of it is answered.
 */
async function assertListens(socket: RawSocket, port: number): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await socket.send("\r\n\r\n" + GET);
    await answerElsewhere(port);
  }
  await socket.closeWrite();
  await assertEnds(socket);
}

/** Resolves when the server has answered on a connection of its own. */
async function answerElsewhere(
  port: number,
  then: () => void = () => {},
): Promise<void> {
  using socket = await connect(port);
  // This is no head, so that no handler is called.
  await socket.send("?");
  await readResponse(socket);
  then();
}
