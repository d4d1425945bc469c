import { assert, assertEquals, assertFalse } from "@std/assert";
import { hashSecret } from "../../../handlers/chat/identity/secrets.ts";
import { Chatroom, Person } from "./_people.ts";

Deno.test("join is answered with what was said before it and followed by the rest", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo");
  // All at once: the store takes them in this order.
  await Promise.all([
    ana.says("lobby", "one"),
    bo.asks({ type: "join", room: "lobby" }),
    room.chat.store.messages.append({
      room: "lobby",
      id: "two",
      from: ana.person,
      text: "two",
      time: 0,
    }),
  ]);
  await ana.says("lobby", "three");
  const [joined, ...rest] = bo.hears().filter(({ type }) =>
    type !== "presence"
  );
  assertEquals(joined.type, "joined");
  const heard = [...joined.messages, ...rest];
  assertEquals(heard.at(-1).text, "three");
  assertEquals(heard.map(({ offset }) => offset), [1, 2, 3]);
  assertEquals(joined.offset, joined.messages.length);
});

Deno.test("join does not repeat what was stored while it waited", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo");
  const append = (id: string) =>
    room.store.messages.append({
      room: "lobby",
      id,
      from: ana.person,
      text: id,
      time: 0,
    });
  // In one turn of the store: before the join is looked at, and after it.
  const before = append("one");
  const join = bo.asks({ type: "join", room: "lobby" });
  const after = append("two");
  await Promise.all([before, join, after]);
  const [joined, ...rest] = bo.hears();
  assertEquals([joined.offset, joined.messages.length], [1, 1]);
  assertEquals(
    rest.filter(({ type }) => type === "message").map(({ id }) => id),
    ["two"],
  );
});

Deno.test("join of who is in the room already makes no second member of it", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo", "lobby", "lobby");
  const other = await room.enterAgain(bo, "lobby");
  await bo.asks({ type: "leave", room: "lobby" });
  room.tellPresence();
  ana.hears();
  assertEquals(room.chat.rooms.get("lobby")?.count, 2);
  other.session.disconnect();
  room.tellPresence();
  assertEquals(ana.hears()[0].left, [bo.id]);
});

Deno.test("join of a direct room is for its two people, and tells others of none", async () => {
  await using room = await Chatroom.open();
  const [ana, bo] = [await room.enter("Ana"), await room.enter("Bo")];
  const cy = await room.enter("Cy");
  await room.store.rooms.add({
    room: "@ab",
    kind: "direct",
    topic: "",
    epoch: "e",
    slow: 0,
    created: 0,
  }, [ana, bo].map(({ id }) => ({ person: id, role: "member" })));
  const join = { type: "join", room: "@ab" };
  assertEquals((await cy.gets(join)).code, "room_unknown");
  assertEquals((await ana.gets(join)).with, bo.person);
  await ana.says("@ab", "psst");
  await room.quiet();
  assertEquals(bo.hearsTypes(), ["notice"]);
  assertEquals(cy.hears(), []);
});

Deno.test("join holds back changes that are part of its answer", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo");
  await ana.says("lobby", "one");
  const edit = (text: string) =>
    room.store.messages.edit("lobby", 1, { text, by: ana.id, time: 1 });
  const join = bo.asks({ type: "join", room: "lobby" });
  await Promise.all([edit("two"), join, edit("three")]);
  const [joined, ...changes] = bo.hears();
  const change: number = joined.change;
  assertEquals(
    changes.map((each) => each.change),
    [1, 2].filter((each) => each > change),
  );
});

Deno.test("join recovers exactly what was missed when since is known", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  for (let i = 1; i <= 500; i++) await ana.says("lobby", `${i}`);
  const bo = await room.enter("Bo");
  const { epoch } = await bo.gets({ type: "join", room: "lobby", limit: 1 });
  const since = { epoch, offset: 0, change: 0 };
  const all = await bo.gets({ type: "join", room: "lobby", since });
  assert(all.recovered);
  assertEquals(all.messages.length, 500);
  assertFalse(all.more);
  await ana.says("lobby", "one too many");
  const page = await bo.gets({ type: "join", room: "lobby", since, limit: 3 });
  assertFalse(page.recovered);
  assertEquals(
    page.messages.map(({ offset }: { offset: number }) => offset),
    [499, 500, 501],
  );
});

Deno.test("join gives a shorter page when messages are very long", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const text = "長".repeat(4000);
  for (let i = 1; i <= 50; i++) await ana.says("lobby", text, `${i}`);
  const joined = await ana.gets({ type: "join", room: "lobby" });
  assert(joined.messages.length < 30 && joined.messages.length > 10);
  assertEquals(joined.messages.at(-1).offset, 50);
  assert(joined.more);
  const since = { epoch: joined.epoch, offset: 1, change: 0 };
  const back = await ana.gets({ type: "join", room: "lobby", since });
  assertFalse(back.recovered);
  for (
    const [place, first, last] of [
      [{ before: 45 }, undefined, 44],
      [{ after: 5 }, 6, undefined],
    ] as const
  ) {
    const page = await ana.gets({ type: "history", room: "lobby", ...place });
    assert(page.messages.length < 30 && page.messages.length > 10);
    if (first) assertEquals(page.messages[0].offset, first);
    if (last) assertEquals(page.messages.at(-1).offset, last);
    assertEquals([page.older, page.newer], [true, true]);
  }
  const around = await ana.gets({
    type: "history",
    room: "lobby",
    around: 25,
  });
  const offsets: number[] = around.messages.map((each: { offset: number }) =>
    each.offset
  );
  assert(offsets.includes(25) && offsets.length < 30);
  assertEquals(
    offsets,
    offsets.map((_, i) => offsets[0]! + i),
  );
});

Deno.test("join is undone when the connection is lost meanwhile", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo");
  const join = bo.asks({ type: "join", room: "lobby" });
  bo.session.disconnect();
  await join;
  room.tellPresence();
  assertEquals(bo.hears(), []);
  assertEquals(ana.hears(), []);
  assertEquals(room.chat.rooms.get("lobby")?.count, 1);
});

Deno.test("join that is refused leaves who was in the room in it", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo", "lobby");
  room.tellPresence();
  bo.hears();
  await room.store.moderation.ban({
    room: "lobby",
    person: bo.person,
    addresses: [],
    by: ana.person,
    reason: "rude",
    time: 0,
  });
  const join = bo.asks({ type: "join", room: "lobby" });
  await Promise.all([join, ana.says("lobby", "one")]);
  await ana.says("lobby", "two");
  const heard = bo.hears();
  assertEquals(
    heard.filter(({ type }) => type === "message").map(({ text }) => text),
    ["one", "two"],
  );
  const error = heard.find(({ type }) => type === "error");
  assertEquals([error.code, error.reason], ["banned", "rude"]);
});

Deno.test("join is refused with too_many_rooms when the connection is in 50", async () => {
  await using room = await Chatroom.open();
  const names = Array.from({ length: 50 }, (_, i) => `room ${i}`);
  const ana = await room.enter("Ana", ...names);
  const error = await ana.gets({ type: "join", room: "one more" });
  assertEquals(error.code, "too_many_rooms");
  assertEquals(
    (await ana.gets({ type: "join", room: "room 3" })).type,
    "joined",
  );
  await ana.asks({ type: "leave", room: "room 3" });
  assertEquals(
    (await ana.gets({ type: "join", room: "one more" })).type,
    "joined",
  );
});

Deno.test("join makes no room when only the owner of the server does", async () => {
  await using room = await Chatroom.open({ config: { createRooms: "owner" } });
  const ana = await room.enter("Ana");
  assertEquals(
    (await ana.gets({ type: "join", room: "lobby" })).code,
    "room_unknown",
  );
  assertEquals(
    (await ana.gets({ type: "create", room: "lobby" })).code,
    "not_allowed",
  );
  assertEquals(room.chat.rooms.get("lobby"), undefined);
});

Deno.test("join gives a private room to who has an invitation", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  await room.store.rooms.addInvite(hashSecret("open"), {
    id: "i",
    room: "crew",
    by: { id: ana.id, name: "Ana" },
    uses: 1,
    expires: room.clock.now() + 1000,
    created: room.clock.now(),
  });
  const bo = await room.enter("Bo");
  const cy = await room.enter("Cy");
  const invited = { type: "join", room: "crew", invite: "open" };
  assertEquals((await bo.gets(invited)).type, "joined");
  assertEquals((await cy.gets(invited)).code, "unknown_invite");
  await bo.asks({ type: "leave", room: "crew" });
  assertEquals((await bo.gets({ type: "join", room: "crew" })).type, "joined");
  const { members } = await bo.gets({ type: "members", room: "crew" });
  assertEquals(members.length, 2);
  ana.session.disconnect();
  const later = await bo.gets({ type: "members", room: "crew" });
  assertEquals(later.members[0], { ...members[0], offline: true });
  await bo.asks({ type: "leave", room: "crew", for_good: true });
  assertEquals(
    (await bo.gets({ type: "join", room: "crew" })).code,
    "invite_required",
  );
});

Deno.test("Chat forgets a room when the last member is gone", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "a", "b");
  ana.session.disconnect();
  assertEquals(room.chat.rooms.get("a"), undefined);
  assertEquals(room.chat.rooms.get("b"), undefined);
  assertEquals(room.chat.connectionCount, 0);
  const bo = new Person(room);
  bo.session.disconnect();
  room.clock.advance(2000);
  assertEquals(room.clock.waiting, 0);
});
