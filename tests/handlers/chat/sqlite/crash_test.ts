import { assert, assertEquals } from "@std/assert";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import type { ChatStore } from "../../../../handlers/chat/store.ts";
import { append, furnish, tempFolder } from "./_store.ts";

const WRITER = import.meta.resolve("./_crash_writer.ts");

/** Lets a process write until it has told of `count` messages, and kills it. */
async function writeUntilKilled(
  path: string,
  { round, count }: { readonly round: number; readonly count: number },
): Promise<Map<string, number>> {
  await using writer = new Deno.Command("deno", {
    args: ["run", "--allow-read", "--allow-write", WRITER, path, `${round}`],
    stdout: "piped",
  }).spawn();
  const stored = new Map<string, number>();
  let rest = "";
  for await (
    const text of writer.stdout.pipeThrough(new TextDecoderStream())
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      const [id, offset] = line.split(" ");
      stored.set(id!, Number(offset));
    }
    // What it had written by then is still read, up to the end.
    if (stored.size >= count) {
      try {
        writer.kill("SIGKILL");
      } catch {
        // It is gone already.
      }
    }
  }
  return stored;
}

async function idsOf(store: ChatStore): Promise<string[]> {
  const { offset } = (await store.rooms.get("lobby"))!;
  const { messages } = await store.messages.page("lobby", {
    limit: offset + 1,
  });
  assertEquals(
    messages.map(({ offset }) => offset),
    Array.from({ length: offset }, (_, at) => at + 1),
  );
  return messages.map(({ id }) => id);
}

Deno.test("openStore() has every message that a killed process said is stored, once", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  {
    await using store = openStore({ path });
    await furnish(store);
  }
  for (let round = 0; round < 5; round++) {
    const count = 1 + Math.floor(Math.random() * 1500);
    const told = await writeUntilKilled(path, { round, count });
    assert(told.size >= count);
    await using store = openStore({ path });
    const ids = await idsOf(store);
    for (const [id, offset] of told) assertEquals(ids[offset - 1], id);
    assertEquals(new Set(ids).size, ids.length);
    // Whether a message was told of or not, sending it again is harmless.
    for (const [id, offset] of [...told].slice(-20)) {
      const again = await append(store, "again", { id });
      assert(typeof again === "object" && again.repeated);
      assertEquals(again.message.offset, offset);
    }
    assertEquals((await idsOf(store)).length, ids.length);
    const found = await store.messages.search({
      words: ["text"],
      limit: ids.length + 1,
    });
    assertEquals(found.messages.length, ids.length);
  }
});
