import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  CLOSE_CODE,
  WEBSOCKET_ERRORS,
  WebSocketConn,
  WebSocketError,
  type WebSocketErrorCode,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, bytesOf, closing, concat, frame } from "./_frames.ts";
import { pair, type PairOptions, type Peer, upgradedPair } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10;
// More than the buffers of a loopback connection take.
const MUCH = 32 << 20;

async function assertCloseRead(
  peer: Peer,
  code?: number,
  reason = "",
): Promise<void> {
  const payload = code === undefined ? "" : binaryOf(closing(code, reason));
  assertEquals(await peer.read(), [CLOSE, payload]);
}

/** Notes when the socket ends its sending direction. */
function noting(ends: string[]): Pick<PairOptions, "prepare"> {
  return {
    prepare(conn) {
      const closeWrite = conn.closeWrite.bind(conn);
      conn.closeWrite = () => {
        ends.push("end");
        return closeWrite();
      };
    },
  };
}

Deno.test("closed tells the peer's code and reason when the peer closes first", async () => {
  for (
    const [payload, code, reason] of [
      [closing(1000, "done"), 1000, "done"],
      [closing(1001), 1001, ""],
      [closing(4999, "é".repeat(61)), 4999, "é".repeat(61)],
      ["", 1005, ""],
    ] as const
  ) {
    await using connected = await pair();
    const { socket, peer } = connected;
    await peer.send(CLOSE, payload);
    await assertCloseRead(peer, code === 1005 ? undefined : code);
    // The server ends first, without waiting for the client.
    await peer.readEnd();
    assertEquals(await socket.closed, { code, reason, wasClean: true });
    assertEquals(socket.readyState, WebSocketConn.CLOSED);
  }
});

Deno.test("closed tells the peer's code and reason when this side closes first", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const seen: string[] = [];
  socket.forEach((message) => void seen.push(message.text()));
  await peer.send(TEXT, "before");
  socket.close(4000, "first");
  assertEquals(socket.readyState, WebSocketConn.CLOSING);
  await assertCloseRead(peer, 4000, "first");
  // Between the two, all but a Close is dropped, and no ping answered.
  await peer.raw.send(concat(peer.frame(TEXT, "late"), peer.frame(PING)));
  await peer.send(CLOSE, closing(4001, "second"));
  await peer.readEnd();
  assertEquals(await socket.closed, {
    code: 4001,
    reason: "second",
    wasClean: true,
  });
  assert(seen.length <= 1);
});

Deno.test("closed is clean when both sides close at once", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  await peer.send(PING);
  await peer.read();
  socket.close(1000, "ours");
  await peer.send(CLOSE, closing(3000, "theirs"));
  await assertCloseRead(peer, 1000, "ours");
  await peer.readEnd();
  assertEquals(await socket.closed, {
    code: 3000,
    reason: "theirs",
    wasClean: true,
  });
});

Deno.test("closed tells 1006 when the peer ends without a Close", async () => {
  for (const partial of ["", "\x81", "\x81\xfe\x01", "\x81\x85abcdxx"]) {
    await using connected = await pair();
    const { socket, peer } = connected;
    await peer.raw.send(bytesOf(partial));
    await peer.raw.closeWrite();
    await peer.readEnd();
    assertEquals(await socket.closed, {
      code: 1006,
      reason: "",
      wasClean: false,
    });
  }
});

Deno.test("closed tells 1006 when the peer ends after it was sent a Close", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.close(1000);
  await assertCloseRead(peer, 1000);
  await peer.raw.closeWrite();
  assertEquals(await socket.closed, {
    code: 1006,
    reason: "",
    wasClean: false,
  });
});

Deno.test("closed tells 1006 and the error when the peer is gone while it is written to", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const called = Promise.withResolvers<void>();
  socket.forEach(() => {
    called.resolve();
    return socket.send(new Uint8Array(MUCH));
  });
  await peer.send(TEXT, "much, please");
  await called.promise;
  await peer.raw.conn.read(new Uint8Array(1));
  peer.reset();
  const { code, wasClean, error } = await socket.closed;
  assertEquals([code, wasClean], [1006, false]);
  assert(
    error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe,
    `${error}`,
  );
});

Deno.test("send() is written out when the peer has ended its sending direction", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  const bytes = new Uint8Array(1_000_000);
  await peer.raw.closeWrite();
  socket.send(bytes);
  assertEquals(await peer.skim(), bytes.length + 10);
  assertEquals((await socket.closed).code, 1006);
});

const VIOLATIONS: [WebSocketErrorCode, Uint8Array][] = [
  ["unmasked_frame", frame({ opcode: TEXT, payload: "a" })],
  ["reserved_bits", frame({ opcode: TEXT, rsv: 4, key: [1, 2, 3, 4] })],
  ["reserved_opcode", frame({ opcode: 0xf, key: [1, 2, 3, 4] })],
  [
    "invalid_utf8",
    frame({
      opcode: TEXT,
      payload: bytesOf("\xff"),
      key: [1, 2, 3, 4],
    }),
  ],
  [
    "message_too_big",
    frame({
      opcode: BINARY,
      claims: (1n << 63n) - 1n,
      key: [1, 2, 3, 4],
    }),
  ],
];

for (const [code, bytes] of VIOLATIONS) {
  Deno.test(`closed tells ${code} when the peer broke that rule`, async () => {
    await using connected = await pair();
    const { socket, peer } = connected;
    const [closeCode, reason] = WEBSOCKET_ERRORS[code];
    await peer.raw.send(concat(peer.frame(PING, "before"), bytes));
    assertEquals(await peer.read(), [PONG, "before"]);
    await assertCloseRead(peer, closeCode, reason);
    await peer.readEnd();
    const { error, ...info } = await socket.closed;
    assertEquals(info, { code: closeCode, reason, wasClean: false });
    assert(error instanceof WebSocketError && error.code === code);
  });

  Deno.test(`the Close of ${code} is delivered when the peer goes on sending`, async () => {
    await using connected = await pair();
    const { socket, peer } = connected;
    const [closeCode, reason] = WEBSOCKET_ERRORS[code];
    // All of this is sent before the peer reads the first byte.
    await peer.raw.send(bytes);
    await peer.raw.send(new Uint8Array(MUCH));
    await assertCloseRead(peer, closeCode, reason);
    await peer.readEnd();
    assertEquals((await socket.closed).code, closeCode);
  });
}

Deno.test("the Close of close() is delivered when the peer goes on sending", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.forEach(() => {});
  socket.close(CLOSE_CODE.tryAgainLater, "full");
  const message = peer.frame(BINARY, new Uint8Array(1 << 20));
  for (let i = 0; i < 32; i++) await peer.raw.send(message);
  await assertCloseRead(peer, 1013, "full");
  await peer.send(CLOSE, closing(1013));
  await peer.readEnd();
  assertEquals((await socket.closed).wasClean, true);
});

Deno.test("closed tells 1006 after the close timeout when the peer does not answer", async () => {
  await using connected = await pair({ closeTimeout: 30 });
  const { socket, peer } = connected;
  socket.close(1000);
  await assertCloseRead(peer, 1000);
  await peer.readEnd();
  assertEquals(await socket.closed, {
    code: 1006,
    reason: "",
    wasClean: false,
  });
});

Deno.test("closed tells 1006 after the close timeout when the Close cannot be written", async () => {
  await using connected = await pair({ closeTimeout: 30 });
  const { socket, peer } = connected;
  const waits = socket.send(new Uint8Array(MUCH));
  socket.close(1000);
  assertEquals(await socket.closed, {
    code: 1006,
    reason: "",
    wasClean: false,
  });
  await waits;
  peer.raw.close();
});

Deno.test("closed is not clean when the peer closes but does not read", async () => {
  await using connected = await pair({ closeTimeout: 30 });
  const { socket, peer } = connected;
  socket.send(new Uint8Array(MUCH));
  await peer.send(CLOSE, closing(1000, "bye"));
  const { code, reason, wasClean } = await socket.closed;
  assertEquals([code, reason, wasClean], [1000, "bye", false]);
});

Deno.test("close() sends the Close first when the connection opens", async () => {
  await using connected = await upgradedPair();
  const { upgraded, peer } = connected;
  const opening = Promise.withResolvers<typeof upgraded>();
  const socket = new WebSocketConn(opening.promise, {
    role: "server",
    url: "ws://a.example/",
    protocol: "",
  });
  socket.close(1000);
  opening.resolve(upgraded);
  await assertCloseRead(peer, 1000);
  await peer.send(CLOSE, closing(1000));
  await peer.readEnd();
  assertEquals((await socket.closed).wasClean, true);
});

Deno.test("close() cuts the connection when it opens after the close timeout and the peer does not answer", async () => {
  await using connected = await upgradedPair();
  const { upgraded, peer } = connected;
  const opening = Promise.withResolvers<typeof upgraded>();
  const socket = new WebSocketConn(
    opening.promise,
    { role: "server", url: "ws://a.example/", protocol: "" },
    { closeTimeout: 20 },
  );
  socket.close(1000);
  assertEquals((await socket.closed).code, 1006);
  opening.resolve(upgraded);
  await assertCloseRead(peer, 1000);
  await peer.readEnd();
});

Deno.test("close() says the first code only when it is called again", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  socket.close(1000, "one");
  socket.close(1001, "two");
  await assertCloseRead(peer, 1000, "one");
  await peer.send(CLOSE);
  await peer.readEnd();
  await socket.closed;
  socket.close(1000);
});

Deno.test("close() throws a RangeError and stays open when the code or reason may not be sent", async () => {
  await using connected = await pair();
  const { socket, peer } = connected;
  for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000]) {
    assertThrows(() => socket.close(code), RangeError);
  }
  assertThrows(() => socket.close(1000, "é".repeat(62)), RangeError);
  assertThrows(() => socket.close(undefined, "reason"), RangeError);
  socket.send("still open");
  assertEquals(await peer.read(), [TEXT, "still open"]);
  await peer.send(CLOSE);
  await socket.closed;
});

Deno.test("a server ends its sending direction first, a client after the server", async () => {
  for (const role of ["server", "client"] as const) {
    const ends: string[] = [];
    await using connected = await pair({ role, ...noting(ends) });
    const { socket, peer } = connected;
    socket.close(1000);
    await assertCloseRead(peer, 1000);
    await peer.send(CLOSE, closing(1000));
    if (role === "client") await peer.raw.closeWrite();
    await peer.readEnd();
    assertEquals((await socket.closed).wasClean, true);
    assertEquals(ends, role === "server" ? ["end"] : []);
  }
});
