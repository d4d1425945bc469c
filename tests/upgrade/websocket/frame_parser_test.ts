import { assertEquals, assertThrows } from "@std/assert";
import {
  WebSocketError,
  type WebSocketErrorCode,
} from "../../../upgrade/websocket/errors.ts";
import {
  FrameParser,
  type Role,
} from "../../../upgrade/websocket/frame_parser.ts";
import {
  binaryOf,
  clientFrame,
  concat,
  frame,
  type FrameFields,
  KEY,
  pattern,
  serverFrame,
} from "./_frames.ts";
import { singly } from "./_feed.ts";

interface SeenFrame {
  fin: boolean;
  opcode: number;
  length: number;
  payload: string;
}

/** Reads all whole frames of pieces. */
function read(role: Role, pieces: Uint8Array[]): SeenFrame[] {
  const parser = new FrameParser(role);
  const seen: SeenFrame[] = [];
  let open: SeenFrame | undefined;
  for (const piece of pieces) {
    parser.feed(piece.slice());
    for (;;) {
      if (open === undefined) {
        if (!parser.readHeader()) break;
        const { fin, opcode, length } = parser;
        open = { fin, opcode, length, payload: "" };
      }
      open.payload += binaryOf(parser.readPayload());
      if (parser.remaining > 0) break;
      seen.push(open);
      open = undefined;
    }
  }
  return seen;
}

function assertRefused(
  role: Role,
  fields: FrameFields,
  code: WebSocketErrorCode,
): void {
  const bytes = frame(role === "server" ? { key: KEY, ...fields } : fields);
  for (const pieces of [[bytes], singly(bytes)]) {
    const error = assertThrows(() => read(role, pieces), WebSocketError);
    assertEquals(error.code, code);
  }
}

const ROLES = ["server", "client"] as const;
const OPCODES = [0x0, 0x1, 0x2, 0x8, 0x9, 0xa];
const LENGTHS = [0, 1, 3, 125, 126, 127, 200, 0xffff, 0x10000, 0x10001];

for (const role of ROLES) {
  const make = role === "server" ? clientFrame : serverFrame;

  Deno.test(`FrameParser reads every opcode when it is the ${role}`, () => {
    for (const opcode of OPCODES) {
      assertEquals(read(role, [make(opcode, "abc")]), [
        { fin: true, opcode, length: 3, payload: "abc" },
      ]);
    }
  });

  Deno.test(`FrameParser reads every form of length when it is the ${role}`, () => {
    for (const length of LENGTHS) {
      const payload = pattern(length);
      assertEquals(read(role, [make(0x2, payload)]), [
        { fin: true, opcode: 2, length, payload: binaryOf(payload) },
      ]);
    }
  });

  Deno.test(`FrameParser reads the same when bytes are cut anywhere and it is the ${role}`, () => {
    const bytes = concat(
      make(0x1, "first", 0),
      make(0x9, "between"),
      make(0x0, pattern(130)),
      make(0x2),
      make(0x2, pattern(70)),
    );
    const whole = read(role, [bytes]);
    assertEquals(whole.map(({ opcode }) => opcode), [1, 9, 0, 2, 2]);
    assertEquals(read(role, singly(bytes)), whole);
    for (let at = 0; at <= bytes.length; at++) {
      const pieces = [bytes.subarray(0, at), bytes.subarray(at)];
      assertEquals(read(role, pieces), whole, `cut at ${at}`);
    }
    for (let size = 2; size < 20; size++) {
      const pieces = [];
      for (let at = 0; at < bytes.length; at += size) {
        pieces.push(bytes.subarray(at, at + size));
      }
      assertEquals(read(role, pieces), whole, `in pieces of ${size}`);
    }
  });

  Deno.test(`readHeader() throws reserved_bits when one is set and it is the ${role}`, () => {
    for (let rsv = 1; rsv < 8; rsv++) {
      for (const opcode of OPCODES) {
        assertRefused(role, { opcode, rsv }, "reserved_bits");
      }
    }
  });

  Deno.test(`readHeader() throws reserved_opcode when the opcode is and it is the ${role}`, () => {
    for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
      for (const fin of [0, 1] as const) {
        assertRefused(role, { opcode, fin }, "reserved_opcode");
      }
    }
  });

  Deno.test(`readHeader() throws non_minimal_length when fewer bits do and it is the ${role}`, () => {
    for (const claims of [0n, 1n, 125n]) {
      assertRefused(
        role,
        { opcode: 2, claims, lengthBits: 16 },
        "non_minimal_length",
      );
    }
    for (const claims of [0n, 125n, 126n, 0xffffn]) {
      assertRefused(
        role,
        { opcode: 2, claims, lengthBits: 64 },
        "non_minimal_length",
      );
    }
  });

  Deno.test(`readHeader() throws length_out_of_range when the highest of 64 bits is set and it is the ${role}`, () => {
    for (const claims of [1n << 63n, (1n << 64n) - 1n]) {
      assertRefused(role, { opcode: 2, claims }, "length_out_of_range");
    }
  });

  Deno.test(`readHeader() throws control_too_long when over 125 bytes are claimed and it is the ${role}`, () => {
    for (const opcode of [0x8, 0x9, 0xa]) {
      for (const claims of [126n, 0xffffn, 0x10000n, (1n << 63n) - 1n]) {
        assertRefused(role, { opcode, claims }, "control_too_long");
      }
    }
  });

  Deno.test(`readHeader() throws fragmented_control when a control frame is not final and it is the ${role}`, () => {
    for (const opcode of [0x8, 0x9, 0xa]) {
      assertRefused(role, { opcode, fin: 0 }, "fragmented_control");
    }
  });
}

Deno.test("readHeader() throws unmasked_frame when a client does not mask", () => {
  for (const opcode of OPCODES) {
    for (const payload of ["", "abc", pattern(300), pattern(70000)]) {
      const parser = new FrameParser("server");
      parser.feed(serverFrame(opcode, opcode < 8 ? payload : ""));
      const error = assertThrows(() => parser.readHeader(), WebSocketError);
      assertEquals(error.code, "unmasked_frame");
    }
  }
});

Deno.test("readHeader() throws masked_frame when a server masks", () => {
  for (const opcode of OPCODES) {
    assertRefused("client", { opcode, key: KEY }, "masked_frame");
    assertRefused("client", { opcode, key: [0, 0, 0, 0] }, "masked_frame");
  }
});

Deno.test("readHeader() tells the length when the header claims 2^63-1 bytes", () => {
  const parser = new FrameParser("client");
  parser.feed(frame({ opcode: 2, claims: (1n << 63n) - 1n }));
  assertEquals(parser.readHeader(), true);
  assertEquals(parser.length, 2 ** 63);
  assertEquals(parser.readPayload().length, 0);
});

Deno.test("readPayload() unmasks in place when it is the server", () => {
  const parser = new FrameParser("server");
  const bytes = clientFrame(2, "in place");
  parser.feed(bytes);
  parser.readHeader();
  const payload = parser.readPayload();
  assertEquals(payload.buffer, bytes.buffer);
  assertEquals(binaryOf(bytes.subarray(6)), "in place");
});
