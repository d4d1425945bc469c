import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertMatch,
} from "@std/assert";
import { connect } from "../_raw_socket.ts";
import { assertEnds, type RawResponse, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const utf8 = new TextEncoder();

/** A stream of those chunks, each when it is asked for. */
function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    pull(controller) {
      const chunk = chunks.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(utf8.encode(chunk));
    },
  });
}

/** What a server answers with that response, and that it goes on after it. */
async function answerOf(
  make: () => Response,
  method = "GET",
): Promise<RawResponse> {
  let answer: RawResponse | undefined;
  await withServer(
    (request) => request.url.endsWith("/next") ? new Response("next") : make(),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(
        `${method} / HTTP/1.1\r\nHost: x\r\n\r\n` +
          "GET /next HTTP/1.1\r\nHost: x\r\n\r\n",
      );
      answer = await readResponse(socket, method);
      assertEquals((await readResponse(socket)).body, "next");
    },
  );
  return answer!;
}

/** What a client gets before the connection ends, and what is reported. */
async function cutAnswerOf(
  make: () => Response,
): Promise<{ text: string; errors: unknown[] }> {
  let text = "";
  let errors: unknown[] = [];
  await withServer(() => make(), async ({ port, takeErrors }) => {
    using socket = await connect(port);
    await socket.send(GET + GET);
    text = await socket.readTextToEnd();
    errors = takeErrors();
  });
  return { text, errors };
}

const known: [name: string, make: () => Response, body: string][] = [
  ["a string", () => new Response("héllo"), "h\xc3\xa9llo"],
  ["an empty string", () => new Response(""), ""],
  ["bytes", () => new Response(Uint8Array.of(0, 255)), "\x00\xff"],
  ["JSON", () => Response.json({ a: 1 }), '{"a":1}'],
  ["nothing", () => new Response(), ""],
  ["a stream of one chunk", () => new Response(streamOf("one")), "one"],
  ["a stream of no chunk", () => new Response(streamOf()), ""],
];
for (const [name, make, body] of known) {
  Deno.test(`writeResponse() sends Content-Length when the body is ${name}`, async () => {
    const answer = await answerOf(make);
    assertEquals(answer.status, 200);
    assertEquals(answer.values("content-length"), [`${body.length}`]);
    assertEquals(answer.body, body);
  });
}

Deno.test("writeResponse() sends all bytes when the body is a Blob or a form", async () => {
  const blob = await answerOf(() => new Response(new Blob(["a", "bc"])));
  assertEquals(blob.body, "abc");
  const form = new URLSearchParams({ a: "b c" });
  const answer = await answerOf(() => new Response(form));
  assertEquals(answer.body, "a=b+c");
  assertEquals(answer.values("content-type"), [
    "application/x-www-form-urlencoded;charset=UTF-8",
  ]);
});

Deno.test("writeResponse() sends a chunk for each piece when a stream has many", async () => {
  const answer = await answerOf(() => new Response(streamOf("a", "bb", "ccc")));
  assertEquals(answer.chunks, ["a", "bb", "ccc"]);
  assertEquals(answer.values("content-length"), []);
});

Deno.test("writeResponse() goes on when a stream has empty pieces", async () => {
  const answer = await answerOf(
    () => new Response(streamOf("", "a", "", "", "b", "")),
  );
  assertEquals(answer.body, "ab");
  const empty = await answerOf(() => new Response(streamOf("", "", "")));
  assertEquals(empty.body, "");
});

Deno.test("writeResponse() sends large bodies whole", async () => {
  const text = "0123456789abcdef".repeat(1 << 17);
  const bytes = await answerOf(() => new Response(text));
  assert(bytes.body === text);
  const chunks = await answerOf(() => new Response(streamOf(text, text)));
  assert(chunks.body === text + text);
});

Deno.test("writeResponse() sends a piece when it comes, not when the stream ends", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  await withServer(() => new Response(readable), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    for (const piece of ["one", "two"]) {
      const written = writer.write(utf8.encode(piece));
      await socket.readUntil(`3\r\n${piece}\r\n`);
      await written;
    }
    await writer.close();
    await socket.readUntil("0\r\n\r\n");
  });
});

Deno.test("writeResponse() sends the head at once when the first piece is late", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  await withServer(() => new Response(readable), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    const head = await socket.readUntil("\r\n\r\n");
    assertMatch(head, /^transfer-encoding: chunked\r$/m);
    await writable.close();
    await socket.readUntil("0\r\n\r\n");
  });
});

Deno.test("writeResponse() keeps Content-Length when the handler declares it", async () => {
  const answer = await answerOf(() =>
    new Response(streamOf("ab", "cd"), { headers: { "content-length": "4" } })
  );
  assertEquals(answer.values("content-length"), ["4"]);
  assertEquals(answer.body, "abcd");
});

Deno.test("writeResponse() ends the body with the connection when HTTP/1.0 gets a stream", async () => {
  await withServer(
    () => new Response(streamOf("ab", "cd")),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
      const answer = await readResponse(socket);
      assertEquals(answer.body, "abcd");
      assertEquals(answer.values("connection"), ["close"]);
      assertEquals(answer.values("transfer-encoding"), []);
    },
  );
});

Deno.test("writeResponse() sends no body when the request is HEAD", async () => {
  let cancelled = false;
  const stream = new ReadableStream({ cancel: () => void (cancelled = true) });
  const plain = await answerOf(() => new Response("hello"), "HEAD");
  assertEquals(plain.values("transfer-encoding"), []);
  const declared = await answerOf(
    () => new Response(stream, { headers: { "content-length": "5" } }),
    "HEAD",
  );
  assertEquals(declared.values("content-length"), ["5"]);
  assertEquals(cancelled, true);
  const alone = await answerOf(
    () => new Response(null, { headers: { "content-length": "7" } }),
    "HEAD",
  );
  assertEquals(alone.values("content-length"), ["7"]);
});

// RFC 9110 §8.6 and §15.3.6.
const bodyless: [
  status: number,
  declared: string | undefined,
  sent: string[],
][] = [
  [204, undefined, []],
  [204, "0", []],
  [204, "5", []],
  [205, undefined, ["0"]],
  [304, undefined, []],
  [304, "1234", ["1234"]],
];
for (const [status, declared, sent] of bodyless) {
  Deno.test(`writeResponse() sends ${status} without a body when Content-Length is ${declared}`, async () => {
    const headers: [string, string][] = declared === undefined
      ? []
      : [["content-length", declared]];
    const answer = await answerOf(() =>
      new Response(null, { status, headers })
    );
    assertEquals(answer.status, status);
    assertEquals(answer.values("content-length"), sent);
    assertEquals(answer.values("transfer-encoding"), []);
  });
}

Deno.test("writeResponse() frames by itself when the handler has fields of the connection", async () => {
  const headers = {
    "transfer-encoding": "gzip, chunked",
    "keep-alive": "timeout=5",
    "connection": "keep-alive",
  };
  const answer = await answerOf(() => new Response("hello", { headers }));
  assertEquals(answer.body, "hello");
  assertEquals(answer.values("transfer-encoding"), []);
  assertEquals(answer.values("keep-alive"), []);
  assertEquals(answer.values("connection"), []);
});

Deno.test("writeResponse() says keep-alive once, or close alone, when the handler says keep-alive", async () => {
  const headers = { "connection": "Keep-Alive, X-Hop" };
  await withServer(() => new Response("", { headers }), async ({ port }) => {
    using socket = await connect(port);
    await socket.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    assertEquals((await readResponse(socket)).values("connection"), [
      "x-hop, keep-alive",
    ]);
    await socket.send("GET / HTTP/1.0\r\n\r\n");
    assertEquals((await readResponse(socket)).values("connection"), [
      "x-hop, close",
    ]);
  });
});

Deno.test("writeResponse() closes when the handler says Connection: close", async () => {
  const headers = { connection: "close" };
  await withServer(() => new Response("a", { headers }), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET + GET);
    assertEquals((await readResponse(socket)).values("connection"), ["close"]);
    await assertEnds(socket);
  });
});

Deno.test("writeResponse() keeps each Set-Cookie on its own line", async () => {
  const headers: [string, string][] = [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2, 3"],
    ["x-list", "1"],
    ["x-list", "2"],
  ];
  const answer = await answerOf(() => new Response("", { headers }));
  assertEquals(answer.values("set-cookie"), ["a=1", "b=2, 3"]);
  assertEquals(answer.values("x-list"), ["1, 2"]);
});

Deno.test("writeResponse() sends Date once, the handler's when it has one", async () => {
  const own = await answerOf(() => new Response());
  assertEquals(own.values("date").length, 1);
  assertMatch(own.values("date")[0]!, /^\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT$/);
  const date = "Sun, 06 Nov 1994 08:49:37 GMT";
  const given = await answerOf(() => new Response("", { headers: { date } }));
  assertEquals(given.values("date"), [date]);
});

Deno.test("writeResponse() sends the handler's reason phrase, or the registered one", async () => {
  const given = await answerOf(
    () => new Response("", { status: 404, statusText: "Nowhere" }),
  );
  assert(given.head.startsWith("HTTP/1.1 404 Nowhere\r\n"));
  const registered = await answerOf(() => new Response("", { status: 404 }));
  assert(registered.head.startsWith("HTTP/1.1 404 Not Found\r\n"));
  const unknown = await answerOf(() => new Response("", { status: 599 }));
  assert(unknown.head.startsWith("HTTP/1.1 599 \r\n"));
});

Deno.test("writeResponse() sends field values byte for byte when they are not ASCII", async () => {
  const answer = await answerOf(() =>
    new Response("", { headers: { "x-name": "caf\xe9" } })
  );
  assertEquals(answer.values("x-name"), ["caf\xe9"]);
});

const unsendable: [name: string, make: () => Response][] = [
  [
    "a field has CR LF",
    () => new Response("", { headers: { a: "b\r\nc: d" } }),
  ],
  [
    "a field has a control character",
    () => new Response("", { headers: { a: "b\x01c" } }),
  ],
  ["the reason has CR LF", () => new Response("", { statusText: "a\r\nb: c" })],
  ["Content-Length is no number", () => declaring("x", "body")],
  ["Content-Length is a list", () => declaring("4, 4", "body")],
  ["Content-Length is negative", () => declaring("-1", "body")],
  ["Content-Length is more than an empty body", () => declaring("5", null)],
  ["Content-Length is less than the first piece", () => declaring("3", "body")],
  ["its stream fails first", () =>
    new Response(
      new ReadableStream({ pull: () => Promise.reject(new Error("a bug")) }),
    )],
  ["its stream fails with an error of connections", () =>
    new Response(
      new ReadableStream({
        pull: () => Promise.reject(new Deno.errors.ConnectionReset("upstream")),
      }),
    )],
  ["its stream has text instead of bytes", () =>
    new Response(
      new ReadableStream({
        start(controller) {
          controller.enqueue("text" as unknown as Uint8Array);
          controller.close();
        },
      }),
    )],
  ["its body was read before", () => {
    const response = new Response("used");
    response.body!.getReader();
    return response;
  }],
];
for (const [name, make] of unsendable) {
  Deno.test(`writeResponse() answers 500, reports once and goes on when ${name}`, async () => {
    await withServer(() => make(), async ({ port, takeErrors }) => {
      using socket = await connect(port);
      for (let i = 0; i < 2; i++) {
        await socket.send(GET);
        assertEquals((await readResponse(socket)).status, 500);
        assertEquals(takeErrors().length, 1);
      }
    });
  });
}

Deno.test("writeResponse() answers 500 when HEAD or 304 have no valid Content-Length", async () => {
  await withServer(
    (request) =>
      new Response(null, {
        status: request.method === "HEAD" ? 200 : 304,
        headers: { "content-length": "1, 2" },
      }),
    async ({ port, takeErrors }) => {
      using socket = await connect(port);
      for (const method of ["HEAD", "GET"]) {
        await socket.send(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n`);
        assertEquals((await readResponse(socket, method)).status, 500);
        assertEquals(takeErrors().length, 1);
      }
    },
  );
});

/** A response with that Content-Length. */
function declaring(length: string, body: BodyInit | null): Response {
  return new Response(body, { headers: { "content-length": length } });
}

/** A stream that brings `chunk`, and in a later turn of the event loop fails. */
function failingStream(
  error: unknown,
  chunk: unknown = utf8.encode("part"),
): ReadableStream<Uint8Array> {
  let begun = false;
  return new ReadableStream({
    async pull(controller) {
      if (begun) {
        await new Promise((resolve) => setImmediate(resolve));
        throw error;
      }
      begun = true;
      controller.enqueue(chunk as Uint8Array);
    },
  }, { highWaterMark: 0 });
}

Deno.test("writeResponse() cuts the connection and reports once when a stream fails half way", async () => {
  const failures = [new Error("a bug"), new Deno.errors.BadResource("a file")];
  for (const failure of failures) {
    const { text, errors } = await cutAnswerOf(() =>
      new Response(failingStream(failure))
    );
    assert(text.endsWith("\r\n\r\n4\r\npart\r\n"), text);
    assertEquals(errors, [failure]);
  }
});

Deno.test("writeResponse() lets 500 be answered when a stream fails before anything is sent", async () => {
  for (const pieces of [0, 1]) {
    const failure = new Error("a bug");
    await withServer(
      () =>
        new Response(
          new ReadableStream({
            start(controller) {
              if (pieces === 1) controller.enqueue(utf8.encode("part"));
            },
            pull: () => Promise.reject(failure),
          }),
        ),
      async ({ port, takeErrors }) => {
        using socket = await connect(port);
        await socket.send(GET);
        assertEquals((await readResponse(socket)).status, 500);
        assertEquals(takeErrors(), [failure]);
      },
    );
  }
});

Deno.test("writeResponse() cuts the connection when the body is shorter than its Content-Length", async () => {
  const { text, errors } = await cutAnswerOf(() =>
    new Response(streamOf("ab", "cd"), { headers: { "content-length": "9" } })
  );
  assert(text.endsWith("\r\n\r\nabcd"), text);
  assertInstanceOf(errors[0], TypeError);
  assertEquals(errors.length, 1);
});

Deno.test("writeResponse() cuts the connection before the first byte too many when the body is longer", async () => {
  const { text, errors } = await cutAnswerOf(() =>
    new Response(streamOf("ab", "cd"), { headers: { "content-length": "3" } })
  );
  assert(text.endsWith("\r\n\r\nab"), text);
  assertInstanceOf(errors[0], TypeError);
  assertEquals(errors.length, 1);
});

Deno.test("writeResponse() cuts the connection when a later piece is text", async () => {
  const { errors } = await cutAnswerOf(() => {
    const pieces: unknown[] = [utf8.encode("bytes"), "text"];
    return new Response(
      new ReadableStream({
        pull(controller) {
          controller.enqueue(pieces.shift() as Uint8Array);
        },
      }),
    );
  });
  assertInstanceOf(errors[0], TypeError);
  assertEquals(errors.length, 1);
});

Deno.test("writeResponse() cancels the stream and reports nothing when the client leaves", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  await withServer(
    () =>
      new Response(
        new ReadableStream({
          // One piece a turn, without an end.
          async pull(controller) {
            await new Promise((resolve) => setImmediate(resolve));
            controller.enqueue(utf8.encode("more"));
          },
          cancel: cancelled.resolve,
        }),
      ),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(GET);
      await socket.readUntil("more");
      socket.close();
      await cancelled.promise;
    },
  );
});

Deno.test("writeResponse() asks a stream for no more than the client takes", async () => {
  let made = 0;
  await withServer(
    () =>
      new Response(
        new ReadableStream({
          pull(controller) {
            made += 1 << 16;
            controller.enqueue(new Uint8Array(1 << 16));
          },
        }),
      ),
    async ({ port, server }) => {
      using socket = await connect(port);
      await socket.send(GET);
      await socket.readUntil("\r\n\r\n");
      let before = -1;
      while (before !== made) {
        before = made;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      // What the buffers of both sockets hold, and no more.
      assert(made < 32 << 20, `${made} bytes`);
      const stopped = server.shutdown();
      socket.close();
      await stopped;
    },
  );
});

Deno.test("writeResponse() cancels the stream when the client leaves before the first piece", async () => {
  const first = Promise.withResolvers<void>();
  const called = Promise.withResolvers<void>();
  const cancelled = Promise.withResolvers<unknown>();
  await withServer(() => {
    called.resolve();
    return new Response(
      new ReadableStream({
        async pull(controller) {
          await first.promise;
          controller.enqueue(new Uint8Array(1));
        },
        cancel: cancelled.resolve,
      }),
    );
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    await called.promise;
    socket.close();
    first.resolve();
    await cancelled.promise;
  });
});
