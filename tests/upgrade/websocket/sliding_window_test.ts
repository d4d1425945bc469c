import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { SlidingWindow } from "../../../upgrade/websocket/sliding_window.ts";
import { concat } from "./_frames.ts";

Deno.test("SlidingWindow.bytes are the last bytes that were pushed", () => {
  const pieces = fc.array(
    fc.oneof(
      fc.uint8Array({ maxLength: 10 }),
      fc.uint8Array({ minLength: 250, maxLength: 260 }),
      fc.uint8Array({ minLength: 500, maxLength: 1200 }),
    ),
    { maxLength: 20 },
  );
  fc.assert(
    fc.property(fc.constantFrom(8, 9, 10), pieces, (bits, pieces) => {
      const window = new SlidingWindow(bits);
      let all = new Uint8Array(0);
      for (const piece of pieces) {
        window.push(piece);
        all = concat(all, piece);
        assertEquals(window.bytes, all.slice(-(1 << bits)));
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("SlidingWindow keeps bytes of its own when those pushed change", () => {
  const window = new SlidingWindow(8);
  const bytes = Uint8Array.of(1, 2, 3);
  window.push(bytes);
  bytes.fill(0);
  assertEquals(window.bytes, Uint8Array.of(1, 2, 3));
});

Deno.test("SlidingWindow takes memory with the first bytes, and never more than its size", () => {
  const window = new SlidingWindow(15);
  assertEquals(window.bytes.buffer.byteLength, 0);
  window.push(new Uint8Array(100));
  assertEquals(window.bytes.buffer.byteLength, 0x100);
  window.push(new Uint8Array(1000));
  assertEquals(window.bytes.buffer.byteLength, 1100);
  for (let i = 0; i < 100; i++) window.push(new Uint8Array(1000));
  assertEquals(window.bytes.buffer.byteLength, 0x8000);
  window.push(new Uint8Array(100_000));
  assertEquals(window.bytes.buffer.byteLength, 0x8000);
});
