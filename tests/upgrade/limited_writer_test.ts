import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import { Deadline } from "../../upgrade/_deadline.ts";
import { LimitedWriter } from "../../upgrade/_limited_writer.ts";
import { connect, type RawSocket } from "../_raw_socket.ts";

const utf8 = new TextEncoder();

/** A write that a {@linkcode SlowConn} was asked for. */
interface AskedWrite {
  readonly text: string;
  /** Takes so many of the bytes. */
  take(count?: number): Promise<void>;
  /** Fails instead. */
  fail(error: Error): Promise<void>;
}

/** A connection whose writes take what the test says, when it says so. */
class SlowConn {
  readonly #waiting: ((asked: AskedWrite) => void)[] = [];
  readonly #asked: AskedWrite[] = [];
  /** All that was taken. */
  taken = "";

  /** As `Deno.Conn.write`. */
  write(bytes: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const text = new TextDecoder().decode(bytes);
    const asked: AskedWrite = {
      text,
      take: (count = bytes.length) => {
        this.taken += text.slice(0, count);
        resolve(count);
        return nextTurn();
      },
      fail: (error) => {
        reject(error);
        return nextTurn();
      },
    };
    const first = this.#waiting.shift();
    if (first === undefined) this.#asked.push(asked);
    else first(asked);
    return promise;
  }

  /** The next write. */
  next(): Promise<AskedWrite> {
    const asked = this.#asked.shift();
    if (asked !== undefined) return Promise.resolve(asked);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Fails if a write was asked for that the test did not see. */
  assertNoWrite(): void {
    assertEquals(this.#asked.map(({ text }) => text), []);
  }
}

/** A writer to a connection in the hands of the test. */
function slowWriter(
  { timeout = Infinity, expire = () => assert(false, "It has expired") }: {
    timeout?: number;
    expire?: () => void;
  } = {},
): { conn: SlowConn; writer: LimitedWriter } {
  const conn = new SlowConn();
  const io = conn as unknown as Deno.Conn;
  return { conn, writer: new LimitedWriter(io, timeout, expire) };
}

/** Resolves in the next turn of the event loop. */
function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Resolves when so many milliseconds are over, by the clock of the writer. */
function expiryAfter(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const deadline = new Deadline(() => {
      deadline[Symbol.dispose]();
      resolve();
    });
    deadline.set(ms);
  });
}

/** Tells whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const note = () => settled = true;
  promise.then(note, note);
  await nextTurn();
  return settled;
}

/** Gives both ends of a TCP connection to the test. */
async function withPair(
  test: (conn: Deno.Conn, socket: RawSocket) => Promise<void>,
): Promise<void> {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  using socket = await connect((listener.addr as Deno.NetAddr).port);
  using conn = await listener.accept();
  listener.close();
  await test(conn, socket);
}

Deno.test("LimitedWriter.write() resolves when all was taken, in as many writes as it takes", async () => {
  const { conn, writer } = slowWriter();
  using _writer = writer;
  const written = writer.write(utf8.encode("0123456789"));
  for (const [rest, count] of [["0123456789", 3], ["3456789", 1]] as const) {
    const asked = await conn.next();
    assertEquals(asked.text, rest);
    await asked.take(count);
    assertEquals(await isSettled(written), false);
  }
  const last = await conn.next();
  assertEquals(last.text, "456789");
  await last.take();
  await written;
  assertEquals([conn.taken, writer.lost], ["0123456789", false]);
  conn.assertNoWrite();
});

Deno.test("LimitedWriter.write() writes one after the other when several are asked for at once", async () => {
  const { conn, writer } = slowWriter();
  using _writer = writer;
  const settled: string[] = [];
  const all = ["first", "second", "third"].map((text) =>
    writer.write(utf8.encode(text)).then(() => settled.push(text))
  );
  for (const [i, text] of ["first", "second", "third"].entries()) {
    const asked = await conn.next();
    assertEquals(asked.text, text);
    await asked.take(2);
    // No other comes between the two parts of one.
    const rest = await conn.next();
    assertEquals(rest.text, text.slice(2));
    conn.assertNoWrite();
    await rest.take();
    await all[i];
    assertEquals(settled.length, i + 1);
  }
  assertEquals(conn.taken, "firstsecondthird");
  assertEquals(settled, ["first", "second", "third"]);
});

Deno.test("LimitedWriter.write() waits for those before when it is called between them", async () => {
  const { conn, writer } = slowWriter();
  using _writer = writer;
  const first = writer.write(utf8.encode("a"));
  const second = writer.write(utf8.encode("b"));
  await (await conn.next()).take();
  await first;
  // The second is under way, and the queue is not empty.
  const third = writer.write(utf8.encode("c"));
  const asked = await conn.next();
  assertEquals(asked.text, "b");
  conn.assertNoWrite();
  await asked.take();
  await second;
  await (await conn.next()).take();
  await third;
  // It is empty now, and writes at once.
  const fourth = writer.write(utf8.encode("d"));
  await (await conn.next()).take();
  await fourth;
  assertEquals(conn.taken, "abcd");
});

Deno.test("LimitedWriter.write() resolves when there is nothing to write", async () => {
  const { conn, writer } = slowWriter();
  using _writer = writer;
  const written = writer.write(new Uint8Array(0));
  const second = writer.write(utf8.encode("a"));
  await (await conn.next()).take();
  await written;
  await (await conn.next()).take();
  await second;
  assertEquals(conn.taken, "a");
});

Deno.test("LimitedWriter.write() keeps pieces whole and in order when a socket takes parts", async () => {
  await withPair(async (conn, socket) => {
    using writer = new LimitedWriter(conn, 5_000, () => assert(false));
    const lengths = [1, 5 << 20, 3, 0, 2 << 20, 100];
    const all = lengths.map((length, i) =>
      writer.write(new Uint8Array(length).fill(97 + i))
    );
    for (const [i, length] of lengths.entries()) {
      const piece = await socket.readExactly(length);
      assert(piece.every((byte) => byte === 97 + i), `piece ${i}`);
    }
    await Promise.all(all);
    assertEquals(writer.lost, false);
    conn.closeWrite();
    assertEquals(await socket.readTextToEnd(), "");
  });
});

Deno.test("LimitedWriter is lost, and writes no more, when a write fails", async () => {
  const { conn, writer } = slowWriter();
  using _writer = writer;
  const failure = new Deno.errors.BrokenPipe("gone");
  const all = ["first", "second", "third"].map((text) =>
    writer.write(utf8.encode(text))
  );
  const outcomes = Promise.allSettled(all);
  await (await conn.next()).take();
  assertEquals(writer.lost, false);
  const second = await conn.next();
  await second.take(1);
  await (await conn.next()).fail(failure);
  const [first, ...others] = await outcomes;
  assertEquals(first?.status, "fulfilled");
  for (const other of others) {
    assert(other.status === "rejected");
    assertStrictEquals(other.reason, failure);
  }
  assertEquals(writer.lost, true);
  for (let i = 0; i < 2; i++) {
    const error = await assertRejects(() => writer.write(utf8.encode("later")));
    assertStrictEquals(error, failure);
  }
  conn.assertNoWrite();
  assertEquals(conn.taken, "firsts");
});

Deno.test("LimitedWriter is lost when its socket was closed", async () => {
  await withPair(async (conn) => {
    using writer = new LimitedWriter(conn, 5_000, () => assert(false));
    await writer.write(utf8.encode("a"));
    conn.close();
    await assertRejects(() => writer.write(utf8.encode("b")));
    assertEquals(writer.lost, true);
    await assertRejects(() => writer.write(utf8.encode("c")));
  });
});

Deno.test("LimitedWriter expires when a write takes too long, and not early", async () => {
  const start = performance.now();
  const expired = Promise.withResolvers<void>();
  let count = 0;
  const { conn, writer } = slowWriter({
    timeout: 50,
    expire: () => {
      count++;
      expired.resolve();
    },
  });
  using _writer = writer;
  const written = writer.write(utf8.encode("a"));
  const asked = await conn.next();
  await expired.promise;
  assertGreaterOrEqual(performance.now() - start, 50);
  assertEquals(await isSettled(written), false);
  await asked.take();
  await written;
  await expiryAfter(100);
  assertEquals(count, 1);
});

Deno.test("LimitedWriter expires when a socket takes nothing", async () => {
  await withPair(async (conn) => {
    const expired = Promise.withResolvers<void>();
    using writer = new LimitedWriter(conn, 50, expired.resolve);
    const written = writer.write(new Uint8Array(32 << 20));
    await expired.promise;
    conn.close();
    await assertRejects(() => written);
    assertEquals(writer.lost, true);
  });
});

Deno.test("LimitedWriter does not expire while some is taken in time", async () => {
  // Far above what a busy machine may hold up one step.
  const timeout = 1_000;
  const { conn, writer } = slowWriter({ timeout });
  using _writer = writer;
  const start = performance.now();
  const written = writer.write(utf8.encode("0123456789"));
  for (let i = 0; i < 10; i++) {
    const asked = await conn.next();
    await expiryAfter(timeout / 8);
    await asked.take(1);
  }
  await written;
  assertGreaterOrEqual(performance.now() - start, timeout);
});

Deno.test("LimitedWriter gives each write its own time when several wait", async () => {
  const timeout = 1_000;
  const { conn, writer } = slowWriter({ timeout });
  using _writer = writer;
  const all = Array.from({ length: 6 }, () => writer.write(utf8.encode("a")));
  for (const written of all) {
    const asked = await conn.next();
    await expiryAfter(timeout / 5);
    await asked.take();
    await written;
  }
});

Deno.test("LimitedWriter does not expire when all was written", async () => {
  const { conn, writer } = slowWriter({ timeout: 300 });
  using _writer = writer;
  for (let i = 0; i < 3; i++) {
    const written = writer.write(utf8.encode("a"));
    await (await conn.next()).take();
    await written;
    await expiryAfter(400);
  }
});

Deno.test("LimitedWriter does not expire when it was disposed in the middle of a write", async () => {
  const { conn, writer } = slowWriter({ timeout: 300 });
  const written = writer.write(utf8.encode("a"));
  const asked = await conn.next();
  await nextTurn();
  writer[Symbol.dispose]();
  await expiryAfter(400);
  await asked.take();
  await written;
});

Deno.test("LimitedWriter does not expire, and leaves no timer, when a write has failed", async () => {
  let count = 0;
  const { conn, writer } = slowWriter({ timeout: 300, expire: () => count++ });
  using _writer = writer;
  const written = writer.write(utf8.encode("a"));
  const asked = await conn.next();
  await nextTurn();
  const failed = assertRejects(() => written);
  await asked.fail(new Deno.errors.BrokenPipe("gone"));
  await failed;
  await expiryAfter(400);
  assertEquals(count, 0);
});

Deno.test("LimitedWriter does not wait again when it was disposed and a part is taken after that", async () => {
  let count = 0;
  const { conn, writer } = slowWriter({ timeout: 300, expire: () => count++ });
  const written = writer.write(utf8.encode("ab"));
  const asked = await conn.next();
  await nextTurn();
  writer[Symbol.dispose]();
  await asked.take(1);
  const rest = await conn.next();
  await expiryAfter(400);
  const failed = assertRejects(() => written);
  // The connection is closed when its writer is disposed.
  await rest.fail(new Deno.errors.BadResource("closed"));
  await failed;
  assertEquals(count, 0);
});
