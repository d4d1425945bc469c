import { assertEquals, assertRejects } from "@std/assert";
import {
  DiskFiles,
  type KeptFiles,
  NoSpaceError,
} from "../../../handlers/files/mod.ts";
import { bytes, testWithFiles } from "./_files.ts";

const ONE = "1".repeat(64);
const TWO = "2".repeat(64);

async function keep(
  files: KeptFiles,
  digest: string,
  ...chunks: string[]
): Promise<void> {
  await using file = await files.begin();
  for (const chunk of chunks) await file.write(bytes(chunk));
  await file.keep(digest);
}

async function read(
  files: KeptFiles,
  digest: string,
  part?: { first: number; last: number },
): Promise<string | undefined> {
  const file = await files.open(digest);
  if (file === undefined) return undefined;
  const all = { first: 0, last: file.size - 1 };
  return await new Response(file.read(part ?? all)).text();
}

testWithFiles(
  "keeps what was written, and gives it back",
  async ({ files, names }) => {
    await keep(files, ONE, "Hello, ", "Bo!");
    assertEquals(await read(files, ONE), "Hello, Bo!");
    assertEquals(await read(files, ONE, { first: 1, last: 4 }), "ello");
    assertEquals(files.bytes, 10);
    assertEquals(names() ?? [ONE], [ONE]);
  },
);

testWithFiles("keeps an empty file", async ({ files }) => {
  await keep(files, ONE);
  using file = await files.open(ONE);
  assertEquals(file?.size, 0);
});

testWithFiles(
  "leaves nothing of a file that is not kept",
  async ({ files, names }) => {
    {
      await using file = await files.begin();
      await file.write(bytes("Hello"));
      assertEquals(files.bytes, 5);
    }
    assertEquals(files.bytes, 0);
    assertEquals(names() ?? [], []);
  },
);

testWithFiles(
  "keeps one file once when it comes twice at once",
  async ({ files, names }) => {
    await using one = await files.begin();
    await using two = await files.begin();
    await one.write(bytes("same"));
    await two.write(bytes("same"));
    assertEquals(files.bytes, 8);
    await one.keep(ONE);
    await two.keep(ONE);
    assertEquals(files.bytes, 4);
    assertEquals(await read(files, ONE), "same");
    assertEquals(names() ?? [ONE], [ONE]);
  },
);

testWithFiles("removes a file, once", async ({ files }) => {
  await keep(files, ONE, "one");
  await keep(files, TWO, "two!");
  await files.remove(ONE);
  await files.remove(ONE);
  assertEquals(await read(files, ONE), undefined);
  assertEquals(await read(files, TWO), "two!");
  assertEquals(files.bytes, 4);
});

testWithFiles(
  "goes on sending a file that is removed meanwhile",
  async ({ files }) => {
    await keep(files, ONE, "still here");
    const file = await files.open(ONE);
    await files.remove(ONE);
    const body = file!.read({ first: 0, last: 9 });
    assertEquals(await new Response(body).text(), "still here");
  },
);

testWithFiles(
  "refuses what has no room, and goes on",
  async ({ files, names }) => {
    await keep(files, ONE, "12345678");
    {
      await using file = await files.begin();
      await file.write(bytes("12"));
      await assertRejects(() => file.write(bytes("3")), NoSpaceError);
    }
    assertEquals(names() ?? [ONE], [ONE]);
    await keep(files, TWO, "12");
    assertEquals(files.bytes, 10);
  },
  { maxBytes: 10 },
);

Deno.test("DiskFiles.open() counts what is there, and removes what a crash has left", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/${ONE}`, "12345678");
    await Deno.writeTextFile(`${folder}/incoming-1`, "half");
    const files = await DiskFiles.open(folder, { maxBytes: 10 });
    assertEquals(files.bytes, 8);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), [ONE]);
    assertEquals(await read(files, ONE), "12345678");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("DiskFiles says that there is no room when the disk is full", async () => {
  const folder = await Deno.makeTempDir();
  const { write } = Deno.FsFile.prototype;
  try {
    const files = await DiskFiles.open(folder);
    await using file = await files.begin();
    // No disk can be filled here; this is what a full one says.
    Deno.FsFile.prototype.write = () =>
      Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
    await assertRejects(() => file.write(bytes("x")), NoSpaceError);
  } finally {
    Deno.FsFile.prototype.write = write;
    await Deno.remove(folder, { recursive: true });
  }
});

testWithFiles(
  "digests() gives what is kept, and nothing that is not yet",
  async ({ files }) => {
    const digests = ["a".repeat(64), "b".repeat(64)];
    for (const digest of digests) {
      await using file = await files.begin();
      await file.write(bytes("Hello"));
      await file.keep(digest);
    }
    await using unfinished = await files.begin();
    await unfinished.write(bytes("?"));
    assertEquals((await Array.fromAsync(files.digests())).toSorted(), digests);
  },
);
