import { assert, assertEquals } from "@std/assert";
import {
  encodeMessage,
  WebSocketConn,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, closing, concat, pattern, serverFrame } from "./_frames.ts";
import { pair, type Peer, upgradedPair } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;

/** Ends a connection from the peer's side. */
async function end(socket: WebSocketConn, peer: Peer): Promise<void> {
  await peer.send(CLOSE);
  await socket.closed;
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const not = Symbol();
  return await Promise.race([promise, Promise.resolve(not)]) !== not;
}

/** Resolves when a socket reads; what was sent to it before is on its way. */
async function turns(): Promise<void> {
  await using other = await pair();
  await other.peer.send(PING);
  await other.peer.read();
}

Deno.test("send() writes what one turn has sent as one piece", async () => {
  const pieces: number[] = [];
  await using connected = await pair({
    prepare(conn) {
      const write = conn.write.bind(conn);
      conn.write = (piece) => {
        pieces.push(piece.length);
        return write(piece);
      };
    },
  });
  const { socket, peer } = connected;
  await turns();
  socket.send("one");
  await Promise.resolve();
  socket.send(Uint8Array.of(2));
  socket.ping();
  socket.send(encodeMessage("three"));
  const seen = [];
  for (let i = 0; i < 4; i++) seen.push((await peer.read())[0]);
  assertEquals(seen, [TEXT, BINARY, PING, TEXT]);
  assertEquals(pieces, [5 + 3 + 6 + 7]);
  await end(socket, peer);
});

Deno.test("send() sends what was given before the connection was open, in order", async () => {
  await using connected = await upgradedPair();
  const { upgraded, peer } = connected;
  const opening = Promise.withResolvers<typeof upgraded>();
  const socket = new WebSocketConn(opening.promise, {
    role: "server",
    url: "ws://a.example/",
    protocol: "",
  });
  assertEquals(socket.send("first"), undefined);
  const waits = socket.send(new Uint8Array(100_000));
  assert(waits instanceof Promise);
  assertEquals(socket.bufferedAmount, 7 + 100_010);
  opening.resolve(upgraded);
  assertEquals(await peer.read(), [TEXT, "first"]);
  assertEquals((await peer.readFrame()).payload.length, 100_000);
  await waits;
  socket.send("second");
  assertEquals(await peer.read(), [TEXT, "second"]);
  await end(socket, peer);
});

Deno.test("send() drops what is sent after close()", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.send("before");
  socket.close(1000);
  assertEquals(socket.send("after"), undefined);
  assertEquals(socket.send(new Uint8Array(100_000)), undefined);
  assertEquals(await peer.read(), [TEXT, "before"]);
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1000))]);
  await peer.send(CLOSE, closing(1000));
  await peer.readEnd();
  assertEquals(socket.send("much later"), undefined);
  assertEquals((await socket.closed).wasClean, true);
});

Deno.test("send() copies, so that bytes may change afterwards", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const bytes = pattern(70_000);
  const waits = socket.send(bytes);
  bytes.fill(0);
  const { payload } = await peer.readFrame();
  assert(payload === binaryOf(pattern(70_000)));
  await waits;
  await end(socket, peer);
});

Deno.test("send() returns a promise while more than 64 KiB wait, and resolves it when the peer reads", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  assertEquals(socket.send(new Uint8Array(60_000)), undefined);
  await peer.skim(60_004);
  const waits = socket.send(new Uint8Array(MUCH));
  assert(waits instanceof Promise);
  await turns();
  assert(socket.bufferedAmount > 0x10000);
  assert(!await isSettled(waits));
  assert(socket.send("more") instanceof Promise);
  assertEquals(await peer.skim(1), 0x10000);
  await turns();
  assert(!await isSettled(waits));
  await peer.skim(MUCH + 10 + 6 - 0x10000);
  await waits;
  assertEquals(socket.bufferedAmount, 0);
  assertEquals(socket.send("fast again"), undefined);
  assertEquals(await peer.read(), [TEXT, "fast again"]);
  await end(socket, peer);
});

Deno.test("send() keeps every byte when writes are cut by a slow peer", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const expected: Uint8Array[] = [];
  const waits = [];
  for (let i = 0; i < 12; i++) {
    const bytes = pattern(1_000_000 + i);
    waits.push(socket.send(bytes));
    socket.send(`${i}`);
    expected.push(serverFrame(BINARY, bytes), serverFrame(TEXT, `${i}`));
    if (i % 4 === 0) await turns();
  }
  const all = concat(...expected);
  const got = new Uint8Array(all.length);
  for (let at = 0; at < got.length;) {
    at += (await peer.raw.conn.read(got.subarray(at)))!;
  }
  assert(got.every((byte, i) => byte === all[i]));
  await Promise.all(waits);
  await end(socket, peer);
});

Deno.test("send() sends an encoded message to many sockets, fast and slow", async () => {
  await using stack = new AsyncDisposableStack();
  const pairs = [];
  for (let i = 0; i < 6; i++) pairs.push(stack.use(await pair()));
  // One of them has much to write before.
  pairs[0]!.socket.send(new Uint8Array(MUCH));
  const texts = Array.from({ length: 300 }, (_, i) => `message ${i}`);
  for (const [i, text] of texts.entries()) {
    const message = encodeMessage(text);
    for (const { socket } of pairs) socket.send(message);
    if (i % 7 === 0) pairs[1]!.socket.send(`own ${i}`);
    if (i % 50 === 0) await turns();
  }
  const common = concat(...texts.map((text) => serverFrame(TEXT, text)));
  for (const [i, { socket, peer }] of pairs.entries()) {
    if (i === 0) {
      let left = MUCH + 10;
      const target = new Uint8Array(0x10000);
      while (left > 0) {
        const part = target.subarray(0, Math.min(left, target.length));
        left -= (await peer.raw.conn.read(part))!;
      }
    }
    const mixed = texts.flatMap((text, n) =>
      n % 7 === 0
        ? [serverFrame(TEXT, text), serverFrame(TEXT, `own ${n}`)]
        : [serverFrame(TEXT, text)]
    );
    const frames = i === 1 ? concat(...mixed) : common;
    assertEquals(await peer.raw.readExactly(frames.length), frames);
    await end(socket, peer);
  }
});

Deno.test("forEach() that awaits send() reads no further while the peer does not read", async () => {
  await using connected = await pair({ maxMessageBytes: MUCH });
  const { socket, peer } = connected;
  let received = 0;
  socket.forEach((message) => {
    received++;
    return socket.send(message);
  });
  const large = peer.frame(BINARY, new Uint8Array(MUCH));
  await peer.raw.send(large);
  let most = 0;
  const sent = peer.raw.send(concat(large, peer.frame(TEXT, "after")));
  for (let i = 0; i < 3; i++) {
    await turns();
    most = Math.max(most, socket.bufferedAmount);
  }
  assertEquals(received, 1);
  assert(most <= MUCH + 10);
  await peer.skim(2 * (MUCH + 10));
  await sent;
  await end(socket, peer);
  assertEquals(received, 3);
});

for (const reader of ["forEach", "iteration", "nobody"] as const) {
  Deno.test(`closed and send() resolve when a peer that did not read resets, and the reader is ${reader}`, async () => {
    // Without the close timeout, nothing but the loss itself can end it.
    await using connected = await pair({ closeTimeout: Infinity });
    const { socket, peer } = connected;
    const answers: Promise<void>[] = [];
    const answered = Promise.withResolvers<void>();
    const answer = (): Promise<void> => {
      const waits = socket.send(new Uint8Array(MUCH))!;
      answers.push(waits);
      answered.resolve();
      return waits;
    };
    if (reader === "forEach") socket.forEach(answer);
    if (reader === "iteration") {
      (async () => {
        for await (const _ of socket) await answer();
      })();
    }
    await peer.raw.send(concat(peer.frame(TEXT, "a"), peer.frame(TEXT, "b")));
    if (reader === "nobody") {
      await turns();
      answer();
    }
    await answered.promise;
    // Something unread is there: closing becomes a reset.
    await peer.raw.conn.read(new Uint8Array(1));
    peer.reset();
    const info = await socket.closed;
    assertEquals([info.code, info.wasClean], [1006, false]);
    await Promise.all(answers);
    assertEquals(socket.bufferedAmount >= 0, true);
    assertEquals(socket.send("late"), undefined);
  });
}

Deno.test("closed resolves after the close timeout when the connection is lost while a callback never settles", async () => {
  await using connected = await pair({ closeTimeout: 50 });
  const { socket, peer } = connected;
  const called = Promise.withResolvers<void>();
  socket.forEach(() => {
    called.resolve();
    return new Promise<void>(() => {});
  });
  await peer.send(TEXT, "a");
  await called.promise;
  const waits = socket.send(new Uint8Array(MUCH));
  await peer.raw.conn.read(new Uint8Array(1));
  peer.reset();
  await waits;
  assert(socket.readyState >= WebSocketConn.CLOSING);
  assertEquals((await socket.closed).code, 1006);
});

Deno.test("messages that came are delivered when writing fails meanwhile", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const seen: string[] = [];
  const done = socket.forEach(async (message) => {
    seen.push(message.text());
    await socket.send(new Uint8Array(MUCH));
  });
  const texts = ["a", "b", "c"];
  await peer.raw.send(concat(...texts.map((text) => peer.frame(TEXT, text))));
  await peer.raw.conn.read(new Uint8Array(1));
  peer.reset();
  await done;
  assertEquals(seen, texts);
});

Deno.test("WebSocketConn drops a peer that takes nothing for the idle time", async () => {
  for (const busy of [false, true]) {
    await using connected = await pair({ idleTimeout: 100 });
    const { socket, peer } = connected;
    if (busy) {
      socket.forEach(() => socket.send(new Uint8Array(MUCH)));
      await peer.send(TEXT, "more, please");
    } else socket.send(new Uint8Array(MUCH));
    // It goes on sending, so that it is heard.
    const flood = (async () => {
      for (;;) await peer.raw.conn.write(peer.frame(PONG, "alive"));
    })();
    flood.catch(() => {});
    const { code, wasClean, error } = await socket.closed;
    assertEquals([code, wasClean], [1006, false]);
    assert(error instanceof Error);
    peer.raw.close();
    await flood.catch(() => {});
  }
});

Deno.test("WebSocketConn keeps a peer that takes little at a time", async () => {
  await using connected = await pair({ idleTimeout: 100 });
  const { socket, peer } = connected;
  const waits = socket.send(new Uint8Array(MUCH))!;
  const start = performance.now();
  let left = MUCH + 10;
  const target = new Uint8Array(0x20000);
  while (left > 0) {
    const read = await peer.raw.conn.read(target);
    assert(read !== null);
    left -= read;
    // Two milliseconds a read: half a second in all.
    const next = start + (MUCH - left) / target.length * 2;
    while (performance.now() < next) await turns();
  }
  await waits;
  assert(performance.now() - start > 300);
  await end(socket, peer);
});

Deno.test("WebSocketConn keeps little in memory when a peer floods pings and reads no answer", async () => {
  let most = 0;
  const sample = () => {
    most = Math.max(most, connected.socket.bufferedAmount);
  };
  await using connected = await pair({
    idleTimeout: 200,
    prepare(conn) {
      const read = conn.read.bind(conn);
      conn.read = async (target) => {
        const count = await read(target);
        sample();
        return count;
      };
    },
  });
  const { socket, peer } = connected;
  socket.forEach(() => {});
  const ping = peer.frame(PING, "p".repeat(125));
  const pings = concat(...Array.from({ length: 500 }, () => ping));
  let sent = 0;
  const flood = (async () => {
    for (;;) {
      sent += await peer.raw.conn.write(pings.subarray(sent % pings.length));
    }
  })();
  flood.catch(() => {});
  const { code } = await socket.closed;
  assertEquals(code, 1006);
  peer.raw.close();
  await flood.catch(() => {});
  assert(sent > 1 << 20);
  assert(most > 0 && most < 1 << 20, `${most}`);
});
