// A test for a process of its own, whose file descriptors it counts: run by
// aborted_upgrades_test.ts. The first argument is the seed.
import { assertEquals, assertGreater, assertLess } from "@std/assert";
import { isConnectionLoss } from "../../upgrade/_connection_loss.ts";
import {
  HttpError,
  HttpResponseError,
  type HttpServer,
  onUpgrade,
  sendRequest,
  serve,
  type Upgraded,
  UpgradeError,
} from "../../upgrade/mod.ts";

const UPGRADES = 10_000;
const ROUNDS = 20;
const AT_ONCE = 64;
// In milliseconds. What is left over would be cut only by the first of them.
const SHUTDOWN_TIMEOUT = 5_000;
const CUT_TIMEOUT = 5;
const UPGRADE_TIMEOUT = 20;
const MOST_TURNS = 12;

const SEED = Number(Deno.args[0]);
const BUG = new Error("A handler's own");
const utf8 = new TextEncoder();

// Mulberry32: small, and the same everywhere.
let state = SEED;
function random(): number {
  state = state + 0x6d2b79f5 | 0;
  let mixed = Math.imul(state ^ state >>> 15, 1 | state);
  mixed = mixed + Math.imul(mixed ^ mixed >>> 7, 61 | mixed) ^ mixed;
  return ((mixed ^ mixed >>> 14) >>> 0) / 2 ** 32;
}

function below(limit: number): number {
  return Math.floor(random() * limit);
}

/** Lets a random number of turns of the event loop pass. */
async function someTurns(): Promise<void> {
  for (let left = below(MOST_TURNS); left > 0; left--) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

// How many promises onUpgrade() gave, and what became of how many of them.
let promises = 0;
const outcomes = new Map<string, number>();
// What runs on either side of a connection, until it is over.
const running = new Set<Promise<void>>();
const wrong: unknown[] = [];

function count(outcome: string): void {
  outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
}

function take(message: Request | Response): Promise<Upgraded> {
  promises++;
  const upgraded = onUpgrade(message);
  upgraded.then(
    () => count("upgraded"),
    (error) => {
      if (error instanceof UpgradeError) count(error.code);
      else wrong.push(error);
    },
  );
  return upgraded;
}

/** Notes what fails for another reason than the end of its connection. */
function run(work: Promise<unknown>): void {
  const done = work.then(() => {}, (error) => {
    const isExpected = isConnectionLoss(error) ||
      error instanceof HttpResponseError || error instanceof UpgradeError ||
      error instanceof DOMException && error.name === "AbortError";
    if (!isExpected) wrong.push(error);
  }).finally(() => running.delete(done));
  running.add(done);
}

function switching(upgrade = "raw"): Response {
  return new Response(null, { status: 101, headers: { upgrade } });
}

/** Takes the connection, and speaks on it once it is there. */
function speak(
  request: Request,
  protocol: (conn: Upgraded) => Promise<unknown> | void,
): Response {
  run(
    take(request).then(async (upgraded) => {
      using conn = upgraded;
      await protocol(conn);
    }),
  );
  return switching();
}

function echo(conn: Upgraded): Promise<void> {
  return conn.readable.pipeTo(conn.writable);
}

/** What a server does with a request that offers an upgrade. */
const SERVER: Record<
  string,
  (request: Request) => Response | Promise<Response>
> = {
  echoes: (request) => speak(request, echo),
  async echoesLater(request) {
    const response = speak(request, echo);
    await someTurns();
    return response;
  },
  closes: (request) => speak(request, () => {}),
  readsOnce: (request) =>
    speak(request, (conn) => conn.read(new Uint8Array(1))),
  speaksAndCloses: (request) =>
    speak(request, (conn) => conn.write(new Uint8Array(1 << 16))),
  endsItsDirection: (request) =>
    speak(request, async (conn) => {
      await conn.closeWrite();
      while (await conn.read(new Uint8Array(100)) !== null);
    }),
  takesTheSocket(request) {
    run(
      take(request).then(async (upgraded) => {
        using io = upgraded.downcast().io;
        await io.read(new Uint8Array(100));
      }),
    );
    return switching();
  },
  asksTwice(request) {
    const response = speak(request, echo);
    take(request);
    return response;
  },
  throws(request) {
    take(request);
    throw BUG;
  },
  async throwsLater(request) {
    take(request);
    await someTurns();
    throw BUG;
  },
  refuses(request) {
    take(request);
    return new Response("no", { status: 403 });
  },
  async refusesLater(request) {
    await someTurns();
    take(request);
    throw new HttpError("busy", { status: 503, message: "Later." });
  },
  ignores: () => new Response("a page"),
  neverTakes: () => switching(),
  switchesElsewhere(request) {
    take(request);
    return switching("other");
  },
  async awaitsTooEarly(request) {
    await take(request);
    return switching();
  },
  async asksLate(request) {
    await someTurns();
    return speak(request, echo);
  },
  async readsTheBody(request) {
    const response = speak(request, echo);
    await request.text();
    return response;
  },
};

/** Reads until there is what `isEnough`, or the end. */
async function readUntil(
  conn: Deno.Conn,
  isEnough: (text: string) => boolean,
): Promise<string> {
  let text = "";
  const target = new Uint8Array(1_000);
  while (!isEnough(text)) {
    const read = await conn.read(target);
    if (read === null) break;
    text += new TextDecoder().decode(target.subarray(0, read));
  }
  return text;
}

const hasHead = (text: string) => text.includes("\r\n\r\n");

function send(conn: Deno.Conn, text: string): Promise<number> {
  return conn.write(utf8.encode(text));
}

/** How a client goes about an upgrade, and when it gives it up. */
const CLIENT: Record<string, (conn: Deno.Conn, head: string) => unknown> = {
  async leavesInTheHead(conn, head) {
    await send(conn, head.slice(0, below(head.length)));
    await someTurns();
  },
  leavesAfterTheHead: send,
  async leavesWhileTheHandlerThinks(conn, head) {
    await send(conn, head);
    await someTurns();
  },
  async leavesWithTheAnswerUnread(conn, head) {
    await send(conn, head);
    // The answer is there, and closing resets the connection for it.
    await conn.read(new Uint8Array(1));
  },
  async leavesAfterTheAnswer(conn, head) {
    await send(conn, head);
    await readUntil(conn, hasHead);
  },
  async leavesInEarlyBytes(conn, head) {
    await send(conn, head + "early".repeat(below(1_000)));
    await someTurns();
  },
  async leavesAfterSomeBytes(conn, head) {
    await send(conn, head);
    const answer = await readUntil(conn, hasHead);
    if (!answer.startsWith("HTTP/1.1 101 ")) return;
    await send(conn, "bytes of the protocol");
    await someTurns();
    if (random() < 0.5) await conn.read(new Uint8Array(below(10) + 1));
  },
  async leavesInTheBody(conn, head) {
    const length = below(200_000);
    const body = "x".repeat(Math.min(length, below(1_000)));
    await send(conn, `${head.slice(0, -2)}Content-Length: ${length}\r\n\r\n`);
    await send(conn, body);
    await someTurns();
  },
  async breaksTheBody(conn, head) {
    await send(conn, `${head.slice(0, -2)}Transfer-Encoding: chunked\r\n\r\nx`);
    await readUntil(conn, hasHead);
  },
  async endsItsDirection(conn, head) {
    const bytes = `${head}early`;
    await send(conn, bytes.slice(0, below(bytes.length + 1)));
    await someTurns();
    await conn.closeWrite();
    await readUntil(conn, () => false);
  },
  async abortsOurs(conn, head) {
    const controller = new AbortController();
    const sent = sendRequest(conn, requestOf(head, controller.signal));
    sent.catch(() => {});
    await someTurns();
    controller.abort();
    const response = await sent;
    await response.body?.cancel();
    using upgraded = await take(response);
    await upgraded.write(utf8.encode("hello"));
  },
  async leavesOurs(conn, head) {
    const response = await sendRequest(conn, requestOf(head));
    await someTurns();
    using upgraded = await take(response);
    await upgraded.write(utf8.encode("hello"));
    await someTurns();
  },
};

const DEEDS = Object.keys(SERVER);
const APPROACHES = Object.values(CLIENT);

function requestOf(head: string, signal?: AbortSignal): Request {
  const path = head.split(" ")[1]!;
  return new Request(`http://x${path}`, {
    headers: { upgrade: "raw" },
    ...(signal !== undefined && { signal }),
  });
}

function start(path: string, shutdownTimeout: number): HttpServer {
  return serve({
    path,
    shutdownTimeout,
    upgradeTimeout: UPGRADE_TIMEOUT,
    onError(error) {
      // A handler's own, one that awaits too early, and answers that are none.
      const isExpected = error === BUG || error instanceof UpgradeError ||
        error instanceof TypeError && error.message.startsWith("Cannot answer");
      if (!isExpected) wrong.push(error);
    },
  }, (request) => {
    const answer = SERVER[new URL(request.url).pathname.slice(1)]!(request);
    // The server's `onError` judges how it fails.
    if (answer instanceof Promise) run(answer.catch(() => {}));
    return answer;
  });
}

/** Lets 64 clients at a time begin upgrades and abort each of them. */
async function attack(path: string, onLast: () => void): Promise<void> {
  let left = UPGRADES / ROUNDS;
  let connected = 0;
  const total = left;
  const goOn = async () => {
    while (left-- > 0) {
      const deed = DEEDS[below(DEEDS.length)]!;
      const approach = APPROACHES[below(APPROACHES.length)]!;
      const head = `GET /${deed} HTTP/1.1\r\nHost: x\r\n` +
        "Connection: upgrade\r\nUpgrade: raw\r\n\r\n";
      using conn = await Deno.connect({ transport: "unix", path });
      if (++connected === total) onLast();
      try {
        await approach(conn, head);
      } catch (error) {
        run(Promise.reject(error));
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, goOn));
}

async function runRound(path: string, isCut: boolean): Promise<void> {
  const server = start(path, isCut ? CUT_TIMEOUT : SHUTDOWN_TIMEOUT);
  await attack(path, () => {
    if (isCut) server.shutdown();
  });
  // Nobody is left: what it had to wait for would be left over.
  const before = performance.now();
  await server.shutdown();
  assertLess(performance.now() - before, SHUTDOWN_TIMEOUT / 5);
  await Promise.all(running);
}

function openDescriptors(): string[] {
  return [...Deno.readDirSync("/proc/self/fd")].map(({ name }) => name).sort();
}

Deno.test(`10,000 upgrades that are aborted leave nothing behind, with the seed ${SEED}`, async () => {
  const unhandled: unknown[] = [];
  const note = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    unhandled.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", note);
  const folder = await Deno.makeTempDir();
  try {
    // What Deno itself opens at the first connection stays open.
    await start(`${folder}/first`, 0).shutdown();
    const before = openDescriptors();
    for (let round = 0; round < ROUNDS; round++) {
      await runRound(`${folder}/${round}`, round % 2 === 1);
    }
    await new Promise((resolve) => setImmediate(resolve));
    assertEquals(openDescriptors(), before);
  } finally {
    await Deno.remove(folder, { recursive: true });
    globalThis.removeEventListener("unhandledrejection", note);
  }
  assertEquals(unhandled, []);
  assertEquals(wrong, []);
  const settled = [...outcomes.values()].reduce((sum, each) => sum + each, 0);
  assertEquals(settled, promises);
  for (const outcome of ["upgraded", "client_gone", "shutting_down"]) {
    assertGreater(outcomes.get(outcome) ?? 0, 0, outcome);
  }
  console.log(Object.fromEntries([...outcomes].sort()));
});
