import { assertEquals } from "@std/assert";
import {
  addRoom,
  ANA,
  append,
  BO,
  CY,
  linesOf,
  NOW,
  openFurnished,
  say,
  sayNumbers,
} from "./_store.ts";

const CREW = {
  room: "crew",
  kind: "private",
  topic: "Boats",
  epoch: "e1",
  slow: 5,
  created: NOW,
} as const;

Deno.test("rooms.get() gives a room as it was added", async () => {
  await using store = await openFurnished();
  const { rooms } = store;
  assertEquals(await rooms.add(CREW, []), "added");
  assertEquals(await rooms.add(CREW, []), "room_exists");
  assertEquals(await rooms.get("crew"), { ...CREW, offset: 0, change: 0 });
  assertEquals(await rooms.get("Crew"), undefined);
});

Deno.test("rooms.add() and rooms.setMembership() change nothing for nobody", async () => {
  await using store = await openFurnished();
  const { rooms } = store;
  const members = [{ person: "nobody", role: "owner" }] as const;
  assertEquals(await rooms.add(CREW, members), "person_unknown");
  assertEquals(await rooms.get("crew"), undefined);
  assertEquals(await rooms.setMembership("lobby", "nobody", {}), false);
});

Deno.test("rooms.update() changes what is given", async () => {
  await using store = await openFurnished();
  await store.rooms.add(CREW, []);
  await store.rooms.update("crew", { topic: "" });
  assertEquals((await store.rooms.get("crew"))?.topic, "");
  assertEquals((await store.rooms.get("crew"))?.slow, 5);
  await store.rooms.update("crew", { slow: 0 });
  assertEquals((await store.rooms.get("crew"))?.slow, 0);
});

Deno.test("rooms.list() gives public and own rooms by name, in pages", async () => {
  await using store = await openFurnished();
  for (const room of ["a", "b"]) await addRoom(store, room);
  await addRoom(store, "c", "private");
  await addRoom(store, "z", "private");
  const names = async (options: { person?: string; after?: string }) =>
    (await store.rooms.list({ limit: 3, ...options })).map(({ room }) => room);
  assertEquals(await names({ person: ANA.id }), ["a", "b", "c"]);
  assertEquals(await names({ person: ANA.id, after: "b" }), [
    "c",
    "lobby",
    "z",
  ]);
  assertEquals(await names({ person: BO.id }), ["a", "b", "lobby"]);
  assertEquals(await names({}), ["a", "b", "lobby"]);
  assertEquals(await names({ person: "nobody" }), ["a", "b", "lobby"]);
});

Deno.test("rooms.list() tells the last message, what is unread and who is the other", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 3);
  await say(store, "Bo!", { mentions: [BO.id] });
  await store.rooms.markRead("lobby", BO.id, 2);
  await store.rooms.add({ ...CREW, room: "@1", kind: "direct" }, [
    { person: ANA.id, role: "member" },
    { person: BO.id, role: "member" },
  ]);
  const [direct, lobby] = await store.rooms.list({ person: BO.id, limit: 9 });
  assertEquals(direct?.with, ANA);
  assertEquals(direct?.last, undefined);
  assertEquals(lobby?.last, await store.messages.get("lobby", 4));
  assertEquals([lobby?.read, lobby?.unread, lobby?.mentions], [2, 2, 1]);
});

Deno.test("rooms.markRead() never goes back, nor beyond the last message", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 3);
  await say(store, "Bo!", { mentions: [BO.id] });
  const read = (offset: number) => store.rooms.markRead("lobby", BO.id, offset);
  assertEquals(await read(2), { read: 2, unread: 2, mentions: 1 });
  assertEquals(await read(1), { read: 2, unread: 2, mentions: 1 });
  assertEquals(await read(99), { read: 4, unread: 0, mentions: 0 });
  assertEquals((await store.rooms.membership("lobby", BO.id))?.read, 4);
  assertEquals(await store.rooms.markRead("no", BO.id, 1), {
    read: 0,
    unread: 0,
    mentions: 0,
  });
});

Deno.test("rooms.markRead() makes nobody a member of a private room", async () => {
  await using store = await openFurnished();
  await store.rooms.add(CREW, []);
  await say(store, "secret", { room: "crew" });
  await store.rooms.markRead("crew", BO.id, 1);
  assertEquals(await store.rooms.membership("crew", BO.id), undefined);
});

Deno.test("rooms.markRead() counts at most 1,000", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 1001, { mentions: [BO.id] });
  assertEquals(await store.rooms.markRead("lobby", BO.id, 0), {
    read: 0,
    unread: 1000,
    mentions: 1000,
  });
});

Deno.test("rooms.setMembership() changes only what is given", async () => {
  await using store = await openFurnished();
  const { rooms } = store;
  const get = () => rooms.membership("lobby", BO.id);
  assertEquals(await get(), undefined);
  await rooms.setMembership("lobby", BO.id, { mutedUntil: NOW });
  const muted = { person: BO.id, role: "member", read: 0, mutedUntil: NOW };
  assertEquals(await get(), muted as never);
  await rooms.setMembership("lobby", BO.id, { role: "moderator" });
  assertEquals(await get(), { ...muted, role: "moderator" });
  await rooms.setMembership("lobby", BO.id, { mutedUntil: undefined });
  assertEquals(await get(), { person: BO.id, role: "moderator", read: 0 });
  assertEquals(
    (await rooms.staff("lobby")).map(({ person, role }) => [person, role]),
    [[ANA.id, "owner"], [BO.id, "moderator"]],
  );
  await rooms.dropMembership("lobby", BO.id);
  assertEquals(await get(), undefined);
});

Deno.test("rooms.members() gives members with their names, in pages", async () => {
  await using store = await openFurnished();
  for (const { id } of [CY, BO]) {
    await store.rooms.setMembership("lobby", id, {});
  }
  const [first, second] = await store.rooms.members("lobby", { limit: 2 });
  assertEquals(first, { ...ANA, person: ANA.id, role: "owner", read: 0 });
  const [third, ...none] = await store.rooms.members("lobby", {
    after: second!.id,
    limit: 2,
  });
  assertEquals([second?.id, third?.id, none.length], [BO.id, CY.id, 0]);
});

Deno.test("rooms.setMembership() and rooms.dropMembership() keep the last owner", async () => {
  await using store = await openFurnished();
  const { rooms } = store;
  const roleOf = async ({ id }: { id: string }) =>
    (await rooms.membership("lobby", id))?.role;
  const stepDown = ({ id }: { id: string }) =>
    rooms.setMembership("lobby", id, { role: "member" });
  assertEquals(await stepDown(ANA), false);
  assertEquals(await rooms.dropMembership("lobby", ANA.id), false);
  assertEquals(await roleOf(ANA), "owner");
  await rooms.setMembership("lobby", ANA.id, { mutedUntil: NOW });
  await rooms.setMembership("lobby", BO.id, { role: "owner" });
  // Both at once: one of them stays.
  assertEquals(await Promise.all([stepDown(ANA), stepDown(BO)]), [true, false]);
  assertEquals([await roleOf(ANA), await roleOf(BO)], ["member", "owner"]);
  assertEquals(await rooms.dropMembership("lobby", ANA.id), true);
  assertEquals(await rooms.setMembership("nowhere", ANA.id, {}), false);
});

Deno.test("rooms.reset() begins anew under another epoch", async () => {
  await using store = await openFurnished();
  await sayNumbers(store, 450);
  await say(store, "Bo!", { id: "again", mentions: [BO.id] });
  await store.messages.edit("lobby", 1, { text: "x", by: ANA.id, time: NOW });
  await store.rooms.markRead("lobby", BO.id, 9);
  await store.rooms.reset("lobby", "second");
  const room = await store.rooms.get("lobby");
  assertEquals([room?.epoch, room?.offset, room?.change], ["second", 0, 0]);
  assertEquals((await store.messages.page("lobby", { limit: 9 })).messages, []);
  assertEquals(
    (await store.messages.search({ words: ["bo"], limit: 9 })).messages,
    [],
  );
  assertEquals(await store.rooms.markRead("lobby", BO.id, 0), {
    read: 0,
    unread: 0,
    mentions: 0,
  });
  assertEquals((await say(store, "new", { id: "again" })).offset, 1);
  assertEquals(
    (await store.messages.since("lobby", {
      epoch: "first",
      offset: 0,
      change: 0,
    }, 100))?.missed,
    undefined,
  );
});

Deno.test("rooms.drop() takes all that is of the room", async () => {
  await using store = await openFurnished();
  await say(store, "gone");
  await store.moderation.ban({
    room: "lobby",
    person: BO,
    addresses: [],
    by: ANA,
    reason: "",
    time: NOW,
  });
  const token = { id: "t", name: "", scopes: [], person: BO.id, created: NOW };
  await store.tokens.add({ ...token, room: "lobby" }, "hash");
  await store.rooms.addInvite("invite", {
    id: "i",
    room: "lobby",
    by: ANA,
    uses: 1,
    expires: NOW + 10,
    created: NOW,
  });
  await store.rooms.drop("lobby");
  assertEquals(await store.rooms.get("lobby"), undefined);
  assertEquals(await append(store, "late"), "room_unknown");
  assertEquals(await linesOf(store, "lobby"), []);
  await addRoom(store, "lobby");
  assertEquals(await store.rooms.membership("lobby", BO.id), undefined);
  assertEquals(await store.moderation.bans("lobby", NOW), []);
  assertEquals(await store.tokens.find("hash"), undefined);
  assertEquals(
    await store.rooms.useInvite("invite", {
      room: "lobby",
      person: BO.id,
      now: NOW,
    }),
    false,
  );
  assertEquals((await store.messages.page("lobby", { limit: 9 })).messages, []);
});
