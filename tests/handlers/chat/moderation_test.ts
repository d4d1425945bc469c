import { assertEquals } from "@std/assert";
import { Chatroom } from "./_people.ts";
import { audit, gather } from "./_staff.ts";

const DAY = 86_400;

/** What is left of the messages that somebody hears, without the times. */
function types(messages: { type: string }[]): string[] {
  return messages.map(({ type }) => type);
}

Deno.test("kick makes a person leave with all devices, and lets it come back", async () => {
  await using room = await Chatroom.open();
  const { mo, bo, cy } = await gather(room);
  const other = await room.enterAgain(bo, "lobby");
  const elsewhere = await room.enterAgain(bo);
  bo.hears();
  const kick = { type: "kick", room: "lobby", person: bo.id, reason: "rude" };
  assertEquals(await mo.gets({ ...kick, ref: "1" }), {
    type: "done",
    ref: "1",
  });
  await cy.says("lobby", "gone?");
  for (const device of [bo, other, elsewhere]) {
    assertEquals(device.hears(), [
      { type: "moderated", room: "lobby", action: "kick", reason: "rude" },
    ]);
  }
  assertEquals(
    (await bo.gets({ type: "typing", room: "lobby" })).code,
    "not_in_room",
  );
  room.tellPresence();
  assertEquals(cy.hears().at(-1).left, [bo.id]);
  assertEquals((await bo.gets({ type: "join", room: "lobby" })).type, "joined");
  assertEquals((await audit(room)).at(-1), "Mo kick Bo rude");
});

Deno.test("mute lets a person read, not speak, until it ends", async () => {
  await using room = await Chatroom.open();
  const { mo, bo, cy } = await gather(room);
  const mute = { type: "mute", room: "lobby", person: bo.id, lasts: 600 };
  assertEquals((await mo.gets({ ...mute, reason: "loud" })).type, "done");
  const until = "2026-01-02T03:14:05.106Z";
  assertEquals(bo.hears(), [{
    type: "moderated",
    room: "lobby",
    action: "mute",
    until,
    reason: "loud",
  }]);
  const refused = await bo.gets({
    type: "send",
    room: "lobby",
    id: "1",
    text: "!",
  });
  assertEquals([refused.code, refused.until], ["muted", until]);
  await cy.says("lobby", "quiet");
  assertEquals(types(bo.hears()), ["message"]);
  assertEquals((await bo.gets({ type: "join", room: "lobby" })).muted, until);
  room.clock.advance(600_000);
  await bo.says("lobby", "again");
  assertEquals(types(bo.hears()).includes("sent"), true);
});

Deno.test("mute has no end when none is given, and is ended by 0", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  const mute = { type: "mute", room: "lobby", person: bo.id };
  await mo.asks(mute);
  assertEquals(bo.hears()[0].until, undefined);
  room.clock.advance(1000 * DAY * 1000);
  const refused = await bo.gets({
    type: "send",
    room: "lobby",
    id: "1",
    text: "!",
  });
  assertEquals([refused.code, refused.until], ["muted", undefined]);
  assertEquals(
    (await bo.gets({ type: "join", room: "lobby" })).muted,
    "9999-12-31T23:59:59.999Z",
  );
  await mo.asks({ ...mute, lasts: 0 });
  assertEquals(bo.hears().at(-1).until, room.chat.time());
  await bo.says("lobby", "at last");
  assertEquals(types(bo.hears()).includes("sent"), true);
  assertEquals((await audit(room)).slice(-2), [
    "Mo mute Bo for ever",
    "Mo mute Bo ended",
  ]);
});

Deno.test("mute reaches who is just joining", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  await bo.asks({ type: "leave", room: "lobby" });
  // Found too much missed, it asks the store twice.
  const since = { epoch: "another", offset: 0, change: 0 };
  for (const join of [{}, { since }]) {
    bo.hears();
    const joining = bo.asks({ type: "join", room: "lobby", ...join });
    await Promise.all([
      mo.asks({ type: "mute", room: "lobby", person: bo.id, lasts: 60 }),
      joining,
    ]);
    bo.hears();
    await bo.says("lobby", "?");
    assertEquals(bo.hears().at(-1).code, "muted");
    await mo.asks({ type: "mute", room: "lobby", person: bo.id, lasts: 0 });
  }
});

Deno.test("ban keeps a person out until it ends, and takes its role", async () => {
  await using room = await Chatroom.open();
  const { ana, mo, bo } = await gather(room);
  const ban = { type: "ban", room: "lobby", person: mo.id, lasts: DAY };
  await ana.asks({ ...ban, reason: "advertising" });
  const until = "2026-01-03T03:04:05.106Z";
  assertEquals(mo.hears(), [{
    type: "moderated",
    room: "lobby",
    action: "ban",
    until,
    reason: "advertising",
  }]);
  assertEquals(mo.closedWith, undefined);
  const join = { type: "join", room: "lobby" };
  const refused = await mo.gets(join);
  assertEquals([refused.code, refused.until, refused.reason, refused.room], [
    "banned",
    until,
    "advertising",
    "lobby",
  ]);
  assertEquals(
    (await mo.gets({ type: "kick", room: "lobby", person: bo.id })).code,
    "banned",
  );
  room.clock.advance(DAY * 1000);
  assertEquals((await mo.gets(join)).role, "member");
  assertEquals(
    (await audit(room)).at(-1),
    "Ana ban Mo for 86400 s: advertising",
  );
});

Deno.test("ban is ended by unban", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  const who = { room: "lobby", person: bo.id };
  await mo.asks({ type: "ban", ...who });
  assertEquals(
    (await bo.gets({ type: "join", room: "lobby" })).until,
    undefined,
  );
  assertEquals((await mo.gets({ type: "unban", ...who })).type, "done");
  assertEquals((await mo.gets({ type: "unban", ...who })).type, "done");
  assertEquals((await bo.gets({ type: "join", room: "lobby" })).type, "joined");
  // Once: the second one found no ban.
  assertEquals((await audit(room)).slice(-2), [
    "Mo ban Bo for ever",
    "Mo unban Bo",
  ]);
});

Deno.test("ban catches who is just joining", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  await bo.asks({ type: "leave", room: "lobby" });
  bo.hears();
  await Promise.all([
    bo.asks({ type: "join", room: "lobby" }),
    mo.asks({ type: "ban", room: "lobby", person: bo.id }),
  ]);
  await bo.says("lobby", "?");
  assertEquals(bo.hears().at(-1).code, "not_in_room");
  assertEquals(room.chat.rooms.get("lobby")?.member(bo.id), undefined);
});

Deno.test("ban hides what is said in the room from rooms and search", async () => {
  await using room = await Chatroom.open();
  const { mo, ana, bo } = await gather(room);
  await ana.says("lobby", "boat");
  await room.enter("Dan", "harbour").then((dan) => dan.says("harbour", "boat"));
  const search = { type: "search", query: "boat" };
  assertEquals((await bo.gets(search)).messages.length, 2);
  await mo.asks({ type: "ban", room: "lobby", person: bo.id, lasts: 60 });
  assertEquals(
    (await bo.gets(search)).messages.map((each: { room: string }) => each.room),
    ["harbour"],
  );
  const [, lobby] = (await bo.gets({ type: "rooms" })).rooms;
  assertEquals([lobby.room, lobby.last, lobby.unread], ["lobby", undefined, 0]);
  room.clock.advance(60_000);
  assertEquals((await bo.gets(search)).messages.length, 2);
  assertEquals((await bo.gets({ type: "rooms" })).rooms[1].last.text, "boat");
});

Deno.test("ban takes the membership of a private room", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  const bo = await room.enter("Bo");
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  const { invite } = await ana.gets({ type: "invite", room: "crew" });
  await bo.asks({ type: "join", room: "crew", invite });
  const who = { room: "crew", person: bo.id };
  await ana.asks({ type: "ban", ...who });
  assertEquals((await bo.gets({ type: "rooms" })).rooms, []);
  await ana.asks({ type: "unban", ...who });
  assertEquals(
    (await bo.gets({ type: "join", room: "crew" })).code,
    "invite_required",
  );
  // Of who is no member, these know nothing.
  for (
    const request of [
      { type: "kick" },
      { type: "mute" },
      { type: "role", role: "moderator" },
    ]
  ) {
    const error = await ana.gets({ ...request, ...who });
    assertEquals(error.code, "person_unknown");
  }
  assertEquals(await room.store.rooms.membership("crew", bo.id), undefined);
});

Deno.test("role is told to all, and to the person itself", async () => {
  await using room = await Chatroom.open();
  const { ana, bo, cy } = await gather(room);
  await ana.asks({
    type: "role",
    room: "lobby",
    person: bo.id,
    role: "moderator",
  });
  assertEquals(bo.hears(), [{
    type: "moderated",
    room: "lobby",
    action: "role",
    role: "moderator",
    reason: "",
  }]);
  room.tellPresence();
  assertEquals(cy.hears().at(-1).changed, [
    { id: bo.id, name: "Bo", role: "moderator" },
  ]);
  assertEquals((await audit(room)).at(-1), "Ana role Bo moderator");
  const kick = { type: "kick", room: "lobby", person: cy.id };
  assertEquals((await bo.gets(kick)).type, "done");
});

Deno.test("role keeps a mute", async () => {
  await using room = await Chatroom.open();
  const { ana, mo, bo } = await gather(room);
  await mo.asks({ type: "mute", room: "lobby", person: bo.id, lasts: 60 });
  await ana.asks({
    type: "role",
    room: "lobby",
    person: bo.id,
    role: "moderator",
  });
  bo.hears();
  await bo.says("lobby", "?");
  assertEquals(bo.hears().at(-1).code, "muted");
});

Deno.test("role lets everybody step down but the last owner", async () => {
  await using room = await Chatroom.open();
  const { ana, mo, bo, olga } = await gather(room);
  const role = async (
    who: typeof ana,
    role: string,
    by = who,
  ): Promise<string> => {
    const answer = await by.gets({
      type: "role",
      room: "lobby",
      person: who.id,
      role,
    });
    return answer.code ?? answer.type;
  };
  assertEquals(await role(mo, "owner"), "not_allowed");
  assertEquals(await role(mo, "member"), "done");
  assertEquals(await role(mo, "moderator"), "not_allowed");
  assertEquals(await role(ana, "moderator"), "not_allowed");
  assertEquals(await role(ana, "moderator", olga), "not_allowed");
  assertEquals(await role(bo, "owner", ana), "done");
  // They are equals now.
  assertEquals(await role(bo, "member", ana), "not_allowed");
  assertEquals(
    (await Promise.all([role(ana, "member"), role(bo, "member")])).sort(),
    ["done", "not_allowed"],
  );
  assertEquals((await room.store.rooms.staff("lobby")).length, 1);
});

Deno.test("nobody acts on an equal or a higher role", async () => {
  await using room = await Chatroom.open();
  const staff = await gather(room);
  const ranks = [staff.bo, staff.mo, staff.ana, staff.olga];
  for (
    const request of [
      { type: "kick" },
      { type: "mute", lasts: 0 },
      { type: "unban" },
      { type: "role", role: "member" },
      { type: "ban", lasts: 1 },
    ]
  ) {
    for (const [rank, actor] of ranks.entries()) {
      for (const [other, target] of ranks.entries()) {
        // Stepping down, and what would change the ranks, are other tests.
        if (request.type === "role" && (rank <= 2 || other !== 3)) continue;
        if (actor === target && request.type === "role") continue;
        if (rank > other && request.type === "ban") continue;
        const answer = await actor.gets({
          ...request,
          room: "lobby",
          person: target.id,
        });
        const isAllowed = rank > 0 && rank > other;
        assertEquals(
          answer.code ?? answer.type,
          isAllowed ? "done" : "not_allowed",
          `${request.type}: ${rank} on ${other}`,
        );
        // Whom it has made leave.
        await target.asks({ type: "join", room: "lobby" });
      }
    }
  }
});

Deno.test("moderation works from elsewhere, and of people who are not there", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  await mo.asks({ type: "leave", room: "lobby" });
  await bo.session.disconnect();
  const who = { room: "lobby", person: bo.id };
  for (const type of ["kick", "mute", "ban", "unban"]) {
    assertEquals((await mo.gets({ type, ...who })).type, "done", type);
  }
  const error = await mo.gets({ type: "kick", ...who, person: "nobody" });
  assertEquals([error.code, error.room], ["person_unknown", "lobby"]);
  assertEquals(
    (await mo.gets({ type: "kick", ...who, room: "nowhere" })).code,
    "room_unknown",
  );
});

Deno.test("bans gives those in force, by id, in pages", async () => {
  await using room = await Chatroom.open();
  const { ana, bo, cy } = await gather(room);
  for (const [{ id }, lasts] of [[cy, 60], [bo, undefined]] as const) {
    await ana.asks({ type: "ban", room: "lobby", person: id, lasts });
  }
  const by = ana.person;
  const time = room.chat.time();
  // As strings, i10 comes before i8.
  const [ofBo, ofCy] = [
    { person: bo.person, by, reason: "", time },
    {
      person: cy.person,
      by,
      until: "2026-01-02T03:05:05.106Z",
      reason: "",
      time,
    },
  ];
  const bans = { type: "bans", room: "lobby" };
  assertEquals(await ana.gets(bans), {
    ...bans,
    bans: [ofCy, ofBo],
    more: false,
  });
  assertEquals(await ana.gets({ ...bans, limit: 1 }), {
    ...bans,
    bans: [ofCy],
    more: true,
  });
  assertEquals((await ana.gets({ ...bans, after: cy.id })).bans, [ofBo]);
  room.clock.advance(60_000);
  assertEquals((await ana.gets(bans)).bans, [ofBo]);
});

Deno.test("audit gives what was done, newest first, in pages", async () => {
  await using room = await Chatroom.open();
  const { ana, mo, bo, olga } = await gather(room);
  await bo.says("lobby", "one");
  await mo.asks({ type: "delete", room: "lobby", offset: 1, reason: "rude" });
  await ana.asks({ type: "topic", room: "lobby", topic: "Saturday\nat sea" });
  await olga.asks({ type: "create", room: "crew", kind: "private" });
  await olga.asks({ type: "slow", room: "crew", seconds: 5 });
  const { entries, more } = await mo.gets({ type: "audit", room: "lobby" });
  assertEquals(more, false);
  assertEquals(entries[0], {
    n: 3,
    action: "topic",
    room: "lobby",
    by: ana.person,
    detail: "Saturday at sea",
    time: room.chat.time(),
  });
  assertEquals(entries[1].person, bo.person);
  const page = await olga.gets({ type: "audit", before: 4, limit: 2 });
  assertEquals(page.more, true);
  assertEquals(
    page.entries.map(({ action }: { action: string }) => action),
    ["topic", "delete"],
  );
  const { entries: [newest] } = await olga.gets({ type: "audit" });
  assertEquals([newest.room, newest.detail], ["crew", "5 s"]);
});
