import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { WebSocketConn } from "../../../upgrade/websocket/mod.ts";
import { binaryOf, clientFrame, closing, concat } from "./_frames.ts";
import { pair, upgradedPair } from "./_peer.ts";

const TEXT = 1, CLOSE = 8, PING = 9, PONG = 10;
const SESSION = {
  role: "server",
  url: "ws://a.example/",
  protocol: "v1",
} as const;

Deno.test("WebSocketConn is open when the connection is, and tells what was agreed on", async () => {
  await using connected = await upgradedPair();
  const { upgraded, peer } = connected;
  const opening = Promise.withResolvers<typeof upgraded>();
  const socket = new WebSocketConn(opening.promise, SESSION);
  assertEquals(socket.readyState, WebSocketConn.CONNECTING);
  assertEquals(
    [socket.url, socket.protocol, socket.extensions],
    ["ws://a.example/", "v1", ""],
  );
  opening.resolve(upgraded);
  await peer.send(PING, "open?");
  assertEquals(await peer.read(), [PONG, "open?"]);
  assertEquals(socket.readyState, WebSocketConn.OPEN);
  await peer.send(CLOSE);
  await socket.closed;
  assertEquals(socket.readyState, WebSocketConn.CLOSED);
});

Deno.test("WebSocketConn is closed with 1006 when the upgrade fails", async () => {
  const error = new Error("no upgrade");
  const socket = new WebSocketConn(Promise.reject(error), SESSION);
  const sent = socket.send(new Uint8Array(100_000));
  const ping = socket.ping();
  const read = socket.forEach(() => {});
  const info = await socket.closed;
  assertEquals(info, { code: 1006, reason: "", wasClean: false, error });
  assertEquals(await read, info);
  await sent;
  await assertRejects(() => ping, Error, "Cannot ping");
  assertEquals(socket.readyState, WebSocketConn.CLOSED);
  assertEquals(socket.send("late"), undefined);
  for await (const _ of new WebSocketConn(Promise.reject(error), SESSION)) {
    throw new Error("A message came");
  }
});

Deno.test("WebSocketConn reads early bytes first, and cut frames with them", async () => {
  const second = clientFrame(TEXT, "second");
  const early = concat(clientFrame(TEXT, "first"), second.subarray(0, 9));
  await using connected = await pair({ early });
  const { socket, peer } = connected;
  await peer.raw.send(concat(second.subarray(9), peer.frame(TEXT, "third")));
  await peer.send(CLOSE);
  assertEquals(await Array.fromAsync(socket), ["first", "second", "third"]);
});

Deno.test("WebSocketConn masks and takes unmasked frames when it is a client", async () => {
  await using connected = await pair({ role: "client" });
  const { socket, peer } = connected;
  socket.send("masked");
  assertEquals(await peer.readFrame(), {
    fin: true,
    opcode: TEXT,
    masked: true,
    payload: "masked",
  });
  await peer.send(TEXT, "not masked");
  await peer.send(CLOSE, closing(1000));
  assertEquals(await Array.fromAsync(socket), ["not masked"]);
  assertEquals((await socket.closed).code, 1000);
});

Deno.test("WebSocketConn answers pings when it is read", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.forEach(() => {});
  for (const payload of ["", "a", "p".repeat(125)]) {
    await peer.send(PING, payload);
    assertEquals(await peer.read(), [PONG, payload]);
  }
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("WebSocketConn closes with 1001 when the server shuts down", async () => {
  await using connected = await pair();
  const { socket, peer, upgraded } = connected;
  await peer.send(PING);
  await peer.read();
  socket.send("last words");
  upgraded.onshutdown?.();
  assertEquals(await peer.read(), [TEXT, "last words"]);
  const goodbye = closing(1001, "The server is shutting down");
  assertEquals(await peer.read(), [CLOSE, binaryOf(goodbye)]);
  await peer.send(CLOSE, closing(1001));
  const info = await socket.closed;
  assertEquals(info, { code: 1001, reason: "", wasClean: true });
});

Deno.test("[Symbol.asyncDispose]() closes with 1000 and waits for the end", async () => {
  await using connected = await pair();
  const { peer } = connected;
  let info;
  {
    await using socket = connected.socket;
    socket.send("hello");
    const answer = (async () => {
      assertEquals(await peer.read(), [TEXT, "hello"]);
      assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1000))]);
      await peer.send(CLOSE, closing(1000));
    })();
    info = socket.closed;
    answer.catch(() => peer.raw.close());
  }
  assertEquals(await info, { code: 1000, reason: "", wasClean: true });
  assertStrictEquals(connected.socket.readyState, WebSocketConn.CLOSED);
});
