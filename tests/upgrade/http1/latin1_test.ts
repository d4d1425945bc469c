import { assertEquals } from "@std/assert";
import { decodeLatin1, encodeLatin1 } from "../../../upgrade/http1/latin1.ts";
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

Deno.test("encodeLatin1() writes one byte a character when the text is ASCII or not", () => {
  const cases: [text: string, bytes: number[]][] = [
    ["", []],
    ["ab", [0x61, 0x62]],
    ["a\x80\xff", [0x61, 0x80, 0xff]],
    ["\xe9".repeat(3) + "a", [0xe9, 0xe9, 0xe9, 0x61]],
  ];
  for (const [text, expected] of cases) {
    const bytes = new Uint8Array(text.length + 1);
    encodeLatin1(text, bytes);
    assertEquals([...bytes.subarray(0, text.length)], expected);
  }
});
