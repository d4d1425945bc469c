import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import { type Handler, HttpError } from "../../upgrade/mod.ts";
import { connect, sendAndReset } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const NEXT = "GET /next HTTP/1.1\r\nHost: x\r\n\r\n";
const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** The head of a POST request with those fields. */
function post(...fields: string[]): string {
  const lines = ["POST / HTTP/1.1", "Host: x", ...fields];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

const CHUNKED = post("Transfer-Encoding: chunked");

/** Sends back what has come, at the end. */
const echo: Handler = async (request) => new Response(await request.bytes());

Deno.test("RequestBody brings the whole body when its length is known", async () => {
  await withServer(echo, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 5") + "hello" + NEXT);
    assertEquals((await readResponse(socket)).body, "hello");
    assertEquals((await readResponse(socket)).body, "");
  });
});

Deno.test("RequestBody brings the whole body when it comes in chunks, and drops trailers", async () => {
  await withServer(echo, async ({ port }) => {
    using socket = await connect(port);
    const body = '5;a="b;c"\r\nhello\r\n1\r\n!\r\n0\r\nX-Sum: 1\r\n\r\n';
    await socket.send(CHUNKED + body + NEXT);
    assertEquals((await readResponse(socket)).body, "hello!");
    assertEquals((await readResponse(socket)).body, "");
    await socket.sendBytewise(CHUNKED + body + NEXT);
    assertEquals((await readResponse(socket)).body, "hello!");
    assertEquals((await readResponse(socket)).body, "");
  });
});

Deno.test("RequestBody can be read as JSON, text and a form", async () => {
  await withServer(async (request) => {
    switch (request.headers.get("content-type")) {
      case "application/json":
        return Response.json((await request.json()).a);
      case "application/x-www-form-urlencoded":
        return new Response((await request.formData()).get("a") as string);
      default:
        return new Response(await request.text());
    }
  }, async ({ port }) => {
    using socket = await connect(port);
    const bodies = [
      ["application/json", '{"a":1}', "1"],
      ["application/x-www-form-urlencoded", "a=b+c", "b c"],
      ["text/plain", "plain", "plain"],
    ] as const;
    for (const [type, body, answer] of bodies) {
      const fields = [
        `Content-Type: ${type}`,
        `Content-Length: ${body.length}`,
      ];
      await socket.send(post(...fields) + body);
      assertEquals((await readResponse(socket)).body, answer);
    }
  });
});

Deno.test("RequestBody is empty, not missing, when Content-Length is 0", async () => {
  await withServer(echo, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 0") + NEXT);
    assertEquals((await readResponse(socket)).body, "");
    await socket.send(CHUNKED + "0\r\n\r\n" + NEXT);
    for (let i = 0; i < 3; i++) {
      assertEquals((await readResponse(socket)).body, "");
    }
  });
});

Deno.test("RequestBody brings each piece when it comes", async () => {
  const pieces: string[] = [];
  let next = Promise.withResolvers<void>();
  await withServer(async (request) => {
    for await (const piece of request.body!) {
      pieces.push(new TextDecoder().decode(piece));
      next.resolve();
    }
    return new Response("done");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(CHUNKED);
    for (const piece of ["one", "two", "three"]) {
      next = Promise.withResolvers();
      await socket.send(`${piece.length.toString(16)}\r\n${piece}\r\n`);
      await next.promise;
      assertEquals(pieces.at(-1), piece);
    }
    await socket.send("0\r\n\r\n");
    assertEquals((await readResponse(socket)).body, "done");
    assertEquals(pieces, ["one", "two", "three"]);
  });
});

Deno.test("RequestBody gives pieces that stay as they are when more is read", async () => {
  const kept: Uint8Array[] = [];
  await withServer(async (request) => {
    for await (const piece of request.body!) kept.push(piece);
    return new Response(new Blob(kept as Uint8Array<ArrayBuffer>[]));
  }, async ({ port }) => {
    using socket = await connect(port);
    const body = Array.from({ length: 50_000 }, (_, i) => `${i},`).join("");
    await socket.send(post(`Content-Length: ${body.length}`) + body);
    assert((await readResponse(socket)).body === body);
  });
});

Deno.test("RequestBody can be sent back as a stream while it still comes", async () => {
  await withServer(
    (request) => new Response(request.body),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(CHUNKED);
      for (const piece of ["one", "two", "six"]) {
        await socket.send(`3\r\n${piece}\r\n`);
        await socket.readUntil(`3\r\n${piece}\r\n`);
      }
      await socket.send("0\r\n\r\n" + NEXT);
      await socket.readUntil("0\r\n\r\n");
      assertEquals((await readResponse(socket)).body, "");
    },
  );
});

Deno.test("RequestBody belongs to the request when its method is one that Fetch refuses", async () => {
  await withServer(
    async (request) =>
      new Response(`${request.method} ${await request.text()}`),
    async ({ port }) => {
      using socket = await connect(port);
      for (const method of ["GET", "HEAD", "TRACE", "get", "PROPFIND"]) {
        await socket.send(
          `${method} / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody`,
        );
        const { status, body } = await readResponse(socket, method);
        assertEquals(status, 200);
        assertEquals(body, method === "HEAD" ? "" : `${method} body`);
      }
    },
  );
});

Deno.test("serve() goes on when 64 KiB of a body were not read", async () => {
  await withServer(() => new Response("early"), async ({ port }) => {
    using socket = await connect(port);
    const body = "GET /smuggled HTTP/1.1\r\n".repeat(2_000);
    await socket.send(post(`Content-Length: ${body.length}`) + body + NEXT);
    assertEquals((await readResponse(socket)).body, "early");
    assertEquals((await readResponse(socket)).body, "early");
    await socket.closeWrite();
    await assertEnds(socket);
  });
});

Deno.test("serve() delivers the response and closes when more of a body was not read", async () => {
  await withServer(() => new Response("early"), async ({ port }) => {
    for (const head of [post("Content-Length: 4000000"), CHUNKED]) {
      using socket = await connect(port);
      const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
      const sent = socket.send(head + chunk.repeat(40));
      assertEquals((await readResponse(socket)).body, "early");
      await sent;
      await socket.closeWrite();
      await assertEnds(socket);
    }
  });
});

Deno.test("serve() goes on when the handler cancels a small body", async () => {
  await withServer(async (request) => {
    await request.body?.cancel();
    return new Response("cancelled");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 5") + "hello" + NEXT);
    assertEquals((await readResponse(socket)).body, "cancelled");
    assertEquals((await readResponse(socket)).body, "cancelled");
  });
});

Deno.test("serve() goes on when the handler reads a part of a small body", async () => {
  await withServer(async (request) => {
    const read = await request.body?.getReader().read();
    return new Response(read?.value ?? "no body");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(CHUNKED + "1\r\na\r\n");
    assertEquals((await readResponse(socket)).body, "a");
    await socket.send("2\r\nbc\r\n0\r\n\r\n" + NEXT);
    assertEquals((await readResponse(socket)).body, "no body");
  });
});

Deno.test("RequestBody gives many small chunks as one piece when they came together", async () => {
  await withServer(async (request) => {
    let pieces = 0;
    let text = "";
    for await (const piece of request.body!) {
      pieces++;
      text += new TextDecoder().decode(piece);
    }
    return Response.json({ pieces, text });
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(CHUNKED + "1\r\nx\r\n".repeat(10_000) + "0\r\n\r\n");
    const { body } = await readResponse(socket);
    const { pieces, text } = JSON.parse(body);
    assertEquals(text, "x".repeat(10_000));
    // One for each read, and a read brings 1 KiB at least.
    assert(pieces <= 60, `${pieces} pieces`);
  });
});

Deno.test("serve() closes in time when a body that nobody wants drips in", async () => {
  await withServer(() => new Response("no thanks"), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 60000"));
    assertEquals((await readResponse(socket)).body, "no thanks");
    const ended = socket.readToEnd();
    let over = false;
    ended.finally(() => over = true).catch(() => {});
    while (!over) {
      await socket.send("x").catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await ended;
  }, { bodyTimeout: 200 });
});

Deno.test("serve() goes on when the handler answers while it still reads", async () => {
  const piece = Promise.withResolvers<string>();
  await withServer((request) => {
    request.body?.getReader().read().then(({ value }) =>
      piece.resolve(new TextDecoder().decode(value))
    );
    return new Response("early");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 10"));
    assertEquals((await readResponse(socket)).body, "early");
    await socket.send("first");
    assertEquals(await piece.promise, "first");
    await socket.send("other" + NEXT);
    assertEquals((await readResponse(socket)).body, "early");
  });
});

Deno.test("RequestBody rejects when it is read after the response was sent", async () => {
  const outcome = Promise.withResolvers<unknown>();
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  await withServer((request) => {
    if (request.body === null) {
      reader!.read().catch(outcome.resolve);
      return new Response("second");
    }
    reader = request.body.getReader();
    return new Response("first");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 5") + "hello" + NEXT);
    assertEquals((await readResponse(socket)).body, "first");
    assertEquals((await readResponse(socket)).body, "second");
    assertInstanceOf(await outcome.promise, TypeError);
  });
});

const broken: [name: string, body: string, code: string, status: number][] = [
  ["its size is 2^64", "10000000000000000\r\n", "chunk_too_large", 400],
  ["its size is 2^53", "20000000000000\r\n", "chunk_too_large", 400],
  ["its size is no number", "0x5\r\nhello\r\n", "bad_chunk_size", 400],
  ["its size is negative", "-1\r\n", "bad_chunk_size", 400],
  ["it ends late", "1\r\nab\r\n0\r\n\r\n", "bad_chunk_end", 400],
  ["a line ends with LF alone", "1\na\n0\n\n", "bare_lf", 400],
  [
    "its extension is too long",
    `1;${"a".repeat(2_000)}\r\n`,
    "chunk_extension_too_long",
    400,
  ],
  [
    "a trailer frames",
    "0\r\nContent-Length: 5\r\n\r\n",
    "bad_trailer",
    400,
  ],
  [
    "trailers do not end",
    `0\r\n${"a: b\r\n".repeat(10_000)}`,
    "too_many_trailers",
    431,
  ],
  [
    "there is too much",
    `20000\r\n${"a".repeat(0x20000)}`,
    "body_too_large",
    413,
  ],
];
for (const [name, body, code, status] of broken) {
  Deno.test(`RequestBody rejects with ${code} and the answer is ${status} when ${name}`, async () => {
    let error: unknown;
    await withServer(
      async (request) => {
        try {
          return new Response(await request.text());
        } catch (thrown) {
          error = thrown;
          throw thrown;
        }
      },
      async ({ port }) => {
        using socket = await connect(port);
        const sent = socket.send(CHUNKED + body + NEXT).catch(() => {});
        const response = await readResponse(socket);
        assertEquals(response.status, status);
        assertEquals(response.values("connection"), ["close"]);
        await sent;
        await assertEnds(socket);
        assertInstanceOf(error, HttpError);
        assertEquals(error.code, code);
      },
      { maxBodyBytes: 100_000 },
    );
  });

  Deno.test(`serve() closes and reports nothing when the handler does not read a body and ${name}`, async () => {
    await withServer(
      () => new Response("early"),
      async ({ port }) => {
        using socket = await connect(port);
        const sent = socket.send(CHUNKED + body + NEXT).catch(() => {});
        assertEquals((await readResponse(socket)).body, "early");
        await sent;
        await assertEnds(socket);
      },
      { maxBodyBytes: 100_000 },
    );
  });
}

Deno.test("serve() closes when a handler catches the error of a broken body", async () => {
  await withServer(async (request) => {
    return new Response(await request.text().catch(() => "caught"));
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(CHUNKED + "?\r\n" + NEXT);
    const response = await readResponse(socket);
    assertEquals(response.body, "caught");
    assertEquals(response.values("connection"), ["close"]);
    await assertEnds(socket);
  });
});

Deno.test("RequestBody rejects with incomplete_body when the client ends in the middle", async () => {
  const errors: unknown[] = [];
  await withServer(async (request) => {
    try {
      return new Response(await request.text());
    } catch (error) {
      errors.push(error);
      throw error;
    }
  }, async ({ port }) => {
    for (
      const part of [post("Content-Length: 5") + "he", CHUNKED + "5\r\nhe"]
    ) {
      using socket = await connect(port);
      await socket.send(part);
      await socket.closeWrite();
      assertEquals((await readResponse(socket)).status, 400);
      await assertEnds(socket);
      const error = errors.pop();
      assertInstanceOf(error, HttpError);
      assertEquals(error.code, "incomplete_body");
    }
  });
});

Deno.test("RequestBody rejects with incomplete_body and nothing is reported when the client resets the connection", async () => {
  const reading = Promise.withResolvers<void>();
  const outcome = Promise.withResolvers<unknown>();
  await withServer(async (request) => {
    const text = request.text();
    reading.resolve();
    text.catch(outcome.resolve);
    return new Response(await text);
  }, async ({ port }) => {
    const data = post("Content-Length: 5") + "he";
    await sendAndReset(port, { data, moment: reading.promise });
    const error = await outcome.promise;
    assertInstanceOf(error, HttpError);
    assertEquals(error.code, "incomplete_body");
    assertInstanceOf(error.cause, Deno.errors.ConnectionReset);
  });
});

Deno.test("serve() reports nothing when the client leaves in the middle of a body that nobody reads", async () => {
  await withServer(() => new Response("early"), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 5") + "he");
    assertEquals((await readResponse(socket)).body, "early");
    await socket.closeWrite();
    await assertEnds(socket);
  });
});

Deno.test("serve() cuts the answer and reports nothing when the client ends in the middle of a body that is sent back", async () => {
  await withServer(
    (request) => new Response(request.body),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(CHUNKED + "3\r\none\r\n");
      await socket.readUntil("one\r\n");
      await socket.closeWrite();
      await assertEnds(socket);
    },
  );
});

Deno.test("serve() answers 408 when a body stops half way", async () => {
  const outcome = Promise.withResolvers<unknown>();
  await withServer(
    async (request) => {
      try {
        return new Response(await request.text());
      } catch (error) {
        outcome.resolve(error);
        throw error;
      }
    },
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(post("Content-Length: 5") + "he");
      const response = await readResponse(socket);
      assertEquals(response.status, 408);
      assertEquals(response.values("connection"), ["close"]);
      await assertEnds(socket);
      socket.close();
      const error = await outcome.promise;
      assertInstanceOf(error, HttpError);
      assertEquals(error.code, "body_timeout");
    },
    { bodyTimeout: 100 },
  );
});

Deno.test("serve() answers 408 alone when a handler answers a body that stopped", async () => {
  await withServer(
    async (request) => {
      return new Response(await request.text().catch(() => "caught"));
    },
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(post("Content-Length: 5") + "he");
      assertEquals((await readResponse(socket)).status, 408);
      await assertEnds(socket);
    },
    { bodyTimeout: 100 },
  );
});

Deno.test("serve() waits longer than bodyTimeout when a body keeps coming", async () => {
  await withServer(echo, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 8"));
    for (let i = 0; i < 8; i++) {
      await new Promise((resolve) => setTimeout(resolve, 60));
      await socket.send(`${i}`);
    }
    assertEquals((await readResponse(socket)).body, "01234567");
  }, { bodyTimeout: 300 });
});

Deno.test("serve() closes when the rest of a body that nobody reads does not come", async () => {
  await withServer(() => new Response("early"), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 5") + "he");
    assertEquals((await readResponse(socket)).body, "early");
    await assertEnds(socket);
  }, { bodyTimeout: 100 });
});

Deno.test("serve() sends 100 (Continue) when a handler reads a body that waits for it", async () => {
  await withServer(echo, async ({ port }) => {
    using socket = await connect(port);
    const head = post("Content-Length: 5", "Expect: 100-Continue");
    for (let i = 0; i < 2; i++) {
      await socket.send(head);
      assertEquals(await socket.readUntil("\r\n\r\n"), CONTINUE);
      await socket.send("hello");
      assertEquals((await readResponse(socket)).body, "hello");
    }
  });
});

Deno.test("serve() sends 100 (Continue) before a response that is the body itself", async () => {
  await withServer(
    (request) => new Response(request.body),
    async ({ port }) => {
      using socket = await connect(port);
      await socket.send(post("Content-Length: 5", "Expect: 100-continue"));
      assertEquals(await socket.readUntil("\r\n\r\n"), CONTINUE);
      await socket.send("hello");
      assertEquals((await readResponse(socket)).body, "hello");
    },
  );
});

Deno.test("serve() sends no 100 (Continue) when the response has begun", async () => {
  const begun = Promise.withResolvers<void>();
  await withServer((request) => {
    const text = new TextEncoder();
    async function* pieces() {
      yield text.encode("begun ");
      await begun.promise;
      yield text.encode(await request.text());
    }
    return new Response(ReadableStream.from(pieces()));
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(post("Content-Length: 5", "Expect: 100-continue"));
    await socket.readUntil("6\r\nbegun \r\n");
    begun.resolve();
    await socket.send("hello");
    assertEquals(
      await socket.readTextToEnd(),
      "5\r\nhello\r\n0\r\n\r\n",
    );
  });
});

Deno.test("serve() sends no 100 (Continue) when the body is there already", async () => {
  await withServer(echo, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(
      post("Content-Length: 5", "Expect: 100-continue") + "hello",
    );
    assertEquals((await readResponse(socket)).body, "hello");
  });
});

Deno.test("serve() sends no 100 (Continue) to HTTP/1.0, or when there is no body", async () => {
  await withServer(echo, async ({ port }) => {
    using old = await connect(port);
    await old.send(
      "POST / HTTP/1.0\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n",
    );
    await old.send("hello");
    assertEquals((await readResponse(old)).body, "hello");
    using socket = await connect(port);
    await socket.send(post("Content-Length: 0", "Expect: 100-continue") + NEXT);
    assertEquals((await readResponse(socket)).status, 200);
    assertEquals((await readResponse(socket)).status, 200);
  });
});

Deno.test("serve() answers and closes when nobody asked for a body that waits", async () => {
  const handlers: Handler[] = [
    () => new Response("no", { status: 403 }),
    () => {
      throw new HttpError("forbidden", { status: 403, message: "no" });
    },
  ];
  for (const handler of handlers) {
    await withServer(handler, async ({ port }) => {
      using socket = await connect(port);
      await socket.send(post("Content-Length: 90", "Expect: 100-continue"));
      const response = await readResponse(socket);
      assertEquals(response.status, 403);
      assertEquals(response.values("connection"), ["close"]);
      // It may be a body or a request: nobody can tell, so it is neither.
      await socket.send(NEXT);
      await assertEnds(socket);
    });
  }
});
