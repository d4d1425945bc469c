import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import {
  EntityTags,
  isSettled,
  type TaggedFile,
} from "../../../handlers/static/entity_tags.ts";
import { TempFile } from "./_temp_file.ts";

const LONG_AGO = new Date("2026-01-01T12:00:00Z");
const MIB = 1024 * 1024;

/** What a file would be that was last changed long ago. */
function old(size: number, more: Partial<TaggedFile["info"]> = {}): TaggedFile {
  const info = { size, mtime: LONG_AGO, ctime: LONG_AGO, ino: 1, ...more };
  return { path: "/a", info };
}

/** The same, but changed in this moment. */
function fresh(size: number): TaggedFile {
  return old(size, { mtime: new Date(), ctime: new Date() });
}

Deno.test("EntityTags.of() is strong and follows the content when a file is small", async () => {
  await using a = await TempFile.make("one");
  await using same = await TempFile.make("one");
  await using other = await TempFile.make("two");
  const tags = new EntityTags();
  const tag = await tags.of(a.file, fresh(3));
  assertMatch(tag, /^"3-[\w+/]{27}"$/);
  assertEquals(await new EntityTags().of(same.file, old(3, { ino: 2 })), tag);
  assertNotEquals(await new EntityTags().of(other.file, old(3)), tag);
});

Deno.test("EntityTags.of() covers every byte when a file has 4 MiB", async () => {
  await using a = await TempFile.make(4 * MIB);
  await using b = await TempFile.make(4 * MIB);
  const writer = await Deno.open(b.path, { write: true });
  await writer.seek(-1, Deno.SeekMode.End);
  await writer.write(Uint8Array.of(1));
  writer.close();
  const tag = await new EntityTags().of(a.file, old(4 * MIB));
  assertNotEquals(await new EntityTags().of(b.file, old(4 * MIB)), tag);
});

Deno.test("EntityTags.of() reads a file once when it does not change", async () => {
  await using a = await TempFile.make("one");
  await using other = await TempFile.make("two");
  const tags = new EntityTags();
  const tag = await tags.of(a.file, old(3));
  assertEquals(await tags.of(other.file, old(3)), tag);
});

Deno.test("EntityTags.of() reads a file once when many ask at the same time", async () => {
  await using a = await TempFile.make("one");
  await using other = await TempFile.make("two");
  const tags = new EntityTags();
  const file = fresh(3);
  assert(tags.of(a.file, file) === tags.of(other.file, file));
  await tags.of(a.file, file);
});

for (
  const [what, changed] of [
    ["size", { size: 4 }],
    ["modification time", { mtime: new Date(LONG_AGO.getTime() + 1) }],
    ["change time", { ctime: new Date(LONG_AGO.getTime() + 1_000) }],
    ["inode", { ino: 2 }],
  ] as const
) {
  Deno.test(`EntityTags.of() reads a file again when its ${what} is another`, async () => {
    await using a = await TempFile.make("one");
    await using other = await TempFile.make("two!");
    const tags = new EntityTags();
    const tag = await tags.of(a.file, old(3));
    assertNotEquals(await tags.of(other.file, old(3, changed)), tag);
  });
}

Deno.test("EntityTags.of() reads a file again when its last change was just now", async () => {
  await using a = await TempFile.make("one");
  await using other = await TempFile.make("two");
  const tags = new EntityTags();
  const file = fresh(3);
  const tag = await tags.of(a.file, file);
  assertNotEquals(await tags.of(other.file, file), tag);
});

Deno.test("EntityTags.of() forgets the tag that was used longest ago when it knows 1,000", async () => {
  await using a = await TempFile.make("one");
  await using other = await TempFile.make("two");
  const tags = new EntityTags();
  const tag = await tags.of(a.file, old(3, { ino: 0 }));
  a.file.seekSync(0, Deno.SeekMode.Start);
  assertEquals(await tags.of(a.file, old(3, { ino: 1 })), tag);
  for (let ino = 2; ino < 1_000; ino++) await tags.of(a.file, old(3, { ino }));
  await tags.of(a.file, old(3, { ino: 0 }));
  await tags.of(a.file, old(3, { ino: 1_000 }));
  assertEquals(await tags.of(other.file, old(3, { ino: 0 })), tag);
  assertNotEquals(await tags.of(other.file, old(3, { ino: 1 })), tag);
});

Deno.test("EntityTags.of() reads nothing when a file has more than 4 MiB", async () => {
  await using a = await TempFile.make(4 * MIB + 1);
  const tag = await new EntityTags().of(a.file, old(4 * MIB + 1));
  assertMatch(tag, /^"[\w+/-]+"$/);
  assertEquals(await a.file.seek(0, Deno.SeekMode.Current), 0);
  for (
    const changed of [
      { size: 4 * MIB + 2 },
      { mtime: new Date(LONG_AGO.getTime() + 1) },
      { ctime: new Date(LONG_AGO.getTime() + 1_000) },
      { ino: 2 },
    ]
  ) {
    const other = old(4 * MIB + 1, changed);
    assertNotEquals(await new EntityTags().of(a.file, other), tag);
  }
});

Deno.test("EntityTags.of() is weak when a large file was changed just now", async () => {
  await using a = await TempFile.make(4 * MIB + 1);
  const tags = new EntityTags();
  const mtime = new Date();
  for (
    const changed of [{ mtime }, { ctime: mtime }, { mtime, ctime: null }]
  ) {
    const tag = await tags.of(a.file, old(4 * MIB + 1, changed));
    assertMatch(tag, /^W\/"/);
  }
});

Deno.test("EntityTags.of() rejects, and tries again, when a file cannot be read", async () => {
  await using a = await TempFile.make("one");
  const tags = new EntityTags();
  const folder = await Deno.open(".");
  await assertRejects(() => tags.of(folder, old(3)));
  folder.close();
  assertMatch(await tags.of(a.file, old(3)), /^"3-/);
});

Deno.test("isSettled() is true when two seconds have passed", () => {
  const now = LONG_AGO.getTime();
  assertEquals(isSettled(LONG_AGO, now + 2_000), true);
  assertEquals(isSettled(LONG_AGO, now + 1_999), false);
  assertEquals(isSettled(LONG_AGO, now - 1), false);
  assertEquals(isSettled(null, now), false);
});
