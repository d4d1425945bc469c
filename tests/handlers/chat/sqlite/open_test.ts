import { assertEquals, assertThrows } from "@std/assert";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import { Connection } from "../../../../handlers/chat/sqlite/connection.ts";
import { migrate } from "../../../../handlers/chat/sqlite/migrations.ts";
import {
  StoreError,
  type StoreErrorCode,
} from "../../../../handlers/chat/store_error.ts";
import {
  countRows,
  furnish,
  NOW,
  say,
  sayNumbers,
  tempFolder,
} from "./_store.ts";

function assertRefused(path: string, code: StoreErrorCode): void {
  const error = assertThrows(() => openStore({ path }), StoreError, path);
  assertEquals(error.code, code);
}

Deno.test("openStore() keeps what was stored when it is opened again", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  {
    await using store = openStore({ path });
    await furnish(store);
    await say(store, "kept");
  }
  await using store = openStore({ path });
  assertEquals((await store.messages.get("lobby", 1))?.text, "kept");
});

Deno.test("openStore() stores what was asked for before it is disposed of", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  let message;
  {
    await using store = openStore({ path });
    await furnish(store);
    message = say(store, "late");
  }
  assertEquals((await message).offset, 1);
  await using store = openStore({ path });
  assertEquals((await store.rooms.get("lobby"))?.offset, 1);
});

Deno.test("openStore() refuses a file that another one has open", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  {
    await using _store = openStore({ path });
    assertRefused(path, "in_use");
    const { code } = await new Deno.Command("deno", {
      args: [
        "eval",
        `
        import { openStore } from "${
          import.meta.resolve("../../../../handlers/chat/sqlite/mod.ts")
        }";
        try {
          openStore({ path: Deno.args[0] });
        } catch (error) {
          Deno.exit(error.code === "in_use" ? 10 : 11);
        }`,
        path,
      ],
    }).output();
    assertEquals(code, 10);
  }
  await openStore({ path })[Symbol.asyncDispose]();
});

Deno.test("openStore() refuses a file of a newer version, and leaves it", () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  const connection = new Connection(path);
  migrate(connection, path);
  connection.exec("PRAGMA user_version = 99; CREATE TABLE of_tomorrow (a)");
  connection.close();
  assertRefused(path, "newer_store");
  assertEquals(countRows(path, "of_tomorrow"), 0);
});

Deno.test("openStore() refuses a database of another program, and leaves it", () => {
  using folder = tempFolder();
  const path = `${folder.path}/other.db`;
  const connection = new Connection(path);
  connection.exec("CREATE TABLE theirs (a)");
  connection.close();
  const bytes = Deno.readFileSync(path);
  assertRefused(path, "not_a_store");
  assertEquals(Deno.readFileSync(path), bytes);
});

Deno.test("openStore() refuses what is no database", () => {
  using folder = tempFolder();
  const path = `${folder.path}/letter.txt`;
  Deno.writeTextFileSync(path, "Dear Bo,\n".repeat(100));
  assertRefused(path, "not_a_store");
});

Deno.test("openStore() refuses a folder that is not there", () => {
  using folder = tempFolder();
  assertRefused(`${folder.path}/no/chat.db`, "cannot_open");
});

Deno.test("openStore() refuses a file that is damaged", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  {
    await using store = openStore({ path });
    await furnish(store);
    await sayNumbers(store, 100);
  }
  const file = Deno.openSync(path, { read: true, write: true });
  file.seekSync(100, Deno.SeekMode.Start);
  file.writeSync(new Uint8Array(4000).fill(0xff));
  file.close();
  assertRefused(path, "damaged");
});

Deno.test("migrate() runs each migration once, and none of one that fails", () => {
  const connection = new Connection(":memory:");
  const one = "CREATE TABLE one (a)";
  migrate(connection, "x", [one]);
  migrate(connection, "x", [one]);
  assertThrows(() =>
    migrate(connection, "x", [one, "CREATE TABLE two (a); bogus"])
  );
  const version = "SELECT user_version AS v FROM pragma_user_version";
  assertEquals(connection.get<{ v: number }>(version)?.v, 1);
  migrate(connection, "x", [one, "CREATE TABLE two (a)"]);
  assertEquals(connection.get<{ v: number }>(version)?.v, 2);
  connection.close();
});

Deno.test("openStore() goes on deleting a room that was dropped before the end", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  {
    await using store = openStore({ path });
    await furnish(store);
    await sayNumbers(store, 450);
    await store.rooms.reset("lobby", "second");
  }
  {
    await using store = openStore({ path });
    // Each step of the deletion has its turn before the next of these.
    for (let turn = 0; turn < 5; turn++) await store.people.hold("no", NOW);
  }
  assertEquals(countRows(path, "messages"), 0);
});
