import { assert, assertEquals } from "@std/assert";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { serve } from "../../../upgrade/mod.ts";
import {
  encodeMessage,
  joinMessages,
  upgradeWebSocket,
  type UpgradeWebSocketOptions,
  type WebSocketConn,
} from "../../../upgrade/websocket/mod.ts";
import { connect } from "../../_raw_socket.ts";
import { frame, KEY } from "./_frames.ts";
import { openingHandshake, Peer } from "./_peer.ts";

const TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9;
const RSV1 = 4;
const OFFER = { "Sec-WebSocket-Extensions": "permessage-deflate" };
const LONG = "what is said again and again, ".repeat(40);

/** Compresses a message as RFC 7692 §7.2.1 says, without a context. */
function deflated(data: string | Uint8Array): Uint8Array {
  const options = { finishFlush: constants.Z_SYNC_FLUSH };
  return deflateRawSync(data, options).subarray(0, -4);
}

/** The text of a compressed payload, given as one character a byte. */
function inflated(payload: string): string {
  const tail = [0, 0, 0xff, 0xff];
  const bytes = Uint8Array.from(payload, (char) => char.charCodeAt(0));
  return inflateRawSync(Uint8Array.of(...bytes, ...tail), {
    finishFlush: constants.Z_SYNC_FLUSH,
  }).toString();
}

/** A frame of a client with RSV1 set. */
function compressed(
  opcode: number,
  payload: Uint8Array | string,
  fin: 0 | 1 = 1,
): Uint8Array<ArrayBuffer> {
  return frame({ opcode, payload, fin, rsv: RSV1, key: KEY });
}

/** Serves one handler of sockets, by default an echo, to raw peers. */
async function withSockets(
  options: UpgradeWebSocketOptions,
  test: (port: number, sockets: WebSocketConn[]) => Promise<void>,
): Promise<void> {
  const sockets: WebSocketConn[] = [];
  await using server = serve({ port: 0 }, (request) => {
    const { socket, response } = upgradeWebSocket(request, options);
    sockets.push(socket);
    socket.forEach((message) => socket.send(message));
    return response;
  });
  await test((server.addr as Deno.NetAddr).port, sockets);
  for (const socket of sockets) await socket.closed;
}

/** Reads the header and the payload of a short or medium frame. */
async function readRaw(
  peer: Peer,
): Promise<{ first: number; payload: string }> {
  const head = await peer.raw.readExactly(2);
  let length = head[1]!;
  if (length === 126) {
    const [high, low] = await peer.raw.readExactly(2);
    length = high! << 8 | low!;
  }
  const payload = String.fromCharCode(...await peer.raw.readExactly(length));
  return { first: head[0]!, payload };
}

Deno.test("WebSocketConn compresses what is long enough, when both sides agree", async () => {
  await withSockets({ deflate: true }, async (port, sockets) => {
    using peer = await Peer.open(port, OFFER);
    assertEquals(
      sockets[0]!.extensions,
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    );
    await peer.raw.send(compressed(TEXT, deflated(LONG)));
    const long = await readRaw(peer);
    assertEquals(long.first, 0x80 | 0x40 | TEXT);
    assert(long.payload.length < LONG.length / 4);
    assertEquals(inflated(long.payload), LONG);
    await peer.send(TEXT, "short");
    assertEquals(await readRaw(peer), { first: 0x80 | TEXT, payload: "short" });
  });
});

Deno.test("WebSocketConn does not compress when nobody asked for it, on either side", async () => {
  const cases = [[{}, OFFER], [{ deflate: true }, {}]] as const;
  for (const [options, fields] of cases) {
    await withSockets(options, async (port, sockets) => {
      using peer = await Peer.open(port, fields);
      assertEquals(sockets[0]!.extensions, "");
      await peer.send(TEXT, LONG);
      assertEquals(await readRaw(peer), { first: 0x80 | TEXT, payload: LONG });
      await peer.raw.send(compressed(TEXT, deflated(LONG)));
      assertEquals((await readRaw(peer)).payload.slice(0, 2), "\x03\xea");
    });
  }
});

Deno.test("WebSocketConn inflates a message in fragments, with a ping between", async () => {
  await withSockets({ deflate: { threshold: 1e9 } }, async (port) => {
    using peer = await Peer.open(port, OFFER);
    const payload = deflated(LONG);
    await peer.raw.send(compressed(TEXT, payload.subarray(0, 9), 0));
    await peer.send(PING, "p");
    await peer.raw.send(peer.frame(0, payload.subarray(9)));
    assertEquals((await readRaw(peer)).payload, "p");
    assertEquals(await readRaw(peer), { first: 0x80 | TEXT, payload: LONG });
  });
});

Deno.test("WebSocketConn closes with 1002 when RSV1 stands where it has no meaning", async () => {
  const payload = deflated(LONG);
  const wrong: ((peer: Peer) => Uint8Array<ArrayBuffer>[])[] = [
    () => [compressed(TEXT, payload, 0), compressed(0, payload)],
    () => [compressed(PING, "p")],
    () => [frame({ opcode: TEXT, payload, rsv: 6, key: KEY })],
    () => [frame({ opcode: TEXT, payload, rsv: 1, key: KEY })],
  ];
  for (const frames of wrong) {
    await withSockets({ deflate: true }, async (port) => {
      using peer = await Peer.open(port, OFFER);
      for (const bytes of frames(peer)) await peer.raw.send(bytes);
      const { first, payload } = await readRaw(peer);
      assertEquals([first, payload.slice(0, 2)], [0x80 | CLOSE, "\x03\xea"]);
    });
  }
});

Deno.test("WebSocketConn closes with 1007 when what was compressed is not valid", async () => {
  const wrong = [
    [TEXT, Uint8Array.of(0xff, 0xff, 0xff)],
    [BINARY, deflated(LONG).subarray(0, 20)],
    [TEXT, deflated(Uint8Array.of(0xc3, 0x28))],
  ] as const;
  for (const [opcode, payload] of wrong) {
    await withSockets({ deflate: true }, async (port) => {
      using peer = await Peer.open(port, OFFER);
      await peer.raw.send(compressed(opcode, payload));
      const close = await readRaw(peer);
      assertEquals(close.payload.slice(0, 2), "\x03\xef");
    });
  }
});

Deno.test("WebSocketConn closes with 1009 before a bomb is inflated, and takes what just fits", async () => {
  const options = { deflate: true, maxMessageBytes: 1 << 20 };
  await withSockets(options, async (port, sockets) => {
    using peer = await Peer.open(port, OFFER);
    const fits = deflated(new Uint8Array(1 << 20));
    await peer.raw.send(compressed(BINARY, fits));
    assertEquals((await readRaw(peer)).first, 0x80 | 0x40 | BINARY);
    await peer.raw.send(compressed(BINARY, deflated(new Uint8Array(64 << 20))));
    assertEquals((await readRaw(peer)).payload.slice(0, 2), "\x03\xf1");
    assertEquals((await sockets[0]!.closed).code, 1009);
  });
});

Deno.test("WebSocketConn takes what just fits when compressing has made it longer", async () => {
  const options = {
    deflate: { threshold: Infinity },
    maxMessageBytes: 1 << 20,
  };
  await withSockets(options, async (port) => {
    using peer = await Peer.open(port, OFFER);
    const data = new Uint8Array(1 << 20);
    for (let at = 0; at < data.length; at += 0x10000) {
      crypto.getRandomValues(data.subarray(at, at + 0x10000));
    }
    const longer = deflateRawSync(data, {
      level: 1,
      finishFlush: constants.Z_SYNC_FLUSH,
    }).subarray(0, -4);
    assert(longer.length > data.length + 50_000);
    await peer.raw.send(compressed(BINARY, longer));
    assertEquals(
      [...await peer.raw.readExactly(10)],
      [0x80 | BINARY, 127, 0, 0, 0, 0, 0, 0x10, 0, 0],
    );
    await peer.raw.readExactly(data.length);
  });
});

Deno.test("upgradeWebSocket() refuses extensions that are no list with 400", async () => {
  await using server = serve(
    { port: 0 },
    (request) => upgradeWebSocket(request, { deflate: true }).response,
  );
  using raw = await connect((server.addr as Deno.NetAddr).port);
  await raw.send(openingHandshake({ "Sec-WebSocket-Extensions": "a;;b=" }));
  assert((await raw.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 400 "));
});

Deno.test("encodeMessage() is compressed once for all who agreed to the same, with and without a context", async () => {
  for (const ownContextTakeover of [false, true]) {
    const deflate = { ownContextTakeover };
    await withSockets({ deflate }, async (port, sockets) => {
      using first = await Peer.open(port, OFFER);
      using second = await Peer.open(port, OFFER);
      using plain = await Peer.open(port);
      const message = encodeMessage(LONG);
      for (const socket of sockets) socket.send(message);
      const [a, b] = [await readRaw(first), await readRaw(second)];
      assertEquals(a, b);
      assertEquals(inflated(a.payload), LONG);
      const { settings } = { settings: { windowBits: 15, level: 6 } };
      assertEquals(
        message.compressedFrame(settings),
        message.compressedFrame({ ...settings }),
      );
      assertEquals(await readRaw(plain), {
        first: 0x80 | TEXT,
        payload: LONG,
      });
      // What was sent to all is part of the context of the next message.
      sockets[0]!.send(LONG);
      const next = await readRaw(first);
      if (ownContextTakeover) {
        assert(next.payload.length < a.payload.length / 2);
      } else assertEquals(next, a);
    });
  }
});

Deno.test("sendAll() compresses each of its messages where that was agreed on", async () => {
  await withSockets({ deflate: true }, async (port, sockets) => {
    using peer = await Peer.open(port, OFFER);
    using plain = await Peer.open(port);
    const batch = joinMessages([encodeMessage(LONG), encodeMessage("short")]);
    for (const socket of sockets) socket.sendAll(batch);
    assertEquals(inflated((await readRaw(peer)).payload), LONG);
    assertEquals((await readRaw(peer)).payload, "short");
    assertEquals((await readRaw(plain)).payload, LONG);
    assertEquals((await readRaw(plain)).payload, "short");
  });
});

Deno.test("encodeMessage() is sent as it is when it may not be compressed", async () => {
  await withSockets({ deflate: true }, async (port, sockets) => {
    using peer = await Peer.open(port, OFFER);
    sockets[0]!.send(encodeMessage(LONG, { compress: false }));
    assertEquals(await readRaw(peer), { first: 0x80 | TEXT, payload: LONG });
  });
});

Deno.test("WebSocketConn streams a message that came compressed as one piece", async () => {
  const pieces: number[] = [];
  const done = Promise.withResolvers<void>();
  await using server = serve({ port: 0 }, (request) => {
    const { socket, response } = upgradeWebSocket(request, { deflate: true });
    (async () => {
      for await (const message of socket.streams()) {
        for await (const piece of message.readable) pieces.push(piece.length);
        done.resolve();
      }
    })();
    return response;
  });
  using peer = await Peer.open((server.addr as Deno.NetAddr).port, OFFER);
  const payload = deflated(LONG);
  await peer.raw.send(compressed(TEXT, payload.subarray(0, 5), 0));
  await peer.raw.send(peer.frame(0, payload.subarray(5)));
  await done.promise;
  assertEquals(pieces, [LONG.length]);
  await peer.send(CLOSE);
});
