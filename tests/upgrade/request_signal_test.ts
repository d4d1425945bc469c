import { assert, assertEquals } from "@std/assert";
import { connect, sendAndReset } from "../_raw_socket.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

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
