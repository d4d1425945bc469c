import { assertEquals } from "@std/assert";
import {
  type Role,
  upgradeWebSocket,
  WEBSOCKET_ERRORS,
  type WebSocketConn,
  type WebSocketErrorCode,
} from "../../../../upgrade/websocket/mod.ts";
import { textOf } from "../../../_raw_socket.ts";
import { withServer } from "../../_serve.ts";
import { closing, concat, frame, type FrameFields, KEY } from "../_frames.ts";
import { type Pair, pair, Peer } from "../_peer.ts";

/** Goes on with a message. */
export const CONTINUATION = 0x0;
/** Begins a text. */
export const TEXT = 0x1;
/** Begins a binary message. */
export const BINARY = 0x2;
/** Ends the connection. */
export const CLOSE = 0x8;
/** Asks for a pong. */
export const PING = 0x9;
/** Answers a ping. */
export const PONG = 0xa;

/** Both sides of a connection. */
export const ROLES: readonly Role[] = ["server", "client"];

const LIMITS = { maxMessageBytes: 64 << 20, maxFragments: 1 << 20 };
const ENDING = closing(1000);

/** What one side says, and what the echo that is tested has to answer. */
export interface Conversation {
  /** The frames that the peer sends, or bytes as they are. */
  readonly says: readonly (FrameFields | Uint8Array)[];
  /** How many bytes a write has at most. Default: all of them. */
  readonly chop?: number;
  /** The frames that come back, all of them. */
  readonly hears: readonly FrameFields[];
}

/** Opens another connection to the echo. */
export type Open = () => Promise<Peer>;

/**
 * Runs a test against an echo: a real server that has shaken hands, or a client
 * that takes what it is sent for a server's.
 */
export async function withEcho(
  role: Role,
  test: (open: Open) => Promise<void>,
): Promise<void> {
  if (role === "server") {
    await withServer((request) => {
      const { socket, response } = upgradeWebSocket(request, LIMITS);
      echo(socket);
      return response;
    }, ({ port }) => test(() => Peer.open(port)));
    return;
  }
  const pairs: Pair[] = [];
  try {
    await test(async () => {
      const opened = await pair({ role, ...LIMITS });
      pairs.push(opened);
      echo(opened.socket);
      return opened.peer;
    });
  } finally {
    for (const opened of pairs) await opened[Symbol.asyncDispose]();
  }
}

function echo(socket: WebSocketConn): void {
  socket.forEach((message) => socket.send(message));
}

/**
 * Holds conversations, each on a connection of its own, and asserts that every
 * byte that comes back is right, and that the connection then ends.
 */
export async function assertConversations(
  role: Role,
  conversations: readonly Conversation[],
): Promise<void> {
  await withEcho(role, async (open) => {
    for (const conversation of conversations) {
      using peer = await open();
      await assertConversation(role, peer, conversation);
    }
  });
}

async function assertConversation(
  role: Role,
  peer: Peer,
  { says, chop = Infinity, hears }: Conversation,
): Promise<void> {
  const said = concat(
    ...says.map((one) => one instanceof Uint8Array ? one : frameOf(role, one)),
  );
  for (let at = 0; at < said.length; at += chop) {
    await peer.raw.send(said.subarray(at, at + chop));
  }
  const length = hears.reduce((sum, one) => sum + frame(one).length, 0) +
    (role === "client" ? hears.length * 4 : 0);
  assertFrames(role, await peer.raw.readExactly(length), hears);
  // RFC 6455 §7.1.1: the server ends TCP first, a client waits for it.
  if (role === "client") await peer.raw.closeWrite();
  await peer.readEnd();
}

/** The bytes of a frame that is sent to a `role`. */
export function frameOf(
  role: Role,
  fields: FrameFields,
): Uint8Array<ArrayBuffer> {
  return frame({ ...fields, ...(role === "server" && { key: KEY }) });
}

/** Asserts that bytes are these frames, each as short as can be. */
export function assertFrames(
  role: Role,
  bytes: Uint8Array,
  expected: readonly FrameFields[],
): void {
  let rest = bytes;
  for (const [i, fields] of expected.entries()) {
    const bare = frame(fields);
    const header = bare.length - payloadLength(fields);
    const [a = 0, b = 0, c = 0, d = 0] = rest.subarray(header, header + 4);
    // RFC 6455 §5.3: a client masks, with a key that nobody can foretell.
    const wanted = role === "client"
      ? frame({ ...fields, key: [a, b, c, d] })
      : bare;
    assertSame(rest.subarray(0, wanted.length), wanted, `frame ${i}`);
    rest = rest.subarray(wanted.length);
  }
  assertEquals(rest.length, 0, "bytes behind the last frame");
}

/** Asserts that arrays are the same, much faster than assertEquals(). */
export function assertSame(
  actual: Uint8Array,
  expected: Uint8Array,
  what: string,
): void {
  if (textOf(actual) === textOf(expected)) return;
  const start = (bytes: Uint8Array) => bytes.subarray(0, 200);
  assertEquals(start(actual), start(expected), what);
  assertEquals(actual.length, expected.length, what);
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  assertEquals(at, -1, `${what}: they differ at ${at}`);
}

function payloadLength({ payload = "" }: FrameFields): number {
  return typeof payload === "string"
    ? new TextEncoder().encode(payload).length
    : payload.length;
}

/** What is said to end a conversation, and what is answered. */
export const BYE: FrameFields = { opcode: CLOSE, payload: ENDING };

/** The Close frame that answers a violation. */
export function failure(code: WebSocketErrorCode): FrameFields {
  const [closeCode, reason] = WEBSOCKET_ERRORS[code];
  return { opcode: CLOSE, payload: closing(closeCode, reason) };
}

/** A conversation of messages and pings that are all right. */
export function fine(
  says: readonly FrameFields[],
  hears: readonly FrameFields[],
  chop = Infinity,
): Conversation {
  return { says: [...says, BYE], hears: [...hears, BYE], chop };
}

/** A conversation in which the peer breaks a rule with its last frame. */
export function wrong(
  code: WebSocketErrorCode,
  says: readonly (FrameFields | Uint8Array)[],
  hears: readonly FrameFields[] = [],
): Conversation {
  return { says, hears: [...hears, failure(code)] };
}

/** Each conversation as it is, and in pieces of one byte. */
export function alsoSingly(
  conversations: readonly Conversation[],
): Conversation[] {
  return conversations.flatMap((one) => [one, { ...one, chop: 1 }]);
}

/** Closes the connection, and so has `act` reject, when it takes over 20 s. */
export async function inTime<T>(
  peer: Peer,
  act: () => Promise<T>,
): Promise<T> {
  const timer = setTimeout(() => peer.raw.close(), 20_000);
  try {
    return await act();
  } finally {
    clearTimeout(timer);
  }
}
