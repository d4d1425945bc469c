import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
} from "@std/assert";
import {
  type Handler,
  HttpError,
  onUpgrade,
  sendInterim,
  type ServeOptions,
} from "../../upgrade/mod.ts";
import { connect, type RawSocket, sendAndReset } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const OLD = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
const HINTS = { link: "</a.css>; rel=preload" };
const EARLY_HINTS =
  "HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n";
const MEGABYTE = 1 << 20;

/** Serves one handler to one client. */
async function withClient(
  handler: Handler,
  test: (socket: RawSocket, port: number) => Promise<void>,
  options: ServeOptions = {},
): Promise<void> {
  await withServer(handler, async ({ port }) => {
    using socket = await connect(port);
    await test(socket, port);
  }, options);
}

/** Fails unless a head comes next, and it is this one. */
async function assertHead(socket: RawSocket, head: string): Promise<void> {
  assertEquals(await socket.readUntil("\r\n\r\n"), head);
}

/** Fails unless the response comes next, with nothing before it. */
async function assertAnswered(
  socket: RawSocket,
  body: string,
  method = "GET",
): Promise<void> {
  const response = await readResponse(socket, method);
  assertEquals([response.status, response.body], [200, body]);
}

/** Collects what would end the process: rejections that nobody handles. */
async function unhandledIn(action: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    reasons.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  try {
    await action();
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    globalThis.removeEventListener("unhandledrejection", note);
  }
  return reasons;
}

Deno.test("sendInterim() writes its head before the handler answers", async () => {
  const mayAnswer = Promise.withResolvers<void>();
  await withClient(async (request) => {
    await sendInterim(request, 103, HINTS);
    await mayAnswer.promise;
    return new Response("page");
  }, async (socket) => {
    await socket.send(GET);
    await assertHead(socket, EARLY_HINTS);
    mayAnswer.resolve();
    await assertAnswered(socket, "page");
    // The connection goes on as if there had been one response only.
    await socket.send(GET);
    await assertHead(socket, EARLY_HINTS);
    await assertAnswered(socket, "page");
  });
});

Deno.test("sendInterim() writes all heads in order when it is called several times", async () => {
  await withClient(async (request) => {
    await sendInterim(request, 102);
    await sendInterim(request, 103, [["link", "a"], ["link", "b"]]);
    await sendInterim(request, 103, [["x-a", "\xe9"], ["X-B", ""]]);
    await sendInterim(request, 199, new Headers({ "x-c": " c " }));
    return new Response("page");
  }, async (socket) => {
    await socket.send(GET);
    await assertHead(socket, "HTTP/1.1 102 Processing\r\n\r\n");
    await assertHead(socket, "HTTP/1.1 103 Early Hints\r\nlink: a, b\r\n\r\n");
    await assertHead(
      socket,
      "HTTP/1.1 103 Early Hints\r\nx-a: \xe9\r\nx-b: \r\n\r\n",
    );
    await assertHead(socket, "HTTP/1.1 199 \r\nx-c: c\r\n\r\n");
    await assertAnswered(socket, "page");
  });
});

Deno.test("sendInterim() keeps the order on the wire when nobody awaits it", async () => {
  const stream = () => new Response("page").body;
  for (const body of [() => "page", stream, () => null]) {
    await withClient((request) => {
      sendInterim(request, 102);
      sendInterim(request, 103, HINTS);
      return new Response(body());
    }, async (socket) => {
      await socket.send(GET + GET);
      for (let i = 0; i < 2; i++) {
        await assertHead(socket, "HTTP/1.1 102 Processing\r\n\r\n");
        await assertHead(socket, EARLY_HINTS);
        await assertAnswered(socket, body() === null ? "" : "page");
      }
    });
  }
});

Deno.test("sendInterim() comes before an error answer when the handler throws", async () => {
  await withClient((request) => {
    sendInterim(request, 103, HINTS);
    throw new HttpError("teapot", { status: 418, message: "No coffee here." });
  }, async (socket) => {
    await socket.send(GET);
    await assertHead(socket, EARLY_HINTS);
    assertEquals((await readResponse(socket)).status, 418);
  });
});

Deno.test("sendInterim() comes before the response to HEAD too", async () => {
  await withClient(async (request) => {
    await sendInterim(request, 103, HINTS);
    return new Response("page");
  }, async (socket) => {
    await socket.send("HEAD / HTTP/1.1\r\nHost: x\r\n\r\n" + GET);
    await assertHead(socket, EARLY_HINTS);
    await assertAnswered(socket, "", "HEAD");
    await assertHead(socket, EARLY_HINTS);
    await assertAnswered(socket, "page");
  });
});

Deno.test("sendInterim() comes before the 101 when the handler upgrades", async () => {
  const late = Promise.withResolvers<unknown>();
  await withClient(async (request) => {
    onUpgrade(request).then(async (upgraded) => {
      using conn = upgraded;
      late.resolve(await sendInterim(request, 103).catch((error) => error));
      await conn.write(new TextEncoder().encode("raw"));
    });
    await sendInterim(request, 103, HINTS);
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  }, async (socket) => {
    await socket.send(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n",
    );
    await assertHead(socket, EARLY_HINTS);
    assertEquals(
      (await socket.readUntil("\r\n\r\n")).slice(0, 13),
      "HTTP/1.1 101 ",
    );
    assertEquals(await socket.readTextToEnd(), "raw");
    assertInstanceOf(await late.promise, TypeError);
  });
});

// RFC 9110 §15.2: HTTP/1.0 knows no interim response.
Deno.test("sendInterim() writes nothing and resolves when the client speaks HTTP/1.0", async () => {
  await withClient(async (request) => {
    await sendInterim(request, 103, HINTS);
    return new Response("page");
  }, async (socket) => {
    await socket.send(OLD + OLD);
    await assertAnswered(socket, "page");
    await assertAnswered(socket, "page");
  });
});

Deno.test("sendInterim() rejects with a TypeError when the response has begun", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  let served: Request | undefined;
  await withClient((request) => {
    served = request;
    return new Response(readable);
  }, async (socket) => {
    await socket.send(GET);
    const head = await socket.readUntil("\r\n\r\n");
    assertEquals(head.slice(0, 13), "HTTP/1.1 200 ");
    await assertRejects(
      () => sendInterim(served!, 103, HINTS),
      TypeError,
      "the response has begun",
    );
    await writer.close();
    assertEquals(await socket.readUntil("\r\n\r\n"), "0\r\n\r\n");
  });
});

Deno.test("sendInterim() rejects with a TypeError when the response is over, and writes into no other", async () => {
  const requests: Request[] = [];
  await withClient(async (request) => {
    requests.push(request);
    for (const other of requests.slice(0, -1)) {
      await assertRejects(
        () => sendInterim(other, 103, HINTS),
        TypeError,
        "the response has begun",
      );
    }
    await sendInterim(request, 103, { link: `${requests.length}` });
    return new Response("page");
  }, async (socket) => {
    for (const link of [1, 2, 3]) {
      await socket.send(GET);
      await assertHead(
        socket,
        `HTTP/1.1 103 Early Hints\r\nlink: ${link}\r\n\r\n`,
      );
      await assertAnswered(socket, "page");
      await assertRejects(
        () => sendInterim(requests.at(-1)!, 103, HINTS),
        TypeError,
        "the response has begun",
      );
    }
    await socket.closeWrite();
    await assertEnds(socket);
  });
});

Deno.test("sendInterim() rejects with a TypeError when the request is none that a handler got", async () => {
  await withClient(async (request) => {
    const others = [request.clone(), new Request(request)];
    for (const other of [...others, new Request("http://x/")]) {
      await assertRejects(
        () => sendInterim(other, 103),
        TypeError,
        "not a request of a server",
      );
    }
    return new Response("page");
  }, async (socket) => {
    await socket.send(GET);
    await assertAnswered(socket, "page");
  });
});

for (const status of [100, 101, 200, 99, 103.5, NaN, Infinity, -103, 0]) {
  Deno.test(`sendInterim() rejects with a RangeError and writes nothing when the status is ${status}`, async () => {
    for (const request of [GET, OLD]) {
      await withClient(async (request) => {
        await assertRejects(
          () => sendInterim(request, status, HINTS),
          RangeError,
          `the status is ${status}`,
        );
        return new Response("page");
      }, async (socket) => {
        await socket.send(request);
        await assertAnswered(socket, "page");
      });
    }
  });
}

const badHeaders: [name: string, headers: [string, string]][] = [
  ["Content-Length", ["Content-Length", "0"]],
  ["Transfer-Encoding", ["transfer-encoding", "chunked"]],
  ["Connection", ["connection", "close"]],
  ["Keep-Alive", ["Keep-Alive", "timeout=5"]],
  ["Upgrade", ["UPGRADE", "raw"]],
  ["CR LF in a value", ["link", "a\r\nset-cookie: b=c"]],
  ["an empty line in a value", ["link", "a\r\n\r\nHTTP/1.1 200 OK"]],
  ["LF in a value", ["link", "a\nb"]],
  ["CR in a value", ["link", "a\rb"]],
  ["NUL in a value", ["link", "a\0b"]],
  ["a character above U+00FF", ["link", "\u010a"]],
  ["CR LF in a name", ["a\r\nb", "c"]],
  ["a space in a name", ["a b", "c"]],
];
for (const [name, header] of badHeaders) {
  Deno.test(`sendInterim() rejects with a TypeError and writes nothing when the headers have ${name}`, async () => {
    await withClient(async (request) => {
      await assertRejects(
        () => sendInterim(request, 103, [["x-a", "b"], header]),
        TypeError,
      );
      return new Response("page");
    }, async (socket) => {
      await socket.send(GET);
      await assertAnswered(socket, "page");
    });
  });
}

Deno.test("sendInterim() comes before 100 (Continue) when the body is read later", async () => {
  const mayRead = Promise.withResolvers<void>();
  await withClient(async (request) => {
    await sendInterim(request, 103, HINTS);
    await mayRead.promise;
    const body = await request.text();
    await sendInterim(request, 102);
    return new Response(body);
  }, async (socket) => {
    await socket.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n" +
        "Expect: 100-continue\r\n\r\n",
    );
    await assertHead(socket, EARLY_HINTS);
    mayRead.resolve();
    await assertHead(socket, "HTTP/1.1 100 Continue\r\n\r\n");
    await socket.send("body");
    await assertHead(socket, "HTTP/1.1 102 Processing\r\n\r\n");
    await assertAnswered(socket, "body");
    await socket.send(GET);
    await assertHead(socket, EARLY_HINTS);
  });
});

Deno.test("sendInterim() and 100 (Continue) stay whole when neither is awaited", async () => {
  await withClient(async (request) => {
    sendInterim(request, 103, HINTS);
    const text = request.text();
    sendInterim(request, 102);
    return new Response(await text);
  }, async (socket) => {
    await socket.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n" +
        "Expect: 100-continue\r\n\r\n",
    );
    const heads = [];
    for (let i = 0; i < 3; i++) heads.push(await socket.readUntil("\r\n\r\n"));
    assertEquals(heads.toSorted(), [
      "HTTP/1.1 100 Continue\r\n\r\n",
      "HTTP/1.1 102 Processing\r\n\r\n",
      EARLY_HINTS,
    ]);
    await socket.send("body");
    await assertAnswered(socket, "body");
  });
});

Deno.test("sendInterim() is followed by the response, whole, when the client reads neither for a while", async () => {
  const link = "a".repeat(8 * MEGABYTE);
  const page = "b".repeat(MEGABYTE);
  const answers: [awaits: boolean, body: () => BodyInit][] = [
    [false, () => page],
    [false, () => new Blob([page]).stream()],
    [true, () => page],
  ];
  for (const [awaits, body] of answers) {
    let written = false;
    const called = Promise.withResolvers<void>();
    await withClient(async (request) => {
      if (!request.url.endsWith("/slow")) return new Response();
      const interim = sendInterim(request, 103, { link });
      interim.then(() => written = true);
      called.resolve();
      if (awaits) await interim;
      return new Response(body());
    }, async (socket, port) => {
      await socket.send("GET /slow HTTP/1.1\r\nHost: x\r\n\r\n");
      await called.promise;
      // The server goes on meanwhile: it answers somebody else.
      using other = await connect(port);
      for (let i = 0; i < 10; i++) {
        await other.send(GET);
        await readResponse(other);
      }
      assertEquals(written, false, "The client has taken all of it");
      const start = "HTTP/1.1 103 Early Hints\r\nlink: ";
      const head = await socket.readExactly(start.length + link.length + 4);
      const text = new TextDecoder().decode(head);
      assert(text === `${start}${link}\r\n\r\n`, "The head is not whole");
      const response = await readResponse(socket);
      assertEquals(response.status, 200);
      assert(response.body === page, "The body is not whole");
    });
  }
});

Deno.test("sendInterim() rejects when the client takes nothing in time", async () => {
  const outcome = Promise.withResolvers<unknown>();
  await withClient(async (request) => {
    const link = "a".repeat(16 * MEGABYTE);
    await sendInterim(request, 103, { link }).catch(outcome.resolve);
    return new Response("too late");
  }, async (socket) => {
    await socket.send(GET);
    assertInstanceOf(await outcome.promise, Error);
  }, { writeTimeout: 100 });
});

/** Answers once its client has gone, with what `inform` does before. */
async function withGoneClient(
  inform: (request: Request) => Promise<void> | void,
): Promise<void> {
  const called = Promise.withResolvers<void>();
  const over = Promise.withResolvers<void>();
  await withServer(async (request) => {
    const gone = new Promise((resolve) =>
      request.signal.addEventListener("abort", resolve)
    );
    called.resolve();
    await gone;
    await inform(request);
    over.resolve();
    return new Response("too late");
  }, async ({ port }) => {
    await sendAndReset(port, { data: GET, moment: called.promise });
    await over.promise;
  });
}

Deno.test("sendInterim() rejects with the error of writing when the client is gone", async () => {
  let outcome: unknown;
  await withGoneClient(async (request) => {
    outcome = await sendInterim(request, 103).catch((error) => error);
  });
  assertInstanceOf(outcome, Error);
  assert(!(outcome instanceof TypeError), `${outcome}`);
});

Deno.test("sendInterim() does not end the process when nobody awaits it and the client is gone", async () => {
  const unhandled = await unhandledIn(() =>
    withGoneClient((request) => void sendInterim(request, 103))
  );
  assertEquals(unhandled, []);
});
