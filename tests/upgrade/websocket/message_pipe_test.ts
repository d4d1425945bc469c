import { assert, assertEquals, assertRejects } from "@std/assert";
import { MessagePipe } from "../../../upgrade/websocket/message_pipe.ts";
import { bytesOf } from "./_frames.ts";

/** A pipe, and how many bytes it has said to be taken. */
function makePipe(isText = false) {
  const taken: number[] = [];
  const pipe = new MessagePipe(isText, (length) => taken.push(length));
  return { pipe, taken };
}

Deno.test("push() copies and counts what waits until it is read", async () => {
  const { pipe, taken } = makePipe();
  const bytes = bytesOf("one");
  assertEquals(pipe.push(bytes), 3);
  bytes.fill(0);
  assertEquals(pipe.push(bytesOf("four")), 4);
  assertEquals(taken, []);
  const reader = pipe.message.readable.getReader();
  assertEquals((await reader.read()).value, bytesOf("one"));
  assertEquals(taken, [3]);
  assertEquals((await reader.read()).value, bytesOf("four"));
  assertEquals(taken, [3, 4]);
});

Deno.test("push() gives to who waits, and counts nothing", async () => {
  const { pipe, taken } = makePipe();
  const read = pipe.message.readable.getReader().read();
  // A stream begins to pull when the turn in which it was made is over.
  await new Promise((resolve) => setImmediate(resolve));
  assertEquals(pipe.push(bytesOf("a")), 0);
  assertEquals(pipe.push(bytesOf("b")), 1);
  assertEquals((await read).value, bytesOf("a"));
  assertEquals(taken, []);
});

Deno.test("push() gives to several who wait, in order", async () => {
  const { pipe } = makePipe();
  const reader = pipe.message.readable.getReader();
  const reads = [reader.read(), reader.read(), reader.read()];
  for (const piece of ["a", "b"]) pipe.push(bytesOf(piece));
  pipe.end();
  const results = await Promise.all(reads);
  assertEquals(results.map(({ value }) => value), [
    bytesOf("a"),
    bytesOf("b"),
    undefined,
  ]);
});

Deno.test("push() gives nothing when the piece is empty", async () => {
  const { pipe } = makePipe();
  const read = pipe.message.readable.getReader().read();
  assertEquals(pipe.push(new Uint8Array(0)), 0);
  pipe.push(bytesOf("a"));
  assertEquals((await read).value, bytesOf("a"));
});

Deno.test("end() ends the stream behind what waits", async () => {
  for (const pieces of [[], ["a"], ["a", "b"]]) {
    const { pipe } = makePipe();
    for (const piece of pieces) pipe.push(bytesOf(piece));
    pipe.end();
    assertEquals(await pipe.message.text(), pieces.join(""));
  }
});

Deno.test("end() errors the stream behind what waits when the message is not whole", async () => {
  const { pipe } = makePipe();
  pipe.push(bytesOf("a"));
  const error = new Error("cut");
  pipe.end(error);
  const reader = pipe.message.readable.getReader();
  assertEquals((await reader.read()).value, bytesOf("a"));
  assertEquals(await assertRejects(() => reader.read()), error);
});

Deno.test("end() ends a read that waits", async () => {
  const { pipe } = makePipe();
  const read = pipe.message.readable.getReader().read();
  pipe.end();
  assertEquals((await read).done, true);
});

Deno.test("the stream fills buffers of its reader", async () => {
  const { pipe, taken } = makePipe();
  pipe.push(bytesOf("abcde"));
  const reader = pipe.message.readable.getReader({ mode: "byob" });
  const first = await reader.read(new Uint8Array(3));
  assertEquals(first.value, bytesOf("abc"));
  const second = await reader.read(new Uint8Array(3));
  assertEquals(second.value, bytesOf("de"));
  const waiting = reader.read(new Uint8Array(3));
  pipe.push(bytesOf("f"));
  assertEquals((await waiting).value, bytesOf("f"));
  const last = reader.read(new Uint8Array(3));
  pipe.end();
  assertEquals((await last).done, true);
  assertEquals(taken, [5]);
});

Deno.test("cancelling the stream drops what waits and what follows", async () => {
  const { pipe, taken } = makePipe();
  pipe.push(bytesOf("abc"));
  pipe.push(bytesOf("d"));
  await pipe.message.readable.cancel();
  assertEquals(taken, [3, 1]);
  assertEquals(pipe.push(bytesOf("e")), 0);
  pipe.end(new Error("nobody hears it"));
});

Deno.test("text() decodes characters that the pieces cut, and keeps a byte order mark", async () => {
  const { pipe } = makePipe(true);
  const bytes = new TextEncoder().encode("\ufeffGrüße 😀");
  for (const byte of bytes) pipe.push(Uint8Array.of(byte));
  pipe.end();
  assert(pipe.message.isText);
  assertEquals(await pipe.message.text(), "\ufeffGrüße 😀");
});
