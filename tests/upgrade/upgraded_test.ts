import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { onUpgrade, Upgraded, type UpgradedParts } from "../../upgrade/mod.ts";
import { connect, type RawSocket } from "../_raw_socket.ts";
import { withServer } from "./_serve.ts";

const UPGRADE =
  "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n";
const utf8 = new TextEncoder();

/** How a connection came to be handed over. */
interface Way {
  readonly name: string;
  /** What comes in one segment with the request. */
  readonly early: string;
  /** What comes when the handler thinks: it ends a read that is under way. */
  readonly meanwhile?: string;
  /** What the client sends when it has the answer. */
  readonly late: string;
}

const WAYS: readonly Way[] = [
  { name: "nothing came early", early: "", late: "0123456789" },
  { name: "bytes came early", early: "01234", late: "56789" },
  { name: "all came early", early: "0123456789", late: "" },
  {
    name: "bytes came while the handler thought",
    early: "",
    meanwhile: "01234",
    late: "56789",
  },
  {
    name: "a read is under way",
    early: "",
    meanwhile: "",
    late: "0123456789",
  },
];

const QUIET: Way = { name: "", early: "", late: "" };

/** Hands over a connection in one of the ways; both ends are the test's. */
async function withUpgraded(
  test: (upgraded: Upgraded, socket: RawSocket) => Promise<void>,
  way: Way = QUIET,
): Promise<void> {
  const handed = Promise.withResolvers<Upgraded>();
  const thinking = Promise.withResolvers<void>();
  const mayAnswer = Promise.withResolvers<void>();
  await withServer((request) => {
    if (!request.headers.has("upgrade")) return new Response();
    onUpgrade(request).then(handed.resolve, handed.reject);
    const headers = { upgrade: "raw" };
    const response = new Response(null, { status: 101, headers });
    if (way.meanwhile === undefined) return response;
    thinking.resolve();
    return mayAnswer.promise.then(() => response);
  }, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE + way.early);
    if (way.meanwhile !== undefined) {
      await thinking.promise;
      await socket.send(way.meanwhile);
      // The server has begun to read when it has answered to somebody else.
      using other = await connect(port);
      await other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
      await other.readUntil("\r\n\r\n");
      mayAnswer.resolve();
    }
    await socket.readUntil("\r\n\r\n");
    const upgraded = await handed.promise;
    await socket.send(way.late);
    await test(upgraded, socket);
  });
}

/** Reads `count` bytes, `size` at a time. */
async function read(
  conn: { read(target: Uint8Array): Promise<number | null> },
  count: number,
  size: number,
): Promise<string> {
  let text = "";
  while (text.length < count) {
    const target = new Uint8Array(size);
    const length = await conn.read(target);
    if (length === null) break;
    text += new TextDecoder().decode(target.subarray(0, length));
  }
  return text;
}

for (const way of WAYS) {
  for (const size of [1, 3, 100]) {
    Deno.test(`Upgraded.read() brings all bytes in order, ${size} at a time, when ${way.name}`, async () => {
      await withUpgraded(async (upgraded, socket) => {
        using conn = upgraded;
        assertEquals(await read(conn, 10, size), "0123456789");
        await socket.send("more");
        assertEquals(await read(conn, 4, size), "more");
        await socket.closeWrite();
        assertEquals(await conn.read(new Uint8Array(size)), null);
        assertEquals(await conn.read(new Uint8Array(size)), null);
      }, way);
    });
  }

  Deno.test(`Upgraded.readable brings all bytes in order when ${way.name}`, async () => {
    await withUpgraded(async (upgraded, socket) => {
      using conn = upgraded;
      await socket.send("more");
      await socket.closeWrite();
      assertEquals(
        await new Response(conn.readable).text(),
        "0123456789more",
      );
    }, way);
  });

  Deno.test(`Upgraded.downcast() gives parts that bring all bytes when ${way.name}`, async () => {
    await withUpgraded(async (upgraded, socket) => {
      const { io, readBuf } = upgraded.downcast();
      const early = new TextDecoder().decode(readBuf);
      assertEquals(early, way.early || (way.meanwhile ?? ""));
      const rest = await read(io, 10 - early.length, 3);
      assertEquals(early + rest, "0123456789");
      await socket.send("more");
      assertEquals(await read(io, 4, 1), "more");
      await io.write(utf8.encode("back"));
      io.close();
      assertEquals(await socket.readTextToEnd(), "back");
    }, way);
  });

  Deno.test(`Upgraded.downcast() gives a stream that brings all bytes when ${way.name}`, async () => {
    await withUpgraded(async (upgraded, socket) => {
      const { io, readBuf } = upgraded.downcast();
      await socket.send("more");
      await socket.closeWrite();
      const early = new TextDecoder().decode(readBuf);
      const rest = await new Response(io.readable).text();
      assertEquals(early + rest, "0123456789more");
      close(io);
    }, way);
  });

  Deno.test(`Upgraded can be put together again from its parts when ${way.name}`, async () => {
    await withUpgraded(async (upgraded) => {
      using conn = new Upgraded(upgraded.downcast());
      assertEquals(await read(conn, 10, 4), "0123456789");
    }, way);
  });

  Deno.test(`Upgraded.close() ends the connection without a read when ${way.name}`, async () => {
    await withUpgraded(async (upgraded, socket) => {
      upgraded.close();
      await socket.readToEnd().catch((error) =>
        // Bytes that nobody has read make a reset of it.
        assert(error instanceof Deno.errors.ConnectionReset)
      );
      await turn();
    }, way);
  });

  Deno.test(`Upgraded does not end the process when the client resets and nobody reads and ${way.name}`, async () => {
    await withUpgraded(async (upgraded, socket) => {
      using conn = upgraded;
      // What is closed with unread bytes is reset.
      await conn.write(utf8.encode("unread by the client"));
      socket.close();
      // Writing fails at the latest when the reset has arrived.
      await assertRejects(async () => {
        for (;;) await conn.write(new Uint8Array(1 << 16));
      });
      await turn();
    }, way);
  });
}

Deno.test("Upgraded.readable and Upgraded.writable make an echo", async () => {
  await withUpgraded(async (upgraded, socket) => {
    using conn = upgraded;
    const piped = conn.readable.pipeTo(conn.writable);
    await socket.send("early and late");
    await socket.closeWrite();
    assertEquals(await socket.readTextToEnd(), "early and late");
    await piped;
  });
});

Deno.test("Upgraded.readable is one stream", async () => {
  await withUpgraded((upgraded) => {
    using conn = upgraded;
    assert(conn.readable === conn.readable);
    assert(conn.writable === conn.writable);
    return Promise.resolve();
  });
});

Deno.test("Upgraded.writable ends the sending direction only when it is closed", async () => {
  await withUpgraded(async (upgraded, socket) => {
    using conn = upgraded;
    const writer = conn.writable.getWriter();
    await writer.write(utf8.encode("bye"));
    await writer.close();
    assertEquals(await socket.readTextToEnd(), "bye");
    await socket.send("I am still here");
    assertEquals(await read(conn, 15, 8), "I am still here");
  });
});

Deno.test("Upgraded.writable writes large pieces whole", async () => {
  await withUpgraded(async (upgraded, socket) => {
    using conn = upgraded;
    const writer = conn.writable.getWriter();
    const written = writer.write(new Uint8Array(8 << 20).fill(97));
    const bytes = await socket.readExactly(8 << 20);
    assert(bytes.every((byte) => byte === 97));
    await written;
  });
});

Deno.test("Upgraded.closeWrite() leaves the receiving direction open", async () => {
  await withUpgraded(async (upgraded, socket) => {
    using conn = upgraded;
    await conn.closeWrite();
    assertEquals(await socket.readTextToEnd(), "");
    await socket.send("last words");
    await socket.closeWrite();
    assertEquals(await read(conn, Infinity, 4), "last words");
  });
});

Deno.test("Upgraded.write() still sends when the client has ended its direction", async () => {
  for (const way of WAYS) {
    await withUpgraded(async (upgraded, socket) => {
      using conn = upgraded;
      await socket.closeWrite();
      assertEquals(await read(conn, Infinity, 64), "0123456789");
      await conn.write(utf8.encode("answer"));
      conn.close();
      assertEquals(await socket.readTextToEnd(), "answer");
    }, way);
  }
});

Deno.test("Upgraded has the addresses of its connection", async () => {
  await withUpgraded((upgraded, socket) => {
    using conn = upgraded;
    assertEquals(conn.localAddr, socket.conn.remoteAddr);
    assertEquals(conn.remoteAddr, socket.conn.localAddr);
    conn.unref();
    conn.ref();
    return Promise.resolve();
  });
});

const uses: [name: string, use: (conn: Upgraded) => unknown][] = [
  ["something was read", (conn) => conn.read(new Uint8Array(1))],
  ["its stream was taken", (conn) => conn.readable],
];
for (const [name, use] of uses) {
  Deno.test(`Upgraded.downcast() throws and the connection stays usable when ${name}`, async () => {
    await withUpgraded(async (upgraded, socket) => {
      using conn = upgraded;
      await use(conn);
      assertThrows(() => conn.downcast(), TypeError, "read from");
      await conn.write(utf8.encode("still here"));
      conn.close();
      await socket.readToEnd().catch(() => {});
    }, WAYS[1]!);
  });
}

Deno.test("Upgraded is of no use when it was taken apart", async () => {
  await withUpgraded((upgraded) => {
    const { io } = upgraded.downcast();
    const actions: (() => unknown)[] = [
      () => upgraded.downcast(),
      () => upgraded.read(new Uint8Array(1)),
      () => upgraded.write(new Uint8Array(1)),
      () => upgraded.closeWrite(),
      () => upgraded.close(),
      () => upgraded.readable,
      () => upgraded.writable,
    ];
    for (const action of actions) {
      assertThrows(action, TypeError, "taken apart");
    }
    // The connection is not its own any more.
    upgraded[Symbol.dispose]();
    io.close();
    return Promise.resolve();
  });
});

Deno.test("Upgraded.downcast() can be called when something was written", async () => {
  await withUpgraded(async (upgraded, socket) => {
    await upgraded.write(utf8.encode("hello"));
    const { io } = upgraded.downcast();
    io.close();
    assertEquals(
      await socket.readTextToEnd().catch(() => "hello"),
      "hello",
    );
  });
});

Deno.test("Upgraded can be closed twice, but close() throws as that of Deno.Conn does", async () => {
  await withUpgraded((upgraded) => {
    upgraded.close();
    assertThrows(() => upgraded.close(), Deno.errors.BadResource);
    upgraded[Symbol.dispose]();
    return Promise.resolve();
  });
});

Deno.test("Upgraded.report() tells the server's onError", async () => {
  await withServer((request) => {
    onUpgrade(request).then((upgraded) => {
      using conn = upgraded;
      conn.report("a bug in the protocol");
    });
    const headers = { upgrade: "raw" };
    return new Response(null, { status: 101, headers });
  }, async ({ port, takeErrors }) => {
    using socket = await connect(port);
    await socket.send(UPGRADE);
    await socket.readToEnd();
    assertEquals(takeErrors(), ["a bug in the protocol"]);
  });
});

Deno.test("Upgraded stands alone when it is made of parts", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  using socket = await connect((listener.addr as Deno.NetAddr).port);
  const parts: UpgradedParts = {
    io: await listener.accept(),
    readBuf: utf8.encode("before "),
  };
  listener.close();
  using conn = new Upgraded(parts);
  conn.report("nobody to tell");
  await socket.send("after");
  assertEquals(await read(conn, 12, 5), "before after");
});

/** Waits for what this turn of the event loop has left to do. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Closes a connection that the end of its stream may have closed already. */
function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch (error) {
    assert(error instanceof Deno.errors.BadResource);
  }
}
