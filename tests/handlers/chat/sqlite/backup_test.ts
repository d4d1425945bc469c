import { assertEquals, assertRejects } from "@std/assert";
import {
  backupStore,
  openStore,
} from "../../../../handlers/chat/sqlite/mod.ts";
import { StoreError } from "../../../../handlers/chat/store_error.ts";
import { append, furnish, offsets, sayNumbers, tempFolder } from "./_store.ts";

Deno.test("backupStore() copies a store that is in use, from another process", async () => {
  using folder = tempFolder();
  const [path, target] = [`${folder.path}/chat.db`, `${folder.path}/copy.db`];
  await using store = openStore({ path });
  await furnish(store);
  await sayNumbers(store, 100);
  let isDone = false;
  const writing = (async () => {
    for (let n = 0; !isDone; n++) await append(store, `${n}`);
  })();
  const { success } = await new Deno.Command("deno", {
    args: [
      "eval",
      `
      import { backupStore } from "${
        import.meta.resolve("../../../../handlers/chat/sqlite/mod.ts")
      }";
      await backupStore(Deno.args[0], Deno.args[1]);`,
      path,
      target,
    ],
  }).output();
  isDone = true;
  await writing;
  assertEquals(success, true);
  await using copy = openStore({ path: target });
  const { offset } = (await copy.rooms.get("lobby"))!;
  const page = await copy.messages.page("lobby", { limit: 100_000 });
  assertEquals(
    offsets(page.messages),
    Array.from({ length: offset }, (_, at) => at + 1),
  );
  assertEquals(offset >= 100, true);
  const found = await copy.messages.search({ words: ["99"], limit: 9999 });
  assertEquals(found.messages.some(({ text }) => text === "99"), true);
});

Deno.test("backupStore() overwrites nothing", async () => {
  using folder = tempFolder();
  const [path, target] = [`${folder.path}/chat.db`, `${folder.path}/copy.db`];
  await using _store = openStore({ path });
  Deno.writeTextFileSync(target, "kept");
  const error = await assertRejects(
    () => backupStore(path, target),
    StoreError,
    target,
  );
  assertEquals(error.code, "target_exists");
  assertEquals(Deno.readTextFileSync(target), "kept");
});

Deno.test("backupStore() makes nothing of what is no store", async () => {
  using folder = tempFolder();
  const [path, target] = [`${folder.path}/chat.db`, `${folder.path}/copy.db`];
  const missing = await assertRejects(() => backupStore(path, target));
  assertEquals((missing as StoreError).code, "cannot_open");
  Deno.writeTextFileSync(path, "Dear Bo,\n".repeat(100));
  const other = await assertRejects(() => backupStore(path, target));
  assertEquals((other as StoreError).code, "not_a_store");
  assertEquals([...Deno.readDirSync(folder.path)].map(({ name }) => name), [
    "chat.db",
  ]);
});
