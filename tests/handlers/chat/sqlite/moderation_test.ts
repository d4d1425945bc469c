import { assertEquals } from "@std/assert";
import type { StoredBan } from "../../../../handlers/chat/store.ts";
import { addRoom, ANA, BO, CY, NOW, openFurnished } from "./_store.ts";

const BAN: StoredBan = {
  room: "lobby",
  person: BO,
  addresses: [],
  by: ANA,
  until: NOW + 10,
  reason: "advertising",
  time: NOW,
};
const { room: _, ...FROM_SERVER } = { ...BAN, addresses: ["::1", "10.0.0.1"] };

Deno.test("moderation.banOf() gives a ban that is in force", async () => {
  await using store = await openFurnished();
  const { moderation } = store;
  await moderation.ban(BAN);
  assertEquals(await moderation.banOf(BO.id, { room: "lobby", now: NOW }), BAN);
  assertEquals(
    await moderation.banOf(BO.id, { room: "b", now: NOW }),
    undefined,
  );
  assertEquals(await moderation.banOf(BO.id, { now: NOW }), undefined);
  assertEquals(
    await moderation.banOf(BO.id, { room: "lobby", now: NOW + 10 }),
    undefined,
  );
});

Deno.test("moderation.ban() replaces the ban that a person has", async () => {
  await using store = await openFurnished();
  const { moderation } = store;
  await moderation.ban(BAN);
  const { until: _, ...forever } = BAN;
  await moderation.ban(forever);
  assertEquals(await moderation.bans("lobby", NOW + 100), [forever]);
  assertEquals(await moderation.unban("lobby", BO.id), true);
  assertEquals(await moderation.unban("lobby", BO.id), false);
  assertEquals(await moderation.bans("lobby", NOW), []);
});

Deno.test("moderation.ban() takes a role in the room, and a membership of a private one", async () => {
  await using store = await openFurnished();
  const { moderation, rooms } = store;
  await addRoom(store, "crew", "private");
  for (const room of ["lobby", "crew"]) {
    await rooms.setMembership(room, BO.id, { role: "owner" });
    await moderation.ban({ ...BAN, room });
  }
  assertEquals((await rooms.membership("lobby", BO.id))?.role, "member");
  assertEquals(await rooms.membership("crew", BO.id), undefined);
  await moderation.ban({ ...BAN, person: CY });
  assertEquals(await rooms.membership("lobby", CY.id), undefined);
});

Deno.test("moderation.ban() leaves a room its last owner", async () => {
  await using store = await openFurnished();
  const { moderation, rooms } = store;
  await addRoom(store, "crew", "private");
  for (const room of ["lobby", "crew"]) {
    await moderation.ban({ ...BAN, room, person: ANA });
    assertEquals((await rooms.membership(room, ANA.id))?.role, "owner");
  }
});

Deno.test("moderation.addressBan() finds the addresses of bans from the server", async () => {
  await using store = await openFurnished();
  const { moderation } = store;
  await moderation.ban(FROM_SERVER);
  assertEquals(await moderation.addressBan("10.0.0.1", NOW), FROM_SERVER);
  assertEquals(await moderation.banOf(BO.id, { now: NOW }), FROM_SERVER);
  assertEquals(await moderation.addressBan("10.0.0.2", NOW), undefined);
  assertEquals(await moderation.addressBan("10.0.0.1", NOW + 10), undefined);
  await moderation.unban(undefined, BO.id);
  assertEquals(await moderation.addressBan("10.0.0.1", NOW), undefined);
});

Deno.test("moderation.addressBan() forgets the addresses of a ban that was replaced", async () => {
  await using store = await openFurnished();
  const { moderation } = store;
  await moderation.ban(FROM_SERVER);
  await moderation.ban({ ...FROM_SERVER, addresses: ["::1"] });
  assertEquals(await moderation.addressBan("10.0.0.1", NOW), undefined);
  assertEquals((await moderation.addressBan("::1", NOW))?.person, BO);
});

Deno.test("moderation.prune() deletes bans that have ended, with their addresses", async () => {
  await using store = await openFurnished();
  const { moderation } = store;
  const of = { addresses: [], by: ANA, reason: "", time: NOW };
  const addresses = ["192.0.2.1"];
  await moderation.ban({ ...of, person: BO, addresses, until: NOW });
  await moderation.ban({ ...of, room: "lobby", person: BO, until: NOW + 1 });
  await moderation.ban({ ...of, person: ANA });
  assertEquals(await moderation.prune(NOW), 1);
  assertEquals(await moderation.addressBan("192.0.2.1", 0), undefined);
  assertEquals((await moderation.bans("lobby", 0)).length, 1);
  const [left, ...none] = await moderation.bans(undefined, 0);
  assertEquals([left?.person, none.length], [ANA, 0]);
});

Deno.test("moderation.audit() gives entries newest first, by pages", async () => {
  await using store = await openFurnished();
  const { moderation } = store;
  const time = new Date(NOW).toISOString();
  const log = (detail: string, more = {}) =>
    moderation.log({ action: "ban", by: ANA, detail, time, ...more });
  await log("one", { room: "lobby", person: CY });
  await log("two");
  await log("three", { room: "lobby" });
  const [three, two, one] = await moderation.audit({ limit: 10 });
  assertEquals([three?.detail, two?.detail], ["three", "two"]);
  assertEquals(one, {
    n: 1,
    action: "ban",
    room: "lobby",
    by: ANA,
    person: CY,
    detail: "one",
    time,
  });
  assertEquals(
    (await moderation.audit({ room: "lobby", limit: 1 })).map(({ n }) => n),
    [3],
  );
  assertEquals(
    (await moderation.audit({ room: "lobby", before: 3, limit: 9 }))
      .map(({ n }) => n),
    [1],
  );
});

Deno.test("moderation.audit() gives nothing of another room that had the name", async () => {
  await using store = await openFurnished();
  const { moderation, rooms } = store;
  const entry = (action: string, time: number) => ({
    action,
    room: "lobby",
    by: ANA,
    detail: "",
    time: new Date(time).toISOString(),
  });
  await moderation.log(entry("ban", NOW));
  await rooms.drop("lobby", { audit: entry("delete_room", NOW) });
  await rooms.add({
    room: "lobby",
    kind: "public",
    topic: "",
    epoch: "second",
    slow: 0,
    created: NOW + 1,
  }, [{ person: BO.id, role: "owner" }]);
  await moderation.log(entry("topic", NOW + 1));
  const actions = async (room?: string) =>
    (await moderation.audit({ room, limit: 9 })).map(({ action }) => action);
  assertEquals(await actions("lobby"), ["topic"]);
  assertEquals(await actions(), ["topic", "delete_room", "ban"]);
});
