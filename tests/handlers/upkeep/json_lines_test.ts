import { assertEquals, assertRejects } from "@std/assert";
import * as fc from "fast-check";
import { readLines, writeLines } from "../../../handlers/upkeep/mod.ts";

function cut(
  text: string,
  size: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const bytes = new TextEncoder().encode(text);
  const count = Math.ceil(bytes.length / size);
  return ReadableStream.from(
    Array.from(
      { length: count },
      (_, i) => bytes.slice(i * size, (i + 1) * size),
    ),
  );
}

Deno.test("readLines() reads what writeLines() has written, cut anywhere", async () => {
  const lines = fc.array(fc.dictionary(fc.string(), fc.string()));
  await fc.assert(
    fc.asyncProperty(
      lines,
      fc.integer({ min: 1, max: 9 }),
      async (all, size) => {
        const { readable, writable } = new TransformStream<
          Uint8Array<ArrayBuffer>
        >();
        const text = new Response(readable).text();
        const count = await writeLines(ReadableStream.from(all), writable);
        await writable.close();
        const read = await Array.fromAsync(readLines(cut(await text, size)));
        assertEquals([read, count], [
          all.map((line) => ({ ...line })),
          all.length,
        ]);
      },
    ),
  );
});

Deno.test("readLines() leaves empty lines out, and needs none at the end", async () => {
  const read = await Array.fromAsync(readLines(cut('\n{"a":1}\r\n \n{}', 3)));
  assertEquals(read, [{ a: 1 }, {}]);
});

Deno.test("readLines() throws a TypeError that names the line that is none", async () => {
  for (
    const [text, fault] of [
      ["{}\n\n{", "line 3 is no JSON"],
      ["{}\n5\n", "line 2 is no object"],
      ["null", "line 1 is no object"],
    ] as const
  ) {
    await assertRejects(
      () => Array.fromAsync(readLines(cut(text, 4))),
      TypeError,
      `Cannot import the room: ${fault}`,
    );
  }
});
