import { assertEquals } from "@std/assert";
import type {
  ChatStore,
  StoredInvite,
} from "../../../../handlers/chat/store.ts";
import { addRoom, ANA, BO, CY, NOW, openFurnished } from "./_store.ts";

const INVITE: StoredInvite = {
  id: "i1",
  room: "crew",
  by: ANA,
  uses: 1,
  expires: NOW + 10,
  created: NOW,
};

/** A store with the private room "crew", which is Ana's. */
async function openCrew(): Promise<ChatStore> {
  const store = await openFurnished();
  await addRoom(store, "crew", "private");
  return store;
}

/** Uses the invitation of the hash "secret". */
function use(
  { rooms }: ChatStore,
  person: string,
  { hash = "secret", room = "crew", now = NOW } = {},
): Promise<boolean> {
  return rooms.useInvite(hash, { room, person, now });
}

async function idsOf(
  { rooms }: ChatStore,
  { room = "crew", after = "", now = NOW } = {},
): Promise<string[]> {
  const invites = await rooms.invites(room, { after, limit: 9, now });
  return invites.map(({ id }) => id);
}

Deno.test("rooms.useInvite() makes members until it is used up or old", async () => {
  await using store = await openCrew();
  const { rooms } = store;
  assertEquals(await rooms.addInvite("secret", INVITE), true);
  assertEquals(await use(store, BO.id, { hash: "other" }), false);
  assertEquals(await use(store, BO.id, { room: "lobby" }), false);
  assertEquals(await use(store, BO.id, { now: NOW + 10 }), false);
  assertEquals(await use(store, BO.id), true);
  assertEquals((await rooms.membership("crew", BO.id))?.role, "member");
  assertEquals(await use(store, CY.id), false);
  assertEquals(await rooms.membership("crew", CY.id), undefined);
});

Deno.test("rooms.useInvite() is not used up by members", async () => {
  await using store = await openCrew();
  await store.rooms.addInvite("secret", INVITE);
  assertEquals(await use(store, ANA.id), true);
  const { role } = (await store.rooms.membership("crew", ANA.id))!;
  assertEquals(role, "owner");
  assertEquals(await use(store, BO.id), true);
});

Deno.test("rooms.addInvite() takes none of who has no role, unless anybody may", async () => {
  await using store = await openCrew();
  const { rooms } = store;
  const ofBo = { ...INVITE, by: BO };
  await rooms.setMembership("crew", BO.id, {});
  assertEquals(await rooms.addInvite("1", ofBo), false);
  assertEquals(await rooms.addInvite("2", { ...INVITE, room: "none" }), false);
  assertEquals(await idsOf(store), []);
  assertEquals(await rooms.addInvite("3", ofBo, { anybody: true }), true);
  await rooms.setMembership("crew", BO.id, { role: "moderator" });
  assertEquals(await rooms.addInvite("4", { ...ofBo, id: "i2" }), true);
  assertEquals(await idsOf(store), ["i1", "i2"]);
});

Deno.test("rooms.invites() gives those that can be used, by their ids, without the secret", async () => {
  await using store = await openCrew();
  const { rooms } = store;
  await addRoom(store, "other", "private");
  await rooms.addInvite("3", { ...INVITE, id: "i3", uses: 2 });
  await rooms.addInvite("secret", INVITE);
  await rooms.addInvite("2", { ...INVITE, id: "i2", expires: NOW });
  await rooms.addInvite("4", { ...INVITE, id: "i4", room: "other" });
  const options = { limit: 1, now: NOW };
  assertEquals(await rooms.invites("crew", options), [INVITE]);
  assertEquals(await idsOf(store), ["i1", "i3"]);
  assertEquals(await idsOf(store, { after: "i1" }), ["i3"]);
  await use(store, BO.id);
  await use(store, CY.id, { hash: "3" });
  const left = { ...INVITE, id: "i3", uses: 1 };
  assertEquals(await rooms.invites("crew", options), [left]);
  assertEquals(await rooms.invite("crew", "i3", NOW), left);
  assertEquals(await rooms.invite("crew", "i3", NOW + 10), undefined);
  assertEquals(await rooms.invite("other", "i3", NOW), undefined);
});

Deno.test("rooms.dropInvite() ends one, and notes it in the same step", async () => {
  await using store = await openCrew();
  const { rooms, moderation } = store;
  await rooms.addInvite("secret", INVITE);
  const audit = {
    action: "drop_invite",
    room: "crew",
    by: ANA,
    detail: "",
    time: new Date(NOW).toISOString(),
  };
  assertEquals(await rooms.dropInvite("lobby", "i1", { audit }), false);
  assertEquals(await rooms.dropInvite("crew", "i1", { audit }), true);
  assertEquals(await rooms.dropInvite("crew", "i1", { audit }), false);
  assertEquals(await use(store, BO.id), false);
  assertEquals((await moderation.audit({ limit: 9 })).length, 1);
});

Deno.test("rooms.setMembership() ends the invitations of who loses its role, for good", async () => {
  await using store = await openCrew();
  const { rooms } = store;
  await addRoom(store, "other", "private");
  for (const room of ["crew", "other"]) {
    await rooms.setMembership(room, BO.id, { role: "owner" });
    await rooms.addInvite(room, { ...INVITE, id: room, room, by: BO });
  }
  await rooms.addInvite("secret", INVITE);
  await rooms.setMembership("crew", BO.id, { role: "moderator" });
  await rooms.setMembership("crew", BO.id, { mutedUntil: NOW });
  assertEquals(await idsOf(store), ["crew", "i1"]);
  await rooms.setMembership("crew", BO.id, { role: "member" });
  await rooms.setMembership("crew", BO.id, { role: "moderator" });
  assertEquals(await idsOf(store), ["i1"]);
  assertEquals(await use(store, CY.id, { hash: "crew" }), false);
  assertEquals(await idsOf(store, { room: "other" }), ["other"]);
});

Deno.test("rooms.dropMembership() ends the person's invitations to the room", async () => {
  await using store = await openCrew();
  const { rooms } = store;
  await rooms.setMembership("crew", BO.id, { role: "moderator" });
  await rooms.addInvite("secret", INVITE);
  await rooms.addInvite("2", { ...INVITE, id: "i2", by: BO });
  await rooms.dropMembership("crew", BO.id);
  assertEquals(await idsOf(store), ["i1"]);
});

Deno.test("rooms.pruneInvites() deletes those that are too old", async () => {
  await using store = await openCrew();
  const { rooms } = store;
  await Promise.all(
    Array.from(
      { length: 250 },
      (_, n) =>
        rooms.addInvite(`${n}`, { ...INVITE, id: `i${n}`, expires: NOW }),
    ),
  );
  await rooms.addInvite("secret", { ...INVITE, id: "new", expires: NOW + 1 });
  assertEquals(await rooms.pruneInvites(NOW), 250);
  assertEquals(await idsOf(store, { now: 0 }), ["new"]);
});

Deno.test("moderation.ban() ends the person's invitations, to all rooms if from the server", async () => {
  await using store = await openCrew();
  const { rooms, moderation } = store;
  await addRoom(store, "other", "private");
  for (const { id } of [BO, CY]) {
    await rooms.setMembership("crew", id, { role: "moderator" });
    await rooms.setMembership("other", id, { role: "moderator" });
  }
  for (
    const [id, room, by] of [
      ["bo", "crew", BO],
      ["bo2", "other", BO],
      ["cy", "crew", CY],
      ["cy2", "other", CY],
    ] as const
  ) await rooms.addInvite(id, { ...INVITE, id, room, by });
  const ban = { addresses: [], by: ANA, reason: "", time: NOW };
  await moderation.ban({ ...ban, room: "crew", person: BO });
  assertEquals(await idsOf(store), ["cy"]);
  assertEquals(await idsOf(store, { room: "other" }), ["bo2", "cy2"]);
  await moderation.ban({ ...ban, person: CY });
  assertEquals(await idsOf(store), []);
  assertEquals(await idsOf(store, { room: "other" }), ["bo2"]);
});
