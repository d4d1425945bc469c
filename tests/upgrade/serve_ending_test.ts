import { assertEquals, assertInstanceOf } from "@std/assert";
import { onUpgrade, sendInterim, TrustedProxies } from "../../upgrade/mod.ts";
import { connect, sendAndReset } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const LARGE = 6_000_000;

/** A stream of many pieces, which waits for who reads it. */
function large(): ReadableStream<Uint8Array> {
  let left = LARGE;
  return new ReadableStream({
    pull(controller) {
      const piece = new Uint8Array(Math.min(left, 60_000));
      left -= piece.length;
      controller.enqueue(piece);
      if (left === 0) controller.close();
    },
  });
}

const headers = { "content-length": `${LARGE}` };

Deno.test("serve() sends a response whole when it shuts down and more requests came meanwhile", async () => {
  await withServer(
    () => new Response(large(), { headers }),
    async ({ port, server }) => {
      using socket = await connect(port);
      await socket.send(GET);
      await socket.readUntil("\r\n\r\n");
      await socket.send(GET + GET);
      const stopped = server.shutdown();
      assertEquals((await socket.readExactly(LARGE)).length, LARGE);
      await assertEnds(socket);
      socket.close();
      await stopped;
    },
  );
});

Deno.test("serve() sends the last response of a connection whole when the next request crosses it", async () => {
  const cases = [
    [{ maxRequests: 1 }, GET],
    [{}, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"],
    [{}, "GET / HTTP/1.0\r\n\r\n"],
  ] as const;
  for (const [options, request] of cases) {
    await withServer(
      () => new Response(new Uint8Array(LARGE), { headers }),
      async ({ port }) => {
        using socket = await connect(port);
        await socket.send(request);
        await socket.readUntil("\r\n\r\n");
        await socket.send(GET);
        assertEquals((await socket.readExactly(LARGE)).length, LARGE);
        await assertEnds(socket);
      },
      options,
    );
  }
});

Deno.test("serve() lets nobody read a body on when the response that ends the connection was sent", async () => {
  const outcome = Promise.withResolvers<unknown>();
  const begun = Promise.withResolvers<void>();
  await withServer(async (request) => {
    const reader = request.body!.getReader();
    await reader.read();
    begun.promise.then(() => reader.read()).then(
      outcome.resolve,
      outcome.resolve,
    );
    return new Response("done", { headers: { connection: "close" } });
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(
      "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nab",
    );
    assertEquals((await readResponse(socket)).body, "done");
    begun.resolve();
    await socket.send("cdefghij");
    assertInstanceOf(await outcome.promise, TypeError);
  });
});

Deno.test("serve() reports nothing when the client leaves a handler that sends interim responses", async () => {
  const done = Promise.withResolvers<void>();
  await withServer(async (request) => {
    try {
      for (;;) await sendInterim(request, 103, { link: "</a.css>" });
    } finally {
      done.resolve();
    }
  }, async ({ port, takeErrors }) => {
    await sendAndReset(port, { data: GET, moment: Promise.resolve() });
    await done.promise;
    assertEquals(takeErrors(), []);
  });
});

Deno.test("onUpgrade() rejects with body_not_read when the body of the request does not come in time", async () => {
  const code = Promise.withResolvers<string>();
  await withServer((request) => {
    onUpgrade(request).catch((error) => code.resolve(error.code));
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(
      "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: raw\r\n" +
        "Content-Length: 5\r\n\r\nhe",
    );
    assertEquals(await code.promise, "body_not_read");
  }, { bodyTimeout: 50 });
});

Deno.test("serve() counts the connections of a trusted proxy for the clients that it asks for", async () => {
  const from = (client: string) =>
    `GET / HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: ${client}\r\n`;
  const upgrade = "Connection: upgrade\r\nUpgrade: raw\r\n\r\n";
  await withServer((request) => {
    if (!request.headers.has("upgrade")) return new Response("ok");
    onUpgrade(request).then(async (upgraded) => {
      using conn = upgraded;
      await conn.readable.pipeTo(conn.writable, { preventClose: true });
    });
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(from("203.0.113.1") + upgrade);
    await socket.readUntil("\r\n\r\n");
    using other = await connect(port);
    // One client has its connection; another one, and no client, may come.
    await other.send(`${from("203.0.113.2")}\r\n`);
    assertEquals((await readResponse(other)).status, 200);
    await other.send(`${from("203.0.113.1")}\r\n`);
    const { status, body } = await readResponse(other);
    assertEquals([status, body], [
      429,
      "There are too many connections from your address.\n",
    ]);
    await socket.closeWrite();
    await assertEnds(socket);
    using again = await connect(port);
    await again.send(`${from("203.0.113.1")}\r\n`);
    assertEquals((await readResponse(again)).status, 200);
  }, {
    maxConnectionsPerAddress: 1,
    trustProxy: new TrustedProxies(["127.0.0.1/32"]),
  });
});
