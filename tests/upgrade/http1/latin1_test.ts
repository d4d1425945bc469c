import { assertEquals } from "@std/assert";
import { decodeLatin1 } from "../../../upgrade/http1/latin1.ts";
import { textOf } from "./feed.ts";

const everyByte = Uint8Array.from({ length: 9000 }, (_, at) => at % 256);

Deno.test("decodeLatin1() gives one character a byte when any byte comes", () => {
  for (const length of [0, 1, 12, 13, 256, 4096, 4097, 8999]) {
    const range = { start: 1, end: 1 + length, ascii: false };
    assertEquals(
      decodeLatin1(everyByte, range),
      textOf(everyByte.subarray(1, 1 + length)),
    );
  }
});

Deno.test("decodeLatin1() gives the same when the bytes are known as ASCII", () => {
  const ascii = everyByte.map((byte) => byte & 0x7f);
  for (const length of [0, 1, 12, 13, 128, 8999]) {
    const range = { start: 1, end: 1 + length };
    assertEquals(
      decodeLatin1(ascii, { ...range, ascii: true }),
      decodeLatin1(ascii, { ...range, ascii: false }),
    );
  }
});
