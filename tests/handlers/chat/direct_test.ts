import { assert, assertEquals, assertMatch } from "@std/assert";
import { Chatroom, type Person } from "./_people.ts";
import { audit, enterAsOwner } from "./_staff.ts";

async function openDirect(
  ana: Person,
  bo: Person,
): Promise<string> {
  const joined = await ana.gets({ type: "direct", person: bo.id });
  assertEquals(joined.type, "joined");
  return joined.room;
}

Deno.test("direct gives two people one room, whoever asks", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  const bo = await room.enter("Bo");
  const [first, second] = await Promise.all([
    ana.gets({ type: "direct", person: bo.id, ref: "1" }),
    bo.gets({ type: "direct", person: ana.id }),
  ]);
  assertEquals(first.room, second.room);
  assertMatch(first.room, /^@[\w-]{43}$/);
  assertEquals([first.kind, first.role, first.with, first.ref], [
    "direct",
    "member",
    bo.person,
    "1",
  ]);
  assertEquals(second.with, ana.person);
  await ana.says(first.room, "hello");
  assert(bo.hearsTypes().includes("message"));
  await ana.asks({ type: "leave", room: first.room });
  assertEquals(await openDirect(ana, bo), first.room);
  const { rooms } = await bo.gets({ type: "rooms" });
  assertEquals([rooms[0].room, rooms[0].with], [first.room, ana.person]);
});

Deno.test("direct gives each pair another room", async () => {
  await using room = await Chatroom.open();
  const [ana, bo, cy] = await Promise.all(
    ["Ana", "Bo", "Cy"].map((name) => room.enter(name)),
  );
  const names = [
    await openDirect(ana!, bo!),
    await openDirect(ana!, cy!),
    await openDirect(bo!, cy!),
  ];
  assertEquals(new Set(names).size, 3);
});

Deno.test("direct tells the other one of a message by a notice", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  const bo = await room.enter("Bo");
  const name = await openDirect(ana, bo);
  await ana.says(name, "hello");
  await room.quiet();
  const [notice] = bo.hears();
  assertEquals([notice.type, notice.message.text], ["notice", "hello"]);
});

Deno.test("direct is refused of nobody and of oneself", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  assertEquals(
    (await ana.gets({ type: "direct", person: "nobody" })).code,
    "person_unknown",
  );
  const error = await ana.gets({ type: "direct", person: ana.id });
  assertEquals([error.code, error.field], ["invalid_field", "person"]);
});

Deno.test("direct is refused of a guest who is forgotten in the same moment", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  const bo = await room.enter("Bo");
  await bo.asks({ type: "logout" });
  room.clock.advance(1000);
  const asked = ana.gets({ type: "direct", person: bo.id });
  const forgotten = room.store.people.prune(room.clock.now());
  assertEquals((await asked).code, "person_unknown");
  assertEquals(await forgotten, 1);
});

Deno.test("direct rooms are unknown to others, the owner of the server too", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  const name = await openDirect(ana, await room.enter("Bo"));
  await ana.says(name, "secret");
  for (
    const other of [await room.enter("Cy"), await enterAsOwner(room, "Olga")]
  ) {
    for (
      const request of [
        { type: "join" },
        { type: "invite" },
        { type: "kick", person: ana.id },
        { type: "ban", person: ana.id },
        { type: "audit" },
        { type: "bans" },
        { type: "delete_room" },
        { type: "reset_room" },
        { type: "slow", seconds: 1 },
      ]
    ) {
      const error = await other.gets({ ...request, room: name });
      assertEquals(error.code, "room_unknown", request.type);
    }
    const found = await other.gets({ type: "search", query: "secret" });
    assertEquals(found.messages, []);
    assertEquals((await other.gets({ type: "rooms" })).rooms, []);
  }
});

Deno.test("direct rooms have no moderation, not even by the owner of the server", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  const bo = await room.enter("Bo");
  const name = await openDirect(olga, bo);
  await bo.asks({ type: "direct", person: olga.id });
  await bo.says(name, "mine");
  for (
    const request of [
      { type: "delete", offset: 1 },
      { type: "versions", offset: 1 },
      { type: "topic", topic: "us" },
      { type: "invite" },
      { type: "kick", person: bo.id },
      { type: "mute", person: bo.id },
      { type: "ban", person: bo.id },
      { type: "unban", person: bo.id },
      { type: "slow", seconds: 1 },
      { type: "role", person: bo.id, role: "owner" },
      { type: "role", person: olga.id, role: "member" },
      { type: "bans" },
      { type: "audit" },
      { type: "delete_room" },
      { type: "reset_room" },
    ]
  ) {
    const error = await olga.gets({ ...request, room: name });
    assertEquals(error.code, "not_allowed", request.type);
  }
  assertEquals(await audit(room), []);
  const own = { type: "delete", room: name, offset: 1 };
  assertEquals((await bo.gets(own)).type, "done");
});
