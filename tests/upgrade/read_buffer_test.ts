import { assertEquals, assertRejects, assertStrictEquals } from "@std/assert";
import { type ByteSource, ReadBuffer } from "../../upgrade/_read_buffer.ts";

/** A source that fills as much of each target as `sizes` say, then ends. */
function sourceOf(sizes: number[]): ByteSource & { readonly room: number[] } {
  const room: number[] = [];
  let next = 0;
  return {
    room,
    read(target) {
      room.push(target.length);
      const size = sizes.shift();
      if (size === undefined) return Promise.resolve(null);
      const read = Math.min(size, target.length);
      for (let i = 0; i < read; i++) target[i] = next++;
      return Promise.resolve(read);
    },
  };
}

Deno.test("ReadBuffer gives the early bytes first when it has some", async () => {
  const buffer = new ReadBuffer(sourceOf([2]), Uint8Array.of(7, 8, 9));
  assertEquals([...buffer.unread], [7, 8, 9]);
  buffer.consume(2);
  assertEquals([...buffer.unread], [9]);
  buffer.consume(1);
  assertEquals(buffer.isEmpty, true);
  assertEquals(await buffer.fill(), true);
  assertEquals([...buffer.unread], [0, 1]);
});

Deno.test("ReadBuffer.fill() is false when the source has ended", async () => {
  const buffer = new ReadBuffer(sourceOf([]));
  assertEquals(await buffer.fill(), false);
  assertEquals(await buffer.fill(), false);
  assertEquals(buffer.isEmpty, true);
});

Deno.test("ReadBuffer.fill() reads once when it is called twice", async () => {
  const source = sourceOf([1, 1]);
  const buffer = new ReadBuffer(source);
  const first = buffer.fill();
  assertStrictEquals(buffer.fill(), first);
  assertStrictEquals(buffer.filling, first);
  await first;
  assertEquals(buffer.filling, undefined);
  assertEquals(source.room.length, 1);
});

Deno.test("ReadBuffer.fill() can be called again when a read has failed", async () => {
  let fails = true;
  const buffer = new ReadBuffer({
    read: () => {
      if (!fails) return Promise.resolve(1);
      return Promise.reject(new Deno.errors.ConnectionReset("gone"));
    },
  });
  await assertRejects(() => buffer.fill(), Deno.errors.ConnectionReset);
  fails = false;
  assertEquals(await buffer.fill(), true);
});

Deno.test("ReadBuffer doubles its room when reads fill it, up to 256 KiB", async () => {
  const source = sourceOf(Array(12).fill(Infinity));
  const buffer = new ReadBuffer(source);
  for (let i = 0; i < 12; i++) {
    await buffer.fill();
    buffer.consume(buffer.unread.length);
  }
  assertEquals(source.room.slice(0, 4), [1024, 2048, 4096, 8192]);
  assertEquals(source.room.slice(7, 10), [1 << 17, 1 << 18, 1 << 18]);
  assertEquals(source.room.at(-1), 1 << 18);
});

Deno.test("ReadBuffer halves its room when four reads in a row stay far below", async () => {
  const source = sourceOf([Infinity, Infinity, ...Array(12).fill(1)]);
  const buffer = new ReadBuffer(source);
  for (let i = 0; i < 14; i++) {
    await buffer.fill();
    buffer.consume(buffer.unread.length);
  }
  assertEquals(source.room.slice(2, 6), [4096, 4096, 4096, 4096]);
  assertEquals(source.room.slice(6, 10), [2048, 2048, 2048, 2048]);
  assertEquals(source.room.slice(10), [1024, 1024, 1024, 1024]);
});
