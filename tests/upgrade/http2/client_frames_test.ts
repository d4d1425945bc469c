import { assertEquals } from "@std/assert";
import { ClientFrames } from "../../../upgrade/http2/client_frames.ts";
import {
  block,
  concat,
  END,
  END_HEADERS,
  frame,
  GET,
  opening,
  setting,
  TYPE,
} from "../_http2_peer.ts";

const ACK = frame(TYPE.settings, { flags: END });
const PING = frame(TYPE.ping, { payload: new Uint8Array(8) });

function request(streamId: number): Uint8Array<ArrayBuffer> {
  const flags = END | END_HEADERS;
  return frame(TYPE.headers, { flags, streamId, payload: block(GET) });
}

for (const first of [opening(), opening(setting(4, 1))]) {
  const sent = concat([first, request(1), PING, ACK, request(3), ACK]);
  const read = concat([first, ACK, request(1), PING, request(3), ACK]);

  Deno.test(`ClientFrames moves the first acknowledgement after SETTINGS of ${first.length} bytes, split at every byte`, () => {
    for (let at = 0; at <= sent.length; at++) {
      const frames = new ClientFrames();
      const pieces = [sent.subarray(0, at), sent.subarray(at)];
      const got = pieces.map((piece) => frames.receive(piece).slice());
      assertEquals(concat(got), read);
      assertEquals(frames.opened, 2);
    }
  });

  Deno.test(`ClientFrames moves the first acknowledgement after SETTINGS of ${first.length} bytes, byte by byte`, () => {
    const frames = new ClientFrames();
    const got = Array.from(
      sent,
      (byte) => frames.receive(Uint8Array.of(byte)).slice(),
    );
    assertEquals(concat(got), read);
    assertEquals(frames.opened, 2);
  });
}

Deno.test("ClientFrames counts no stream twice", () => {
  const frames = new ClientFrames();
  frames.receive(concat([opening(), request(1), request(1), request(5)]));
  frames.receive(request(3));
  assertEquals(frames.opened, 2);
});
