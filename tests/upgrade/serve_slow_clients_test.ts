import { assertEquals, assertGreater } from "@std/assert";
import { setInterval as every } from "node:timers/promises";
import { connect, type RawSocket, textOf } from "../_raw_socket.ts";
import { readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const SLOW_CLIENTS = 2_000;
// Connecting all at once would overflow the system's queue.
const BATCH = 100;
// Both ends of each connection, and what the process has open besides.
const DESCRIPTORS = 2 * SLOW_CLIENTS + 100;
const TOO_MANY_FILES = "os error 24";
// In milliseconds.
const BYTE_INTERVAL = 1_000;
const ASK_INTERVAL = 20;
const HEAD_TIMEOUT = 2_000;
const GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

/** Says when the slow clients send their next byte. */
class Beat implements Disposable {
  readonly #timer = setInterval(() => this.#beat(), BYTE_INTERVAL);
  readonly #onBeat: () => void;
  #next = Promise.withResolvers<void>();

  /** Calls `onBeat` each time. */
  constructor(onBeat: () => void) {
    this.#onBeat = onBeat;
  }

  /** Resolves when the time for the next byte has come. */
  get next(): Promise<void> {
    return this.#next.promise;
  }

  /** Stops. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    this.#onBeat();
    this.#next.resolve();
    this.#next = Promise.withResolvers();
  }
}

async function connectAll(port: number): Promise<Deno.TcpConn[]> {
  const conns: Deno.TcpConn[] = [];
  try {
    while (conns.length < SLOW_CLIENTS) {
      const batch = Array.from(
        { length: BATCH },
        () => Deno.connect({ hostname: "127.0.0.1", port }),
      );
      conns.push(...await Promise.all(batch));
    }
    return conns;
  } catch (cause) {
    if (!`${cause}`.includes(TOO_MANY_FILES)) throw cause;
    throw new Error(
      `This test needs ${DESCRIPTORS} file descriptors: see ulimit -n`,
      { cause },
    );
  }
}

/**
 * Sends a head, a byte at each beat, and does not mind an answer: until the
 * connection is cut. Resolves to the answer.
 */
async function drip(conn: Deno.Conn, beat: Beat): Promise<string> {
  using _closing = conn;
  const answer = readToEnd(conn);
  // It fails as well when the server has not cut the connection.
  answer.catch(() => {});
  try {
    for (const byte of new TextEncoder().encode(GET)) {
      await conn.write(Uint8Array.of(byte));
      await beat.next;
    }
  } catch (error) {
    if (isCut(error)) return await answer;
    throw error;
  }
  throw new Error("The server has waited for the whole of a slow head");
}

async function readToEnd(conn: Deno.Conn): Promise<string> {
  const target = new Uint8Array(1_024);
  let text = "";
  for (;;) {
    const read = await conn.read(target);
    if (read === null) return text;
    text += textOf(target.subarray(0, read));
  }
}

function isCut(error: unknown): boolean {
  return error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionReset;
}

async function ask(socket: RawSocket): Promise<void> {
  await socket.send(GET);
  assertEquals((await readResponse(socket)).body, "a");
}

Deno.test("serve() cuts 2,000 clients that send a byte a second, and answers others all the while", async () => {
  let called = 0;
  await withServer(() => {
    called++;
    return new Response("a");
  }, async ({ port }) => {
    let answered = 0;
    const answeredAtBeats: number[] = [];
    using beat = new Beat(() => answeredAtBeats.push(answered));

    let over = false;
    const attack = async () => {
      try {
        const conns = await connectAll(port);
        return await Promise.all(conns.map((conn) => drip(conn, beat)));
      } finally {
        over = true;
      }
    };
    const askAgainAndAgain = async () => {
      using kept = await connect(port);
      for await (const _ of every(ASK_INTERVAL)) {
        if (over) return;
        await ask(kept);
        using another = await connect(port);
        await ask(another);
        answered += 2;
      }
    };
    const [answers] = await Promise.all([attack(), askAgainAndAgain()]);

    assertEquals(
      answers.map((text) => text.slice(0, 13)),
      new Array(SLOW_CLIENTS).fill("HTTP/1.1 408 "),
    );
    assertEquals(called, answered);
    for (const [i, count] of answeredAtBeats.entries()) {
      assertGreater(count, answeredAtBeats[i - 1] ?? 0);
    }
  }, { headTimeout: HEAD_TIMEOUT });
});
