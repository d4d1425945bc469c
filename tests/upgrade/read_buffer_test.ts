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

Deno.test("ReadBuffer begins with as much room as it is told", async () => {
  const source = sourceOf([1]);
  await new ReadBuffer(source, 1024).fill();
  assertEquals(source.room, [1024]);
});

Deno.test("ReadBuffer doubles its room when reads fill it, up to 256 KiB", async () => {
  const source = sourceOf(Array(14).fill(Infinity));
  const buffer = new ReadBuffer(source);
  for (let i = 0; i < 14; i++) {
    await buffer.fill();
    buffer.consume(buffer.unread.length);
  }
  assertEquals(source.room.slice(0, 4), [256, 512, 1024, 2048]);
  assertEquals(source.room.slice(9, 12), [1 << 17, 1 << 18, 1 << 18]);
  assertEquals(source.room.at(-1), 1 << 18);
});

Deno.test("ReadBuffer halves its room when four reads in a row stay far below", async () => {
  const source = sourceOf([Infinity, Infinity, ...Array(12).fill(1)]);
  const buffer = new ReadBuffer(source);
  for (let i = 0; i < 14; i++) {
    await buffer.fill();
    buffer.consume(buffer.unread.length);
  }
  assertEquals(source.room.slice(2, 6), [1024, 1024, 1024, 1024]);
  assertEquals(source.room.slice(6, 10), [512, 512, 512, 512]);
  assertEquals(source.room.slice(10), [256, 256, 256, 256]);
});
