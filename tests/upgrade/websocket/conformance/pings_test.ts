import { type FrameFields, pattern } from "../_frames.ts";
import {
  alsoSingly,
  assertConversations,
  BINARY,
  CONTINUATION,
  fine,
  PING,
  PONG,
  ROLES,
  TEXT,
  wrong,
} from "./_conversation.ts";

const PAYLOADS: Readonly<Record<string, FrameFields["payload"]>> = {
  "no payload": "",
  "text": "Are you there? 😀",
  "bytes that are no UTF-8": Uint8Array.of(0x00, 0xff, 0xfe, 0xc0, 0x80),
  "125 bytes": pattern(125),
};

function ping(payload: FrameFields["payload"] = ""): FrameFields {
  return { opcode: PING, payload };
}

function pong(payload: FrameFields["payload"] = ""): FrameFields {
  return { opcode: PONG, payload };
}

for (const role of ROLES) {
  for (const [name, payload] of Object.entries(PAYLOADS)) {
    Deno.test(`a ${role} answers with the same payload when a ping has ${name}`, () =>
      assertConversations(
        role,
        alsoSingly([fine([ping(payload)], [pong(payload)])]),
      ));

    Deno.test(`a ${role} answers nothing when an unasked pong has ${name}`, () =>
      assertConversations(
        role,
        alsoSingly([
          fine([pong(payload)], []),
          fine([pong(payload), ping("a"), pong("b")], [pong("a")]),
        ]),
      ));
  }

  Deno.test(`a ${role} refuses a control frame when it has 126 bytes or more`, () =>
    assertConversations(
      role,
      [PING, PONG].flatMap((opcode) =>
        [126, 65_535, 65_536].map((length) =>
          wrong("control_too_long", [{ opcode, payload: pattern(length) }])
        )
      ),
    ));

  Deno.test(`a ${role} answers each ping in order when many come at once`, async () => {
    const payloads = Array.from({ length: 1000 }, (_, i) => `ping ${i}`);
    const few = payloads.slice(0, 10);
    await assertConversations(role, [
      fine(payloads.map(ping), payloads.map(pong)),
      fine(payloads.map(ping), payloads.map(pong), 1000),
      fine(few.map(ping), few.map(pong), 1),
    ]);
  });

  Deno.test(`a ${role} answers pings between messages and within them when they are there`, () =>
    assertConversations(
      role,
      alsoSingly([
        fine(
          [{ opcode: TEXT, payload: "a" }, ping("1"), {
            opcode: BINARY,
            payload: "b",
          }, ping("2")],
          [{ opcode: TEXT, payload: "a" }, pong("1"), {
            opcode: BINARY,
            payload: "b",
          }, pong("2")],
        ),
        fine(
          [
            { opcode: TEXT, payload: "one ", fin: 0 },
            ping("1"),
            pong("nobody asked"),
            ping("2"),
            { opcode: CONTINUATION, payload: "message" },
            ping("3"),
          ],
          [
            pong("1"),
            pong("2"),
            { opcode: TEXT, payload: "one message" },
            pong("3"),
          ],
        ),
      ]),
    ));
}
