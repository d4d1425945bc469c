import { assertEquals } from "@std/assert";
import type {
  ChatStore,
  StoredPerson,
} from "../../../../handlers/chat/store.ts";
import { addRoom, ANA, BO, NOW, openFurnished, say } from "./_store.ts";

const WEEK = 7 * 24 * 60 * 60 * 1000;

/** Adds a guest whose name was held until just now, with a session or without. */
async function addGuest(
  { people, sessions }: ChatStore,
  id: string,
  { session = false, ...person }: Partial<StoredPerson> & {
    readonly session?: boolean;
  } = {},
): Promise<void> {
  await people.add({
    id,
    name: id,
    kind: "guest",
    isOwner: false,
    heldUntil: NOW - 1,
    created: NOW,
    ...person,
  }, { nameKey: id, now: NOW - 2 });
  if (!session) return;
  await sessions.add({ id, person: id, created: NOW, used: NOW }, id);
}

/** Which of those are still there. */
async function kept(
  { people }: ChatStore,
  ids: readonly string[],
): Promise<string[]> {
  const found = await Promise.all(ids.map((id) => people.get(id)));
  return found.flatMap((person) => person === undefined ? [] : person.id);
}

Deno.test("people.prune() deletes guests who are not held and have no session", async () => {
  await using store = await openFurnished();
  await addGuest(store, "gone");
  await addGuest(store, "held", { heldUntil: NOW });
  await addGuest(store, "back", { session: true });
  await addGuest(store, "account", { kind: "account" });
  await addGuest(store, "bot", { kind: "bot", bot: true });
  await addGuest(store, "jwt", { kind: "jwt" });
  assertEquals(await store.people.prune(NOW), 1);
  const ids = ["gone", "held", "back", "account", "bot", "jwt", ANA.id];
  assertEquals(await kept(store, ids), ids.slice(1));
  // Everybody may have the name.
  const id = "again";
  await addGuest(store, id, { name: "gone" });
  assertEquals((await store.people.get(id))?.name, "gone");
});

Deno.test("people.prune() ends the sessions of who has lost the name, and deletes it", async () => {
  await using store = await openFurnished();
  await addGuest(store, "lost", { session: true });
  assertEquals(await store.people.prune(NOW), 0);
  const { people, sessions } = store;
  await people.add(
    { id: "new", name: "lost", kind: "guest", isOwner: false, created: NOW },
    { nameKey: "lost", now: NOW },
  );
  // Though it was looked at just now.
  assertEquals(await people.prune(NOW), 1);
  assertEquals(await sessions.find("lost"), undefined);
  assertEquals(await kept(store, ["lost", "new"]), ["new"]);
});

Deno.test("people.prune() keeps who has left what says something to others", async () => {
  await using store = await openFurnished();
  const { rooms, messages, moderation, attachments } = store;
  await addRoom(store, "crew", "private");
  await addRoom(store, "@bo", "direct");
  const traces: Record<string, (id: string) => Promise<unknown>> = {
    wrote: (id) => say(store, "?", { from: { id, name: id } }),
    edited: async (id) => {
      const { offset } = await say(store, "?");
      await messages.edit("lobby", offset, { text: "!", by: id, time: NOW });
    },
    reacted: async (person) => {
      const { offset } = await say(store, "?");
      const reaction = { emoji: "👍", person, on: true, maxDifferent: 9 };
      await messages.react("lobby", offset, reaction);
    },
    uploaded: (by) =>
      attachments.add(
        { hash: "sha256-1", type: "text/plain", size: 1 },
        { by, time: NOW },
      ),
    moderates: (id) => rooms.setMembership("lobby", id, { role: "moderator" }),
    member: (id) => rooms.setMembership("crew", id, {}),
    direct: (id) => rooms.setMembership("@bo", id, {}),
    banned: (id) =>
      moderation.ban({
        room: "lobby",
        person: { id, name: id },
        addresses: [],
        by: ANA,
        until: NOW + 10,
        reason: "",
        time: NOW,
      }),
  };
  const ids = Object.keys(traces);
  for (const [id, leave] of Object.entries(traces)) {
    await addGuest(store, id);
    await leave(id);
  }
  // What only it itself could have seen says nothing.
  await addGuest(store, "read");
  await say(store, "read?", { mentions: ["read"] });
  await rooms.markRead("lobby", "read", 1);
  assertEquals(await store.people.prune(NOW), 1);
  assertEquals(await kept(store, [...ids, "read"]), ids);

  // Once that is forgotten, they go, a week later.
  await moderation.prune(NOW + 10);
  await messages.prune({ keep: 0 });
  for (const room of ["lobby", "crew", "@bo"]) await rooms.drop(room);
  await attachments.dropUnused(NOW + 1);
  assertEquals(await store.people.prune(NOW + WEEK), 0);
  assertEquals(await store.people.prune(NOW + WEEK + 1), ids.length);
  assertEquals(await kept(store, ids), []);
});

Deno.test("people.prune() takes many steps, and forgets whom it deletes", async () => {
  await using store = await openFurnished();
  const ids = Array.from({ length: 250 }, (_, n) => `guest ${n}`);
  await Promise.all(ids.map((id) => addGuest(store, id)));
  await store.rooms.setMembership("lobby", "guest 7", {});
  assertEquals(await store.people.prune(NOW), 250);
  assertEquals(await kept(store, ids), []);
  await addGuest(store, "guest 7");
  assertEquals(await kept(store, [BO.id, ...ids]), [BO.id, "guest 7"]);
  const members = await store.rooms.members("lobby", { limit: 9 });
  assertEquals(members.map(({ id }) => id), [ANA.id]);
});
