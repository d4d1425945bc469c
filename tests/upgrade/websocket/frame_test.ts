import { assertEquals } from "@std/assert";
import {
  frameHeaderLength,
  writeFrameHeader,
} from "../../../upgrade/websocket/frame.ts";
import { frame } from "./_frames.ts";

const LENGTHS = [0, 1, 125, 126, 127, 0xffff, 0x10000, 2 ** 32 + 5, 2 ** 52];

Deno.test("frameHeaderLength() counts the shortest form and the key", () => {
  assertEquals(
    LENGTHS.map((length) => frameHeaderLength(length, false)),
    [2, 2, 2, 4, 4, 4, 10, 10, 10],
  );
  assertEquals(
    LENGTHS.map((length) => frameHeaderLength(length, true)),
    [6, 6, 6, 8, 8, 8, 14, 14, 14],
  );
});

Deno.test("writeFrameHeader() writes the header of every length at its place", () => {
  for (const length of LENGTHS) {
    const target = new Uint8Array(20).fill(0xee);
    const end = writeFrameHeader(target, 3, {
      opcode: 2,
      length,
      masked: false,
    });
    const header = frame({ opcode: 2, claims: BigInt(length) });
    assertEquals(target.slice(3, end), header, `${length}`);
    assertEquals(target[2], 0xee);
    assertEquals(target[end], 0xee);
  }
});

Deno.test("writeFrameHeader() sets the mask bit and leaves room for the key when it is masked", () => {
  for (const length of LENGTHS) {
    const target = new Uint8Array(20);
    const end = writeFrameHeader(target, 0, {
      opcode: 9,
      length,
      masked: true,
    });
    const header = frame({
      opcode: 9,
      claims: BigInt(length),
      key: [0, 0, 0, 0],
    });
    assertEquals(end, header.length - 4);
    assertEquals(target.slice(0, header.length), header, `${length}`);
  }
});
