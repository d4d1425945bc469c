import { assertEquals } from "@std/assert";
import {
  type Role,
  WebSocketProtocol,
} from "../../../../upgrade/websocket/mod.ts";
import type { DeflateParams } from "../../../../upgrade/websocket/deflate_negotiation.ts";
import type { DeflateOptions } from "../../../../upgrade/websocket/deflate_options.ts";
import { DeflateStreams } from "../_deflate_streams.ts";
import { concat, frameSize } from "../_frames.ts";
import {
  assertSame,
  BINARY,
  CONTINUATION,
  frameOf,
  TEXT,
} from "./_conversation.ts";

/** A message as it was before it was compressed. */
export interface Plain {
  readonly opcode: number;
  readonly payload: Uint8Array<ArrayBuffer>;
}

/** 1,024 bytes. */
export const KIB: number = 1 << 10;
/** How many messages make a case. */
export const COUNT = 1000;
/** How large they are, in bytes. */
export const SIZES: readonly number[] = [
  16,
  64,
  256,
  KIB,
  4 * KIB,
  8 * KIB,
  16 * KIB,
  32 * KIB,
  64 * KIB,
  128 * KIB,
];
/** The windows that zlib can compress with. */
export const WINDOWS: readonly number[] = [9, 10, 11, 12, 13, 14, 15];
/** Whether a direction keeps its context. */
export const KEPT: readonly boolean[] = [true, false];
/** How this side compresses: everything, and fast. */
export const OPTIONS: DeflateOptions = { threshold: 0, level: 1 };

const CORPUS = new TextEncoder().encode(
  Array.from({ length: 3000 }, (_, i) =>
    JSON.stringify({
      id: i * 7919 % 10_007,
      room: ["lobby", "kitchen", "garden"][i % 3],
      text: `Line ${i % 97} of ${i % 13} that resemble one another`,
    })).join("\n"),
);

/** `count` messages whose sizes are these in turn, ASCII of JSON. */
export function messages(count: number, sizes: readonly number[]): Plain[] {
  return Array.from({ length: count }, (_, i) => {
    const size = sizes[i % sizes.length]!;
    const at = i * 9973 % (CORPUS.length - size);
    return {
      opcode: i % 2 === 0 ? TEXT : BINARY,
      payload: CORPUS.subarray(at, at + size),
    };
  });
}

/** How one direction is compressed, as the peer knows it. */
export interface Direction {
  readonly keeps: boolean;
  readonly windowBits: number;
}

/** Every way in which a direction can be compressed. */
export const DIRECTIONS: readonly Direction[] = KEPT.flatMap((keeps) =>
  WINDOWS.map((windowBits) => ({ keeps, windowBits }))
);

/** A direction, in words. */
export function nameOf({ keeps, windowBits }: Direction): string {
  return `${keeps ? "a" : "no"} context of ${windowBits} bits`;
}

/** What both sides have agreed on, as this side sees it. */
export function agreed(own: Direction, peer: Direction): {
  params: DeflateParams;
  options: DeflateOptions;
} {
  const params = {
    ownNoContextTakeover: !own.keeps,
    peerNoContextTakeover: !peer.keeps,
    ownWindowBits: own.windowBits,
    peerWindowBits: peer.windowBits,
  };
  return { params, options: OPTIONS };
}

/**
 * What a peer sends that compresses these messages, in frames of at most
 * `frameBytes` bytes.
 */
export async function compressed(
  role: Role,
  all: readonly Plain[],
  { keeps, windowBits, frameBytes = Infinity }: Direction & {
    readonly frameBytes?: number;
  },
): Promise<Uint8Array<ArrayBuffer>> {
  using streams = streamsOf({ keeps, windowBits });
  const frames: Uint8Array[] = [];
  for (const { opcode, payload } of all) {
    const deflated = await streams.deflate(payload);
    for (const frame of framesOf(role, opcode, deflated, frameBytes)) {
      frames.push(frame);
    }
  }
  return concat(...frames);
}

function streamsOf({ keeps, windowBits }: Direction): DeflateStreams {
  return new DeflateStreams({
    windowBits,
    level: 1,
    keeps: { deflate: keeps, inflate: keeps },
  });
}

function* framesOf(
  role: Role,
  opcode: number,
  deflated: Uint8Array,
  frameBytes: number,
): Generator<Uint8Array> {
  for (let at = 0; at === 0 || at < deflated.length; at += frameBytes) {
    yield frameOf(role, {
      opcode: at === 0 ? opcode : CONTINUATION,
      // RFC 7692 §6.1: only the first frame says it.
      rsv: at === 0 ? 4 : 0,
      fin: at + frameBytes < deflated.length ? 0 : 1,
      payload: deflated.subarray(at, at + frameBytes),
    });
  }
}

/** A frame as it came: its first byte, and its payload without the mask. */
interface Came {
  readonly first: number;
  readonly payload: Uint8Array;
}

function* framesIn(bytes: Uint8Array): Generator<Came> {
  for (let rest = bytes; rest.length > 0;) {
    const size = frameSize(rest);
    if (size === undefined) throw new Error("The last frame is cut");
    const short = rest[1]! & 0x7f;
    const start = short < 126 ? 2 : short === 126 ? 4 : 10;
    const masked = rest[1]! >= 0x80;
    const payload = rest.slice(masked ? start + 4 : start, size);
    if (masked) {
      const key = rest.subarray(start, start + 4);
      for (let i = 0; i < payload.length; i++) payload[i]! ^= key[i & 3]!;
    }
    yield { first: rest[0]!, payload };
    rest = rest.subarray(size);
  }
}

/** Asserts that bytes are these messages, each one compressed frame. */
export async function assertCompressed(
  bytes: Uint8Array,
  all: readonly Plain[],
  direction: Direction,
): Promise<void> {
  using streams = streamsOf(direction);
  let i = 0;
  for (const { first, payload } of framesIn(bytes)) {
    const expected = all[i++]!;
    assertEquals(first, 0xc0 | expected.opcode, `message ${i}`);
    const inflated = await streams.inflate(payload);
    assertSame(inflated, expected.payload, `message ${i}`);
  }
  assertEquals(i, all.length);
}

/** Asserts that bytes are these messages, none of them compressed. */
export function assertPlain(bytes: Uint8Array, all: readonly Plain[]): void {
  let i = 0;
  for (const { first, payload } of framesIn(bytes)) {
    const expected = all[i++]!;
    assertEquals(first, 0x80 | expected.opcode, `message ${i}`);
    assertSame(payload, expected.payload, `message ${i}`);
  }
  assertEquals(i, all.length);
}

/** Has a protocol echo what it is fed; gives what it puts out. */
export function echoed(
  role: Role,
  bytes: Uint8Array,
  deflate: { params: DeflateParams; options: DeflateOptions },
): Uint8Array<ArrayBuffer> {
  const protocol = new WebSocketProtocol(role, {}, deflate);
  protocol.receive(bytes.slice());
  for (let e = protocol.next(); e !== undefined; e = protocol.next()) {
    if (e.type !== "message") throw new Error(`This is no message: ${e.type}`);
    protocol.send(e);
  }
  return protocol.output.take();
}
