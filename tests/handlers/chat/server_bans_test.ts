import { assertEquals } from "@std/assert";
import { banOfAddress, CHAT_CLOSE } from "../../../handlers/chat/mod.ts";
import { Chatroom, Person } from "./_people.ts";
import { audit, enterAsOwner, enterFrom, gather } from "./_staff.ts";

Deno.test("ban without a room ends all connections of the person with 4004", async () => {
  await using room = await Chatroom.open();
  const { olga, bo, cy } = await gather(room);
  const other = await room.enterAgain(bo);
  const ban = { type: "ban", person: bo.id, lasts: 60, reason: "advertising" };
  assertEquals((await olga.gets(ban)).type, "done");
  const until = "2026-01-02T03:05:05.106Z";
  for (const device of [bo, other]) {
    assertEquals(device.hears(), [
      { type: "moderated", action: "ban", until, reason: "advertising" },
    ]);
    assertEquals(device.closedWith?.code, CHAT_CLOSE.banned);
  }
  room.tellPresence();
  assertEquals(cy.hears().at(-1).left, [bo.id]);
  const back = new Person(room);
  const resume = { type: "hello", resume: bo.resume };
  const refused = await back.gets(resume);
  assertEquals([refused.code, refused.until, refused.reason], [
    "banned",
    until,
    "advertising",
  ]);
  room.clock.advance(60_000);
  assertEquals((await new Person(room).gets(resume)).type, "ready");
  assertEquals((await audit(room)).at(-1), "Olga ban Bo for 60 s: advertising");
});

Deno.test("ban without a room is ended by unban", async () => {
  await using room = await Chatroom.open();
  const { olga, bo } = await gather(room);
  await olga.asks({ type: "ban", person: bo.id });
  assertEquals(
    (await olga.gets({ type: "bans" })).bans[0].person,
    bo.person,
  );
  assertEquals((await olga.gets({ type: "bans", room: "lobby" })).bans, []);
  await olga.asks({ type: "unban", person: bo.id });
  assertEquals((await olga.gets({ type: "bans" })).bans, []);
  const back = new Person(room);
  const ready = await back.gets({ type: "hello", resume: bo.resume });
  assertEquals(ready.type, "ready");
});

Deno.test("ban without a room is for the owner of the server, and not of owners", async () => {
  await using room = await Chatroom.open();
  const { olga, ana, bo } = await gather(room);
  const otto = await enterAsOwner(room, "Otto");
  const code = async (who: Person, request: object) => {
    const answer = await who.gets(request);
    return answer.code ?? answer.type;
  };
  for (const type of ["ban", "unban"]) {
    const request = { type, person: bo.id };
    assertEquals(await code(ana, request), "not_allowed");
    assertEquals(await code(olga, { type, person: otto.id }), "not_allowed");
    assertEquals(await code(olga, { type, person: olga.id }), "not_allowed");
    assertEquals(await code(olga, { type, person: "x" }), "person_unknown");
  }
});

Deno.test("ban keeps the addresses out when it is told to", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  const bo = await enterFrom(room, "Bo", "192.0.2.1");
  const other = new Person(room, "2001:db8::1");
  await other.asks({ type: "hello", resume: bo.resume });
  await olga.asks({ type: "ban", person: bo.id, addresses: true });
  const isBanned = async (address: string) =>
    await banOfAddress(room.chat, address) !== undefined;
  assertEquals(await isBanned("192.0.2.1"), true);
  assertEquals(await isBanned("::ffff:192.0.2.1"), true);
  assertEquals(await isBanned("192.0.2.2"), false);
  // One household has the rest of an IPv6 address to choose from.
  assertEquals(await isBanned("2001:db8::2:3"), true);
  assertEquals(await isBanned("2001:db8:0:1::1"), false);
  const again = new Person(room, "2001:db8::9");
  const error = await again.gets({ type: "hello", name: "Robert" });
  assertEquals(error.code, "banned");
  assertEquals(
    (await audit(room)).at(-1),
    "Olga ban Bo for ever 192.0.2.1 2001:db8:0:0::/64",
  );
  await olga.asks({ type: "unban", person: bo.id });
  assertEquals(await isBanned("192.0.2.1"), false);
});

Deno.test("ban keeps no address out when it is not told to", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  const bo = await enterFrom(room, "Bo", "192.0.2.1");
  await olga.asks({ type: "ban", person: bo.id });
  assertEquals(await banOfAddress(room.chat, "192.0.2.1"), undefined);
});

Deno.test("ban keeps no address out that the owner has too", async () => {
  await using room = await Chatroom.open();
  // As behind a proxy that does not say who is on the other side.
  const { resume } = await enterAsOwner(room, "Olga");
  const olga = new Person(room, "192.0.2.1");
  await olga.asks({ type: "hello", resume });
  const bo = await enterFrom(room, "Bo", "192.0.2.1");
  await olga.asks({ type: "ban", person: bo.id, addresses: true });
  assertEquals(bo.closedWith?.code, CHAT_CLOSE.banned);
  assertEquals(await banOfAddress(room.chat, "192.0.2.1"), undefined);
});

Deno.test("who owns the server by a token is above all while it is there", async () => {
  await using room = await Chatroom.open({
    identity: {
      mode: "jwt",
      tokens: {
        verify: (token) =>
          Promise.resolve({
            id: `id-${token}`,
            name: token,
            isOwner: token.startsWith("O"),
            expires: Date.UTC(2030),
          }),
      },
    },
  });
  const [ana, olga, otto, bo] = await Promise.all(
    ["Ana", "Olga", "Otto", "Bo"].map(async (token) => {
      const person = new Person(room);
      person.person = (await person.gets({ type: "hello", token })).person;
      return person;
    }),
  );
  await ana!.asks({ type: "create", room: "crew", kind: "private" });
  const { invite } = await olga!.gets({ type: "invite", room: "crew" });
  const join = { type: "join", room: "crew" };
  assertEquals((await olga!.gets(join)).role, "member");
  const who = { room: "crew", person: olga!.id };
  await room.store.rooms.setMembership("crew", olga!.id, {});
  for (const type of ["kick", "mute", "ban"]) {
    assertEquals((await ana!.gets({ type, ...who })).code, "not_allowed");
    assertEquals((await otto!.gets({ type, ...who })).code, "not_allowed");
  }
  assertEquals(
    (await otto!.gets({ type: "ban", person: olga!.id })).code,
    "not_allowed",
  );
  // What it has given is good, whatever it is in that room.
  assertEquals((await bo!.gets({ ...join, invite })).type, "joined");
});
