import { assertEquals } from "@std/assert";
import type { Member, RoomEntry } from "../../../handlers/chat/mod.ts";
import { Api } from "./_api.ts";

Deno.test("GET rooms lists public rooms, and those of the caller", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "attic", "lobby");
  await ana.says("lobby", "Hello!");
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  const token = await api.token(["rooms:read"]);
  const { status, body } = await api.ask("GET", "/rooms", { token });
  assertEquals(status, 200);
  assertEquals(body.rooms.map(({ room }: RoomEntry) => room), [
    "attic",
    "lobby",
  ]);
  assertEquals(body.rooms[1].count, 1);
  assertEquals(body.rooms[1].last.text, "Hello!");
  const own = await api.ask("GET", "/rooms?after=attic&limit=1", {
    token: ana.resume,
  });
  assertEquals([own.body.rooms[0].room, own.body.more], ["crew", true]);
});

Deno.test("GET a room describes it", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "caf\u00e9 / bar");
  await ana.says("caf\u00e9 / bar", "Hello!");
  const token = await api.token(["rooms:read"]);
  const { status, body } = await api.ask(
    "GET",
    "/rooms/cafe%CC%81%20%2F%20bar",
    {
      token,
    },
  );
  assertEquals(status, 200);
  const { epoch, ...rest } = body;
  assertEquals(typeof epoch, "string");
  assertEquals(rest, {
    room: "caf\u00e9 / bar",
    kind: "public",
    topic: "",
    count: 1,
    offset: 1,
    change: 0,
    slow: 0,
  });
});

for (
  const [room, status, code] of [
    ["none", 404, "room_unknown"],
    ["%20", 422, "invalid_room"],
    ["%00", 422, "invalid_room"],
    ["@@", 422, "invalid_room"],
    ["constructor", 404, "room_unknown"],
  ] as const
) {
  Deno.test(`GET a room answers ${status} ${code} when it is ${room}`, async () => {
    await using api = await Api.open();
    const token = await api.token(["rooms:read"]);
    assertEquals(await api.refuses("GET", `/rooms/${room}`, { token }), [
      status,
      code,
    ]);
  });
}

Deno.test("GET members lists who is there", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  const bo = await api.room.enter("Bo", "lobby");
  const token = await api.token(["members:read"]);
  const { status, body } = await api.ask("GET", "/rooms/lobby/members", {
    token,
  });
  assertEquals([status, body.room, body.more], [200, "lobby", false]);
  const ids = body.members.map(({ id }: Member) => id);
  assertEquals(ids, [ana.id, bo.id].sort());
  const next = await api.ask(
    "GET",
    `/rooms/lobby/members?limit=1&after=${ids[0]}`,
    { token },
  );
  assertEquals(next.body.members.map(({ id }: Member) => id), [ids[1]]);
});

Deno.test("GET members of a private room lists who is not there as well", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana");
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  await ana.asks({ type: "leave", room: "crew" });
  const { body } = await api.ask("GET", "/rooms/crew/members", {
    token: ana.resume,
  });
  assertEquals(body.members, [
    { id: ana.id, name: "Ana", role: "owner", offline: true },
  ]);
});

Deno.test("POST disconnect ends all connections of a person, and is noted", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  const again = await api.room.enterAgain(ana, "lobby");
  const bo = await api.room.enter("Bo", "lobby");
  const token = await api.token(["people:disconnect"]);
  const { status, body } = await api.ask(
    "POST",
    `/people/${ana.id}/disconnect`,
    { token },
  );
  assertEquals([status, body], [204, undefined]);
  assertEquals(
    [ana, again, bo].map(({ closedWith }) => closedWith?.code),
    [4002, 4002, undefined],
  );
  const [entry] = await api.room.store.moderation.audit({ limit: 1 });
  assertEquals([entry?.action, entry?.person?.id, entry?.by.id], [
    "disconnect",
    ana.id,
    "bot1",
  ]);
});

Deno.test("POST disconnect answers 404 when there is no such person", async () => {
  await using api = await Api.open();
  const token = await api.token(["people:disconnect"]);
  assertEquals(
    await api.refuses("POST", "/people/nobody/disconnect", { token }),
    [404, "person_unknown"],
  );
});
