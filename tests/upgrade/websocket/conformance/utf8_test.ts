import { assertEquals } from "@std/assert";
import { WebSocketProtocol } from "../../../../upgrade/websocket/mod.ts";
import { feed, receive } from "../_feed.ts";
import { concat, type FrameFields } from "../_frames.ts";
import {
  assertConversations,
  assertFrames,
  BINARY,
  type Conversation,
  failure,
  fine,
  frameOf,
  PING,
  PONG,
  ROLES,
  TEXT,
  wrong,
} from "./_conversation.ts";
import { INVALID, VALID } from "./_utf8_sequences.ts";

const BEFORE = new TextEncoder().encode("Grüße, κόσμε 世界 😀");
const AFTER = new TextEncoder().encode("é€😀 and so on");

/** A text in frames of the given sizes; the last one takes the rest. */
function fragments(bytes: Uint8Array, sizes: number[]): FrameFields[] {
  const frames: FrameFields[] = [];
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    const payload = bytes.slice(at, at + size);
    at += payload.length;
    const fin = frames.length === sizes.length ? 1 : 0;
    frames.push({ opcode: frames.length === 0 ? TEXT : 0, payload, fin });
  }
  return frames;
}

function singly(bytes: Uint8Array): FrameFields[] {
  return fragments(bytes, Array(Math.max(bytes.length - 1, 0)).fill(1));
}

/** The frame of a text that claims to be longer, as far as it has come. */
function begun(bytes: Uint8Array): FrameFields {
  return { opcode: TEXT, payload: bytes, claims: BigInt(bytes.length + 100) };
}

/** Where the platform's decoder sees that bytes cannot become UTF-8 any more. */
function seenAt(bytes: Uint8Array): number | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (const [i, byte] of bytes.entries()) {
    try {
      decoder.decode(Uint8Array.of(byte), { stream: true });
    } catch {
      return i;
    }
  }
  return undefined;
}

Deno.test("the tables of sequences agree with the platform's decoder", () => {
  const isValid = (bytes: Uint8Array) => {
    try {
      new TextDecoder("utf-8", { fatal: true }).decode(bytes);
      return true;
    } catch {
      return false;
    }
  };
  for (const { name, bytes } of VALID) assertEquals(isValid(bytes), true, name);
  for (const { name, bytes } of INVALID) {
    assertEquals(isValid(bytes), false, name);
  }
});

for (const role of ROLES) {
  Deno.test(`a ${role} takes text when it is at the edges of UTF-8`, () =>
    assertConversations(
      role,
      VALID.flatMap(({ bytes }) => {
        const long = concat(BEFORE, bytes, AFTER);
        return [bytes, long].flatMap((payload): Conversation[] => {
          const message = { opcode: TEXT, payload };
          return [
            fine([message], [message]),
            fine([message], [message], 1),
            fine(singly(payload), [message]),
          ];
        });
      }),
    ));

  Deno.test(`a ${role} takes text when it is cut into two fragments at any byte`, () => {
    const message = { opcode: TEXT, payload: BEFORE };
    return assertConversations(
      role,
      Array.from({ length: BEFORE.length + 1 }, (_, at) => {
        const [first, second] = fragments(BEFORE, [at]);
        const ping = { opcode: PING, payload: "p" };
        const pong = { opcode: PONG, payload: "p" };
        return fine([first!, ping, second!], [pong, message]);
      }),
    );
  });

  Deno.test(`a ${role} takes bytes that are no UTF-8 when the message is binary`, () =>
    assertConversations(
      role,
      INVALID.map(({ bytes }) => {
        const message = { opcode: BINARY, payload: bytes };
        return fine([message], [message]);
      }),
    ));

  Deno.test(`a ${role} refuses text when it is not UTF-8`, () =>
    assertConversations(
      role,
      INVALID.flatMap(({ bytes }) => {
        const long = concat(BEFORE, bytes, AFTER);
        return [bytes, long].map((payload) =>
          wrong("invalid_utf8", [{ opcode: TEXT, payload }])
        );
      }),
    ));

  Deno.test(`a ${role} refuses text when fragments of one byte are not UTF-8`, () =>
    assertConversations(
      role,
      INVALID.map(({ bytes }) =>
        wrong("invalid_utf8", singly(concat(BEFORE, bytes)))
      ),
    ));

  Deno.test(`a ${role} refuses text that is not UTF-8 when a good one came before`, () => {
    const good = { opcode: TEXT, payload: BEFORE };
    return assertConversations(
      role,
      INVALID.map(({ bytes }) =>
        wrong("invalid_utf8", [good, { opcode: TEXT, payload: bytes }], [good])
      ),
    );
  });

  Deno.test(`a ${role} refuses text at the first wrong byte when the rest of the frame has not come`, () =>
    assertConversations(
      role,
      INVALID.flatMap(({ bytes }) => {
        const at = seenAt(bytes);
        if (at === undefined) return [];
        const wrongPart = bytes.subarray(0, at + 1);
        return [
          wrong("invalid_utf8", [begun(wrongPart)]),
          { ...wrong("invalid_utf8", [begun(wrongPart)]), chop: 1 },
          wrong("invalid_utf8", [begun(concat(BEFORE, wrongPart))]),
        ];
      }),
    ));

  Deno.test(`a ${role} refuses text at the first wrong byte when the message has not ended`, () =>
    assertConversations(
      role,
      INVALID.flatMap(({ bytes }) => {
        const at = seenAt(bytes);
        if (at === undefined) return [];
        const wrongPart = concat(BEFORE, bytes.subarray(0, at + 1));
        return [
          wrong("invalid_utf8", [{ opcode: TEXT, payload: wrongPart, fin: 0 }]),
          wrong("invalid_utf8", [
            ...singly(wrongPart).slice(0, -1),
            { opcode: 0, payload: wrongPart.slice(-1), fin: 0 },
          ]),
        ];
      }),
    ));

  Deno.test(`a ${role} waits when text can still become UTF-8`, () => {
    for (const { name, bytes } of INVALID) {
      const at = seenAt(bytes) ?? bytes.length;
      for (let size = 0; size <= at; size++) {
        const part = concat(BEFORE, bytes.subarray(0, size));
        const { output, error } = feed(role, [frameOf(role, begun(part))]);
        assertEquals([output, error], [[], undefined], name);
      }
    }
  });

  Deno.test(`a ${role} refuses text at the same byte when every lead is followed by every byte`, () => {
    for (let lead = 0x80; lead < 0x100; lead++) {
      for (let second = 0; second < 0x100; second++) {
        const bytes = Uint8Array.of(lead, second);
        const protocol = new WebSocketProtocol(role);
        const said = frameOf(role, begun(bytes));
        let came: number | undefined;
        try {
          for (let i = 0; i < said.length; i++) {
            came = i;
            for (const _ of receive(protocol, said.subarray(i, i + 1)));
          }
          came = undefined;
        } catch {
          assertFrames(role, protocol.output.take(), [failure("invalid_utf8")]);
        }
        const header = said.length - bytes.length;
        const at = seenAt(bytes);
        assertEquals(came, at === undefined ? at : header + at, `${bytes}`);
      }
    }
  });
}
