import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
} from "@std/assert";
import {
  type Handler,
  HttpError,
  onUpgrade,
  serveConn,
  type ServeOptions,
} from "../../upgrade/mod.ts";
import { connect, type RawSocket } from "../_raw_socket.ts";
import { assertEnds, type RawResponse, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const OLD = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
const LENGTH = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody";
const CHUNKED =
  "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" +
  "2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n";
// What one read of a fresh connection brings at most.
const FIRST_READ = 1024;

/** How often a handler was called. */
interface Calls {
  count: number;
}

/** Serves one client, and counts the calls of the handler. */
async function withClient(
  handler: Handler,
  test: (socket: RawSocket, calls: Calls) => Promise<void>,
  options: ServeOptions,
): Promise<void> {
  const calls: Calls = { count: 0 };
  await withServer((request, info) => {
    calls.count++;
    return handler(request, info);
  }, async ({ port }) => {
    using socket = await connect(port);
    await test(socket, calls);
  }, options);
}

const hello: Handler = () => new Response("hello");
const readAndAnswer: Handler = async (request) => {
  const body = await request.text();
  return new Response(body === "" ? "hello" : body);
};

/** A request that is `length` bytes long. */
function requestOf(length: number): string {
  const [start, end] = ["GET /", " HTTP/1.1\r\nHost: x\r\n\r\n"];
  return start + "a".repeat(length - start.length - end.length) + end;
}

/** As many requests as asked for, taken in turn from `requests`. */
function sequence(requests: readonly string[], count: number): string {
  return Array.from({ length: count }, (_, i) => requests[i % requests.length])
    .join("");
}

/** Reads responses until one says that the stream ends, and it does. */
async function readToClose(socket: RawSocket): Promise<RawResponse[]> {
  const responses: RawResponse[] = [];
  for (;;) {
    const response = await readResponse(socket);
    responses.push(response);
    if (response.values("connection").includes("close")) break;
  }
  await assertEnds(socket);
  return responses;
}

/** Counts the responses that come until the stream ends. */
async function countAnswers(socket: RawSocket): Promise<number> {
  return (await socket.readTextToEnd()).split("HTTP/1.1 200").length - 1;
}

for (const max of [1, 2, 5]) {
  Deno.test(`serve() ends the connection with response ${max} when maxRequests is ${max}`, async () => {
    await withClient(readAndAnswer, async (socket, calls) => {
      for (let i = 1; i <= max; i++) {
        await socket.send(i % 2 === 0 ? LENGTH : GET);
        const { status, values } = await readResponse(socket);
        assertEquals(status, 200);
        assertEquals(values("connection"), i < max ? [] : ["close"]);
      }
      await assertEnds(socket);
      assertEquals(calls.count, max);
    }, { maxRequests: max });
  });

  Deno.test(
    `serve() never handles request ${
      max + 1
    } when maxRequests is ${max} and all came together`,
    async () => {
      for (const request of [GET, LENGTH, CHUNKED]) {
        await withClient(readAndAnswer, async (socket, calls) => {
          await socket.send(request.repeat(max + 3));
          assertEquals((await readToClose(socket)).length, max);
          assertEquals(calls.count, max);
        }, { maxRequests: max });
      }
    },
  );
}

Deno.test("serve() ends the connection with the last response when it is a stream", async () => {
  const handler = () => new Response(new Blob(["hello"]).stream());
  await withClient(handler, async (socket, calls) => {
    await socket.send(GET.repeat(3));
    assertEquals(
      (await readToClose(socket)).map(({ body }) => body),
      ["hello", "hello"],
    );
    assertEquals(calls.count, 2);
  }, { maxRequests: 2 });
});

Deno.test("serve() ends the connection in order when a request too many was not read yet", async () => {
  for (const request of [requestOf(FIRST_READ), requestOf(FIRST_READ / 2)]) {
    const max = FIRST_READ / request.length;
    await withClient(hello, async (socket, calls) => {
      // One read brings those that are answered, and no byte of the others.
      await socket.send(request.repeat(max + 2));
      assertEquals((await readToClose(socket)).length, max);
      assertEquals(calls.count, max);
    }, { maxRequests: max });
  }
});

Deno.test("serve() counts HTTP/1.0 requests when maxRequests is set", async () => {
  await withClient(hello, async (socket, calls) => {
    for (const connection of ["keep-alive", "keep-alive", "close"]) {
      await socket.send(OLD);
      const { values } = await readResponse(socket);
      assertEquals(values("connection"), [connection]);
    }
    await assertEnds(socket);
    assertEquals(calls.count, 3);
  }, { maxRequests: 3 });
});

Deno.test("serve() counts requests that are answered with an error when maxRequests is set", async () => {
  const errors: unknown[] = [];
  const handler: Handler = (request) => {
    if (request.url.endsWith("/bug")) throw new Error("a bug");
    throw new HttpError("gone", { status: 410, message: "It is gone." });
  };
  const bug = GET.replace("/", "/bug");
  for (const requests of [[GET, bug, GET], [bug, GET, bug]]) {
    for (const together of [true, false]) {
      await withClient(handler, async (socket, calls) => {
        if (together) await socket.send(requests.join("") + GET);
        for (const [i, request] of requests.entries()) {
          if (!together) await socket.send(request);
          const { status, values } = await readResponse(socket);
          assertEquals(status, request === GET ? 410 : 500);
          assertEquals(values("connection"), i < 2 ? [] : ["close"]);
        }
        await assertEnds(socket);
        assertEquals(calls.count, 3);
      }, { maxRequests: 3, onError: (error) => errors.push(error) });
    }
  }
  assertEquals(errors.length, 6);
});

Deno.test("serve() still upgrades when it is the last request that maxRequests allows", async () => {
  await withClient((request) => {
    onUpgrade(request).then(async (upgraded) => {
      using conn = upgraded;
      await conn.readable.pipeTo(conn.writable);
    });
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  }, async (socket) => {
    await socket.send(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\nearly",
    );
    const head = await socket.readUntil("\r\n\r\n");
    assertEquals(head.slice(0, 13), "HTTP/1.1 101 ");
    assert(!/close/i.test(head), head);
    await socket.closeWrite();
    assertEquals(await socket.readTextToEnd(), "early");
  }, { maxRequests: 1 });
});

Deno.test("serve() cuts no client that sends one by one when maxPipelinedRequests is low", async () => {
  for (const max of [1, 2]) {
    await withClient(readAndAnswer, async (socket, calls) => {
      const requests = [GET, LENGTH, CHUNKED, requestOf(FIRST_READ), OLD];
      for (let i = 0; i < 20; i++) {
        await socket.send(requests[i % requests.length]!);
        const { values } = await readResponse(socket);
        assertEquals(values("connection").includes("close"), false);
      }
      assertEquals(calls.count, 20);
    }, { maxPipelinedRequests: max });
  }
});

Deno.test("serve() has no limit for requests one by one, and one for 1,000 in a row, when no option is set", async () => {
  await withClient(hello, async (socket, calls) => {
    for (let i = 0; i < 1_100; i++) {
      await socket.send(GET);
      await readResponse(socket);
    }
    const sent = socket.send(GET.repeat(1_100));
    assertEquals((await readToClose(socket)).length, 1_000);
    await sent;
    assertEquals(calls.count, 2_100);
  }, {});
});

const mixes: [name: string, requests: readonly string[], handler: Handler][] = [
  ["have no body", [GET], hello],
  ["have bodies that are read", [LENGTH, GET, CHUNKED], readAndAnswer],
  ["all have bodies that are read", [LENGTH, CHUNKED], readAndAnswer],
  ["are HTTP/1.0", [OLD], hello],
  ["get an error", [GET], () => {
    throw new HttpError("gone", { status: 410, message: "It is gone." });
  }],
  ["get a stream", [GET], () => new Response(new Blob(["hello"]).stream())],
];
for (const [name, requests, handler] of mixes) {
  for (const max of [1, 2, 17, 50]) {
    Deno.test(`serve() answers ${max} and closes when more came together that ${name}`, async () => {
      await withClient(handler, async (socket, calls) => {
        await socket.send(sequence(requests, max + 30));
        assertEquals((await readToClose(socket)).length, max);
        assertEquals(calls.count, max);
      }, { maxPipelinedRequests: max });
    });
  }
}

for (const requests of [[LENGTH, GET, CHUNKED], [LENGTH, CHUNKED]]) {
  for (const max of [1, 2, 17, 50]) {
    Deno.test(`serve() ends after ${max} when more came together, ${requests.length} kinds, and nobody reads their bodies`, async () => {
      await withClient(hello, async (socket, calls) => {
        await socket.send(sequence(requests, max + 30));
        // Whether the next has come is known only when the body is passed: the
        // last response may say nothing of the end.
        const answers = await countAnswers(socket);
        assertEquals([answers, calls.count], [max, max]);
      }, { maxPipelinedRequests: max });
    });
  }
}

Deno.test("serve() answers as often as it calls the handler when requests end where a read ends", async () => {
  for (const length of [FIRST_READ, FIRST_READ / 32]) {
    await withClient(hello, async (socket, calls) => {
      await socket.send(requestOf(length).repeat(70));
      await socket.closeWrite();
      // A request counts when some of it has been read, so it may be any number.
      assertEquals(await countAnswers(socket), calls.count);
      assertGreaterOrEqual(calls.count, 40);
    }, { maxPipelinedRequests: 40 });
  }
});

Deno.test("serve() closes after maxPipelinedRequests when the others came while it was busy", async () => {
  const mayAnswer = Promise.withResolvers<void>();
  await withClient(async () => {
    await mayAnswer.promise;
    return new Response("hello");
  }, async (socket, calls) => {
    for (let i = 0; i < 6; i++) await socket.send(GET);
    mayAnswer.resolve();
    assertEquals((await readToClose(socket)).length, 4);
    assertEquals(calls.count, 4);
  }, { maxPipelinedRequests: 4 });
});

Deno.test("serve() goes on when as many came together as maxPipelinedRequests, and counts anew", async () => {
  await withClient(readAndAnswer, async (socket, calls) => {
    for (let round = 0; round < 5; round++) {
      await socket.send(GET + LENGTH + CHUNKED);
      for (let i = 0; i < 3; i++) {
        assertEquals((await readResponse(socket)).values("connection"), []);
      }
    }
    assertEquals(calls.count, 15);
    await socket.send(GET.repeat(4));
    assertEquals((await readToClose(socket)).length, 3);
    assertEquals(calls.count, 18);
  }, { maxPipelinedRequests: 3 });
});

Deno.test("serve() answers another client in the middle of 20,000 requests that came at once", async () => {
  const count = 20_000;
  // When the other one asks: reads are as large then as they get.
  const middle = 10_000;
  const tiny = "A / HTTP/1.1\r\nHost:x\r\n\r\n";
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr as Deno.NetAddr;
  using greedy = await connect(port);
  const greedyConn = await listener.accept();
  using modest = await connect(port);
  const modestConn = await listener.accept();
  listener.close();
  // All of it waits in the kernel before the server reads the first byte.
  await greedy.send(tiny.repeat(count));
  await greedy.closeWrite();

  let handled = 0;
  let before = Infinity;
  const options = { maxPipelinedRequests: Infinity };
  const servedModest = serveConn(modestConn, () => {
    before = handled;
    return new Response("hello");
  }, options);
  const answered = readResponse(modest).then(() => handled);
  const servedGreedy = serveConn(greedyConn, () => {
    if (++handled === middle) modest.send(GET);
    return new Response();
  }, options);

  const ended = greedy.readToEnd();
  assertLess(await answered, count, "All of them were answered before");
  assertLess(before - middle, 1_000, "It waited for too many others");
  await ended;
  assertEquals(handled, count);
  modest.close();
  await Promise.all([servedGreedy, servedModest]);
});
