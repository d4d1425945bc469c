import { assert, assertEquals, assertMatch } from "@std/assert";
import { Chatroom, type Heard, type Person } from "./_people.ts";
import { audit, enterAsOwner } from "./_staff.ts";

/** A private room of Ana. */
async function openCrew(room: Chatroom): Promise<Person> {
  const ana = await room.enter("Ana");
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  ana.hears();
  return ana;
}

function join(invite?: string) {
  return { type: "join", room: "crew", ...(invite && { invite }) };
}

Deno.test("invite makes members, once and for a day if nothing else is said", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const bo = await room.enter("Bo");
  const cy = await room.enter("Cy");
  const invited = await ana.gets({ type: "invite", room: "crew", ref: "1" });
  const { id, invite, expires, ...rest } = invited;
  assert(id);
  assertEquals(rest, { type: "invited", room: "crew", ref: "1" });
  assertEquals(expires, "2026-01-03T03:04:05.006Z");
  assertMatch(invite, /^[\w-]{43}$/);
  assertEquals((await bo.gets(join())).code, "invite_required");
  assertEquals((await bo.gets(join(invite))).role, "member");
  assertEquals((await cy.gets(join(invite))).code, "unknown_invite");
  // From now on without.
  await bo.asks({ type: "leave", room: "crew" });
  assertEquals((await bo.gets(join())).type, "joined");
  assertEquals(await audit(room), ["Ana invite for 86400 s, 1 uses"]);
});

Deno.test("invite lasts as long, and for as many, as it is asked", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const { invite, expires } = await ana.gets({
    type: "invite",
    room: "crew",
    lasts: 60,
    uses: 2,
  });
  assertEquals(expires, "2026-01-02T03:05:05.006Z");
  const people = await Promise.all(
    ["Bo", "Cy", "Di"].map((name) => room.enter(name)),
  );
  const answers = await Promise.all(
    people.map((person) => person.gets(join(invite))),
  );
  assertEquals(
    answers.filter(({ code }) => code === "unknown_invite").length,
    1,
  );
  const { invite: other } = await ana.gets({
    type: "invite",
    room: "crew",
    lasts: 60,
  });
  room.clock.advance(60_000);
  const ed = await room.enter("Ed");
  assertEquals((await ed.gets(join(other))).code, "unknown_invite");
});

Deno.test("invite ends when who made it may not invite any more", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const mo = await room.enter("Mo");
  const bo = await room.enter("Bo");
  const first = await ana.gets({ type: "invite", room: "crew" });
  await mo.asks(join(first.invite));
  const role = { type: "role", room: "crew", person: mo.id };
  await ana.asks({ ...role, role: "moderator" });
  const { invite } = await mo.gets({ type: "invite", room: "crew" });
  assert(invite);
  await ana.asks({ ...role, role: "member" });
  await ana.asks({ ...role, role: "moderator" });
  assertEquals((await bo.gets(join(invite))).code, "unknown_invite");
  const again = await mo.gets({ type: "invite", room: "crew" });
  await ana.asks({ type: "ban", room: "crew", person: mo.id });
  assertEquals((await bo.gets(join(again.invite))).code, "unknown_invite");
});

Deno.test("invites are listed without their secrets, and ended by any moderator", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const mo = await room.enter("Mo");
  const bo = await room.enter("Bo");
  const { invite } = await ana.gets({ type: "invite", room: "crew" });
  await mo.asks(join(invite));
  const role = { type: "role", room: "crew", person: mo.id };
  await ana.asks({ ...role, role: "moderator" });
  room.clock.advance(1000);
  const made = await ana.gets({ type: "invite", room: "crew", uses: 3 });
  const invites = { type: "invites", room: "crew", ref: "1" };
  const entry = {
    id: made.id,
    by: { id: ana.id, name: "Ana" },
    uses: 3,
    expires: made.expires,
    time: room.chat.time(),
  };
  assertEquals(await mo.gets(invites), {
    ...invites,
    invites: [entry],
    more: false,
  });
  const drop = { type: "drop_invite", room: "crew", invite: made.id };
  assertEquals((await mo.gets(drop)).type, "done");
  assertEquals((await ana.gets(invites)).invites, []);
  assertEquals((await bo.gets(join(made.invite))).code, "unknown_invite");
  assertEquals((await mo.gets(drop)).code, "unknown_invite");
  const secret = { ...drop, invite: made.invite };
  assertEquals((await mo.gets(secret)).code, "unknown_invite");
  const [last] = (await audit(room)).toReversed();
  assertEquals(last, `Mo drop_invite Ana until ${made.expires}, 3 uses`);
});

Deno.test("invites come in pages", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const ids = [];
  for (let n = 0; n < 3; n++) {
    ids.push((await ana.gets({ type: "invite", room: "crew" })).id);
  }
  ids.sort();
  const invites = { type: "invites", room: "crew", limit: 2 };
  const first = await ana.gets(invites);
  const then = await ana.gets({ ...invites, after: ids[1] });
  const idsOf = (page: typeof first) =>
    page.invites.map(({ id }: { id: string }) => id);
  assertEquals([idsOf(first), first.more], [ids.slice(0, 2), true]);
  assertEquals([idsOf(then), then.more], [ids.slice(2), false]);
});

Deno.test("invite is for moderators of private rooms", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const bo = await room.enter("Bo");
  const code = async (who: Person, name: string) =>
    (await who.gets({ type: "invite", room: name })).code;
  assertEquals(await code(bo, "crew"), "invite_required");
  const { invite } = await ana.gets({ type: "invite", room: "crew" });
  await bo.asks(join(invite));
  assertEquals(await code(bo, "crew"), "not_allowed");
  await ana.asks({ type: "join", room: "lobby" });
  assertEquals(await code(ana, "lobby"), "not_allowed");
  assertEquals(await code(ana, "nowhere"), "room_unknown");
  const olga = await enterAsOwner(room, "Olga");
  assertEquals(await code(olga, "crew"), undefined);
  for (
    const ask of [{ type: "invites" }, { type: "drop_invite", invite: "i" }]
  ) {
    assertEquals((await bo.gets({ ...ask, room: "crew" })).code, "not_allowed");
    assertEquals(
      (await ana.gets({ ...ask, room: "lobby" })).code,
      "not_allowed",
    );
  }
  const { invites } = await olga.gets({ type: "invites", room: "crew" });
  assertEquals(invites.map(({ by }: Heard) => by.name), ["Olga"]);
});

Deno.test("invite does not help who is banned", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const bo = await room.enter("Bo");
  await ana.asks({ type: "ban", room: "crew", person: bo.id });
  const { invite } = await ana.gets({ type: "invite", room: "crew" });
  assertEquals((await bo.gets(join(invite))).code, "banned");
  const cy = await room.enter("Cy");
  assertEquals((await cy.gets(join(invite))).type, "joined");
});

Deno.test("leave for good ends the membership, but that of the last owner", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const bo = await room.enter("Bo");
  const { invite } = await ana.gets({ type: "invite", room: "crew" });
  await bo.asks(join(invite));
  const other = await room.enterAgain(bo, "crew");
  const leave = { type: "leave", room: "crew", for_good: true };
  assertEquals((await bo.gets(leave)).type, "left");
  assertEquals(
    (await other.gets({ type: "typing", room: "crew" })).code,
    "not_in_room",
  );
  assertEquals((await bo.gets(join())).code, "invite_required");
  assertEquals((await ana.gets(leave)).code, "not_allowed");
});

Deno.test("members of a private room are seen by members alone", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const bo = await room.enter("Bo");
  const members = { type: "members", room: "crew" };
  assertEquals((await bo.gets(members)).code, "not_in_room");
  const { invite } = await ana.gets({ type: "invite", room: "crew" });
  await bo.asks(join(invite));
  ana.session.disconnect();
  assertEquals((await bo.gets(members)).members, [
    { id: ana.id, name: "Ana", role: "owner", offline: true },
    { id: bo.id, name: "Bo" },
  ]);
});

Deno.test("leave for good is refused to who is muted, so that no invitation ends a mute", async () => {
  await using room = await Chatroom.open();
  const ana = await openCrew(room);
  const bo = await room.enter("Bo");
  const { invite } = await ana.gets({ type: "invite", room: "crew", uses: 2 });
  await bo.asks(join(invite));
  await ana.asks({ type: "mute", room: "crew", person: bo.id, lasts: 60 });
  const leave = { type: "leave", room: "crew", for_good: true };
  assertEquals((await bo.gets(leave)).code, "muted");
  room.clock.advance(60_000);
  assertEquals((await bo.gets(leave)).type, "left");
});
