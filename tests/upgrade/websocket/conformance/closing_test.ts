import { assertEquals } from "@std/assert";
import {
  CLOSE_CODE,
  isSendableCloseCode,
  WebSocketError,
  WebSocketProtocol,
} from "../../../../upgrade/websocket/mod.ts";
import { receive } from "../_feed.ts";
import { closing, concat, type FrameFields, pattern } from "../_frames.ts";
import {
  alsoSingly,
  assertConversations,
  assertFrames,
  BINARY,
  BYE,
  CLOSE,
  CONTINUATION,
  failure,
  frameOf,
  PING,
  ROLES,
  TEXT,
  withEcho,
  wrong,
} from "./_conversation.ts";
import { INVALID, VALID } from "./_utf8_sequences.ts";

const MESSAGE: FrameFields = { opcode: TEXT, payload: "Hello, world!" };
const MAY_BE_SENT = [
  ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014],
  ...[3000, 3001, 3999, 4000, 4001, 4999],
];
const MAY_NOT = [
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 1999],
  ...[2000, 2999, 5000, 5001, 65_535],
];

/** A Close frame. */
function goodbye(code: number, reason = ""): FrameFields {
  return { opcode: CLOSE, payload: closing(code, reason) };
}

for (const role of ROLES) {
  Deno.test(`a ${role} echoes the code when the peer closes`, () =>
    assertConversations(
      role,
      MAY_BE_SENT.flatMap((code) =>
        alsoSingly([
          { says: [goodbye(code)], hears: [goodbye(code)] },
          { says: [goodbye(code, "Grüße 😀")], hears: [goodbye(code)] },
          { says: [MESSAGE, goodbye(code)], hears: [MESSAGE, goodbye(code)] },
        ])
      ),
    ));

  Deno.test(`a ${role} answers an empty Close when the peer's is empty`, () =>
    assertConversations(
      role,
      alsoSingly([
        { says: [{ opcode: CLOSE }], hears: [{ opcode: CLOSE }] },
        {
          says: [MESSAGE, { opcode: CLOSE }],
          hears: [MESSAGE, { opcode: CLOSE }],
        },
      ]),
    ));

  Deno.test(`a ${role} refuses a Close when its code may not be sent`, () =>
    assertConversations(
      role,
      MAY_NOT.flatMap((code) => [
        wrong("bad_close_code", [goodbye(code)]),
        wrong("bad_close_code", [goodbye(code, "Goodbye")]),
        wrong("bad_close_code", [MESSAGE, goodbye(code)], [MESSAGE]),
      ]),
    ));

  Deno.test(`a ${role} judges a Close by its code when it is any of 65,536`, () => {
    const allowed = new Set([
      ...MAY_BE_SENT.filter((code) => code < 3000),
      ...Array.from({ length: 2000 }, (_, i) => 3000 + i),
    ]);
    for (let code = 0; code < 0x10000; code++) {
      const protocol = new WebSocketProtocol(role);
      let closed: number | undefined;
      protocol.receive(frameOf(role, goodbye(code)));
      try {
        const event = protocol.next();
        if (event?.type === "close") closed = event.code;
      } catch (error) {
        if (!(error instanceof WebSocketError)) throw error;
      }
      const isAllowed = allowed.has(code);
      if (isAllowed) assertEquals(closed, code);
      else assertEquals(closed, undefined, `${code}`);
      assertFrames(role, protocol.output.take(), [
        isAllowed ? goodbye(code) : failure("bad_close_code"),
      ]);
    }
  });

  Deno.test(`a ${role} refuses a Close when its payload has one byte`, () =>
    assertConversations(
      role,
      [0x00, 0x03, 0x61, 0xff].map((byte) =>
        wrong("bad_close_payload", [
          { opcode: CLOSE, payload: Uint8Array.of(byte) },
        ])
      ),
    ));

  Deno.test(`a ${role} takes a reason when it has at most 123 bytes`, () =>
    assertConversations(
      role,
      [1, 122, 123].map((length) => ({
        says: [goodbye(1000, "*".repeat(length))],
        hears: [goodbye(1000)],
      })),
    ));

  Deno.test(`a ${role} refuses a Close when its reason has over 123 bytes`, () =>
    assertConversations(
      role,
      [124, 125, 70_000].map((length) =>
        wrong("control_too_long", [goodbye(1000, "*".repeat(length))])
      ),
    ));

  Deno.test(`a ${role} takes a reason when it is at the edges of UTF-8`, () =>
    assertConversations(
      role,
      VALID.map(({ bytes }) => ({
        says: [{ opcode: CLOSE, payload: concat(closing(3000), bytes) }],
        hears: [goodbye(3000)],
      })),
    ));

  Deno.test(`a ${role} refuses a Close when its reason is not UTF-8`, () =>
    assertConversations(
      role,
      INVALID.filter(({ bytes }) => bytes.length <= 123).map(({ bytes }) =>
        wrong("invalid_utf8", [
          { opcode: CLOSE, payload: concat(closing(1000), bytes) },
        ])
      ),
    ));

  Deno.test(`a ${role} ignores what follows when the peer has said goodbye`, () =>
    assertConversations(
      role,
      [
        [BYE],
        [goodbye(1001)],
        [{ opcode: PING }],
        [MESSAGE, MESSAGE],
        [{ opcode: BINARY, payload: pattern(70_000) }],
        // Not even a broken rule counts.
        [{ opcode: 3, rsv: 7, payload: "?" }],
        [{ opcode: CONTINUATION }],
        [Uint8Array.of(0xff)],
      ].flatMap((late) => [
        { says: [BYE, ...late], hears: [BYE] },
        { says: [MESSAGE, BYE, ...late], hears: [MESSAGE, BYE] },
      ]),
    ));

  Deno.test(`a ${role} takes a Close when it comes in the middle of a message`, () =>
    assertConversations(
      role,
      alsoSingly([
        {
          says: [{ opcode: TEXT, fin: 0, payload: "frag" }, BYE],
          hears: [BYE],
        },
        {
          says: [
            { opcode: TEXT, fin: 0, payload: "frag" },
            BYE,
            { opcode: CONTINUATION, payload: "ment" },
          ],
          hears: [BYE],
        },
        {
          says: [{ opcode: TEXT, fin: 0, payload: Uint8Array.of(0xf0) }, BYE],
          hears: [BYE],
        },
      ]),
    ));

  Deno.test(`a ${role} sends all of a message when its sender says goodbye behind it`, () => {
    const long = { opcode: BINARY, payload: pattern(1 << 18) };
    return assertConversations(role, [
      { says: [long, BYE], hears: [long, BYE] },
      { says: [long, long, MESSAGE, BYE], hears: [long, long, MESSAGE, BYE] },
    ]);
  });

  Deno.test(`a ${role} puts out each code that may be sent, and never another, when it closes`, () => {
    for (let code = 0; code < 0x1_0002; code++) {
      const protocol = new WebSocketProtocol(role);
      let sent = true;
      try {
        protocol.close(code, "bye");
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
        sent = false;
      }
      assertEquals(sent, isSendableCloseCode(code), `${code}`);
      assertFrames(
        role,
        protocol.output.take(),
        sent ? [goodbye(code, "bye")] : [],
      );
    }
  });

  Deno.test(`a ${role} says nothing more when both say goodbye`, () => {
    for (const code of MAY_BE_SENT) {
      const protocol = new WebSocketProtocol(role);
      protocol.send("last words");
      protocol.close(CLOSE_CODE.goingAway, "so long");
      protocol.send("too late");
      protocol.ping();
      const said = [{ opcode: PING }, MESSAGE, goodbye(code, "bye"), MESSAGE];
      const bytes = concat(...said.map((one) => frameOf(role, one)));
      assertEquals([...receive(protocol, bytes)], [
        { ping: "" },
        { text: "Hello, world!" },
        { close: code, reason: "bye" },
      ]);
      assertFrames(role, protocol.output.take(), [
        { opcode: TEXT, payload: "last words" },
        goodbye(1001, "so long"),
      ]);
    }
  });

  Deno.test(`a ${role} answers nothing when TCP ends without a Close`, () =>
    withEcho(role, async (open) => {
      const frame = frameOf(role, MESSAGE);
      for (let size = 0; size < frame.length; size++) {
        using peer = await open();
        await peer.raw.send(frame.subarray(0, size));
        await peer.raw.closeWrite();
        await peer.readEnd();
      }
    }));
}
