import { assertEquals } from "@std/assert";
import { WebSocketProtocol } from "../../../../upgrade/websocket/mod.ts";
import { concat, type FrameFields } from "../_frames.ts";
import type { Peer } from "../_peer.ts";
import {
  assertFrames,
  assertSame,
  BINARY,
  BYE,
  CONTINUATION,
  frameOf,
  inTime,
  ROLES,
  TEXT,
  withEcho,
} from "./_conversation.ts";

const KIB = 1 << 10;
const MIB = 1 << 20;
const KINDS = [TEXT, BINARY];

// Made once: text has a character of each length in it.
const LARGE = {
  [TEXT]: textOf(16 * MIB),
  [BINARY]: bytesOf(16 * MIB),
};

function bytesOf(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = i * 31 + (i >>> 8);
  return bytes;
}

function textOf(length: number): Uint8Array<ArrayBuffer> {
  const unit = new TextEncoder().encode("Grüße, 世界 😀! ");
  const text = new Uint8Array(length).fill(0x2e);
  for (let at = 0; at + unit.length <= length; at += unit.length) {
    text.set(unit, at);
  }
  return text;
}

function payloadOf(opcode: number, length: number): Uint8Array<ArrayBuffer> {
  if (opcode === BINARY) return LARGE[BINARY].subarray(0, length);
  const text = LARGE[TEXT].subarray(0, length);
  let end = length;
  while (end > 0 && (LARGE[TEXT][end]! & 0xc0) === 0x80) end--;
  return text.subarray(0, end);
}

/** The bytes of a message in frames of `size` bytes. */
function inFrames(
  role: "server" | "client",
  { opcode, payload, size }: {
    opcode: number;
    payload: Uint8Array;
    size: number;
  },
): Uint8Array<ArrayBuffer> {
  const most = 14 + Math.min(size, payload.length);
  const bytes = new Uint8Array(Math.ceil(payload.length / size) * most);
  let length = 0;
  for (let at = 0; at < payload.length; at += size) {
    const one = frameOf(role, {
      opcode: at === 0 ? opcode : CONTINUATION,
      payload: payload.subarray(at, at + size),
      fin: at + size < payload.length ? 0 : 1,
    });
    bytes.set(one, length);
    length += one.length;
  }
  return bytes.subarray(0, length);
}

/** Reads `count` bytes, faster than a {@linkcode RawSocket} does. */
function read(peer: Peer, count: number): Promise<Uint8Array> {
  return inTime(peer, async () => {
    const bytes = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const more = await peer.raw.conn.read(bytes.subarray(at));
      if (more === null) throw new Error(`It ended after ${at} bytes`);
      at += more;
    }
    return bytes;
  });
}

async function send(
  peer: Peer,
  bytes: Uint8Array,
  chop = bytes.length,
): Promise<void> {
  for (let at = 0; at < bytes.length; at += chop) {
    await peer.raw.send(bytes.subarray(at, at + chop));
  }
}

/** How many bytes a frame of an echo has. */
function sizeOf(role: "server" | "client", length: number): number {
  const header = length < 126 ? 2 : length < 0x10000 ? 4 : 10;
  return header + length + (role === "client" ? 4 : 0);
}

/** Sends bytes that are these messages, reads all that comes, and says goodbye. */
async function assertEchoes(
  role: "server" | "client",
  peer: Peer,
  { bytes, messages, chop }: {
    bytes: Uint8Array;
    messages: readonly (FrameFields & { payload: Uint8Array })[];
    chop?: number;
  },
): Promise<void> {
  const length = messages.reduce(
    (sum, { payload }) => sum + sizeOf(role, payload.length),
    0,
  );
  const [came] = await Promise.all([
    read(peer, length),
    send(peer, bytes, chop),
  ]);
  assertFrames(role, came, messages);
  await peer.raw.send(frameOf(role, BYE));
  assertFrames(role, await read(peer, sizeOf(role, 2)), [BYE]);
}

for (const role of ROLES) {
  for (const opcode of KINDS) {
    const kind = opcode === TEXT ? "text" : "bytes";

    for (
      const length of [64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB]
    ) {
      Deno.test(`a ${role} echoes ${kind} when one frame has ${length / KIB} KiB`, () =>
        withEcho(role, async (open) => {
          using peer = await open();
          const message = { opcode, payload: payloadOf(opcode, length) };
          const bytes = frameOf(role, message);
          await assertEchoes(role, peer, { bytes, messages: [message] });
        }));
    }

    for (
      const size of [
        64,
        256,
        KIB,
        4 * KIB,
        16 * KIB,
        64 * KIB,
        256 * KIB,
        MIB,
        4 * MIB,
      ]
    ) {
      Deno.test(`a ${role} echoes 4 MiB of ${kind} when frames have ${size} bytes`, () =>
        withEcho(role, async (open) => {
          using peer = await open();
          const message = { opcode, payload: payloadOf(opcode, 4 * MIB) };
          const bytes = inFrames(role, { ...message, size });
          await assertEchoes(role, peer, { bytes, messages: [message] });
        }));
    }

    for (const chop of [64, 128, 256, 512, 1024, 2048]) {
      Deno.test(`a ${role} echoes 1 MiB of ${kind} when writes have ${chop} bytes`, () =>
        withEcho(role, async (open) => {
          using peer = await open();
          const message = { opcode, payload: payloadOf(opcode, MIB) };
          const bytes = frameOf(role, message);
          await assertEchoes(role, peer, { bytes, messages: [message], chop });
        }));
    }

    Deno.test(`a ${role} echoes ${kind} when 1,000 messages of each size come at once`, () =>
      withEcho(role, async (open) => {
        for (const length of [0, 16, 64, 256, KIB, 4 * KIB]) {
          using peer = await open();
          const message = { opcode, payload: payloadOf(opcode, length) };
          const messages = Array(1000).fill(message);
          const bytes = concat(...Array(1000).fill(frameOf(role, message)));
          await assertEchoes(role, peer, { bytes, messages });
        }
      }));

    Deno.test(`a ${role} echoes ${kind} when 1,000 messages of each size wait for one another`, () =>
      withEcho(role, async (open) => {
        for (
          const length of [0, 16, 64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB]
        ) {
          using peer = await open();
          const message = { opcode, payload: payloadOf(opcode, length) };
          const bytes = frameOf(role, message);
          const size = sizeOf(role, message.payload.length);
          for (let i = 0; i < 1000; i++) {
            await peer.raw.send(bytes);
            assertFrames(role, await read(peer, size), [message]);
          }
          await peer.raw.send(frameOf(role, BYE));
          assertFrames(role, await read(peer, sizeOf(role, 2)), [BYE]);
        }
      }));
  }

  for (const size of [64, 4 * KIB, 4 * MIB]) {
    Deno.test(`a ${role} echoes 16 MiB when frames have ${size} bytes`, () =>
      withEcho(role, async (open) => {
        using peer = await open();
        const message = { opcode: BINARY, payload: LARGE[BINARY] };
        const bytes = inFrames(role, { ...message, size });
        await assertEchoes(role, peer, { bytes, messages: [message] });
      }));
  }

  Deno.test(`a ${role} takes 65,536 fragments of one byte by default`, () => {
    for (const opcode of KINDS) {
      const payload = payloadOf(opcode, 65_536);
      const protocol = new WebSocketProtocol(role);
      const message = { opcode, payload };
      protocol.receive(
        inFrames(role, { ...message, size: 1 }),
      );
      const event = protocol.next();
      assertEquals(event?.type, "message");
      if (event?.type === "message") assertSame(event.bytes, payload, "all");
    }
  });

  Deno.test(`a ${role} takes 1 MiB when it comes one byte at a time`, () => {
    for (const opcode of KINDS) {
      const payload = payloadOf(opcode, MIB);
      const said = frameOf(role, { opcode, payload });
      const protocol = new WebSocketProtocol(role);
      const last = said.length - 1;
      for (let i = 0; i < last; i++) {
        protocol.receive(said.subarray(i, i + 1));
        if (protocol.next() !== undefined) throw new Error(`Too early: ${i}`);
      }
      protocol.receive(said.subarray(last));
      const event = protocol.next();
      assertEquals(event?.type, "message");
      if (event?.type === "message") assertSame(event.bytes, payload, "all");
    }
  });
}
