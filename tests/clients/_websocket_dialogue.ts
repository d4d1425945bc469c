import { assert, assertEquals, assertGreater, assertLess } from "@std/assert";
import type { WebSocketConn } from "../../upgrade/websocket/mod.ts";
import { Inbox } from "./_inbox.ts";
import { patternStream } from "./_pattern.ts";
import {
  type Close,
  type Data,
  type Implementation,
  type Peer,
  type PeerOptions,
  SUBPROTOCOL,
} from "./_websocket_peer.ts";

const LARGE = 100_000;
const EMPTY = new Uint8Array(0);
// Reasons of 123 bytes, the most there can be, and of none.
const CLOSES: readonly Close[] = [
  [1000, ""],
  [1001, "away"],
  [1011, "é".repeat(61) + "!"],
  [3001, "done"],
  [4999, "Grüße 😀"],
];

/** The two ends of one connection. */
export interface Link {
  readonly ours: WebSocketConn;
  readonly received: Inbox<Data>;
  readonly peer: Peer;
  /** What the peer, and what our side has sent so far, in bytes. */
  readonly sent: () => { readonly peer: number; readonly ours: number };
}

/** What both ends say to each other. */
export type Dialogue = (link: Link) => Promise<void>;
/** Has a dialogue on a connection of its own. */
export type WithLink = (
  options: PeerOptions,
  dialogue: Dialogue,
) => Promise<void>;

/** How a test is registered: `Deno.test`, or what does so for browsers. */
export type Register = (name: string, fn: () => Promise<void>) => void;

/** Registers the dialogues with an implementation, as tests of a function. */
export function registerTests(
  symbol: string,
  implementation: Implementation & { readonly register?: Register },
  withLink: WithLink,
): void {
  const { name, pings, deflate, keeps } = implementation;
  const sanitize = keeps === undefined;
  const register = implementation.register ?? ((name, fn) => {
    Deno.test({ name, fn, sanitizeOps: sanitize, sanitizeResources: sanitize });
  });
  const test = (what: string, options: PeerOptions, dialogue: Dialogue) =>
    register(`${symbol} ${what}`, () => withLink(options, dialogue));

  test(`exchanges text and binary with ${name}`, { deflate: false }, exchange);
  test(
    pings ? `exchanges pings with ${name}` : `gets its pings back from ${name}`,
    { deflate: false },
    pings ? pingBothWays : ping,
  );
  for (const close of CLOSES) {
    const told = `${close[0]} and ${new Blob([close[1]]).size} bytes of reason`;
    test(`tells ${name} ${told}`, { deflate: false }, tells(close));
    if (implementation.closesAsWhatwg && !isOfWhatwg(close)) continue;
    test(`is told ${told} by ${name}`, { deflate: false }, isTold(close));
  }
  if (deflate === "none") return;
  test(
    deflate === "both"
      ? `exchanges compressed messages with ${name}`
      : `sends compressed messages to ${name}`,
    { deflate: true },
    (link) => exchangeCompressed(link, deflate),
  );
}

function isOfWhatwg([code]: Close): boolean {
  return code === 1000 || code >= 3000;
}

/** Takes what comes. */
export function receive(conn: WebSocketConn): Inbox<Data> {
  const received = new Inbox<Data>();
  (async () => {
    for await (const message of conn) received.push(message);
    const { code, reason } = await conn.closed;
    received.end(`The connection has ended: ${code} ${reason}`);
  })();
  return received;
}

async function swap(link: Link, messages: readonly Data[]): Promise<void> {
  for (const message of messages) {
    link.ours.send(message);
    assertEquals(await link.peer.messages.next(), message);
    link.peer.send(message);
    assertEquals(await link.received.next(), message);
  }
}

async function end({ ours, peer }: Link): Promise<void> {
  ours.close(1000);
  assertEquals((await ours.closed).wasClean, true);
  await peer.closed;
}

/** Each length of a frame's header, and more than one frame or read. */
async function exchange(link: Link): Promise<void> {
  assertEquals(link.ours.protocol, SUBPROTOCOL);
  assertEquals(link.ours.extensions, "");
  assertEquals(link.peer.protocol, SUBPROTOCOL);
  const stream = patternStream(LARGE);
  const large = new Uint8Array(await new Response(stream).arrayBuffer());
  await swap(link, ["", "Grüße 😀", EMPTY, large, "é".repeat(LARGE / 2)]);
  await swap(link, [125, 126, 65_535, 65_536].map((n) => "a".repeat(n)));
  const many = Array.from({ length: 1_000 }, (_, i) => `message ${i}`);
  for (const message of many) {
    link.ours.send(message);
    link.peer.send(message);
  }
  for (const message of many) {
    assertEquals(await link.peer.messages.next(), message);
    assertEquals(await link.received.next(), message);
  }
  await end(link);
}

async function ping(link: Link): Promise<void> {
  assert(await link.ours.ping() >= 0);
  await end(link);
}

async function pingBothWays(link: Link): Promise<void> {
  assert(await link.ours.ping() >= 0);
  for (const payload of ["", "payload", "a".repeat(125)]) {
    link.peer.ping(payload);
    assertEquals(await link.peer.pongs.next(), payload);
  }
  await end(link);
}

function isTold(close: Close): Dialogue {
  return async ({ ours, peer }) => {
    peer.close(...close);
    const [code, reason] = close;
    assertEquals(await ours.closed, { code, reason, wasClean: true });
    assertEquals((await peer.closed)[0], code);
  };
}

function tells(close: Close): Dialogue {
  return async ({ ours, peer }) => {
    ours.close(...close);
    assertEquals(await peer.closed, close);
    assertEquals((await ours.closed).wasClean, true);
  };
}

/** Compressed messages among plain ones, of both kinds. */
async function exchangeCompressed(
  link: Link,
  deflate: Implementation["deflate"],
): Promise<void> {
  assertEquals(link.ours.extensions.split(";")[0], "permessage-deflate");
  const text = "What is said twice is said shorter. ".repeat(LARGE / 36);
  const binary = new Uint8Array(LARGE).fill(7);
  const before = link.sent();
  await swap(link, [text, binary, text]);
  const after = link.sent();
  // A tenth of three messages of 100 kB.
  const few = 30_000;
  assertLess(after.ours - before.ours, few);
  if (deflate === "both") assertLess(after.peer - before.peer, few);
  else assertGreater(after.peer - before.peer, few);
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  await swap(link, ["", EMPTY, "a", noise, "Grüße 😀".repeat(1_000)]);
  await end(link);
}
