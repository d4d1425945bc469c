import { assertEquals, assertRejects } from "@std/assert";
import { readableOf, Rewind } from "../../upgrade/_rewind.ts";

const utf8 = new TextEncoder();

/** A read that brings each of `texts` once, then the end. */
function readerOf(
  ...texts: string[]
): (target: Uint8Array) => Promise<number | null> {
  return (target) => {
    const text = texts.shift();
    if (text === undefined) return Promise.resolve(null);
    return Promise.resolve(utf8.encodeInto(text, target).written);
  };
}

/** Reads everything, `size` bytes at a time. */
async function readAll(
  rewind: Rewind,
  read: (target: Uint8Array) => Promise<number | null>,
  size: number,
): Promise<string> {
  let text = "";
  for (;;) {
    const target = new Uint8Array(size);
    const count = await rewind.read(target, read);
    if (count === null) return text;
    text += new TextDecoder().decode(target.subarray(0, count));
  }
}

Deno.test("Rewind.read() brings the bytes, the read under way, then the rest", async () => {
  for (const size of [1, 2, 3, 100]) {
    const rewind = new Rewind(
      utf8.encode("early"),
      Promise.resolve(utf8.encode(" pending")),
    );
    // What is read on with brings one byte a read, so that any size has room.
    const rest = readerOf(..." rest");
    assertEquals(await readAll(rewind, rest, size), "early pending rest");
    assertEquals(rewind.done, true);
  }
});

Deno.test("Rewind.read() keeps the order when reads are not awaited", async () => {
  const rewind = new Rewind(
    utf8.encode("ab"),
    Promise.resolve(utf8.encode("cd")),
  );
  const rest = readerOf("e", "f");
  const targets = Array.from({ length: 6 }, () => new Uint8Array(1));
  await Promise.all(targets.map((target) => rewind.read(target, rest)));
  const text = targets.map(([byte]) => String.fromCharCode(byte!)).join("");
  assertEquals(text, "abcdef");
});

Deno.test("Rewind.read() tells the end when the read under way found it", async () => {
  const rewind = new Rewind(utf8.encode("x"), Promise.resolve(null));
  assertEquals(await readAll(rewind, readerOf(), 8), "x");
});

Deno.test("Rewind.read() rejects once when the read under way fails", async () => {
  const rewind = new Rewind(
    new Uint8Array(0),
    Promise.reject(new Deno.errors.ConnectionReset("gone")),
  );
  await assertRejects(
    () => rewind.read(new Uint8Array(1), readerOf()),
    Deno.errors.ConnectionReset,
  );
  assertEquals(await readAll(rewind, readerOf("later"), 8), "later");
});

Deno.test("Rewind does not end the process when nobody reads a read that fails", async () => {
  new Rewind(
    new Uint8Array(0),
    Promise.reject(new Deno.errors.ConnectionReset("gone")),
  );
  // An unhandled rejection fails the test after the next turn.
  await new Promise((resolve) => setImmediate(resolve));
});

Deno.test("readableOf() is a byte stream that ends when the reads do", async () => {
  const read = readerOf("one ", "two ", "three");
  assertEquals(
    await new Response(readableOf({ read })).text(),
    "one two three",
  );
});

Deno.test("readableOf() lets a reader bring its own buffer", async () => {
  const read = readerOf("a", "b");
  const reader = readableOf({ read }).getReader({ mode: "byob" });
  const first = await reader.read(new Uint8Array(4));
  assertEquals(new TextDecoder().decode(first.value), "a");
  const second = await reader.read(new Uint8Array(4));
  assertEquals(new TextDecoder().decode(second.value), "b");
  assertEquals((await reader.read(new Uint8Array(4))).done, true);
});

Deno.test("readableOf() errors when a read fails", async () => {
  const read = () => Promise.reject(new Deno.errors.ConnectionReset("gone"));
  await assertRejects(
    () => new Response(readableOf({ read })).bytes(),
    Deno.errors.ConnectionReset,
  );
});
