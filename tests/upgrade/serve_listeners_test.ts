import {
  assertEquals,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { type ListenOptions, onUpgrade, serve } from "../../upgrade/mod.ts";
import { connect, RawSocket } from "../_raw_socket.ts";
import { assertEnds, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";
import { connectTls, OTHER_KEY, PAIR } from "./_tls.ts";

const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
// TLS 1.2 and a length, but nothing of the hello itself.
const HALF_HELLO = Uint8Array.of(22, 3, 1, 2, 0, 1);
const CLOSED = [
  Deno.errors.ConnectionReset,
  Deno.errors.BrokenPipe,
] as const;

/** Waits until a peer that may not be told why has closed a connection. */
async function assertCloses(socket: RawSocket): Promise<void> {
  try {
    await assertEnds(socket);
  } catch (error) {
    if (!CLOSED.some((type) => error instanceof type)) throw error;
  }
}

async function withPath(
  test: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(`${folder}/a.sock`);
    assertEquals([...Deno.readDirSync(folder)], [], "The file is left");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("serve() answers https when it has a certificate and a key", async () => {
  await withServer(
    async (request) =>
      new Response(`${request.url} ${(await request.bytes()).length}`),
    async ({ port }) => {
      using client = Deno.createHttpClient({ caCerts: [PAIR.cert] });
      const url = `https://localhost:${port}/a`;
      const body = new Uint8Array(3_000_000);
      const response = await fetch(url, { client, method: "POST", body });
      assertEquals(await response.text(), `${url} 3000000`);
    },
    PAIR,
  );
});

Deno.test("serve() sends large bodies over TLS whole, and ends one without a length with close_notify", async () => {
  const size = 5_000_000;
  const body = Uint8Array.from({ length: size }, (_, i) => i % 251);
  await withServer(
    () => new Response(new Blob([body]).stream()),
    async ({ port }) => {
      using socket = new RawSocket(await connectTls(port));
      await socket.send("GET / HTTP/1.0\r\n\r\n");
      await socket.readUntil("\r\n\r\n");
      // Without close_notify this would be an UnexpectedEof.
      assertEquals(await socket.readToEnd(), body);
    },
    PAIR,
  );
});

Deno.test("serve() hands a TLS connection over with its early bytes", async () => {
  await withServer((request) => {
    onUpgrade(request).then(async (upgraded) => {
      using conn = upgraded;
      await conn.readable.pipeTo(conn.writable);
    });
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  }, async ({ port }) => {
    using socket = new RawSocket(await connectTls(port));
    await socket.send(
      GET.slice(0, -2) + "Connection: upgrade\r\nUpgrade: raw\r\n\r\nearly ",
    );
    await socket.readUntil("\r\n\r\n");
    await socket.send("late");
    await socket.closeWrite();
    assertEquals(await socket.readTextToEnd(), "early late");
  }, PAIR);
});

Deno.test("serve() agrees on http/1.1 in TLS, and on no other protocol", async () => {
  await withServer(() => new Response("a"), async ({ port }) => {
    using conn = await connectTls(port, ["h2", "http/1.1"]);
    assertEquals((await conn.handshake()).alpnProtocol, "http/1.1");
    await assertRejects(
      () => connectTls(port, ["h2"]),
      Deno.errors.InvalidData,
      "HandshakeFailure",
    );
  }, PAIR);
});

Deno.test("serve() closes a TLS connection that speaks plain HTTP, with an alert and no report", async () => {
  await withServer(() => new Response("a"), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(GET);
    // RFC 8446 §6: an alert, fatal, handshake_failure.
    assertEquals(
      await socket.readToEnd(),
      Uint8Array.of(21, 3, 3, 0, 2, 2, 40),
    );
  }, PAIR);
});

Deno.test("serve() closes a TLS handshake that stalls at the head's time limit, and serves others", async () => {
  await withServer(() => new Response("a"), async ({ port }) => {
    using silent = await connect(port);
    using slow = await connect(port);
    await slow.send(HALF_HELLO);
    using quick = new RawSocket(await connectTls(port));
    await quick.send(GET);
    assertEquals((await readResponse(quick)).body, "a");
    await Promise.all([assertCloses(silent), assertCloses(slow)]);
  }, { ...PAIR, headTimeout: 300 });
});

Deno.test("serve() closes a TLS connection whose client reads nothing", async () => {
  const closed = Promise.withResolvers<void>();
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(0x10000)),
    cancel: () => closed.resolve(),
  });
  await withServer(() => new Response(body), async ({ port }) => {
    using socket = new RawSocket(await connectTls(port));
    await socket.send(GET);
    await closed.promise;
  }, { ...PAIR, writeTimeout: 300 });
});

Deno.test("serve() reports nothing when TLS clients leave or send nonsense", async () => {
  await withServer(() => new Response("a"), async ({ port }) => {
    (await connect(port)).close();
    using left = await connect(port);
    await left.send(HALF_HELLO);
    left.close();
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    const conn = await Deno.startTls(tcp, {
      hostname: "localhost",
      caCerts: [PAIR.cert],
    });
    await conn.handshake();
    conn.close();
    using last = new RawSocket(await connectTls(port));
    await last.send(GET);
    assertEquals((await readResponse(last)).body, "a");
  }, PAIR);
});

Deno.test("HttpServer.shutdown() does not wait for TLS handshakes", async () => {
  await withServer(() => new Response("a"), async ({ port, server }) => {
    using silent = await connect(port);
    using slow = await connect(port);
    await slow.send(HALF_HELLO);
    using idle = new RawSocket(await connectTls(port));
    await idle.send(GET);
    await readResponse(idle);
    const start = performance.now();
    await server.shutdown();
    assertLess(performance.now() - start, 500);
    await assertEnds(idle);
    await Promise.all([assertCloses(silent), assertCloses(slow)]);
  }, PAIR);
});

Deno.test("serve() throws InvalidData when the certificate or the key is wrong", () => {
  const cases: [string, string][] = [
    ["", PAIR.key],
    ["nonsense", PAIR.key],
    [PAIR.cert, "nonsense"],
    [PAIR.cert, PAIR.key.replace(/[a-z]/, "!")],
    [PAIR.cert, OTHER_KEY],
  ];
  for (const [cert, key] of cases) {
    assertThrows(
      () => serve({ port: 0, cert, key }, () => new Response()),
      Deno.errors.InvalidData,
    );
  }
});

Deno.test("serve() listens on a unix socket, and removes its file", async () => {
  await withPath(async (path) => {
    await using server = serve(
      { path },
      (request, { remoteAddr }) =>
        new Response(`${request.url} ${remoteAddr.transport}`),
    );
    assertEquals(server.addr, { transport: "unix", path });
    using client = Deno.createHttpClient({
      proxy: { transport: "unix", path },
    });
    const response = await fetch("http://example.com/a", { client });
    assertEquals(await response.text(), "http://example.com/a unix");
  });
});

Deno.test("serve() listens at several addresses until it shuts down", async () => {
  await withPath(async (path) => {
    await using server = serve({
      listeners: [{ port: 0 }, { port: 0, ...PAIR }, { path }],
    }, () => new Response("hello"));
    const { addr, addrs } = server;
    const ports = addrs.slice(0, 2).map((addr) => (addr as Deno.NetAddr).port);
    assertEquals(addr, addrs[0]);
    assertEquals(addrs[2], { transport: "unix", path });
    using tls = Deno.createHttpClient({ caCerts: [PAIR.cert] });
    using unix = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    const responses = await Promise.all([
      fetch(`http://127.0.0.1:${ports[0]}/`),
      fetch(`https://localhost:${ports[1]}/`, { client: tls }),
      fetch("http://localhost/", { client: unix }),
    ]);
    const texts = await Promise.all(responses.map((each) => each.text()));
    assertEquals(texts, ["hello", "hello", "hello"]);
    await server.shutdown();
    for (const port of ports) {
      await assertRejects(
        () => connect(port!),
        Deno.errors.ConnectionRefused,
      );
    }
  });
});

Deno.test("serve() listens nowhere when it cannot listen at one of several", async () => {
  await withPath(async (path) => {
    await using taken = serve({ port: 0 }, () => new Response());
    const { port } = taken.addr as Deno.NetAddr;
    assertThrows(
      () => serve({ listeners: [{ path }, { port }] }, () => new Response()),
      Deno.errors.AddrInUse,
    );
  });
});

Deno.test("serve() throws a TypeError when options exclude each other", () => {
  const { cert, key } = PAIR;
  const cases: (ListenOptions & { listeners?: ListenOptions[] })[] = [
    { port: 0, cert },
    { port: 0, key },
    { path: "/a", port: 0 },
    { path: "/a", hostname: "localhost" },
    { path: "/a", cert, key },
    { listeners: [] },
    { port: 0, listeners: [{ port: 0 }] },
    { path: "/a", listeners: [{ port: 0 }] },
  ];
  for (const options of cases) {
    assertThrows(() => serve(options, () => new Response()), TypeError);
  }
});

Deno.test("serve() closes a connection over maxConnections at once, and takes one when one has left", async () => {
  await withServer(() => new Response("a"), async ({ port }) => {
    using first = await connect(port);
    using second = await connect(port);
    for (const socket of [first, second]) {
      await socket.send(GET);
      await readResponse(socket);
    }
    using third = await connect(port);
    await assertCloses(third);
    await first.closeWrite();
    await assertEnds(first);
    using fourth = await connect(port);
    await fourth.send(GET);
    assertEquals((await readResponse(fourth)).body, "a");
  }, { maxConnections: 2 });
});

Deno.test("serve() counts the connections of all listeners together", async () => {
  await using server = serve({
    listeners: [{ port: 0 }, { port: 0, ...PAIR }],
    maxConnections: 1,
  }, () => new Response("a"));
  const [plain, tls] = server.addrs.map((addr) => (addr as Deno.NetAddr).port);
  using first = await connect(plain!);
  await first.send(GET);
  await readResponse(first);
  using second = await connect(tls!);
  await assertCloses(second);
});

Deno.test("serve() closes a connection over maxConnectionsPerAddress at once, and no other", async () => {
  await withPath(async (path) => {
    await using server = serve({
      listeners: [{ port: 0 }, { path }],
      maxConnectionsPerAddress: 1,
    }, () => new Response("a"));
    const { port } = server.addr as Deno.NetAddr;
    using first = await connect(port);
    await first.send(GET);
    await readResponse(first);
    using second = await connect(port);
    await assertCloses(second);
    using client = Deno.createHttpClient({
      proxy: { transport: "unix", path },
    });
    const response = await fetch("http://localhost/", { client });
    assertEquals(await response.text(), "a");
  });
});
