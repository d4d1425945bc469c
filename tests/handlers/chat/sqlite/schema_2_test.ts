import { assertEquals, assertLess } from "@std/assert";
import { Connection } from "../../../../handlers/chat/sqlite/connection.ts";
import { migrate } from "../../../../handlers/chat/sqlite/migrations.ts";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import { SCHEMA_1 } from "../../../../handlers/chat/sqlite/schema.ts";
import { NOW, tempFolder } from "./_store.ts";

/** What a server of version 1 has written: an owner, a moderator and a guest. */
const OF_VERSION_1 = `
INSERT INTO people
  (row, id, name, name_key, kind, is_bot, is_owner, held_until, created)
VALUES (1, 'olga', 'Olga', 'olga', 'account', 0, 1, NULL, ${NOW}),
  (2, 'mo', 'Mo', 'mo', 'account', 0, 0, NULL, ${NOW}),
  (3, 'gus', 'Gus', 'gus', 'guest', 0, 0, ${NOW}, ${NOW});
INSERT INTO histories VALUES (1);
INSERT INTO rooms
  (row, room, kind, topic, slow, created, history, epoch, offset, change,
   forgotten, forgotten_change)
VALUES (1, 'crew', 'private', '', 0, ${NOW}, 1, 'first', 0, 0, 0, 0);
INSERT INTO memberships (room, person, role, read)
VALUES (1, 2, 'moderator', 0);
INSERT INTO invites (hash, room, person, expires, uses)
VALUES ('of mo', 1, 2, ${NOW + 10}, 2), ('of olga', 1, NULL, ${NOW + 10}, 1),
  ('of gus, who is nothing now', 1, 3, ${NOW + 10}, 1),
  ('used up', 1, 2, ${NOW + 10}, 0);
`;

Deno.test("openStore() brings a file of version 1 to version 2", async () => {
  using folder = tempFolder();
  const path = `${folder.path}/chat.db`;
  const connection = new Connection(path);
  migrate(connection, path, [SCHEMA_1]);
  connection.exec(OF_VERSION_1);
  connection.close();

  const upgraded = Date.now();
  await using store = openStore({ path });
  const { rooms, people } = store;
  const invites = await rooms.invites("crew", { limit: 9, now: NOW });
  const sorted = invites.toSorted((a, b) => b.uses - a.uses);
  assertEquals(
    sorted.map(({ by, uses, expires }) => [by.name, uses, expires]),
    [["Mo", 2, NOW + 10], ["Olga", 1, NOW + 10]],
  );
  for (const { created } of invites) {
    assertLess(Math.abs(created - upgraded), 60_000);
  }
  const use = { room: "crew", person: "gus", now: NOW };
  assertEquals(await rooms.useInvite("of gus, who is nothing now", use), false);
  assertEquals(await rooms.useInvite("of olga", use), true);
  await rooms.dropMembership("crew", "gus");
  assertEquals(await people.prune(NOW + 1), 1);
  assertEquals(await people.get("gus"), undefined);
});
