import { assertEquals } from "@std/assert";
import { constants, deflateRawSync } from "node:zlib";
import type { DeflateOptions } from "../../../../upgrade/websocket/deflate_options.ts";
import { upgradeWebSocket } from "../../../../upgrade/websocket/mod.ts";
import { connect } from "../../../_raw_socket.ts";
import { withServer } from "../../_serve.ts";
import { closing, concat, type FrameFields, frameSize } from "../_frames.ts";
import { openingHandshake, Peer } from "../_peer.ts";
import {
  agreed,
  assertCompressed,
  assertPlain,
  compressed,
  COUNT,
  type Direction,
  echoed,
  KEPT,
  KIB,
  messages,
  nameOf,
  OPTIONS,
  SIZES,
  WINDOWS,
} from "./_compression.ts";
import {
  assertFrames,
  BINARY,
  BYE,
  CLOSE,
  CONTINUATION,
  failure,
  frameOf,
  inTime,
  PING,
  PONG,
  ROLES,
  TEXT,
} from "./_conversation.ts";

// Messages of at most 256 bytes, each on its own, reach back no further.
const SMALLEST_WINDOW = 8;
const BOTH_KEPT: DeflateOptions = {
  ...OPTIONS,
  ownContextTakeover: true,
  peerContextTakeover: true,
};

for (const keeps of KEPT) {
  for (const windowBits of WINDOWS) {
    const direction = { keeps, windowBits };
    Deno.test(`a client echoes 1,000 messages when both sides have ${nameOf(direction)}`, async () => {
      const all = messages(COUNT, SIZES);
      const said = await compressed("client", all, direction);
      const came = echoed("client", said, agreed(direction, direction));
      await assertCompressed(came, all, direction);
    });
  }

  for (const role of ROLES) {
    const peer = { keeps, windowBits: SMALLEST_WINDOW };
    Deno.test(`a ${role} echoes 1,000 messages when its peer has ${nameOf(peer)}`, async () => {
      const own = { keeps, windowBits: 15 };
      const all = messages(COUNT, [16, 64, 256]);
      const said = await compressed(role, all, {
        keeps: false,
        windowBits: 9,
      });
      const came = echoed(role, said, agreed(own, peer));
      await assertCompressed(came, all, own);
    });
  }

  Deno.test(`a client sends 1,000 messages as they are when it is told ${keeps ? "a" : "no"} context of 8 bits`, async () => {
    const own = { keeps, windowBits: SMALLEST_WINDOW };
    const peer = { keeps, windowBits: 15 };
    const all = messages(COUNT, [16, 64, 256, KIB]);
    const said = await compressed("client", all, peer);
    assertPlain(echoed("client", said, agreed(own, peer)), all);
  });
}

/** What a client offers, what the server wants, and what they agree on. */
interface Setting {
  readonly offer: string;
  readonly options: DeflateOptions;
  readonly answer: string;
  readonly direction: Direction;
  /** How large the client's frames are at most. */
  readonly frameBytes: number;
}

const SETTINGS: Readonly<Record<string, Setting>> = {
  "no context": {
    offer: "permessage-deflate; client_max_window_bits",
    options: { threshold: 0 },
    answer:
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    direction: { keeps: false, windowBits: 15 },
    frameBytes: Infinity,
  },
  "contexts": {
    offer: "permessage-deflate; client_max_window_bits",
    options: BOTH_KEPT,
    answer: "permessage-deflate",
    direction: { keeps: true, windowBits: 15 },
    frameBytes: 256,
  },
  "contexts of 9 bits": {
    offer:
      "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
    options: BOTH_KEPT,
    answer:
      "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9",
    direction: { keeps: true, windowBits: 9 },
    frameBytes: 1024,
  },
  "the second offer": {
    offer:
      "permessage-deflate; server_max_window_bits=8, permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=12, permessage-deflate",
    options: BOTH_KEPT,
    answer:
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=12",
    direction: { keeps: false, windowBits: 12 },
    frameBytes: 4096,
  },
};

/** Opens a connection with extensions; gives the server's answer too. */
async function open(
  port: number,
  offer: string,
): Promise<{ peer: Peer; answer: string | undefined }> {
  const raw = await connect(port);
  await raw.send(openingHandshake({ "Sec-WebSocket-Extensions": offer }));
  const head = await raw.readUntil("\r\n\r\n");
  const answer = /^sec-websocket-extensions: (.*)\r$/im.exec(head)?.[1];
  return { peer: new Peer(raw), answer };
}

function withDeflatingEcho(
  options: DeflateOptions,
  test: (port: number) => Promise<void>,
): Promise<void> {
  return withServer((request) => {
    const { socket, response } = upgradeWebSocket(request, {
      deflate: options,
    });
    socket.forEach((message) => socket.send(message));
    return response;
  }, ({ port }) => test(port));
}

/** Reads until so many frames have come, and gives all bytes. */
async function readFrames(peer: Peer, count: number): Promise<Uint8Array> {
  let bytes = new Uint8Array(1 << 16);
  let length = 0;
  let at = 0;
  for (let seen = 0; seen < count;) {
    if (length === bytes.length) {
      const larger = new Uint8Array(length * 2);
      larger.set(bytes);
      bytes = larger;
    }
    const read = await peer.raw.conn.read(bytes.subarray(length));
    if (read === null) throw new Error(`It ended after ${seen} frames`);
    length += read;
    for (;;) {
      const size = frameSize(bytes.subarray(at, length));
      if (size === undefined) break;
      at += size;
      seen++;
    }
  }
  assertEquals(at, length, "bytes behind the last frame");
  return bytes.subarray(0, length);
}

for (const [name, setting] of Object.entries(SETTINGS)) {
  const { offer, options, answer, direction, frameBytes } = setting;
  for (const size of SIZES) {
    Deno.test(`a server echoes 1,000 messages of ${size} bytes over TCP with ${name}`, () =>
      withDeflatingEcho(options, async (port) => {
        const opened = await open(port, offer);
        using peer = opened.peer;
        assertEquals(opened.answer, answer);
        const all = messages(COUNT, [size]);
        const said = await compressed("server", all, {
          ...direction,
          frameBytes,
        });
        const [came] = await Promise.all([
          inTime(peer, () => readFrames(peer, COUNT)),
          peer.raw.send(said),
        ]);
        await assertCompressed(came, all, direction);
        await peer.raw.send(frameOf("server", BYE));
        assertFrames("server", await peer.raw.readExactly(4), [BYE]);
        await peer.readEnd();
      }));
  }
}

const DEFLATED = deflateRawSync(new TextEncoder().encode("Grüße 😀"), {
  finishFlush: constants.Z_SYNC_FLUSH,
}).subarray(0, -4);
const RSV1 = 4;

/** A conversation of a server that keeps both contexts, over TCP. */
async function assertAnswers(
  says: readonly FrameFields[],
  hears: readonly FrameFields[],
): Promise<void> {
  const options = { ...BOTH_KEPT, threshold: KIB };
  await withDeflatingEcho(options, async (port) => {
    for (const chop of [Infinity, 1]) {
      const { peer } = await open(port, "permessage-deflate");
      using _ = peer;
      const bytes = concat(...says.map((one) => frameOf("server", one)));
      for (let at = 0; at < bytes.length; at += chop) {
        await peer.raw.send(bytes.subarray(at, at + chop));
      }
      assertFrames("server", await peer.raw.readToEnd(), hears);
    }
  });
}

Deno.test("a server takes messages as they are when compression was agreed on", () =>
  assertAnswers(
    [
      { opcode: TEXT, payload: "plain" },
      { opcode: TEXT, rsv: RSV1, payload: DEFLATED },
      { opcode: BINARY, payload: DEFLATED },
      { opcode: PING, payload: "p" },
      BYE,
    ],
    [
      { opcode: TEXT, payload: "plain" },
      { opcode: TEXT, payload: "Grüße 😀" },
      { opcode: BINARY, payload: DEFLATED },
      { opcode: PONG, payload: "p" },
      BYE,
    ],
  ));

Deno.test("a server joins a compressed text when every byte is a fragment, with pings between", () => {
  const fragments = Array.from(DEFLATED, (byte, i) => ({
    opcode: i === 0 ? TEXT : CONTINUATION,
    rsv: i === 0 ? RSV1 : 0,
    payload: Uint8Array.of(byte),
    fin: 0 as const,
  }));
  const ping = { opcode: PING, payload: "p" };
  return assertAnswers(
    [
      ...fragments.flatMap((one) => [one, ping]),
      { opcode: CONTINUATION },
      BYE,
    ],
    [
      ...fragments.map(() => ({ opcode: PONG, payload: "p" })),
      { opcode: TEXT, payload: "Grüße 😀" },
      BYE,
    ],
  );
});

Deno.test("a server takes empty messages when they were compressed", () => {
  const empty = { opcode: TEXT, rsv: RSV1, payload: Uint8Array.of(0) };
  const message = { opcode: TEXT };
  return assertAnswers(
    [
      empty,
      { ...empty, payload: new Uint8Array(0) },
      { ...empty, payload: new Uint8Array(0), fin: 0 },
      { opcode: CONTINUATION, payload: Uint8Array.of(0) },
      BYE,
    ],
    [message, message, message, BYE],
  );
});

const FAULTS: Readonly<
  Record<string, [Parameters<typeof failure>[0], ...FrameFields[]]>
> = {
  "RSV1 stands in a continuation": [
    "reserved_bits",
    { opcode: TEXT, rsv: RSV1, fin: 0, payload: DEFLATED },
    { opcode: CONTINUATION, rsv: RSV1 },
  ],
  "RSV1 stands in the continuation of a plain message": [
    "reserved_bits",
    { opcode: TEXT, fin: 0, payload: "a" },
    { opcode: CONTINUATION, rsv: RSV1, payload: DEFLATED },
  ],
  "compressed data is no DEFLATE": [
    "invalid_deflate",
    { opcode: TEXT, rsv: RSV1, payload: Uint8Array.of(0xff, 0xff, 0xff) },
  ],
  "compressed data is cut short": [
    "invalid_deflate",
    { opcode: TEXT, rsv: RSV1, payload: DEFLATED.subarray(0, -3) },
  ],
  "compressed text is no UTF-8": [
    "invalid_utf8",
    {
      opcode: TEXT,
      rsv: RSV1,
      payload: deflateRawSync(Uint8Array.of(0x61, 0xed, 0xa0, 0x80), {
        finishFlush: constants.Z_SYNC_FLUSH,
      }).subarray(0, -4),
    },
  ],
  "compressed text ends in the middle of a character": [
    "invalid_utf8",
    {
      opcode: TEXT,
      rsv: RSV1,
      payload: deflateRawSync(Uint8Array.of(0x61, 0xe2, 0x82), {
        finishFlush: constants.Z_SYNC_FLUSH,
      }).subarray(0, -4),
    },
  ],
  "2 MiB come out of a few bytes": [
    "message_too_big",
    {
      opcode: BINARY,
      rsv: RSV1,
      payload: deflateRawSync(new Uint8Array(2 << 20), {
        finishFlush: constants.Z_SYNC_FLUSH,
      }).subarray(0, -4),
    },
  ],
  ...Object.fromEntries(
    [CLOSE, PING, PONG].map((opcode) => [
      `RSV1 stands in a frame with opcode ${opcode}`,
      ["reserved_bits", { opcode, rsv: RSV1, payload: closing(1000) }],
    ]),
  ),
  ...Object.fromEntries(
    [1, 2, 3, 5, 6, 7].map((rsv) => [
      `the reserved bits are ${rsv}`,
      ["reserved_bits", { opcode: TEXT, rsv, payload: DEFLATED }],
    ]),
  ),
};

for (const [name, [code, ...says]] of Object.entries(FAULTS)) {
  Deno.test(`a server that agreed to compress closes when ${name}`, () =>
    assertAnswers(
      [{ opcode: TEXT, payload: "fine" }, ...says],
      [{ opcode: TEXT, payload: "fine" }, failure(code)],
    ));
}
