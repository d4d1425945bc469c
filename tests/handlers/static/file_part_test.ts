import { assert, assertEquals, assertRejects } from "@std/assert";
import { streamPart } from "../../../handlers/static/file_part.ts";
import { TempFile } from "./_temp_file.ts";

const CHUNK = 0x10000;

for (
  const [first, last, text] of [
    [0, 9, "0123456789"],
    [0, 0, "0"],
    [9, 9, "9"],
    [3, 5, "345"],
  ] as const
) {
  Deno.test(`streamPart() gives ${text} and closes the file when asked for ${first} to ${last}`, async () => {
    await using temp = await TempFile.make("0123456789");
    const stream = streamPart(temp.file, { first, last });
    assertEquals(await new Response(stream).text(), text);
    assert(temp.isClosed);
  });
}

Deno.test("streamPart() begins where it should when the file has been read", async () => {
  await using temp = await TempFile.make("0123456789");
  await temp.file.read(new Uint8Array(7));
  const stream = streamPart(temp.file, { first: 2, last: 9 });
  assertEquals(await new Response(stream).text(), "23456789");
});

Deno.test("streamPart() gives every byte in order when there are many chunks", async () => {
  const text = Array.from({ length: 50_000 }, (_, i) => `${i}\n`).join("");
  await using temp = await TempFile.make(text);
  const part = { first: 5, last: text.length - 3 };
  const stream = streamPart(temp.file, part);
  assertEquals(await new Response(stream).text(), text.slice(5, -2));
});

Deno.test("streamPart() reads only what it is asked for", async () => {
  await using temp = await TempFile.make(100 * CHUNK);
  const { file } = temp;
  const read = file.read.bind(file);
  const sizes: number[] = [];
  file.read = (target) => {
    sizes.push(target.length);
    return read(target);
  };
  const reader = streamPart(file, { first: 10, last: 2 * CHUNK + 19 })
    .getReader();
  // Time enough for a stream that would read ahead.
  await Deno.stat(temp.path);
  assertEquals(sizes, []);
  for (const expected of [[CHUNK], [CHUNK, CHUNK], [CHUNK, CHUNK, 10]]) {
    await Deno.stat(temp.path);
    await reader.read();
    assertEquals(sizes, expected);
  }
});

Deno.test("streamPart() closes the file when it is cancelled", async () => {
  await using unread = await TempFile.make(10 * CHUNK);
  const part = { first: 0, last: 10 * CHUNK - 1 };
  await streamPart(unread.file, part).cancel();
  assert(unread.isClosed);

  await using begun = await TempFile.make(10 * CHUNK);
  const reader = streamPart(begun.file, part).getReader();
  await reader.read();
  await reader.cancel();
  assert(begun.isClosed);
});

Deno.test("streamPart() closes the file when it is cancelled during a read", async () => {
  await using temp = await TempFile.make(10 * CHUNK);
  const part = { first: 0, last: 10 * CHUNK - 1 };
  const reader = streamPart(temp.file, part).getReader();
  const read = reader.read();
  await reader.cancel();
  await read;
  assert(temp.isClosed);
});

Deno.test("streamPart() does not send what is added meanwhile", async () => {
  await using temp = await TempFile.make("0123456789");
  const stream = streamPart(temp.file, { first: 0, last: 9 });
  await Deno.writeTextFile(temp.path, "more", { append: true });
  assertEquals(await new Response(stream).text(), "0123456789");
});

Deno.test("streamPart() errors and closes the file when the file has become shorter", async () => {
  await using temp = await TempFile.make(3 * CHUNK);
  const part = { first: 0, last: 3 * CHUNK - 1 };
  const reader = streamPart(temp.file, part).getReader();
  await reader.read();
  await Deno.truncate(temp.path, CHUNK + 10);
  assertEquals((await reader.read()).value?.length, 10);
  await assertRejects(
    () => reader.read(),
    Error,
    `it has ended ${2 * CHUNK - 10} bytes too early`,
  );
  assert(temp.isClosed);
});
