import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  type StreamedMessage,
  WebSocketClosedError,
  type WebSocketConn,
  WebSocketError,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, bytesOf, closing, concat, pattern } from "./_frames.ts";
import { pair, type Peer } from "./_peer.ts";

const CONTINUATION = 0, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;

/** Takes the next message, which has to come. */
async function take(
  messages: AsyncIterator<StreamedMessage, undefined>,
): Promise<StreamedMessage> {
  const { done, value } = await messages.next();
  if (done) throw new Error("No message came");
  return value;
}

/** How many bytes a message has, read to its end. */
async function measure(message: StreamedMessage): Promise<number> {
  let length = 0;
  for await (const piece of message.readable) length += piece.length;
  return length;
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

Deno.test("streams() gives each message in order, as what it is", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  await peer.raw.send(concat(
    peer.frame(TEXT, "Grüße"),
    peer.frame(BINARY, "by", 0),
    peer.frame(CONTINUATION, "tes", 0),
    peer.frame(CONTINUATION),
    peer.frame(TEXT),
    peer.frame(CLOSE, closing(1000)),
  ));
  const seen: [boolean, string][] = [];
  for await (const message of messages) {
    seen.push([message.isText, await message.text()]);
  }
  assertEquals(seen, [[true, "Grüße"], [false, "bytes"], [true, ""]]);
  assertEquals((await socket.closed).code, 1000);
});

Deno.test("streams() gives a message when it begins, and its bytes when they come", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  const frame = peer.frame(BINARY, "abcdef");
  await peer.raw.send(frame.subarray(0, 8));
  const message = await take(messages);
  const reader = message.readable.getReader();
  assertEquals((await reader.read()).value, bytesOf("ab"));
  await peer.raw.send(frame.subarray(8));
  assertEquals((await reader.read()).value, bytesOf("cdef"));
  assertEquals((await reader.read()).done, true);
  await end(socket, peer);
  assertEquals((await messages.next()).done, true);
});

Deno.test("streams() takes messages of any size when no limit is given", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  const sent = (async () => {
    await peer.send(BINARY, new Uint8Array(MUCH));
    // As many fragments as are too many otherwise, and one more.
    await peer.raw.send(peer.frame(BINARY, "", 0));
    const thousand = concat(
      ...Array.from({ length: 1024 }, () => peer.frame(CONTINUATION, "x", 0)),
    );
    for (let i = 0; i < 128; i++) await peer.raw.send(thousand);
    await peer.send(CONTINUATION, "x");
  })();
  assertEquals(await measure(await take(messages)), MUCH);
  assertEquals(await measure(await take(messages)), 0x20001);
  await sent;
  await end(socket, peer);
});

Deno.test("streams() keeps a limit when it is given", async () => {
  await using connected = await pair({ maxMessageBytes: 10 });
  const { socket, peer } = connected;
  const messages = socket.streams();
  await peer.raw.send(concat(
    peer.frame(BINARY, pattern(10)),
    peer.frame(BINARY, pattern(6), 0),
    peer.frame(CONTINUATION, pattern(5)),
  ));
  assertEquals(await measure(await take(messages)), 10);
  const error = await assertRejects(
    async () => await measure(await take(messages)),
    WebSocketClosedError,
  );
  assertEquals(error.closeCode, 1009);
  assert(error.cause instanceof WebSocketError);
  assertEquals(error.cause.code, "message_too_big");
  assertEquals((await messages.next()).done, true);
});

Deno.test("streams() errors a text as soon as it is no UTF-8", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  await peer.raw.send(peer.frame(TEXT, bytesOf("a\xf0\x9f"), 0));
  const reader = (await take(messages)).readable.getReader();
  assertEquals((await reader.read()).value, bytesOf("a\xf0\x9f"));
  await peer.raw.send(peer.frame(CONTINUATION, "b", 0));
  const [opcode, payload] = await peer.read();
  assertEquals([opcode, payload.slice(0, 2)], [CLOSE, binaryOf(closing(1007))]);
  await assertRejects(() => reader.read(), WebSocketClosedError);
  assertEquals((await socket.closed).code, 1007);
});

for (const how of ["end", "close", "closing"] as const) {
  Deno.test(`streams() errors a message when the connection ends within it by ${how}`, async () => {
    await using connected = await pair();
    const { socket, peer } = connected;
    const messages = socket.streams();
    await peer.raw.send(peer.frame(BINARY, "begun", 0));
    const reader = (await take(messages)).readable.getReader();
    if (how === "end") await peer.raw.closeWrite();
    else if (how === "close") await peer.send(CLOSE, closing(4000, "bye"));
    else {
      socket.close(1000);
      await peer.read();
      await peer.raw.send(concat(
        peer.frame(CONTINUATION, "late"),
        peer.frame(CLOSE, closing(4000, "bye")),
      ));
    }
    assertEquals((await reader.read()).value, bytesOf("begun"));
    const error = await assertRejects(
      () => reader.read(),
      WebSocketClosedError,
    );
    const expected = how === "end" ? [1006, ""] : [4000, "bye"];
    assertEquals([error.closeCode, error.reason], expected);
    assertEquals((await messages.next()).done, true);
  });
}

Deno.test("streams() holds the connection back while a message is not read", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  const sent = peer.raw.send(concat(
    peer.frame(BINARY, new Uint8Array(MUCH)),
    peer.frame(TEXT, "next"),
  ));
  const message = await take(messages);
  for (let i = 0; i < 20; i++) await turns();
  assert(!await isSettled(sent));
  assertEquals(await measure(message), MUCH);
  await sent;
  assertEquals(await (await take(messages)).text(), "next");
  await end(socket, peer);
});

Deno.test("streams() holds the connection back while no message is taken", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  const thousand = concat(
    ...Array.from({ length: 1000 }, () => peer.frame(BINARY, pattern(1000))),
  );
  const sent = (async () => {
    for (let i = 0; i < 30; i++) await peer.raw.send(thousand);
  })();
  for (let i = 0; i < 20; i++) await turns();
  assert(!await isSettled(sent));
  for (let i = 0; i < 30_000; i++) {
    // Cancelling takes what waits of it, too.
    await (await take(messages)).readable.cancel();
  }
  await sent;
  await end(socket, peer);
});

Deno.test("cancelling a stream drops the rest of its message only", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  const sent = peer.raw.send(concat(
    peer.frame(BINARY, new Uint8Array(MUCH), 0),
    peer.frame(CONTINUATION, "more"),
    peer.frame(TEXT, "next"),
  ));
  await (await take(messages)).readable.cancel();
  assertEquals(await (await take(messages)).text(), "next");
  await sent;
  await end(socket, peer);
});

Deno.test("pings are answered when little of a message waits to be read", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  await peer.raw.send(concat(
    peer.frame(BINARY, new Uint8Array(60_000), 0),
    peer.frame(PING, "there?"),
  ));
  assertEquals(await peer.read(), [PONG, "there?"]);
  await peer.send(CONTINUATION, "end");
  assertEquals(await measure(await take(messages)), 60_003);
  await end(socket, peer);
});

Deno.test("streams() goes on when its loop was left, and gives what came before", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.raw.send(concat(
    ...["a", "b", "c"].map((text) => peer.frame(TEXT, text)),
  ));
  // The first one waits for somebody who takes it, as a whole.
  await peer.send(PING);
  await turns();
  const seen: string[] = [];
  for await (const message of socket.streams()) {
    seen.push(await message.text());
    break;
  }
  await peer.send(CLOSE);
  for await (const message of socket.streams()) seen.push(await message.text());
  assertEquals(seen, ["a", "b", "c"]);
  assertEquals(await Array.fromAsync(socket.streams()), []);
});

Deno.test("streams() gives nothing when the connection is over", async () => {
  await using connected = await pair();
  await end(connected.socket, connected.peer);
  assertEquals(await Array.fromAsync(connected.socket.streams()), []);
});

Deno.test("close() ends the handshake when a message is not read", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const messages = socket.streams();
  const sent = peer.raw.send(peer.frame(BINARY, new Uint8Array(1 << 20)));
  const message = await take(messages);
  for (let i = 0; i < 5; i++) await turns();
  socket.close(1000);
  await sent;
  await peer.read();
  await peer.send(CLOSE, closing(1000));
  assertEquals((await socket.closed).wasClean, true);
  await assertRejects(() => measure(message), WebSocketClosedError);
});

Deno.test("messages can be read in one way only", async () => {
  const ways: Record<string, (socket: WebSocketConn) => unknown> = {
    "forEach()": (socket) => socket.forEach(() => {}),
    "iteration": (socket) => socket[Symbol.asyncIterator](),
    "streams()": (socket) => socket.streams(),
    "readable": (socket) => socket.readable,
  };
  for (const [first, read] of Object.entries(ways)) {
    for (const [second, readToo] of Object.entries(ways)) {
      if (first === second && first !== "forEach()") continue;
      await using connected = await pair();
      const { socket, peer } = connected;
      read(socket);
      assertThrows(
        () => readToo(socket),
        TypeError,
        `Cannot read messages by ${second}: ${first} reads them`,
      );
      await end(socket, peer);
    }
  }
});
