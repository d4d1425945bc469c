// How the clients of _aborted_upgrades.ts abort HTTP/2 without TLS.
import { PREFACE } from "../../upgrade/http2/preface.ts";
import { STREAM_DEEDS } from "./_aborted_handlers.ts";
import { below, cut, oneOf, random, someTurns } from "./_aborted_ledger.ts";
import { hasHead, readUntil } from "./_aborting_clients.ts";
import {
  CODE,
  concat,
  END_HEADERS,
  frame,
  opening,
  request,
  setting,
  TYPE,
  u32,
} from "./_http2_peer.ts";

const MOST_STREAMS = 5;
// The first is that of the request that was upgraded.
const FIRST_STREAM = 3;
const POST_STREAM = FIRST_STREAM + 2 * MOST_STREAMS;
const LONGEST_BODY = 60_000;
const NARROW = opening();
// All that the server may ever want to send.
const WIDE = concat([
  opening(setting(4, 2 ** 31 - 1)),
  frame(TYPE.windowUpdate, { payload: u32(2 ** 30) }),
]);

/** Offers h2c; nothing when it is known before that it is spoken. */
export function offerOf(isKnown: boolean): string {
  if (isKnown) return "";
  return `GET /${oneOf(STREAM_DEEDS)} HTTP/1.1\r\nHost: x\r\n` +
    "Connection: upgrade, http2-settings\r\nUpgrade: h2c\r\n" +
    "HTTP2-Settings: AAMAAABk\r\n\r\n";
}

function send(conn: Deno.Conn, ...pieces: (Uint8Array | string)[]) {
  return conn.write(concat(pieces));
}

/** Sends the offer; whether it waits for the answer depends. */
async function begin(conn: Deno.Conn, offer: string): Promise<void> {
  if (offer === "") return;
  await send(conn, offer);
  if (random() < 0.5) await readUntil(conn, hasHead);
}

async function open(conn: Deno.Conn, offer: string): Promise<void> {
  await begin(conn, offer);
  await send(conn, oneOf([NARROW, WIDE]));
}

function fieldsOf(method: string) {
  return [
    [":method", method],
    [":scheme", "http"],
    [":authority", "x"],
    [":path", `/${oneOf(STREAM_DEEDS)}`],
  ] as const;
}

/** What a number of streams begin with, or end. */
function onStreams(
  length: number,
  make: (streamId: number) => Uint8Array,
): Uint8Array {
  const frames = Array.from({ length }, (_, i) => make(FIRST_STREAM + 2 * i));
  return concat(frames);
}

function requests(length = below(MOST_STREAMS) + 1): Uint8Array {
  return onStreams(length, (id) => request(id, fieldsOf("GET")));
}

/** A request whose body is not there yet. */
function post(): Uint8Array {
  return request(POST_STREAM, fieldsOf("POST"), END_HEADERS);
}

/** How a client goes about HTTP/2, and when it gives it up. */
const APPROACHES: Record<string, (conn: Deno.Conn, offer: string) => unknown> =
  {
    leavesInTheOffer: (conn, offer) => conn.write(cut(offer)),
    async leavesAfterTheOffer(conn, offer) {
      await begin(conn, offer);
      await someTurns();
    },
    async leavesInTheBodyOfTheOffer(conn, offer) {
      if (offer === "") return;
      const length = below(LONGEST_BODY);
      await send(conn, offer.slice(0, -2), `Content-Length: ${length}\r\n\r\n`);
      await send(conn, cut(new Uint8Array(length)));
      await someTurns();
    },
    async leavesInThePreface(conn, offer) {
      await begin(conn, offer);
      await send(conn, cut(PREFACE));
      await someTurns();
    },
    async leavesInSettings(conn, offer) {
      await begin(conn, offer);
      await send(conn, PREFACE, cut(WIDE.subarray(PREFACE.length)));
      await someTurns();
    },
    async leavesInHeaders(conn, offer) {
      await open(conn, offer);
      await send(conn, cut(requests()));
      await someTurns();
    },
    async leavesInTheData(conn, offer) {
      await open(conn, offer);
      const payload = new Uint8Array(below(1_000));
      const data = frame(TYPE.data, { streamId: POST_STREAM, payload });
      await send(conn, post(), cut(data));
      await someTurns();
    },
    async leavesWhileStreamsRun(conn, offer) {
      await open(conn, offer);
      await send(conn, requests(), post());
      await someTurns();
    },
    async leavesWithTheAnswerUnread(conn, offer) {
      await open(conn, offer);
      await send(conn, requests());
      // Closing resets the connection for what has come.
      await conn.read(new Uint8Array(1));
      await someTurns();
    },
    async resetsStreams(conn, offer) {
      const length = below(MOST_STREAMS) + 1;
      await open(conn, offer);
      await send(conn, requests(length));
      await someTurns();
      const payload = u32(CODE.cancel);
      const reset = (streamId: number) =>
        frame(TYPE.rstStream, { streamId, payload });
      await send(conn, onStreams(below(length) + 1, reset));
      await someTurns();
    },
    async saysGoodbye(conn, offer) {
      await open(conn, offer);
      const payload = concat([u32(0), u32(CODE.noError)]);
      await send(conn, requests(), frame(TYPE.goaway, { payload }));
      await someTurns();
    },
    async breaksTheProtocol(conn, offer) {
      await open(conn, offer);
      // RFC 9113 §6.1: DATA belongs to a stream.
      await send(conn, requests(), frame(TYPE.data, { payload: u32(1) }));
      await readUntil(conn, () => false);
    },
    async endsItsDirection(conn, offer) {
      await begin(conn, offer);
      await send(conn, WIDE, requests());
      await someTurns();
      await conn.closeWrite();
      await readUntil(conn, () => false);
    },
  };

/** Speaks HTTP/2 after the offer, and leaves. */
export async function abortHttp2(
  conn: Deno.Conn,
  offer: string,
): Promise<void> {
  await oneOf(Object.values(APPROACHES))(conn, offer);
}
