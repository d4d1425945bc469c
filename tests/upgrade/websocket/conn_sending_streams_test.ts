import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  encodeMessage,
  StreamedMessage,
  WebSocketConn,
  type WebSocketSource,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, bytesOf, closing, concat, pattern } from "./_frames.ts";
import { pair, type Peer, upgradedPair } from "./_peer.ts";

const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;

type Piece = string | Uint8Array;

/** A stream whose pieces a test puts in, and what became of it. */
function makeSource<P extends Piece = Piece>() {
  let controller!: ReadableStreamDefaultController<P>;
  const cancelled = Promise.withResolvers<unknown>();
  const stream = new ReadableStream<P>({
    start: (given) => void (controller = given),
    cancel: (reason) => cancelled.resolve(reason),
  });
  return { stream, controller, cancelled: cancelled.promise };
}

/** Reads the frames of one message: their opcodes, and all of the payload. */
async function readMessage(
  peer: Peer,
): Promise<{ opcodes: number[]; payload: string }> {
  const opcodes: number[] = [];
  let payload = "";
  for (;;) {
    const frame = await peer.readFrame();
    opcodes.push(frame.opcode);
    payload += frame.payload;
    if (frame.fin) return { opcodes, payload };
  }
}

async function end(socket: WebSocketConn, peer: Peer): Promise<void> {
  await peer.send(CLOSE);
  await socket.closed;
}

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const not = Symbol();
  return await Promise.race([promise, Promise.resolve(not)]) !== not;
}

/** Resolves when another socket has read; what was sent before is on its way. */
async function turns(): Promise<void> {
  await using other = await pair();
  await other.peer.send(PING);
  await other.peer.read();
}

for (const role of ["server", "client"] as const) {
  Deno.test(`send() sends the pieces of a stream when they come, as a ${role}`, async () => {
    await using connected = await pair({ role });
    const { socket, peer } = connected;
    const { stream, controller } = makeSource();
    const sent = socket.send(stream);
    assert(sent instanceof Promise);
    const masked = role === "client";
    controller.enqueue(bytesOf("one"));
    assertEquals(await peer.readFrame(), {
      fin: false,
      opcode: BINARY,
      masked,
      payload: "one",
    });
    controller.enqueue(bytesOf("two"));
    assertEquals(await peer.read(), [CONTINUATION, "two"]);
    assert(!await isSettled(sent));
    controller.close();
    assertEquals(await peer.readFrame(), {
      fin: true,
      opcode: CONTINUATION,
      masked,
      payload: "",
    });
    await sent;
    assert(!stream.locked);
    socket.send("after");
    assertEquals(await peer.read(), [TEXT, "after"]);
    socket.close(1000);
    await peer.read();
    await peer.send(CLOSE, closing(1000));
    peer.raw.closeWrite();
    assertEquals((await socket.closed).wasClean, true);
  });
}

Deno.test("send() sends a stream of strings as text, however characters are cut", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const text = "Grüße 😀 \ud800 \udc00 😀\ud83d";
  socket.send(
    ReadableStream.from(
      [...Array(text.length).keys()].map((i) => text.charAt(i)),
    ),
  );
  const { opcodes, payload } = await readMessage(peer);
  assertEquals(opcodes[0], TEXT);
  const bytes = bytesOf(payload);
  assertEquals(new TextDecoder().decode(bytes), text.toWellFormed());
  await end(socket, peer);
});

Deno.test("send() sends an empty message when a stream has no bytes", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const streams: [Piece[], number][] = [[[], BINARY], [["", ""], TEXT], [[
    new Uint8Array(0),
  ], BINARY]];
  for (const [pieces, opcode] of streams) {
    socket.send(ReadableStream.from(pieces));
    const frame = await peer.readFrame();
    assertEquals([frame.fin, frame.opcode, frame.payload], [true, opcode, ""]);
  }
  await end(socket, peer);
});

Deno.test("send() takes what comes after a stream in order, but control frames", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const first = makeSource(), second = makeSource();
  const done: string[] = [];
  const bytes = bytesOf("bytes");
  const sends: [string, WebSocketSource][] = [
    ["first", first.stream],
    ["second", second.stream],
    ["blob", new Blob(["blob"])],
  ];
  for (const [name, data] of sends) {
    socket.send(data)!.then(() => done.push(name));
  }
  assertEquals(socket.send("text"), undefined);
  assertEquals(socket.send(bytes), undefined);
  assertEquals(socket.send(bytes.buffer), undefined);
  assertEquals(socket.send(encodeMessage("encoded")), undefined);
  // They were taken as they were.
  bytes.fill(0);
  assertEquals(socket.bufferedAmount, 4 + 4 + 5 + 5 + 7);
  first.controller.enqueue("1");
  assertEquals(await peer.read(), [TEXT, "1"]);
  // Neither a ping nor the answer to one has to wait.
  const ping = socket.ping();
  const [opcode, payload] = await peer.read();
  assertEquals(opcode, PING);
  await peer.send(PONG, bytesOf(payload));
  await ping;
  await peer.send(PING, "asked");
  assertEquals(await peer.read(), [PONG, "asked"]);
  second.controller.enqueue("2");
  second.controller.close();
  await turns();
  assertEquals(done, []);
  first.controller.close();
  assertEquals(await peer.read(), [CONTINUATION, ""]);
  assertEquals(await readMessage(peer), {
    opcodes: [TEXT, CONTINUATION],
    payload: "2",
  });
  assertEquals(await peer.read(), [BINARY, "blob"]);
  assertEquals(await peer.read(), [TEXT, "text"]);
  assertEquals(await peer.read(), [BINARY, "bytes"]);
  assertEquals(await peer.read(), [BINARY, "bytes"]);
  assertEquals(await peer.read(), [TEXT, "encoded"]);
  assertEquals(done, ["first", "second", "blob"]);
  assertEquals(socket.bufferedAmount, 0);
  await end(socket, peer);
});

Deno.test("send() asks to wait behind a stream when much waits there", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const { stream, controller } = makeSource();
  socket.send(stream);
  assertEquals(socket.send("é".repeat(30_000)), undefined);
  assertEquals(socket.bufferedAmount, 60_000);
  const waits = socket.send(new Uint8Array(10_000));
  assert(waits instanceof Promise && !await isSettled(waits));
  controller.close();
  await readMessage(peer);
  await peer.readFrame();
  await peer.readFrame();
  await waits;
  await end(socket, peer);
});

for (const size of [1 << 20, 1 << 15]) {
  Deno.test(`send() pulls a stream only as the peer takes it, in pieces of ${size} bytes`, async () => {
    let most = 0;
    await using connected = await pair({
      prepare(conn) {
        const write = conn.write.bind(conn);
        conn.write = (bytes) => {
          most = Math.max(most, bytes.length);
          return write(bytes);
        };
      },
    });
    const { socket, peer } = connected;
    const piece = pattern(size);
    let pulled = 0;
    const sent = socket.send(
      new ReadableStream({
        pull(controller) {
          pulled++;
          if (pulled * size > MUCH) controller.close();
          else controller.enqueue(piece.slice());
        },
      }, { highWaterMark: 0 }),
    )!;
    while (socket.bufferedAmount === 0) await turns();
    for (let before = -1; before !== pulled;) {
      before = pulled;
      for (let i = 0; i < 5; i++) await turns();
    }
    // The system's buffers have taken some, and no more is asked for.
    assert(pulled * size < MUCH / 2, `${pulled}`);
    assert(most < 0x30000, `${most}`);
    assert(!await isSettled(sent));
    let at = 0;
    for (;;) {
      const frame = await peer.readFrame();
      const part = piece.subarray(at % size).subarray(0, frame.payload.length);
      assert(frame.payload === binaryOf(part));
      at += part.length;
      if (frame.fin) break;
      assertEquals(part.length, Math.min(size, 0x10000));
    }
    assertEquals(at, MUCH);
    await sent;
    await end(socket, peer);
  });
}

Deno.test("send() sends a message of another socket as what it was, as it arrives", async () => {
  await using from = await pair();
  await using to = await pair();
  const relayed = (async () => {
    for await (const message of from.socket.streams()) {
      await to.socket.send(message);
    }
  })();
  const text = new TextEncoder().encode("Grüße");
  await from.peer.raw.send(from.peer.frame(TEXT, text.subarray(0, 3), 0));
  assertEquals(await to.peer.read(), [TEXT, binaryOf(text.subarray(0, 3))]);
  await from.peer.raw.send(
    concat(
      from.peer.frame(CONTINUATION, text.subarray(3)),
      from.peer.frame(BINARY, "bytes"),
    ),
  );
  const rest = await readMessage(to.peer);
  assertEquals(rest.payload, binaryOf(text.subarray(3)));
  const { opcodes, payload } = await readMessage(to.peer);
  assertEquals([opcodes[0], payload], [BINARY, "bytes"]);
  await end(from.socket, from.peer);
  await relayed;
  await end(to.socket, to.peer);
});

for (const size of [0, 5, 0x10000, 0x10001, 1_000_000]) {
  Deno.test(`send() sends a Blob of ${size} bytes as a binary message`, async () => {
    await using connected = await pair();
    const { socket, peer } = connected;
    const bytes = pattern(size);
    const sent = socket.send(new Blob([bytes]));
    assert(sent instanceof Promise);
    assertEquals(socket.bufferedAmount, size);
    const { opcodes, payload } = await readMessage(peer);
    assertEquals(opcodes[0], BINARY);
    assert(payload === binaryOf(bytes));
    if (size <= 0x10000) assertEquals(opcodes.length, 1);
    await sent;
    await end(socket, peer);
  });
}

Deno.test("send() closes with 1011 when a stream fails, and reports it", async () => {
  for (const how of ["errors", "mixes", "is none"] as const) {
    const reported: unknown[] = [];
    await using connected = await pair({
      onError: (error) => reported.push(error),
    });
    const { socket, peer } = connected;
    const { stream, controller, cancelled } = makeSource();
    const sent = socket.send(stream)!;
    const behind = makeSource();
    const waits = socket.send(behind.stream)!;
    socket.send("never");
    controller.enqueue("begun");
    assertEquals(await peer.read(), [TEXT, "begun"]);
    const error = new Error("of the source");
    if (how === "errors") controller.error(error);
    else if (how === "mixes") controller.enqueue(bytesOf("bytes"));
    else controller.enqueue(5 as unknown as string);
    assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1011))]);
    await peer.send(CLOSE, closing(1011));
    await peer.readEnd();
    await Promise.all([sent, waits]);
    const info = await socket.closed;
    assertEquals([info.code, info.wasClean], [1011, true]);
    assertEquals(reported, [info.error]);
    if (how === "errors") assertEquals(info.error, error);
    else {
      assert(info.error instanceof TypeError);
      assertEquals(await cancelled, info.error);
    }
    assertEquals(await behind.cancelled, info.error);
    assertEquals(socket.bufferedAmount, 0);
  }
});

Deno.test("send() closes with 1011 when the report of a stream's error throws too", async () => {
  await using connected = await pair({
    onError() {
      throw new Error("of the report");
    },
  });
  const { socket, peer } = connected;
  const { stream, controller } = makeSource();
  const sent = socket.send(stream);
  controller.error(new Error("of the source"));
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1011))]);
  await sent;
  await end(socket, peer);
});

Deno.test("close() cuts off a stream, and drops what waits behind it", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const { stream, controller, cancelled } = makeSource();
  const behind = makeSource();
  const sent = [socket.send(stream), socket.send(behind.stream)];
  socket.send("never");
  controller.enqueue("begun");
  assertEquals(await peer.read(), [TEXT, "begun"]);
  assertThrows(() => socket.close(1005), RangeError);
  controller.enqueue("more");
  assertEquals(await peer.read(), [CONTINUATION, "more"]);
  socket.close(4000, "enough");
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(4000, "enough"))]);
  await Promise.all([...sent, cancelled, behind.cancelled]);
  await peer.send(CLOSE, closing(4000));
  await peer.readEnd();
  assertEquals((await socket.closed).wasClean, true);
  assertEquals(socket.bufferedAmount, 0);
});

Deno.test("close() waits for Blobs and what is behind them, up to a stream", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const large = pattern(300_000);
  const { stream, cancelled } = makeSource();
  const seen: string[] = [];
  socket.forEach((message) => void seen.push(message.text()));
  socket.send(new Blob(["small"]));
  socket.send(new Blob([large]));
  socket.send("text");
  const cut = socket.send(stream)!;
  socket.send("never");
  assertThrows(() => socket.close(1000, "x".repeat(124)), RangeError);
  socket.close(1000, "one");
  socket.close(1001, "two");
  assertEquals(socket.readyState, WebSocketConn.CLOSING);
  await peer.send(TEXT, "late");
  await Promise.all([cut, cancelled]);
  assertEquals(await peer.read(), [BINARY, "small"]);
  assertEquals((await readMessage(peer)).payload.length, large.length);
  assertEquals(await peer.read(), [TEXT, "text"]);
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1000, "one"))]);
  await peer.send(CLOSE, closing(1000));
  await peer.readEnd();
  assertEquals((await socket.closed).wasClean, true);
  assertEquals(seen, []);
});

for (const how of ["close", "end", "reset", "violation", "timeout"] as const) {
  Deno.test(`send() lets its stream go when the connection ends by ${how}`, async () => {
    const limit = how === "timeout" ? { idleTimeout: 50 } : {};
    await using connected = await pair({ ...limit, closeTimeout: 2_000 });
    const { socket, peer } = connected;
    const { stream, controller, cancelled } = makeSource();
    const sent = socket.send(stream);
    const waits = socket.send(new Blob([new Uint8Array(100_000)]));
    const also = socket.send(new Uint8Array(100_000));
    controller.enqueue("begun");
    assertEquals(await peer.read(), [TEXT, "begun"]);
    if (how === "close") {
      await peer.send(CLOSE, closing(1000));
      assertEquals((await peer.read())[0], CLOSE);
      await peer.readEnd();
    } else if (how === "end") await peer.raw.closeWrite();
    else if (how === "violation") await peer.send(3);
    else if (how === "reset") {
      socket.ping();
      await turns();
      peer.reset();
    }
    await Promise.all([sent, waits, also, cancelled, socket.closed]);
    assertEquals(socket.bufferedAmount, 0);
  });
}

Deno.test("send() lets an endless stream go when the peer has ended, but reads on", async () => {
  await using connected = await pair({ closeTimeout: Infinity });
  const { socket, peer } = connected;
  const cancelled = Promise.withResolvers<unknown>();
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue("more"),
    cancel: cancelled.resolve,
  });
  const sent = socket.send(endless);
  await peer.read();
  await peer.raw.closeWrite();
  await peer.skim();
  await Promise.all([sent, cancelled.promise]);
  assertEquals((await socket.closed).code, 1006);
});

Deno.test("send() lets a Blob go when the connection never opens, and is closed", async () => {
  const opening = Promise.withResolvers<never>();
  const socket = new WebSocketConn(opening.promise, {
    role: "server",
    url: "ws://a.example/",
    protocol: "",
  }, { closeTimeout: 20 });
  const sent = socket.send(new Blob([new Uint8Array(500_000)]));
  socket.close(1000);
  await Promise.all([sent, socket.closed]);
  opening.reject(new Error("none"));
});

Deno.test("close() hears no more of a stream that fails when it is cut off", async () => {
  const reported: unknown[] = [];
  await using connected = await pair({
    onError: (error) => reported.push(error),
  });
  const { socket, peer } = connected;
  const { stream, controller } = makeSource();
  const sent = socket.send(stream);
  controller.enqueue("begun");
  await peer.read();
  controller.error(new Error("too late"));
  socket.close(1000);
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1000))]);
  await sent;
  await end(socket, peer);
  assertEquals((await socket.closed).error, undefined);
  assertEquals(reported, []);
});

Deno.test("send() lets a stream go when it is too late for it", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.close(1000);
  const late = [makeSource(), makeSource<Uint8Array<ArrayBuffer>>()] as const;
  assertEquals(socket.send(late[0].stream), undefined);
  assertEquals(
    socket.send(new StreamedMessage(true, late[1].stream)),
    undefined,
  );
  assertEquals(socket.send(new Blob(["late"])), undefined);
  await Promise.all(late.map(({ cancelled }) => cancelled));
  await peer.read();
  await end(socket, peer);
});

Deno.test("send() sends streams and Blobs that were given before the connection was open", async () => {
  await using connected = await upgradedPair();
  const { upgraded, peer } = connected;
  const opening = Promise.withResolvers<typeof upgraded>();
  const socket = new WebSocketConn(opening.promise, {
    role: "server",
    url: "ws://a.example/",
    protocol: "",
  });
  socket.send(ReadableStream.from(["a", "b"]));
  socket.send(new Blob(["blob"]));
  const sent = socket.send(ReadableStream.from([new Uint8Array(200_000)]))!;
  await turns();
  assert(!await isSettled(sent));
  opening.resolve(upgraded);
  assertEquals((await readMessage(peer)).payload, "ab");
  assertEquals(await peer.read(), [BINARY, "blob"]);
  assertEquals((await readMessage(peer)).payload.length, 200_000);
  await sent;
  await end(socket, peer);
});

Deno.test("send() lets a stream go when the connection never opens", async () => {
  const { stream, cancelled } = makeSource();
  const socket = new WebSocketConn(Promise.reject(new Error("none")), {
    role: "server",
    url: "ws://a.example/",
    protocol: "",
  });
  const sent = socket.send(stream);
  await Promise.all([sent, cancelled, socket.closed]);
});

Deno.test("send() throws a TypeError when a stream is locked or it is no message, and goes on", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const { stream } = makeSource();
  stream.getReader();
  for (const wrong of [stream, 5, null, {}, [1, 2]] as unknown[]) {
    assertThrows(() => socket.send(wrong as string), TypeError);
  }
  const views = [
    new DataView(bytesOf("-view-").buffer, 1, 4),
    new Uint16Array(bytesOf("ab").buffer),
  ];
  for (const view of views) socket.send(view);
  assertEquals(await peer.read(), [BINARY, "view"]);
  assertEquals(await peer.read(), [BINARY, "ab"]);
  const blocking = makeSource();
  socket.send(blocking.stream);
  for (const wrong of [stream, 5] as unknown[]) {
    assertThrows(() => socket.send(wrong as string), TypeError);
  }
  blocking.controller.close();
  assertEquals((await readMessage(peer)).payload, "");
  await end(socket, peer);
  await assertRejects(() => stream.cancel(), TypeError);
});
