import type { FrameFields } from "../_frames.ts";
import {
  alsoSingly,
  assertConversations,
  CONTINUATION,
  PING,
  PONG,
  ROLES,
  TEXT,
  wrong,
} from "./_conversation.ts";

const RESERVED = [3, 4, 5, 6, 7, 11, 12, 13, 14, 15];
const MESSAGE: FrameFields = { opcode: TEXT, payload: "fine" };

for (const role of ROLES) {
  const test = (
    name: string,
    conversation: (opcode: number) => Parameters<typeof wrong>,
  ) =>
    Deno.test(`a ${role} refuses a reserved opcode when its frame ${name}`, () =>
      assertConversations(
        role,
        alsoSingly(RESERVED.map((opcode) => wrong(...conversation(opcode)))),
      ));

  test("is empty", (opcode) => ["reserved_opcode", [{ opcode }]]);
  test("has a payload", (opcode) => [
    "reserved_opcode",
    [{ opcode, payload: "reserved opcode payload" }],
  ]);
  test("has 128 bytes", (opcode) => [
    "reserved_opcode",
    [{ opcode, payload: "a".repeat(128) }],
  ]);
  test("is not final", (opcode) => ["reserved_opcode", [{ opcode, fin: 0 }]]);
  test("comes behind a message and before a ping", (opcode) => [
    "reserved_opcode",
    [MESSAGE, { opcode, payload: "a" }, { opcode: PING }],
    [MESSAGE],
  ]);
  test("comes within a message", (opcode) => [
    "reserved_opcode",
    [
      { opcode: TEXT, fin: 0, payload: "a" },
      { opcode: PING, payload: "p" },
      { opcode },
      { opcode: CONTINUATION, payload: "b" },
    ],
    [{ opcode: PONG, payload: "p" }],
  ]);
}
