import { assertEquals } from "@std/assert";
import { PREFACE } from "../../../upgrade/http2/preface.ts";
import { UpgradeOpening } from "../../../upgrade/http2/upgrade_opening.ts";
import {
  block,
  concat,
  END,
  END_HEADERS,
  frame,
  opening,
  request,
  setting,
  TYPE,
} from "../_http2_peer.ts";

const FIELDS = [
  [":method", "REPORT"],
  [":scheme", "http"],
  [":authority", "localhost"],
  [":path", "/"],
] as const;
const PING = frame(TYPE.ping, { payload: new Uint8Array(8) });

function make(...settings: Uint8Array[]): UpgradeOpening {
  return new UpgradeOpening({ method: "REPORT", settings: concat(settings) });
}

function feed(to: UpgradeOpening, pieces: readonly Uint8Array[]): Uint8Array {
  return concat(pieces.map((piece) => to.receive(piece).slice()));
}

const SENT = concat([opening(setting(4, 9), setting(9, 9)), PING]);
const EXPECTED = concat([
  PREFACE,
  frame(TYPE.settings, {
    payload: concat([setting(3, 5), setting(4, 9), setting(9, 9)]),
  }),
  frame(TYPE.headers, {
    flags: END | END_HEADERS,
    streamId: 1,
    payload: block(FIELDS),
  }),
  PING,
]);

Deno.test("UpgradeOpening puts settings and stream 1 in their places, split at every byte", () => {
  for (let at = 0; at <= SENT.length; at++) {
    const pieces = [SENT.subarray(0, at), SENT.subarray(at)];
    assertEquals(feed(make(setting(3, 5)), pieces), EXPECTED, `${at}`);
  }
});

Deno.test("UpgradeOpening works byte by byte", () => {
  const bytes = Array.from(SENT, (byte) => Uint8Array.of(byte));
  assertEquals(feed(make(setting(3, 5)), bytes), EXPECTED);
});

Deno.test("UpgradeOpening puts stream 1 after SETTINGS that are empty", () => {
  assertEquals(
    feed(make(), [opening()]),
    concat([opening(), request(1, FIELDS)]),
  );
});

Deno.test("UpgradeOpening passes on as it comes what does not begin with preface and SETTINGS", () => {
  const wrong = [
    concat(["GET / HTTP/1.1\r\n\r\n", PING, PING]),
    concat([PREFACE.subarray(0, 23), "x", PING]),
    concat([PREFACE, PING]),
    concat([PREFACE, frame(TYPE.settings, { flags: 1 }), PING]),
    concat([PREFACE, frame(TYPE.settings, { streamId: 1 }), PING]),
    concat([
      PREFACE,
      frame(TYPE.settings, { payload: new Uint8Array(16_384) }),
      PING,
    ]),
  ];
  for (const sent of wrong) {
    for (let at = 0; at <= Math.min(sent.length, 60); at++) {
      const pieces = [sent.subarray(0, at), sent.subarray(at)];
      assertEquals(feed(make(setting(3, 5)), pieces), sent);
    }
  }
});
