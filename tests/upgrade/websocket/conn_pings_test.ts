import { assert, assertEquals, assertRejects } from "@std/assert";
import { WebSocketConn } from "../../../upgrade/websocket/mod.ts";
import { bytesOf, closing, concat } from "./_frames.ts";
import { pair, type Peer } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;

/** Reads a ping, and answers it. */
async function answerPing(peer: Peer): Promise<void> {
  const [opcode, payload] = await peer.read();
  assertEquals(opcode, PING);
  await peer.raw.send(peer.frame(PONG, bytesOf(payload)));
}

/** Resolves when another socket has read; what was sent before is on its way. */
async function turns(): Promise<void> {
  await using other = await pair();
  await other.peer.send(PING);
  await other.peer.read();
}

Deno.test("ping() resolves to the time that the answer took", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const ping = socket.ping();
  const [opcode, payload] = await peer.read();
  assertEquals(opcode, PING);
  await peer.raw.send(peer.frame(PONG, bytesOf(payload)));
  const time = await ping;
  assert(time > 0 && time < 5000, `${time}`);
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("ping() resolves for all before when the peer answers only the latest", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const pings = [socket.ping(), socket.ping(), socket.ping()];
  const asked = [await peer.read(), await peer.read(), await peer.read()];
  await peer.raw.send(peer.frame(PONG, bytesOf(asked[1]![1])));
  await Promise.all(pings.slice(0, 2));
  await peer.raw.send(concat(
    // Answered before, never asked, and of another size.
    peer.frame(PONG, bytesOf(asked[0]![1])),
    peer.frame(PONG, Uint8Array.of(255, 255, 255, 255)),
    peer.frame(PONG, "unasked"),
    peer.frame(PONG),
    peer.frame(PONG, bytesOf(asked[2]![1])),
  ));
  await pings[2];
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("ping() rejects when the connection ends before the answer, or has ended", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const ping = socket.ping();
  await peer.read();
  await peer.send(CLOSE);
  await assertRejects(() => ping, Error, "Cannot ping");
  await assertRejects(() => socket.ping(), Error, "Cannot ping");
});

Deno.test("WebSocketConn pings a silent peer, and drops it when it stays silent", async () => {
  await using connected = await pair({ idleTimeout: 100 });
  const { socket, peer } = connected;
  assertEquals(socket.latency, undefined);
  for (let answered = 0; answered < 3; answered++) await answerPing(peer);
  assertEquals((await peer.read())[0], PING);
  const latency = socket.latency;
  assert(latency !== undefined && latency >= 0 && latency < 5000);
  const { code, wasClean, error } = await socket.closed;
  assertEquals([code, wasClean], [1006, false]);
  assert(error instanceof Error);
  await peer.readEnd();
});

Deno.test("WebSocketConn does not drop a peer when it waits for its own callback", async () => {
  await using connected = await pair({ idleTimeout: 20 });
  const { socket, peer } = connected;
  const gate = Promise.withResolvers<void>();
  const done = socket.forEach(() => gate.promise);
  await peer.send(TEXT, "work");
  // Another connection's peer is dropped in the meantime, after the same time
  // twice: so this one's would have been.
  for (let i = 0; i < 2; i++) {
    await using other = await pair({ idleTimeout: 20 });
    await other.socket.closed;
  }
  assertEquals(socket.readyState, WebSocketConn.OPEN);
  gate.resolve();
  await peer.send(CLOSE);
  assertEquals((await done).code, 1005);
});

Deno.test("pingInterval sends pings to a peer that is not silent, too", async () => {
  await using connected = await pair({ pingInterval: 20 });
  const { socket, peer } = connected;
  socket.forEach(() => {});
  const answers: string[] = [];
  // It speaks all the time, but answers nothing before the third ping.
  const speaking = (async () => {
    while (answers.length < 3) {
      await peer.send(TEXT, "here");
      await turns();
    }
  })();
  while (answers.length < 3) {
    const [opcode, payload] = await peer.read();
    assertEquals(opcode, PING);
    answers.push(payload);
  }
  await speaking;
  assertEquals(socket.latency, undefined);
  await peer.raw.send(peer.frame(PONG, bytesOf(answers[2]!)));
  await peer.read();
  const { latency } = socket;
  assert(latency !== undefined && latency > 0 && latency < 5000);
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("pingInterval drops a peer that answers nothing for the idle time, and no other", async () => {
  await using connected = await pair({ pingInterval: 30, idleTimeout: 150 });
  const { socket, peer } = connected;
  for (let i = 0; i < 8; i++) await answerPing(peer);
  const last = performance.now();
  let pings = 0;
  while ((await peer.raw.conn.read(new Uint8Array(6))) !== null) pings++;
  const time = performance.now() - last;
  assert(pings >= 3 && pings <= 6, `${pings}`);
  assert(time >= 100 && time < 2000, `${time}`);
  assertEquals((await socket.closed).code, 1006);
});

Deno.test("pingInterval is at most half of the idle time", async () => {
  await using connected = await pair({
    pingInterval: 1_000_000,
    idleTimeout: 60,
  });
  const { socket, peer } = connected;
  for (let i = 0; i < 3; i++) await answerPing(peer);
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("pingInterval pings a peer for ever when the idle time is endless", async () => {
  await using connected = await pair({
    pingInterval: 5,
    idleTimeout: Infinity,
  });
  const { socket, peer } = connected;
  // One that answers none is not sent more than this.
  for (let i = 0; i < 16; i++) assertEquals((await peer.read())[0], PING);
  await using other = await pair({ pingInterval: 5, idleTimeout: Infinity });
  for (let i = 0; i < 40; i++) await answerPing(other.peer);
  assertEquals(socket.readyState, WebSocketConn.OPEN);
  await peer.send(PING, "what else came?");
  assertEquals(await peer.read(), [PONG, "what else came?"]);
  for (const { socket, peer } of [connected, other]) {
    await peer.send(CLOSE);
    await socket.closed;
  }
});

Deno.test("idleTimeout never drops a peer when it is endless", async () => {
  await using connected = await pair({ idleTimeout: Infinity });
  const { socket, peer } = connected;
  await using other = await pair({ idleTimeout: 50 });
  await other.socket.closed;
  await peer.send(PING);
  // No ping came before.
  assertEquals(await peer.read(), [PONG, ""]);
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("idleTimeout counts the bytes of a frame that takes long", async () => {
  await using connected = await pair({ idleTimeout: 100, pingInterval: 50 });
  const { socket, peer } = connected;
  const lengths: number[] = [];
  socket.forEach(({ bytes }) => void lengths.push(bytes.length));
  const frame = peer.frame(BINARY, new Uint8Array(200));
  // A pong cannot come in between.
  for (let i = 0; i < frame.length; i += 10) {
    await peer.raw.send(frame.subarray(i, i + 10));
    const next = performance.now() + 20;
    while (performance.now() < next) await turns();
  }
  await peer.send(CLOSE, closing(1000));
  assertEquals((await socket.closed).code, 1000);
  assertEquals(lengths, [200]);
});

Deno.test("no ping waits behind what a slow peer has not read", async () => {
  await using connected = await pair({ idleTimeout: 200, pingInterval: 10 });
  const { socket, peer } = connected;
  const waits = socket.send(new Uint8Array(MUCH))!;
  const start = performance.now();
  const target = new Uint8Array(0x20000);
  for (let left = MUCH + 10; left > 0;) {
    const part = target.subarray(0, Math.min(left, target.length));
    left -= (await peer.raw.conn.read(part))!;
    // Two milliseconds a read: half a second in all.
    const next = start + (MUCH - left) / target.length * 2;
    while (performance.now() < next) await turns();
  }
  await waits;
  const time = performance.now() - start;
  assert(time > 300);
  await answerPing(peer);
  await turns();
  // It would be as long as all of this if the first had waited.
  assert(socket.latency! < time / 2, `${socket.latency}`);
  await peer.send(CLOSE);
  await socket.closed;
});
