import {
  assert,
  assertEquals,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  encodeMessage,
  WebSocketClosedError,
  WebSocketConn,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, bytesOf, closing, concat } from "./_frames.ts";
import { pair, type Peer } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;

/** Reads the socket's Close frame, and answers it. */
async function answerClose(peer: Peer, payload: Uint8Array): Promise<void> {
  assertEquals(await peer.read(), [CLOSE, binaryOf(payload)]);
  await peer.send(CLOSE, payload);
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

/** The error of a WebSocketStream, which Deno has only on demand. */
function webSocketError(closeCode: number | null, reason: string): Error {
  return Object.assign(new DOMException("", "WebSocketError"), {
    closeCode,
    reason,
  });
}

Deno.test("readable gives text and bytes, and ends when the connection ends cleanly", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const { readable } = socket;
  assertStrictEquals(socket.readable, readable);
  await peer.raw.send(concat(
    peer.frame(TEXT, "Grüße"),
    peer.frame(BINARY, "bytes"),
    peer.frame(CLOSE, closing(4000)),
  ));
  assertEquals(await Array.fromAsync(readable), ["Grüße", bytesOf("bytes")]);
  assertEquals((await socket.closed).code, 4000);
});

Deno.test("readable errors behind the last message when the connection ends otherwise", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.send(TEXT, "last");
  await peer.send(3);
  const reader = socket.readable.getReader();
  assertEquals((await reader.read()).value, "last");
  const error = await assertRejects(() => reader.read(), WebSocketClosedError);
  assertEquals(error.closeCode, 1002);
  assertStrictEquals(error.cause, (await socket.closed).error);
});

Deno.test("readable holds the peer back while it is not read", async () => {
  await using connected = await pair({ maxMessageBytes: MUCH });
  const { socket, peer } = connected;
  const { readable } = socket;
  const message = peer.frame(BINARY, new Uint8Array(1 << 20));
  let sent = 0;
  const sending = (async () => {
    for (; sent < 32; sent++) await peer.raw.send(message);
    await peer.send(CLOSE);
  })();
  for (let before = -1; before !== sent;) {
    before = sent;
    for (let i = 0; i < 5; i++) await turns();
  }
  assert(sent < 32, `${sent}`);
  let length = 0;
  for await (const piece of readable) length += piece.length;
  assertEquals(length, MUCH);
  await sending;
});

const REASONS: [name: string, reason: unknown, payload: Uint8Array][] = [
  ["no reason", undefined, new Uint8Array(0)],
  ["an Error", new Error("why"), new Uint8Array(0)],
  ["a string", "why", new Uint8Array(0)],
  ["a code", webSocketError(4001, ""), closing(4001)],
  ["a code and a reason", webSocketError(1000, "bye"), closing(1000, "bye")],
  ["no code", webSocketError(null, ""), new Uint8Array(0)],
  [
    "a code that may not be sent",
    webSocketError(1006, "lost"),
    new Uint8Array(0),
  ],
  [
    "a reason that is too long",
    webSocketError(4000, "x".repeat(124)),
    new Uint8Array(0),
  ],
];

for (const [name, reason, payload] of REASONS) {
  Deno.test(`cancelling readable or aborting writable closes with what it is given when that is ${name}`, async () => {
    for (const which of ["readable", "writable"] as const) {
      await using connected = await pair();
      const { socket, peer } = connected;
      if (which === "readable") await socket.readable.cancel(reason);
      else await socket.writable.abort(reason);
      assertEquals(socket.readyState, WebSocketConn.CLOSING);
      await answerClose(peer, payload);
      assertEquals((await socket.closed).wasClean, true);
    }
  });
}

Deno.test("writable sends each piece as a message of its kind", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const { writable } = socket;
  assertStrictEquals(socket.writable, writable);
  const writer = writable.getWriter();
  const bytes = bytesOf("-bytes-");
  writer.write("text");
  writer.write(bytes);
  writer.write(bytes.buffer);
  writer.write(new DataView(bytes.buffer, 1, 5));
  writer.write(new Blob(["blob"]));
  await writer.write(encodeMessage("encoded"));
  const seen = [];
  for (let i = 0; i < 6; i++) seen.push(await peer.read());
  assertEquals(seen, [
    [TEXT, "text"],
    [BINARY, "-bytes-"],
    [BINARY, "-bytes-"],
    [BINARY, "bytes"],
    [BINARY, "blob"],
    [TEXT, "encoded"],
  ]);
  const closed = writer.close();
  await answerClose(peer, new Uint8Array(0));
  await closed;
  assertEquals(await socket.closed, { code: 1005, reason: "", wasClean: true });
});

Deno.test("writable makes who writes wait while the peer does not read", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const writer = socket.writable.getWriter();
  const written = writer.write(new Uint8Array(MUCH));
  await turns();
  assert(!await isSettled(written));
  assert(!await isSettled(writer.ready));
  await peer.skim(MUCH + 10);
  await written;
  await writer.ready;
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("writable refuses what is no message, and closes nothing", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const writer = socket.writable.getWriter();
  await assertRejects(() => writer.write(5 as unknown as string), TypeError);
  socket.send("still open");
  assertEquals(await peer.read(), [TEXT, "still open"]);
  await peer.send(CLOSE);
  await socket.closed;
  await assertRejects(() => writer.closed, TypeError);
});

Deno.test("closing writable rejects when the connection does not end cleanly", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const closed = socket.writable.close();
  await peer.read();
  await peer.raw.closeWrite();
  const error = await assertRejects(() => closed, WebSocketClosedError);
  assertEquals(error.closeCode, 1006);
});

Deno.test("writable errors when the connection ends", async () => {
  for (const clean of [true, false]) {
    await using connected = await pair();
    const { socket, peer } = connected;
    const writer = socket.writable.getWriter();
    await writer.write("fine");
    await peer.read();
    if (clean) await peer.send(CLOSE, closing(1000));
    else await peer.raw.closeWrite();
    const errors = [
      await assertRejects(() => writer.closed, WebSocketClosedError),
      await assertRejects(() => writer.write("late"), WebSocketClosedError),
    ];
    for (const { closeCode } of errors) {
      assertEquals(closeCode, clean ? 1000 : 1006);
    }
    const late = socket.writable;
    assertStrictEquals(late.locked, true);
  }
});

Deno.test("writable errors when it is written to while the connection closes", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const writer = socket.writable.getWriter();
  socket.close(1000);
  const written = writer.write("late");
  await answerClose(peer, closing(1000));
  await assertRejects(() => written, WebSocketClosedError);
  await assertRejects(() => writer.closed, WebSocketClosedError);
  await peer.readEnd();
});

Deno.test("readable can be piped to the writable of another socket, and back to its own", async () => {
  await using from = await pair();
  await using to = await pair();
  const forth = from.socket.readable.pipeTo(to.socket.writable);
  // Its end comes to a socket that has ended.
  const back = assertRejects(
    () => to.socket.readable.pipeTo(from.socket.writable),
    WebSocketClosedError,
  );
  await from.peer.send(TEXT, "there");
  assertEquals(await to.peer.read(), [TEXT, "there"]);
  await to.peer.send(BINARY, "and back");
  assertEquals(await from.peer.read(), [BINARY, "and back"]);
  await from.peer.send(CLOSE, closing(1000));
  assertEquals((await from.peer.read())[0], CLOSE);
  assertEquals((await to.peer.read())[0], CLOSE);
  await to.peer.send(CLOSE);
  await Promise.all([forth, back]);
});
