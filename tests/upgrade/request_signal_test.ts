import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import { HttpError } from "../../upgrade/mod.ts";
import { connect, sendAndReset } from "../_raw_socket.ts";
import { readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

const POST = "POST / HTTP/1.1\r\nHost: x\r\n";

/** Resolves when the signal aborts. */
function aborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(signal.reason);
    else signal.addEventListener("abort", () => resolve(signal.reason));
  });
}

/** A body that says nothing, and tells when it is cancelled. */
function silence(): { body: ReadableStream; cancelled: Promise<void> } {
  const cancelled = Promise.withResolvers<void>();
  const body = new ReadableStream({ cancel: () => cancelled.resolve() });
  return { body, cancelled: cancelled.promise };
}

Deno.test("request.signal aborts when the client ends while the handler runs", async () => {
  const called = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  await withServer(async (request) => {
    called.resolve();
    await aborted(request.signal);
    noticed.resolve();
    return new Response("too late");
  }, async ({ port }) => {
    const socket = await connect(port);
    await socket.send(GET);
    await called.promise;
    socket.close();
    await noticed.promise;
  });
});

Deno.test("request.signal aborts when the client resets the connection", async () => {
  const called = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  await withServer(async (request) => {
    called.resolve();
    await aborted(request.signal);
    noticed.resolve();
    return new Response("too late");
  }, async ({ port }) => {
    await sendAndReset(port, { data: GET, moment: called.promise });
    await noticed.promise;
  });
});

Deno.test("request.signal does not abort when the client waits", async () => {
  const go = Promise.withResolvers<void>();
  let signal: AbortSignal | undefined;
  await withServer(async (request) => {
    signal = request.signal;
    await go.promise;
    return new Response("here");
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    await new Promise((resolve) => setTimeout(resolve));
    go.resolve();
    await socket.readUntil("here");
    assertEquals(signal?.aborted, false);
  });
});

Deno.test("a client that has ended its sending direction still gets its response", async () => {
  await withServer(async (request) => {
    await aborted(request.signal);
    return new Response("here");
  }, async ({ port }) => {
    const conn = await Deno.connect({ port, hostname: "127.0.0.1" });
    await conn.write(new TextEncoder().encode(GET));
    await conn.closeWrite();
    const text = await new Response(conn.readable).text();
    assert(text.endsWith("\r\n\r\nhere"), text);
  });
});

Deno.test("a response that says nothing is cancelled when its client resets", async () => {
  const { body, cancelled } = silence();
  const called = Promise.withResolvers<void>();
  await withServer(() => {
    called.resolve();
    return new Response(body);
  }, async ({ port }) => {
    await sendAndReset(port, { data: GET, moment: called.promise });
    await cancelled;
  });
});

Deno.test("a response that says nothing is cancelled some time after its client has left", async () => {
  const { body, cancelled } = silence();
  await withServer(() => new Response(body), async ({ port }) => {
    const socket = await connect(port);
    await socket.send(GET);
    await socket.readUntil("\r\n\r\n");
    socket.close();
    await cancelled;
  }, { keepAliveTimeout: 100 });
});

Deno.test("a response that says nothing goes on while its client waits", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  await withServer(() => new Response(readable), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    await socket.readUntil("\r\n\r\n");
    // Longer than the time limit for clients that have left.
    await new Promise((resolve) => setTimeout(resolve, 150));
    await writer.write(new TextEncoder().encode("still here"));
    await socket.readUntil("still here");
    await writer.close();
    await socket.readUntil("0\r\n\r\n");
  }, { keepAliveTimeout: 50 });
});

const bodies: [name: string, request: string, rest: string][] = [
  ["came with the head", `${POST}Content-Length: 4\r\n\r\nbody`, ""],
  ["came later", `${POST}Content-Length: 4\r\n\r\nbo`, "dy"],
  [
    "came in chunks",
    `${POST}Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n`,
    "2\r\ndy\r\n0\r\n\r\n",
  ],
  ["was empty", `${POST}Content-Length: 0\r\n\r\n`, ""],
];
for (const [name, request, rest] of bodies) {
  Deno.test(`request.signal aborts when the client ends after its body was read, which ${name}`, async () => {
    const called = Promise.withResolvers<void>();
    const read = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<unknown>();
    await withServer(async (request) => {
      called.resolve();
      await request.text();
      assertEquals(request.signal.aborted, false);
      read.resolve();
      noticed.resolve(await aborted(request.signal));
      return new Response("too late");
    }, async ({ port }) => {
      using socket = await connect(port);
      await socket.send(request);
      await called.promise;
      await socket.send(rest);
      await read.promise;
      socket.close();
      const reason = await noticed.promise;
      assertInstanceOf(reason, DOMException);
      assertEquals(reason.name, "AbortError");
    });
  });
}

Deno.test("request.signal aborts with the error when the client resets after its body was read", async () => {
  const read = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<unknown>();
  await withServer(async (request) => {
    await request.text();
    read.resolve();
    noticed.resolve(await aborted(request.signal));
    return new Response("too late");
  }, async ({ port }) => {
    const data = `${POST}Content-Length: 4\r\n\r\nbody`;
    await sendAndReset(port, { data, moment: read.promise });
    assertInstanceOf(await noticed.promise, Deno.errors.ConnectionReset);
  });
});

// Nothing of a body is read before the handler asks, so that nobody can see the
// end of the stream behind it.
Deno.test("request.signal aborts only when the body has been read when the client has left before", async () => {
  const called = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  await withServer(async (request) => {
    const { signal } = request;
    called.resolve();
    await left.promise;
    assertEquals(signal.aborted, false);
    assertEquals(await request.text(), "body");
    await aborted(signal);
    noticed.resolve();
    return new Response("too late");
  }, async ({ port }) => {
    const socket = await connect(port);
    await socket.send(`${POST}Content-Length: 4\r\n\r\nbody`);
    await called.promise;
    socket.close();
    await turns(10);
    left.resolve();
    await noticed.promise;
  });
});

Deno.test("a body that is read after its client has left in the middle rejects", async () => {
  const called = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<HttpError>();
  await withServer(async (request) => {
    called.resolve();
    await left.promise;
    noticed.resolve(await assertRejects(() => request.text(), HttpError));
    return new Response("too late");
  }, async ({ port }) => {
    const socket = await connect(port);
    await socket.send(`${POST}Content-Length: 4\r\n\r\nbo`);
    await called.promise;
    socket.close();
    await turns(10);
    left.resolve();
    assertEquals((await noticed.promise).code, "incomplete_body");
  });
});

Deno.test("request.signal of the second request alone aborts when the client leaves and the first is over", async () => {
  for (const slow of [false, true]) {
    const signals: AbortSignal[] = [];
    const second = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<void>();
    await withServer(async (request) => {
      signals.push(request.signal);
      if (signals.length === 1) {
        if (slow) await turns(10);
        return new Response("first");
      }
      second.resolve();
      await aborted(request.signal);
      noticed.resolve();
      return new Response("too late");
    }, async ({ port }) => {
      const socket = await connect(port);
      await socket.send(GET);
      assertEquals((await readResponse(socket)).body, "first");
      await socket.send(GET);
      await second.promise;
      socket.close();
      await noticed.promise;
    });
    assertEquals(signals.map(({ aborted }) => aborted), [false, true]);
  }
});

Deno.test("request.signal of the second request alone aborts when both came together", async () => {
  const signals: AbortSignal[] = [];
  const second = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  await withServer(async (request) => {
    signals.push(request.signal);
    if (signals.length === 1) {
      await turns(10);
      return new Response("first");
    }
    second.resolve();
    await aborted(request.signal);
    noticed.resolve();
    return new Response("too late");
  }, async ({ port }) => {
    const socket = await connect(port);
    await socket.send(GET + GET);
    assertEquals((await readResponse(socket)).body, "first");
    await second.promise;
    socket.close();
    await noticed.promise;
  });
  assertEquals(signals.map(({ aborted }) => aborted), [false, true]);
});

const endings: [name: string, request: string][] = [
  ["the client leaves then", GET],
  [
    "the server closes then",
    GET.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"),
  ],
];
for (const [name, request] of endings) {
  for (
    const [how, answer] of [
      ["at once", () => Promise.resolve()],
      ["in a later turn", () => turns(10)],
    ] as const
  ) {
    Deno.test(`request.signal does not abort when the client has its response, sent ${how}, and ${name}`, async () => {
      let signal: AbortSignal | undefined;
      await withServer(async (request) => {
        signal = request.signal;
        await answer();
        return new Response("here");
      }, async ({ port }) => {
        const socket = await connect(port);
        await socket.send(request);
        assertEquals((await readResponse(socket)).body, "here");
        if (request !== GET) await socket.readToEnd();
        socket.close();
        await turns(10);
      });
      assertEquals(signal?.aborted, false);
    });
  }
}

Deno.test("request.signal is followed by that of a copy when the client leaves", async () => {
  const copies: ((request: Request) => Request)[] = [
    (request) => request.clone(),
    (request) => new Request(request),
    (request) => new Request("http://other/", request),
  ];
  for (const copy of copies) {
    const called = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<boolean>();
    await withServer(async (request) => {
      const { signal } = copy(request);
      called.resolve();
      await aborted(request.signal);
      seen.resolve(signal.aborted);
      return new Response("too late");
    }, async ({ port }) => {
      const socket = await connect(port);
      await socket.send(GET);
      await called.promise;
      socket.close();
      assertEquals(await seen.promise, true, `${copy}`);
    });
  }
});

Deno.test("fetch(request) is given up when the client leaves", async () => {
  const asked = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  const seen = Promise.withResolvers<string>();
  await withServer(async () => {
    asked.resolve();
    await mayAnswer.promise;
    return new Response("from within");
  }, async (inner) => {
    await withServer(async (request) => {
      const fetched = fetch(request).then(async (response) => {
        await response.body?.cancel();
        return "answered";
      }, () => "given up");
      await aborted(request.signal);
      const later = turns(10).then(() => "goes on");
      seen.resolve(await Promise.race([fetched, later]));
      mayAnswer.resolve();
      await fetched;
      return new Response("too late");
    }, async ({ port }) => {
      const socket = await connect(port);
      await socket.send(
        `GET / HTTP/1.1\r\nHost: 127.0.0.1:${inner.port}\r\n\r\n`,
      );
      await asked.promise;
      socket.close();
      assertEquals(await seen.promise, "given up");
    });
  });
});

/** Resolves some turns of the event loop later. */
async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

const ahead: [name: string, bytes: string][] = [
  ["a byte of the next request", `${GET}X`],
  ["a whole further request", GET + GET],
  ["a body that nobody reads", `${POST}Content-Length: 5\r\n\r\nhello`],
  ["a part of a body that nobody reads", `${POST}Content-Length: 5\r\n\r\nhe`],
  ["more than is read at once", GET + "X".repeat(100_000)],
];
for (const [name, bytes] of ahead) {
  Deno.test(`request.signal aborts when the client resets the connection after ${name}`, async () => {
    const called = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<void>();
    await withServer(async (request) => {
      called.resolve();
      await aborted(request.signal);
      noticed.resolve();
      return new Response("too late");
    }, async ({ port }) => {
      await sendAndReset(port, { data: bytes, moment: called.promise });
      await noticed.promise;
    });
  });
}

Deno.test("request.signal aborts when the client leaves while the body is read", async () => {
  const called = Promise.withResolvers<void>();
  const noticed = Promise.withResolvers<void>();
  await withServer(async (request) => {
    const text = request.text().catch(() => {});
    called.resolve();
    await Promise.all([text, aborted(request.signal)]);
    noticed.resolve();
    return new Response("too late");
  }, async ({ port }) => {
    const socket = await connect(port);
    await socket.send(`${POST}Content-Length: 5\r\n\r\nhe`);
    await called.promise;
    socket.close();
    await noticed.promise;
  });
});

Deno.test("request.signal aborts when a shutdown cuts the connection, whatever was sent ahead", async () => {
  for (const bytes of [GET, GET + GET, `${POST}Content-Length: 5\r\n\r\nhe`]) {
    const called = Promise.withResolvers<void>();
    const noticed = Promise.withResolvers<void>();
    await withServer(async (request) => {
      called.resolve();
      await aborted(request.signal);
      noticed.resolve();
      return new Response("too late");
    }, async ({ port, server }) => {
      using socket = await connect(port);
      await socket.send(bytes);
      await called.promise;
      await server.shutdown();
      await noticed.promise;
    }, { shutdownTimeout: 50 });
  }
});
