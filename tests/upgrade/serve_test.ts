import { assert, assertEquals, assertLess, assertThrows } from "@std/assert";
import { onUpgrade, serve } from "../../upgrade/mod.ts";
import { connect } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const UPGRADE =
  "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n";

/** The response that switches to the protocol of these tests. */
function switching(): Response {
  return new Response(null, { status: 101, headers: { upgrade: "raw" } });
}

/** Fails unless it resolves without a time limit having to end it. */
async function assertSoon(promise: Promise<void>): Promise<void> {
  const start = performance.now();
  await promise;
  assertLess(performance.now() - start, 1_500);
}

Deno.test("serve() tells the address and the free port that it listens on", async () => {
  await using server = serve({ port: 0 }, () => new Response("hello"));
  const addr = server.addr as Deno.NetAddr;
  assertEquals([addr.transport, addr.hostname], ["tcp", "127.0.0.1"]);
  assert(addr.port > 0);
  const response = await fetch(`http://127.0.0.1:${addr.port}/`);
  assertEquals(await response.text(), "hello");
});

Deno.test("serve() throws AddrInUse when the port is taken", async () => {
  await withServer(() => new Response(), ({ port }) => {
    assertThrows(
      () => serve({ port }, () => new Response()),
      Deno.errors.AddrInUse,
    );
    return Promise.resolve();
  });
});

Deno.test("HttpServer.shutdown() closes idle connections at once and accepts no more", async () => {
  await withServer(() => new Response("a"), async ({ port, server }) => {
    using fresh = await connect(port);
    using idle = await connect(port);
    await idle.send(GET);
    await readResponse(idle);
    await assertSoon(server.shutdown());
    await assertEnds(fresh);
    await assertEnds(idle);
    const error = await Deno.connect({ hostname: "127.0.0.1", port }).catch(
      (error) => error,
    );
    assert(error instanceof Deno.errors.ConnectionRefused);
  });
});

Deno.test("HttpServer.shutdown() lets a request end, with Connection: close", async () => {
  const called = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  await withServer(async () => {
    called.resolve();
    await mayAnswer.promise;
    return new Response("finished");
  }, async ({ port, server }) => {
    using socket = await connect(port);
    await socket.send(GET);
    await called.promise;
    let stopped = false;
    const shutdown = server.shutdown().then(() => {
      stopped = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(stopped, false);
    mayAnswer.resolve();
    const response = await readResponse(socket);
    assertEquals(response.body, "finished");
    assertEquals(response.values("connection"), ["close"]);
    await assertEnds(socket);
    socket.close();
    await assertSoon(shutdown);
  });
});

Deno.test("HttpServer.shutdown() lets a head and a body that have begun end", async () => {
  await withServer(
    async (request) => new Response(await request.text()),
    async ({ port, server }) => {
      using socket = await connect(port);
      await socket.send("POST / HTTP/1.1\r\nHost: x\r\nContent-");
      using other = await connect(port);
      await other.send(GET);
      await readResponse(other);
      const shutdown = server.shutdown();
      await socket.send("Length: 5\r\n\r\nhello");
      const response = await readResponse(socket);
      assertEquals(response.body, "hello");
      assertEquals(response.values("connection"), ["close"]);
      socket.close();
      await assertSoon(shutdown);
    },
  );
});

Deno.test("HttpServer.shutdown() closes a connection when the response that has begun ends", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  await withServer(() => new Response(readable), async ({ port, server }) => {
    using socket = await connect(port);
    await socket.send(GET);
    const written = writer.write(new TextEncoder().encode("begun"));
    await socket.readUntil("begun\r\n");
    await written;
    const shutdown = server.shutdown();
    await writer.close();
    await socket.readUntil("0\r\n\r\n");
    await assertEnds(socket);
    socket.close();
    await assertSoon(shutdown);
  }, { shutdownTimeout: Infinity });
});

Deno.test("HttpServer.shutdown() tells upgraded connections, and waits for them", async () => {
  const upgrades: string[] = [];
  await withServer((request) => {
    onUpgrade(request).then((conn) => {
      upgrades.push("open");
      conn.onshutdown = async () => {
        upgrades.push("told");
        await conn.write(new TextEncoder().encode("goodbye"));
        conn.close();
      };
    });
    return switching();
  }, async ({ port, server }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    await socket.readUntil("\r\n\r\n");
    await assertSoon(server.shutdown());
    assertEquals(await socket.readTextToEnd(), "goodbye");
    assertEquals(upgrades, ["open", "told"]);
  });
});

Deno.test("HttpServer.shutdown() tells a connection that is upgraded after it", async () => {
  const called = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  await withServer(async (request) => {
    onUpgrade(request).then((conn) => {
      conn.onshutdown = () => conn.close();
    });
    called.resolve();
    await mayAnswer.promise;
    return switching();
  }, async ({ port, server }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    await called.promise;
    const shutdown = server.shutdown();
    mayAnswer.resolve();
    await socket.readUntil("\r\n\r\n");
    await assertSoon(assertEnds(socket));
    await shutdown;
  });
});

Deno.test("HttpServer.shutdown() goes on and reports when an onshutdown throws", async () => {
  const upgraded: Disposable[] = [];
  await withServer((request) => {
    onUpgrade(request).then((conn) => {
      upgraded.push(conn);
      conn.onshutdown = () => {
        conn.close();
        throw new Error("a bug in the protocol");
      };
    });
    return switching();
  }, async ({ port, server, takeErrors }) => {
    using first = await connect(port);
    using second = await connect(port);
    for (const socket of [first, second]) {
      await socket.send(UPGRADE);
      await socket.readUntil("\r\n\r\n");
    }
    assertEquals(upgraded.length, 2);
    await assertSoon(server.shutdown());
    assertEquals(takeErrors().map(String), [
      "Error: a bug in the protocol",
      "Error: a bug in the protocol",
    ]);
  });
});

Deno.test("HttpServer.shutdown() cuts what is left when its time is over", async () => {
  const mayAnswer = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  await withServer(
    async (request) => {
      if (!request.headers.has("upgrade")) {
        await mayAnswer.promise;
        answered.resolve();
        return new Response("too late");
      }
      onUpgrade(request);
      return switching();
    },
    async ({ port, server }) => {
      using busy = await connect(port);
      await busy.send(GET);
      using upgraded = await connect(port);
      await upgraded.send(UPGRADE);
      await upgraded.readUntil("\r\n\r\n");
      const start = performance.now();
      await server.shutdown();
      assertLess(performance.now() - start, 2_000);
      await assertEnds(busy);
      await assertEnds(upgraded);
      mayAnswer.resolve();
      await answered.promise;
    },
    { shutdownTimeout: 100 },
  );
});

Deno.test("HttpServer.shutdown() waits without an end when its timeout is Infinity", async () => {
  const called = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  await withServer(
    async () => {
      called.resolve();
      await mayAnswer.promise;
      return new Response("finished");
    },
    async ({ port, server }) => {
      using socket = await connect(port);
      await socket.send(GET);
      await called.promise;
      const shutdown = server.shutdown();
      setTimeout(mayAnswer.resolve, 100);
      assertEquals((await readResponse(socket)).body, "finished");
      await shutdown;
    },
    { shutdownTimeout: Infinity },
  );
});

Deno.test("HttpServer.shutdown() gives one promise when it is called twice", async () => {
  await withServer(() => new Response(), async ({ server }) => {
    assert(server.shutdown() === server.shutdown());
    await server.shutdown();
    await server.finished;
  });
});

Deno.test("HttpServer.shutdown() can be called by a handler", async () => {
  let shutdown: Promise<void> | undefined;
  await withServer(() => {
    shutdown = stop();
    return new Response("last");
  }, async ({ port, server }) => {
    stop = () => server.shutdown();
    using socket = await connect(port);
    await socket.send(GET + GET);
    const response = await readResponse(socket);
    assertEquals(response.values("connection"), ["close"]);
    await assertEnds(socket);
    await shutdown;
  });
});
let stop: () => Promise<void>;

Deno.test("serve() shuts down when its signal is aborted", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  await withServer(() => new Response(), async ({ port, server }) => {
    using socket = await connect(port);
    await socket.send(GET);
    await readResponse(socket);
    controller.abort();
    await server.finished;
    await assertEnds(socket);
  }, { signal });
});

Deno.test("serve() shuts down at once when its signal was aborted before", async () => {
  const server = serve(
    { port: 0, signal: AbortSignal.abort() },
    () => new Response(),
  );
  await server.finished;
});

Deno.test("serve() leaves its signal alone when it has shut down", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (...args: unknown[]) => {
    listeners++;
    Reflect.apply(addEventListener, signal, args);
  };
  signal.removeEventListener = (...args: unknown[]) => {
    listeners--;
    Reflect.apply(removeEventListener, signal, args);
  };
  await withServer(() => new Response(), () => Promise.resolve(), { signal });
  assertEquals(listeners, 0);
});

Deno.test("HttpServer shuts down when it is disposed", async () => {
  let finished: Promise<void> | undefined;
  {
    await using server = serve({ port: 0 }, () => new Response());
    finished = server.finished;
  }
  await finished;
});

Deno.test("serve() has nothing left of thousands of connections that came and went", async () => {
  await withServer((request) => {
    if (!request.headers.has("upgrade")) return new Response("a");
    onUpgrade(request).then(async (upgraded) => {
      using conn = upgraded;
      await conn.readable.pipeTo(conn.writable);
    }).catch(() => {});
    return switching();
  }, async ({ port }) => {
    const parts = ["", "G", GET, GET + GET, UPGRADE, UPGRADE + "early", "\x00"];
    for (let i = 0; i < 3_000; i += 100) {
      await Promise.all(Array.from({ length: 100 }, async (_, j) => {
        using socket = await connect(port);
        await socket.send(parts[(i + j) % parts.length]!);
      }));
    }
    using socket = await connect(port);
    await socket.send(GET);
    assertEquals((await readResponse(socket)).body, "a");
  });
});
