import { assertEquals } from "@std/assert";
import { exactNameKey, nameKey } from "../../../../handlers/chat/names.ts";
import { Connection } from "../../../../handlers/chat/sqlite/connection.ts";
import { migrate } from "../../../../handlers/chat/sqlite/migrations.ts";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import { renewNameKeys } from "../../../../handlers/chat/sqlite/name_keys.ts";
import { SCHEMA_1 } from "../../../../handlers/chat/sqlite/schema.ts";
import { NOW, tempFolder } from "./_store.ts";

interface Named {
  readonly id: string;
  readonly name: string;
  readonly kind?: "guest" | "account";
  readonly created?: number;
  readonly key?: string | null;
}

/** A file of version 1, in which keys were names in lower case. */
function writeOldStore(path: string, people: readonly Named[]): void {
  const connection = new Connection(path);
  migrate(connection, path, [SCHEMA_1]);
  for (const { id, name, kind = "account", created = NOW, key } of people) {
    connection.run(
      `INSERT INTO people (id, name, name_key, kind, is_bot, is_owner, created)
       VALUES (?, ?, ?, ?, 0, 0, ?)`,
      id,
      name,
      key === undefined ? name.toLowerCase() : key,
      kind,
      created,
    );
  }
  connection.close();
}

/** The keys by the people's ids. */
function keysOf(path: string): Record<string, string | null> {
  const connection = new Connection(path);
  const rows = connection.all<{ id: string; name_key: string | null }>(
    "SELECT id, name_key FROM people ORDER BY id",
  );
  connection.close();
  return Object.fromEntries(rows.map(({ id, name_key }) => [id, name_key]));
}

async function openAndClose(path: string): Promise<void> {
  await openStore({ path })[Symbol.asyncDispose]();
}

Deno.test("openStore() makes the keys of an older file anew", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  writeOldStore(path, [
    { id: "a", name: "Bill" },
    // Each has the key that another one gets.
    { id: "b", name: "one", key: nameKey("two") },
    { id: "c", name: "two", key: nameKey("one") },
    { id: "d", name: "Bill", kind: "guest", key: null },
  ]);
  await openAndClose(path);
  assertEquals(keysOf(path), {
    a: nameKey("Bill"),
    b: nameKey("one"),
    c: nameKey("two"),
    d: null,
  });
});

Deno.test("openStore() leaves a name to the older one of two that have become alike", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  writeOldStore(path, [
    { id: "a", name: "Bi11", created: NOW + 1 },
    { id: "b", name: "Bill" },
    { id: "c", name: "B1ll", kind: "guest", created: NOW - 1 },
  ]);
  await openAndClose(path);
  const keys = { a: exactNameKey("Bi11"), b: nameKey("Bill"), c: null };
  assertEquals(keysOf(path), keys);

  await using store = openStore({ path });
  assertEquals((await store.people.named(keys.a))?.id, "a");
  assertEquals((await store.people.named(keys.b))?.id, "b");
  // The guest can go with the next upkeep.
  assertEquals((await store.people.get("c"))?.heldUntil, 0);
});

Deno.test("a name is taken as long as somebody has kept one like it", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  writeOldStore(path, [
    { id: "a", name: "Bi11", created: NOW + 1 },
    { id: "b", name: "Bill" },
  ]);
  await using store = openStore({ path });
  const rename = (id: string, name: string) =>
    store.people.rename(id, { name, nameKey: nameKey(name), now: NOW });
  assertEquals(await rename("a", "BILL"), "name_taken");
  assertEquals(await rename("b", "BILL"), "renamed");
  // Or both would have one name.
  assertEquals(await rename("b", "Bi11"), "name_taken");
  assertEquals(await rename("b", "BI11"), "name_taken");
  assertEquals(await rename("b", "Bo"), "renamed");
  assertEquals(await rename("b", "Bill"), "name_taken");
  assertEquals(await rename("a", "BILL"), "renamed");
  assertEquals((await store.people.named(nameKey("bill")))?.id, "a");
});

Deno.test("openStore() leaves the keys of a file of its own version", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  {
    await using store = openStore({ path });
    await store.people.add(
      { id: "a", name: "Ana", kind: "account", isOwner: false, created: NOW },
      { nameKey: "of its own", now: NOW },
    );
  }
  await openAndClose(path);
  assertEquals(keysOf(path), { a: "of its own" });
});

Deno.test("renewNameKeys() gives a kept name its key when that is free again", () => {
  const connection = new Connection(":memory:");
  migrate(connection, ":memory:");
  renewNameKeys(connection);
  connection.run(
    `INSERT INTO people (id, name, name_key, kind, is_bot, is_owner, created)
     VALUES ('a', 'Bi11', ?, 'account', 0, 0, 0)`,
    exactNameKey("Bi11"),
  );
  const key = () =>
    connection.get<{ key: string }>("SELECT name_key AS key FROM people")?.key;
  renewNameKeys(connection);
  assertEquals(key(), exactNameKey("Bi11"));
  connection.exec("UPDATE name_keys SET version = 1");
  renewNameKeys(connection);
  assertEquals(key(), nameKey("Bi11"));
  connection.close();
});
