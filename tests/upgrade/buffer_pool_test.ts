import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { lendBuffer, returnBuffer } from "../../upgrade/_buffer_pool.ts";

Deno.test("lendBuffer() rounds up to a power of two, 256 bytes at least", () => {
  const sizes = [1, 255, 256, 257, 1025, 4097, 1 << 20].map((length) =>
    lendBuffer(length).length
  );
  assertEquals(sizes, [256, 256, 256, 512, 2048, 8192, 1 << 20]);
});

Deno.test("lendBuffer() makes a buffer of that length when it is more than 1 MiB", () => {
  assertEquals(lendBuffer((1 << 20) + 1).length, (1 << 20) + 1);
});

Deno.test("lendBuffer() lends what was given back, to one borrower at a time", () => {
  const first = lendBuffer(3000);
  returnBuffer(first);
  assertStrictEquals(lendBuffer(3000), first);
  assert(lendBuffer(3000) !== first);
});

Deno.test("returnBuffer() lets a buffer go when none of its size is lent", () => {
  for (const length of [1, 128, 1500, 1 << 21]) {
    const odd = new Uint8Array(length);
    returnBuffer(odd);
    assert(lendBuffer(length) !== odd);
  }
});

Deno.test("returnBuffer() keeps 4 MiB of a size at most", () => {
  const lent = Array.from({ length: 6 }, () => lendBuffer(1 << 20));
  for (const buffer of lent) returnBuffer(buffer);
  const again = Array.from({ length: 6 }, () => lendBuffer(1 << 20));
  assertEquals(again.filter((buffer) => lent.includes(buffer)).length, 4);
});
