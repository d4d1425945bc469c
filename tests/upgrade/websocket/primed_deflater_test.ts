import { assert, assertEquals, assertLess } from "@std/assert";
import {
  createBrotliCompress,
  createDeflateRaw,
  createInflateRaw,
} from "node:zlib";
import {
  mostBytes,
  PrimedDeflater,
  primedDeflater,
} from "../../../upgrade/websocket/primed_deflater.ts";
import { inflateRaw } from "../../../upgrade/websocket/raw_inflate.ts";
import { pattern } from "./_frames.ts";

/** Bytes that do not resemble each other. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; at += 0x10000) {
    crypto.getRandomValues(bytes.subarray(at, at + 0x10000));
  }
  return bytes;
}

const WINDOW_BITS = [9, 10, 11, 12, 13, 14, 15];
const LEVELS = [1, 2, 3, 4, 5, 6, 7, 8, 9];

Deno.test("primedDeflater() refers back to the history with every setting", () => {
  for (const windowBits of WINDOW_BITS) {
    for (const level of LEVELS) {
      const deflater = primedDeflater({ windowBits, level })!;
      const history = noise(1 << windowBits);
      const payload = history.slice(-200);
      const deflated = deflater.deflate(history, payload);
      assertLess(deflated.length, 30, `${windowBits}, ${level}`);
      assertEquals(
        inflateRaw(deflated, { history, maxBytes: 200 }).bytes,
        payload,
      );
    }
  }
});

Deno.test("primedDeflater() refers back no further than the window", () => {
  for (const windowBits of WINDOW_BITS) {
    for (const level of LEVELS) {
      const size = 1 << windowBits;
      const deflater = primedDeflater({ windowBits, level })!;
      const history = noise(32_768);
      // What is just too far away is not found; what stands there is not missed
      // when the peer has forgotten it.
      const payload = history.slice(-size - 100, -size + 100);
      const deflated = deflater.deflate(history, payload);
      const { bytes } = inflateRaw(deflated, {
        history: history.subarray(-size),
        maxBytes: 200,
      });
      assertEquals(bytes, payload);
    }
  }
});

Deno.test("primedDeflater() has room for what cannot be compressed", () => {
  for (const windowBits of WINDOW_BITS) {
    for (const level of [1, 6, 9]) {
      const deflater = primedDeflater({ windowBits, level })!;
      for (const size of [1, 2, 100, 1000, 70_000, 262_144]) {
        const history = noise(1 << windowBits);
        const payload = noise(size);
        const deflated = deflater.deflate(history, payload);
        assertLess(deflated.length, mostBytes(size));
        assertEquals(
          inflateRaw(deflated, { history, maxBytes: size }).bytes,
          payload,
        );
      }
    }
  }
});

Deno.test("primedDeflater() forgets one message before the next", () => {
  const deflater = primedDeflater({ windowBits: 15, level: 6 })!;
  const first = noise(1000);
  const history = pattern(50);
  deflater.deflate(history, first);
  const deflated = deflater.deflate(history, first);
  assertEquals(inflateRaw(deflated, { history, maxBytes: 1000 }).bytes, first);
});

Deno.test("primedDeflater() is the same one for the same settings", () => {
  const settings = { windowBits: 11, level: 3 };
  assert(primedDeflater(settings) === primedDeflater({ ...settings }));
  assert(
    primedDeflater(settings) !== primedDeflater({ ...settings, level: 4 }),
  );
});

Deno.test("PrimedDeflater.over() gives undefined when a stream is another inside", () => {
  assertEquals(PrimedDeflater.over({}, 6), undefined);
  const brotli = createBrotliCompress();
  assertEquals(PrimedDeflater.over(brotli, 6), undefined);
  brotli.close();
});

Deno.test("PrimedDeflater.over() gives undefined when a stream fails the trial", () => {
  const stream = createDeflateRaw();
  assert(PrimedDeflater.over(stream, 6) !== undefined);
  stream.close();
  assertEquals(PrimedDeflater.over(stream, 6), undefined);
  const inflating = createInflateRaw();
  inflating.on("error", () => {});
  assertEquals(PrimedDeflater.over(inflating, 6), undefined);
  inflating.close();
});
