import { assertEquals } from "@std/assert";
import { applyMask } from "../../../upgrade/websocket/mask.ts";
import { randomMaskingKey } from "../../../upgrade/websocket/masking_key.ts";
import { binaryOf, KEY, pattern } from "./_frames.ts";

const KEY_NUMBER = KEY[0] | KEY[1] << 8 | KEY[2] << 16 | KEY[3] << 24;

Deno.test("applyMask() gives the example of RFC 6455 §5.7", () => {
  const bytes = Uint8Array.of(0x7f, 0x9f, 0x4d, 0x51, 0x58);
  applyMask(bytes, KEY_NUMBER);
  assertEquals(binaryOf(bytes), "Hello");
});

Deno.test("applyMask() masks every length, alignment and offset as the RFC says", () => {
  const lengths = [0, 1, 2, 3, 4, 5, 62, 63, 64, 65, 66, 67, 68, 127, 1001];
  for (const length of lengths) {
    for (let align = 0; align < 8; align++) {
      for (let offset = 0; offset < 5; offset++) {
        const room = pattern(length + align + 9);
        const before = room.slice();
        applyMask(room.subarray(align, align + length), KEY_NUMBER, offset);
        const expected = before.map((byte, i) =>
          i < align || i >= align + length
            ? byte
            : byte ^ KEY[(i - align + offset) % 4]!
        );
        assertEquals(room, expected, `${length} at ${align} from ${offset}`);
      }
    }
  }
});

Deno.test("applyMask() keeps the key in step when the offset is over 2^32", () => {
  for (let more = 0; more < 4; more++) {
    const bytes = new Uint8Array(5);
    applyMask(bytes, KEY_NUMBER, 2 ** 33 + more);
    assertEquals(bytes, bytes.map((_, i) => KEY[(i + more) % 4]!));
  }
});

Deno.test("applyMask() changes nothing when it is applied twice or the key is 0", () => {
  const bytes = pattern(200);
  applyMask(bytes, -1);
  applyMask(bytes, -1);
  applyMask(bytes, 0);
  assertEquals(bytes, pattern(200));
});

Deno.test("randomMaskingKey() makes 32-bit keys that do not repeat", () => {
  const keys = Array.from({ length: 5000 }, randomMaskingKey);
  assertEquals(keys.filter((key) => key !== (key | 0)), []);
  // Two of 5,000 random keys are the same once in 344 times; ten pairs never.
  assertEquals(new Set(keys).size > 4990, true);
});
