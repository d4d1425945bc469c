import { assertEquals } from "@std/assert";
import type { Role } from "../../../upgrade/websocket/frame_parser.ts";
import {
  WebSocketError,
  type WebSocketLimits,
  WebSocketProtocol,
} from "../../../upgrade/websocket/mod.ts";
import { binaryOf, type DecodedFrame, decodeFrames } from "./_frames.ts";

/** An event of a protocol, with copies of its bytes, one character a byte. */
export type SeenEvent =
  | { text: string }
  | { binary: string }
  | { ping: string }
  | { pong: string }
  | { close: number; reason: string };

/** All that a protocol did with what it was fed. */
export interface Outcome {
  readonly events: SeenEvent[];
  readonly output: DecodedFrame[];
  /** The code of the error that ended it, if one did. */
  readonly error?: string;
}

/** Feeds a protocol with pieces, as a driver would. */
export function feed(
  role: Role,
  pieces: Uint8Array[],
  limits: WebSocketLimits = {},
): Outcome {
  const protocol = new WebSocketProtocol(role, limits);
  const events: SeenEvent[] = [];
  let error: string | undefined;
  try {
    for (const piece of pieces) {
      for (const event of receive(protocol, piece)) events.push(event);
    }
  } catch (thrown) {
    if (!(thrown instanceof WebSocketError)) throw thrown;
    error = thrown.code;
  }
  return {
    events,
    output: decodeFrames(protocol.output.take().slice()),
    ...(error !== undefined && { error }),
  };
}

/** Feeds one piece, a copy of it, and yields all events. */
export function* receive(
  protocol: WebSocketProtocol,
  piece: Uint8Array,
): Generator<SeenEvent> {
  protocol.receive(piece.slice());
  for (let e = protocol.next(); e !== undefined; e = protocol.next()) {
    switch (e.type) {
      case "message":
        yield e.isText ? { text: e.text() } : { binary: binaryOf(e.bytes) };
        break;
      case "ping":
        yield { ping: binaryOf(e.bytes) };
        break;
      case "pong":
        yield { pong: binaryOf(e.bytes) };
        break;
      case "close":
        yield { close: e.code, reason: e.reason };
    }
  }
}

/** Cuts bytes into single ones. */
export function singly(bytes: Uint8Array): Uint8Array[] {
  return Array.from(bytes, (byte) => Uint8Array.of(byte));
}

/**
 * Feeds bytes whole, one at a time, and cut in two at every offset, and asserts
 * that it all comes to the same.
 */
export function feedEveryWay(
  role: Role,
  bytes: Uint8Array,
  limits: WebSocketLimits = {},
): Outcome {
  const whole = feed(role, [bytes], limits);
  assertEquals(feed(role, singly(bytes), limits), whole, "one at a time");
  for (let at = 0; at <= bytes.length; at++) {
    const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
    assertEquals(feed(role, pieces, limits), whole, `cut at ${at}`);
  }
  return whole;
}
