import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { onUpgrade, Upgraded, type UpgradedParts } from "../../upgrade/mod.ts";
import { connect, RawSocket, sendAndReset } from "../_raw_socket.ts";
import { withServer } from "./_serve.ts";

const UPGRADE =
  "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n";
const utf8 = new TextEncoder();
// How long a connection or a process may take for a test, in milliseconds.
const TIME_LIMIT = 5_000;

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
      await answerToAnother(port);
      mayAnswer.resolve();
    }
    await socket.readUntil("\r\n\r\n");
    const upgraded = await handed.promise;
    await socket.send(way.late);
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      late.reject(new Error(`${TIME_LIMIT} ms are over`));
      socket.close();
    }, TIME_LIMIT);
    try {
      await Promise.race([test(upgraded, socket), late.promise]);
    } finally {
      clearTimeout(timer);
    }
  });
}

/** Asks the server on another connection, and has the answer. */
async function answerToAnother(port: number): Promise<void> {
  using other = await connect(port);
  await other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  await other.readUntil("\r\n\r\n");
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

  Deno.test(`Upgraded.read() and Upgraded.readable go on where the other has stopped when ${way.name}`, async () => {
    await withUpgraded(async (upgraded, socket) => {
      using conn = upgraded;
      await socket.send("the rest");
      await socket.closeWrite();
      assertEquals(await read(conn, 3, 1), "012");
      const first = conn.readable.getReader({ mode: "byob" });
      const { value } = await first.read(new Uint8Array(2));
      const start = new TextDecoder().decode(value);
      assert(start.length > 0);
      first.releaseLock();
      const middle = await read(conn, 1, 1);
      const second = conn.readable.getReader();
      const piece = new TextDecoder().decode((await second.read()).value);
      second.releaseLock();
      const rest = await read(conn, 15 - start.length - piece.length - 1, 2);
      const last = await Array.fromAsync(
        conn.readable,
        (bytes) => new TextDecoder().decode(bytes),
      );
      assertEquals(
        `012${start}${middle}${piece}${rest}${last.join("")}`,
        "0123456789the rest",
      );
      assertEquals(await conn.read(new Uint8Array(1)), null);
    }, way);
  });

  Deno.test(`Upgraded.read() reads what a stream was reading for nobody when ${way.name}`, async () => {
    const leave: [
      name: string,
      leave: (reader: ReadableStreamDefaultReader) => Promise<void> | void,
    ][] = [
      ["cancelled", (reader) => reader.cancel()],
      ["released", (reader) => reader.releaseLock()],
    ];
    for (const [, letGo] of leave) {
      await withUpgraded(async (upgraded, socket) => {
        using conn = upgraded;
        const reader = conn.readable.getReader();
        // It pulls at once when it has started.
        await turn();
        const pending = reader.read().catch(() => {});
        await letGo(reader);
        await pending;
        const text = read(conn, 14, 5);
        await socket.send("more");
        assertEquals(await text, "0123456789more");
      }, way);
    }
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

Deno.test("Upgraded.read() throws and takes nothing when the stream is locked", async () => {
  await withUpgraded(async (upgraded, socket) => {
    using conn = upgraded;
    const reader = conn.readable.getReader();
    const target = new Uint8Array(1);
    assertThrows(() => conn.read(target), TypeError, "stream is locked");
    const pending = reader.read();
    assertThrows(() => conn.read(target), TypeError, "stream is locked");
    await socket.send("a");
    assertEquals((await pending).value, utf8.encode("a"));
  });
});

Deno.test("Upgraded.read() throws when bytes that come first are left in the stream", async () => {
  await withUpgraded(async (upgraded, socket) => {
    using conn = upgraded;
    const first = conn.readable.getReader();
    const pending = first.read();
    await turn();
    first.releaseLock();
    await assertRejects(() => pending, TypeError);
    // It is locked when they come, so the stream takes them.
    const second = conn.readable.getReader();
    await socket.send("0123");
    // They have come when the server has answered to somebody else.
    await answerToAnother((conn.localAddr as Deno.NetAddr).port);
    second.releaseLock();
    assertThrows(() => conn.read(new Uint8Array(1)), TypeError, "bytes left");
    const third = conn.readable.getReader();
    assertEquals((await third.read()).value, utf8.encode("0123"));
    third.releaseLock();
    await socket.send("4567");
    assertEquals(await read(conn, 4, 4), "4567");
  });
});

Deno.test("Upgraded.readable waits for a read() that is under way", async () => {
  for (const way of [QUIET, WAYS[4]!]) {
    await withUpgraded(async (upgraded, socket) => {
      using conn = upgraded;
      const target = new Uint8Array(3);
      const first = conn.read(target);
      const reader = conn.readable.getReader();
      const second = reader.read();
      await socket.send("abcdef");
      assertEquals(await first, 3);
      assertEquals(target, utf8.encode("abc"));
      assertEquals((await second).value, utf8.encode("def"));
    }, { ...way, late: "" });
  }
});

Deno.test("Upgraded.readable goes on for a second reader when the first was released with a read under way", async () => {
  for (const mode of [undefined, "byob"] as const) {
    await withUpgraded(async (upgraded, socket) => {
      using conn = upgraded;
      const { readable } = conn;
      const first = mode === undefined
        ? readable.getReader()
        : readable.getReader({ mode });
      const pending = first.read(new Uint8Array(2));
      await turn();
      first.releaseLock();
      await assertRejects(() => pending, TypeError);
      const second = readable.getReader();
      const piece = second.read();
      await socket.send("abcd");
      const { value } = await piece;
      let text = new TextDecoder().decode(value);
      while (text.length < 4) {
        text += new TextDecoder().decode((await second.read()).value);
      }
      assertEquals(text, "abcd");
    });
  }
});

Deno.test("Upgraded.readable ends for both kinds of readers when the client has ended", async () => {
  await withUpgraded(async (upgraded, socket) => {
    using conn = upgraded;
    await socket.closeWrite();
    const reader = conn.readable.getReader({ mode: "byob" });
    const { done, value } = await reader.read(new Uint8Array(2));
    assertEquals([done, value?.length], [true, 0]);
    reader.releaseLock();
    assert((await conn.readable.getReader().read()).done);
  });
});

Deno.test("Upgraded.readable errors when the connection does", async () => {
  const reading = Promise.withResolvers<{ read: Promise<unknown> }>();
  const done = Promise.withResolvers<void>();
  await withServer((request) => {
    onUpgrade(request).then(async (upgraded) => {
      using conn = upgraded;
      const read = conn.readable.getReader().read();
      read.catch(() => {});
      reading.resolve({ read });
      await done.promise;
    });
    return new Response(null, { status: 101, headers: { upgrade: "raw" } });
  }, async ({ port }) => {
    const moment = reading.promise;
    await sendAndReset(port, { data: UPGRADE, moment });
    const { read } = await moment;
    await assertRejects(() => read, Deno.errors.ConnectionReset);
    done.resolve();
  });
});

Deno.test("Upgraded has all that a Deno.Conn has", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  using io = await Deno.connect({ port: listener.addr.port });
  (await listener.accept()).close();
  const shape = Object.getPrototypeOf(Object.getPrototypeOf(io));
  const keys = Reflect.ownKeys(shape).filter((key) =>
    typeof key === "string" || key === Symbol.dispose
  );
  assert(keys.includes("closeWrite") && keys.includes("unref"));
  for (const key of keys) {
    assert(Reflect.has(Upgraded.prototype, key), String(key));
  }
});

Deno.test("Upgraded is closed at the end of its block when it is declared with using", async () => {
  await withUpgraded(async (upgraded, socket) => {
    {
      using conn = upgraded;
      await conn.write(utf8.encode("bye"));
    }
    assertEquals(await socket.readTextToEnd(), "bye");
    assertThrows(() => upgraded.close(), Deno.errors.BadResource);
  });
});

/** A process that holds an upgraded connection, with the peer's side of it. */
interface Holder {
  readonly socket: RawSocket;
  /** The next line that it prints, or nothing at its end. */
  nextLine(): Promise<string | undefined>;
  readonly status: Promise<Deno.CommandStatus>;
}

async function withHolder(
  args: readonly [side: "client" | "server", ...calls: ("ref" | "unref")[]],
  test: (holder: Holder) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const program = new URL("_holder.ts", import.meta.url);
  const child = new Deno.Command("deno", {
    args: [
      "run",
      "--allow-net",
      program.href,
      `${listener.addr.port}`,
      ...args,
    ],
    stdout: "piped",
    signal: AbortSignal.timeout(TIME_LIMIT),
  }).spawn();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const nextLine = async () => {
    while (!text.includes("\n")) {
      const { done, value } = await output.read();
      if (done) return undefined;
      text += value;
    }
    const [line, ...rest] = text.split("\n");
    text = rest.join("\n");
    return line;
  };
  try {
    const ended = child.status.then(() => {
      throw new Error("The process has ended before it connected");
    });
    ended.catch(() => {});
    using socket = new RawSocket(
      await Promise.race([listener.accept(), ended]),
    );
    if (args[0] === "server") await socket.send(UPGRADE);
    await socket.readUntil("\r\n\r\n");
    if (args[0] === "client") {
      await socket.send(
        "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: raw\r\n\r\n",
      );
    }
    await test({ socket, nextLine, status: child.status });
  } finally {
    try {
      child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await child.status;
    await output.cancel();
  }
}

for (const side of ["client", "server"] as const) {
  Deno.test(`Upgraded.unref() lets a ${side} end while a read is under way`, async () => {
    await withHolder([side, "unref"], async ({ nextLine, status }) => {
      assertEquals(await nextLine(), "reading");
      assertEquals(await nextLine(), undefined);
      assertEquals((await status).code, 0);
    });
  });

  Deno.test(`Upgraded.ref() keeps a ${side} alive again while a read is under way`, async () => {
    const args = [side, "unref", "ref"] as const;
    await withHolder(args, async ({ nextLine, status, socket }) => {
      assertEquals(await nextLine(), "reading");
      await socket.send("still there?");
      assertEquals(await nextLine(), "read still there?");
      assertEquals((await status).code, 0);
    });
  });
}

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

Deno.test("Upgraded tells its owner once that it was closed", async () => {
  using listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  using client = await Deno.connect({ port: listener.addr.port });
  const io = await listener.accept();
  let released = 0;
  const owner = { onReleased: () => released++, onFailed: () => {} };
  const upgraded = new Upgraded({ io, readBuf: new Uint8Array(0) }, { owner });
  upgraded.close();
  assertThrows(() => upgraded.close(), Deno.errors.BadResource);
  upgraded[Symbol.dispose]();
  assertEquals(released, 1);
  assertEquals(await client.read(new Uint8Array(1)), null);
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
