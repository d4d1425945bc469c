import type { FrameFields } from "../_frames.ts";
import {
  alsoSingly,
  assertConversations,
  BINARY,
  CLOSE,
  CONTINUATION,
  PING,
  PONG,
  ROLES,
  TEXT,
  wrong,
} from "./_conversation.ts";

const BITS = [1, 2, 3, 4, 5, 6, 7];
const MESSAGE: FrameFields = { opcode: TEXT, payload: "fine" };

for (const role of ROLES) {
  const test = (
    name: string,
    conversation: (rsv: number) => Parameters<typeof wrong>,
  ) =>
    Deno.test(`a ${role} refuses reserved bits when they are set ${name}`, () =>
      assertConversations(
        role,
        alsoSingly(BITS.map((rsv) => wrong(...conversation(rsv)))),
      ));

  for (const opcode of [TEXT, BINARY, CLOSE, PING, PONG]) {
    test(`in an empty frame with opcode ${opcode}`, (rsv) => [
      "reserved_bits",
      [{ opcode, rsv }],
    ]);
    test(`in a frame with opcode ${opcode} behind a message`, (rsv) => [
      "reserved_bits",
      [MESSAGE, { opcode, rsv, payload: "\u0003è" }],
      [MESSAGE],
    ]);
  }
  test("and a ping follows", (rsv) => [
    "reserved_bits",
    [MESSAGE, { opcode: TEXT, rsv, payload: "a" }, { opcode: PING }],
    [MESSAGE],
  ]);
  test("in a fragment that goes on", (rsv) => [
    "reserved_bits",
    [
      { opcode: TEXT, fin: 0, payload: "a" },
      { opcode: CONTINUATION, rsv, payload: "b" },
    ],
  ]);
  test("in a frame that has 128 bytes", (rsv) => [
    "reserved_bits",
    [{ opcode: BINARY, rsv, payload: "a".repeat(128) }],
  ]);
}
