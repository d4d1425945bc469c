import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { parseServerMessage } from "../../../static/chat/protocol.js";

const ANA = { id: "1", name: "Ana" };
const TIME = "2025-03-01T12:00:00.000Z";

const MESSAGES: Record<string, unknown>[] = [
  {
    type: "welcome",
    member: "1",
    limits: { name: 32, room: 64, text: 4000, rooms: 20 },
  },
  { type: "named", member: ANA },
  { type: "joined", room: "lobby", members: [ANA], time: TIME },
  { type: "left", room: "lobby" },
  { type: "member_joined", room: "lobby", member: ANA, time: TIME },
  { type: "member_left", room: "lobby", member: ANA, time: TIME },
  {
    type: "member_renamed",
    room: "lobby",
    member: ANA,
    was: "Anna",
    time: TIME,
  },
  {
    type: "message",
    room: "lobby",
    id: "m1",
    from: ANA,
    text: "hello",
    time: TIME,
  },
  { type: "error", code: "name_taken", message: "Taken." },
];

for (const message of MESSAGES) {
  Deno.test(`parseServerMessage() reads ${message.type}`, () => {
    const full = { ...message, ref: "r", later: true };
    assertEquals(
      parseServerMessage(JSON.stringify(full)) as unknown,
      full,
    );
  });

  Deno.test(`parseServerMessage() refuses ${message.type} when a field is missing or wrong`, () => {
    for (const field of Object.keys(message)) {
      const { [field]: _, ...missing } = message;
      for (const wrong of [missing, { ...missing, [field]: [7] }]) {
        assertEquals(parseServerMessage(JSON.stringify(wrong)), undefined);
      }
    }
  });
}

Deno.test("parseServerMessage() refuses what is no message of the protocol", () => {
  for (
    const data of [
      "",
      "{",
      "null",
      "[]",
      '"welcome"',
      "{}",
      '{"type":"constructor"}',
      '{"type":"left","room":"lobby","ref":1}',
      new ArrayBuffer(2),
    ]
  ) {
    assertEquals(parseServerMessage(data), undefined);
  }
});

Deno.test("parseServerMessage() never throws", () => {
  fc.assert(fc.property(fc.json(), (json) => {
    parseServerMessage(json);
  }));
});
