import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  HttpResponseError,
  sendRequest,
  type SendRequestOptions,
} from "../../upgrade/mod.ts";
import { connect, type RawSocket, sendAndReset } from "../_raw_socket.ts";
import { closed, readHead, withPeer } from "./_peer.ts";

const URL_HERE = "http://a.example/";
const OK = "HTTP/1.1 200 OK\r\n";
const HELLO = `${OK}Content-Length: 5\r\n\r\nhello`;
const STARTED = `${OK}Content-Length: 5\r\n\r\nhe`;

function send(
  conn: Deno.Conn,
  init: RequestInit = {},
  options: SendRequestOptions = {},
): Promise<Response> {
  return sendRequest(conn, new Request(URL_HERE, init), options);
}

/** A body that never ends, and gives a piece whenever it is asked for one. */
function endless(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
  }, { highWaterMark: 0 });
}

/** Fails unless the connection was closed by the exchange. */
async function assertOver(conn: Deno.Conn): Promise<void> {
  await assertRejects(
    () => conn.read(new Uint8Array(1)),
    Deno.errors.BadResource,
  );
  const error = await assertRejects(() => send(conn), HttpResponseError);
  assertEquals(error.code, "connection_over");
}

Deno.test("sendRequest() rejects with the signal's reason and touches nothing when it was aborted before", async () => {
  await withPeer(async (peer) => {
    assert((await readHead(peer)).startsWith("GET /second "));
    await peer.send(HELLO);
  }, async (conn) => {
    const reason = new Error("mine");
    const cancelled = Promise.withResolvers<unknown>();
    const body = new ReadableStream({ cancel: cancelled.resolve });
    const signal = AbortSignal.abort(reason);
    const sent = send(conn, { method: "POST", body, signal });
    assertStrictEquals(await assertRejects(() => sent), reason);
    assertStrictEquals(await cancelled.promise, reason);
    const second = new Request(`${URL_HERE}second`);
    assertEquals(await (await sendRequest(conn, second)).text(), "hello");
  });
});

Deno.test("sendRequest() rejects with the signal's reason and closes when it aborts before the answer", async () => {
  for (const begun of ["", "HTTP/1.1 100 \r\n\r\n", "HTTP/1.1 200 O"]) {
    const controller = new AbortController();
    const reason = new Error("mine");
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(begun);
      controller.abort(reason);
      await closed(peer);
    }, async (conn) => {
      const sent = send(conn, { signal: controller.signal });
      assertStrictEquals(await assertRejects(() => sent), reason);
      await assertOver(conn);
    });
  }
});

Deno.test("sendRequest() rejects with the signal's reason when it aborts as the answer comes", async () => {
  const controller = new AbortController();
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(HELLO);
    await closed(peer);
  }, async (conn) => {
    const read = conn.read.bind(conn);
    Object.defineProperty(conn, "read", {
      async value(target: Uint8Array) {
        const count = await read(target);
        controller.abort();
        return count;
      },
    });
    const sent = send(conn, { signal: controller.signal });
    await assertRejects(() => sent, DOMException);
  });
});

Deno.test("sendRequest() rejects with the signal's reason while the server takes nothing", async () => {
  const controller = new AbortController();
  await withPeer(async (peer) => {
    await readHead(peer);
    controller.abort();
    await closed(peer);
  }, async (conn) => {
    const { signal } = controller;
    const sent = send(conn, { method: "POST", body: endless(), signal });
    const error = await assertRejects(() => sent, DOMException);
    assertEquals(error.name, "AbortError");
    await assertOver(conn);
  });
});

Deno.test("sendRequest() errors the body's stream with the signal's reason when it aborts after the head", async () => {
  const reason = new Error("mine");
  for (const isReading of [true, false]) {
    const controller = new AbortController();
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(STARTED);
      await closed(peer);
    }, async (conn) => {
      const response = await send(conn, { signal: controller.signal });
      const reader = response.body!.getReader();
      await reader.read();
      const next = isReading ? reader.read() : undefined;
      next?.catch(() => {});
      controller.abort(reason);
      const read = () => next ?? reader.read();
      assertStrictEquals(await assertRejects(read), reason);
      await assertOver(conn);
    });
  }
});

Deno.test("sendRequest() leaves the connection alone when the signal aborts after the end", async () => {
  const controller = new AbortController();
  await withPeer(async (peer) => {
    for (let i = 0; i < 2; i++) {
      await readHead(peer);
      await peer.send(HELLO);
    }
  }, async (conn) => {
    const response = await send(conn, { signal: controller.signal });
    assertEquals(await response.text(), "hello");
    controller.abort();
    assertEquals(await (await send(conn)).text(), "hello");
  });
});

Deno.test("sendRequest() closes the connection when the response's body is cancelled before its end", async () => {
  for (const isRead of [true, false]) {
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(STARTED);
      await closed(peer);
    }, async (conn) => {
      const response = await send(conn);
      const reader = response.body!.getReader();
      if (isRead) await reader.read();
      await reader.cancel();
      await assertOver(conn);
    });
  }
});

Deno.test("sendRequest() keeps the connection when a body is cancelled that has been read to its end", async () => {
  await withPeer(async (peer) => {
    for (let i = 0; i < 2; i++) {
      await readHead(peer);
      await peer.send(HELLO);
    }
  }, async (conn) => {
    const reader = (await send(conn)).body!.getReader();
    await reader.read();
    await reader.cancel();
    assertEquals(await (await send(conn)).text(), "hello");
  });
});

const limits: [
  code: string,
  name: string,
  options: SendRequestOptions,
  serve: (peer: RawSocket) => Promise<void>,
  init?: RequestInit,
][] = [
  ["head_timeout", "nothing comes", { headTimeout: 30 }, async (peer) => {
    await readHead(peer);
  }],
  ["head_timeout", "half a head comes", { headTimeout: 30 }, async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 200 OK\r\nA: b\r\n");
  }],
  ["head_timeout", "only interim responses come", {
    headTimeout: 30,
  }, async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 102 \r\n\r\nHTTP/1.1 103 \r\n\r\n");
  }],
  ["body_timeout", "a body stops", { bodyTimeout: 30 }, async (peer) => {
    await readHead(peer);
    await peer.send(STARTED);
  }],
  ["body_timeout", "a 205 does not end", { bodyTimeout: 30 }, async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 205 \r\n\r\n");
  }],
  ["write_timeout", "the server takes nothing", {
    writeTimeout: 30,
  }, async (peer) => {
    await readHead(peer);
  }, { method: "POST", body: endless() }],
];
for (const [code, name, options, serve, init] of limits) {
  Deno.test(`sendRequest() fails with ${code} and closes when ${name} in time`, async () => {
    const failed = Promise.withResolvers<void>();
    await withPeer(async (peer) => {
      await serve(peer);
      await failed.promise;
      await closed(peer);
    }, async (conn) => {
      const read = async () => await (await send(conn, init, options)).text();
      const error = await assertRejects(read, HttpResponseError);
      assertEquals(error.code, code);
      failed.resolve();
      await assertOver(conn);
    });
  });
}

// Longer than the limits here and what a deadline may be late.
const LIMITS = { headTimeout: 20, bodyTimeout: 20, writeTimeout: 20 };
const pause = () => new Promise((resolve) => setTimeout(resolve, 150));

Deno.test("sendRequest() does not limit the time of a body that nobody reads, or of a request that is still being sent", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.readUntil("0\r\n\r\n");
    await peer.send(HELLO);
  }, async (conn) => {
    const body = new ReadableStream({
      async pull(controller) {
        await pause();
        controller.close();
      },
    }, { highWaterMark: 0 });
    const response = await send(conn, { method: "POST", body }, LIMITS);
    await pause();
    assertEquals(await response.text(), "hello");
  });
});

Deno.test("sendRequest() does not limit the time for a head when it came before the end of the request", async () => {
  const mayEnd = Promise.withResolvers<void>();
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(STARTED);
    await peer.readUntil("0\r\n\r\n");
    await pause();
    await peer.send("llo");
  }, async (conn) => {
    const body = new ReadableStream({
      async pull(controller) {
        await mayEnd.promise;
        controller.close();
      },
    }, { highWaterMark: 0 });
    const init = { method: "POST", body };
    const response = await send(conn, init, { headTimeout: 20 });
    mayEnd.resolve();
    assertEquals(await response.text(), "hello");
  });
});

Deno.test("sendRequest() begins the head's time anew with each interim response", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    for (let i = 0; i < 5; i++) {
      await peer.send("HTTP/1.1 102 \r\n\r\n");
      await new Promise((resolve) => setTimeout(resolve, 60));
    }
    await peer.send(HELLO);
  }, async (conn) => {
    const response = await send(conn, {}, { headTimeout: 200 });
    assertEquals(await response.text(), "hello");
  });
});

/** Runs a client against a peer that resets the connection after some bytes. */
async function withReset(
  answer: string,
  test: (conn: Deno.Conn) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const moment = Promise.withResolvers<void>();
  const reset = sendAndReset(listener.addr.port, {
    data: answer,
    moment: moment.promise,
  });
  using conn = await listener.accept();
  const read = conn.read.bind(conn);
  Object.defineProperty(conn, "read", {
    async value(target: Uint8Array) {
      const count = await read(target);
      // Until it has been read, a reset would take it back.
      moment.resolve();
      await reset;
      return count;
    },
  });
  if (answer === "") moment.resolve();
  await test(conn);
  await reset;
}

const resets: [code: string, answer: string][] = [
  ["no_response", ""],
  ["incomplete_head", "HTTP/1.1 200 OK\r\nA: b"],
  ["incomplete_body", STARTED],
  ["incomplete_body", `${OK}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`],
  // An orderly end would be the end of this body.
  ["incomplete_body", `${OK}\r\nhello`],
];
for (const [code, answer] of resets) {
  Deno.test(`sendRequest() fails with ${code} and the cause when the server resets the connection after ${JSON.stringify(answer)}`, async () => {
    await withReset(answer, async (conn) => {
      const read = async () => await (await send(conn)).text();
      const error = await assertRejects(read, HttpResponseError);
      assertEquals(error.code, code);
      assertInstanceOf(error.cause, Error);
      await assertOver(conn);
    });
  });
}

Deno.test("sendRequest() rejects with no_response when the server has closed a connection that was kept", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(HELLO);
    peer.close();
  }, async (conn) => {
    assertEquals(await (await send(conn)).text(), "hello");
    const error = await assertRejects(() => send(conn), HttpResponseError);
    assertEquals(error.code, "no_response");
    await assertOver(conn);
  });
});

Deno.test("sendRequest() reads an answer that came before the server stopped reading", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(`${OK}Connection: close\r\n\r\nenough`);
    // Reads until the client has seen that; then ends both directions.
    await peer.readExactly(1 << 20);
    await peer.closeWrite();
    await closed(peer);
  }, async (conn) => {
    const response = await send(conn, { method: "POST", body: endless() });
    assertEquals(await response.text(), "enough");
  });
});

Deno.test("sendRequest() may fail unseen without ending the process once its response was given", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  using socket = await connect(listener.addr.port);
  using conn = await accepted;
  const sent = send(conn, { method: "POST", body: endless() });
  await readHead(socket);
  await socket.send(STARTED);
  const response = await sent;
  socket.close();
  await assertRejects(() => response.text(), HttpResponseError);
  await new Promise((resolve) => setImmediate(resolve));
});
