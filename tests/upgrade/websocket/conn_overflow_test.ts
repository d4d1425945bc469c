import { assert, assertEquals } from "@std/assert";
import {
  encodeMessage,
  WEBSOCKET_ERRORS,
  WebSocketConn,
  WebSocketError,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, closing, decodeFrames } from "./_frames.ts";
import { pair, type Peer } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;
const [TOO_SLOW, REASON] = WEBSOCKET_ERRORS.too_slow;

async function end(socket: WebSocketConn, peer: Peer): Promise<void> {
  await peer.send(CLOSE);
  await socket.closed;
}

/** Resolves when another socket has read; what was sent before is on its way. */
async function turns(): Promise<void> {
  await using other = await pair();
  await other.peer.send(PING);
  await other.peer.read();
}

Deno.test("send() asks to wait from maxBufferedBytes on", async () => {
  await using connected = await pair({ maxBufferedBytes: 1000 });
  const { socket, peer } = connected;
  assertEquals(socket.send(new Uint8Array(996)), undefined);
  const waits = socket.send("");
  assert(waits instanceof Promise);
  assertEquals(socket.bufferedAmount, 1002);
  await peer.readFrame();
  await waits;
  assertEquals(socket.send("again"), undefined);
  await end(socket, peer);
});

for (const kind of ["own", "encoded"] as const) {
  Deno.test(`a peer that reads too slowly is closed with 1008 when it is sent ${kind} messages`, async () => {
    await using connected = await pair({
      overflow: "close",
      maxBufferedBytes: 200_000,
    });
    const { socket, peer } = connected;
    const bytes = new Uint8Array(10_000);
    const message = kind === "own" ? bytes : encodeMessage(bytes);
    let sends = 0;
    let most = 0;
    while (socket.readyState === WebSocketConn.OPEN || sends === 0) {
      const waits = socket.send(message);
      sends++;
      most = Math.max(most, socket.bufferedAmount);
      if (socket.readyState === WebSocketConn.CLOSING) {
        assertEquals(waits, undefined);
      }
      if (sends % 16 === 0) await turns();
    }
    assert(sends > 20);
    assert(most > 150_000 && most <= 210_000 + 1000, `${most}`);
    // What had waited is dropped, but what is being written is finished.
    const rest = await (async () => {
      const parts: number[] = [];
      for (;;) {
        const { opcode, payload } = await peer.readFrame();
        if (opcode === CLOSE) return { payload, count: parts.length };
        assertEquals(payload.length, bytes.length);
        parts.push(opcode);
      }
    })();
    assertEquals(rest.payload, binaryOf(closing(TOO_SLOW, REASON)));
    assert(rest.count < sends);
    await peer.send(CLOSE, closing(TOO_SLOW));
    await peer.readEnd();
    const { error, ...info } = await socket.closed;
    assertEquals(info, { code: 1008, reason: "", wasClean: true });
    assert(error instanceof WebSocketError && error.code === "too_slow");
  });
}

Deno.test("a peer that reads too slowly is cut after the close timeout when it never reads", async () => {
  await using connected = await pair({
    overflow: "close",
    closeTimeout: 50,
  });
  const { socket, peer } = connected;
  const waits = socket.send(new Uint8Array(MUCH));
  await turns();
  socket.send("one too many");
  assert(socket.bufferedAmount <= MUCH + 10 + 2 + 2 + REASON.length);
  await waits;
  const { code, reason, wasClean } = await socket.closed;
  assertEquals([code, reason, wasClean], [1008, REASON, false]);
  peer.raw.close();
});

Deno.test("one large message alone is no sign of a slow peer", async () => {
  await using connected = await pair({
    overflow: "close",
    maxBufferedBytes: 1000,
  });
  const { socket, peer } = connected;
  const waits = socket.send(new Uint8Array(MUCH));
  assert(waits instanceof Promise);
  await turns();
  assertEquals(socket.readyState, WebSocketConn.OPEN);
  await peer.skim(MUCH + 10);
  await waits;
  socket.send("fine");
  assertEquals(await peer.read(), [TEXT, "fine"]);
  await end(socket, peer);
});

Deno.test("a burst within a turn is no sign of a slow peer up to the limit", async () => {
  await using connected = await pair({ overflow: "close" });
  const { socket, peer } = connected;
  const message = new Uint8Array(10_000 - 4);
  for (let i = 0; i < 104; i++) socket.send(message);
  assertEquals(socket.bufferedAmount, 1_040_000);
  assertEquals(decodeFrames(await peer.raw.readExactly(1_040_000)).length, 104);
  for (let i = 0; i < 105; i++) socket.send(message);
  assertEquals(socket.readyState, WebSocketConn.CLOSING);
  assertEquals(await peer.read(), [
    CLOSE,
    binaryOf(closing(TOO_SLOW, REASON)),
  ]);
  await end(socket, peer);
});

Deno.test("what waits behind a stream counts, and what the stream has does not", async () => {
  await using connected = await pair({
    overflow: "close",
    maxBufferedBytes: 1000,
  });
  const { socket, peer } = connected;
  const cancelled = Promise.withResolvers<unknown>();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(50_000)),
    cancel: cancelled.resolve,
  });
  const sent = socket.send(stream);
  socket.send(new Blob([new Uint8Array(50_000)]));
  assertEquals((await peer.readFrame()).payload.length, 50_000);
  const waits = [];
  for (let i = 0; i < 10; i++) waits.push(socket.send(new Uint8Array(100)));
  assertEquals(socket.readyState, WebSocketConn.OPEN);
  assertEquals(socket.send("!"), undefined);
  assertEquals(await peer.read(), [
    CLOSE,
    binaryOf(closing(TOO_SLOW, REASON)),
  ]);
  assert(await cancelled.promise instanceof WebSocketError);
  await Promise.all([sent, ...waits]);
  await end(socket, peer);
});

Deno.test("a client that reads too slowly costs the others nothing", async () => {
  await using slow = await pair({ overflow: "close", closeTimeout: 100 });
  await using fast = await pair({ overflow: "close" });
  const message = encodeMessage(new Uint8Array(100_000));
  let received = 0;
  for (let i = 0; i < 150; i++) {
    for (const { socket } of [slow, fast]) socket.send(message);
    const [opcode, payload] = await fast.peer.read();
    assertEquals([opcode, payload.length], [BINARY, 100_000]);
    received++;
  }
  assertEquals(received, 150);
  assertEquals((await slow.socket.closed).code, 1008);
  assertEquals(fast.socket.readyState, WebSocketConn.OPEN);
  await end(fast.socket, fast.peer);
});
