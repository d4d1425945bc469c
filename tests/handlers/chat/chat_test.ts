import { assert, assertEquals } from "@std/assert";
import {
  CHAT_CLOSE,
  disconnect,
  RateLimits,
  send,
} from "../../../handlers/chat/mod.ts";
import { Chatroom, Person } from "./_people.ts";

function texts(person: Person): string[] {
  return person.hears().filter(({ type }) => type === "message")
    .map(({ text }) => text);
}

Deno.test("receive() carries requests out one after the other", async () => {
  await using room = await Chatroom.open();
  const ana = new Person(room);
  await Promise.all([
    ana.asks({ type: "hello", name: "Ana" }),
    ana.asks({ type: "join", room: "lobby" }),
    ana.says("lobby", "one"),
    ana.asks({ type: "leave", room: "lobby" }),
    ana.says("lobby", "two"),
  ]);
  assertEquals(ana.hearsTypes(), [
    "welcome",
    "ready",
    "joined",
    "sent",
    "message",
    "left",
    "error",
  ]);
});

Deno.test("receive() answers not_text when a message is binary", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  await ana.session.receive(new TextEncoder().encode('{"type":"rooms"}'));
  assertEquals(ana.hears()[0].code, "not_text");
});

Deno.test("receive() does nothing after the end", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const [said] = [ana.says("lobby", "one"), ana.says("lobby", "two")];
  ana.session.disconnect();
  await said;
  await ana.says("lobby", "three");
  assertEquals(ana.hears(), []);
  // What had begun is stored; it may come again under its id.
  const page = await room.store.messages.page("lobby", { limit: 10 });
  assertEquals(page.messages.map(({ text }) => text), ["one"]);
});

Deno.test("send is heard in one order by everybody", async () => {
  await using room = await Chatroom.open();
  const people = await Promise.all(
    Array.from({ length: 10 }, (_, i) => room.enter(`P${i}`, "lobby")),
  );
  await Promise.all(people.map(async (person, who) => {
    for (let i = 0; i < 20; i++) await person.says("lobby", `${who}.${i}`);
  }));
  const [first, ...others] = people.map(texts);
  assertEquals(first?.length, 200);
  for (const other of others) assertEquals(other, first);
});

Deno.test("send() speaks for who is not connected", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo");
  const actor = { person: bo.person, isOwner: false };
  const text = { room: "lobby", id: "1", text: "from afar" };
  const { repeated } = await send(room.chat, actor, text);
  assertEquals([repeated, texts(ana)], [false, ["from afar"]]);
  assertEquals((await send(room.chat, actor, text)).repeated, true);
  assertEquals(ana.hears(), []);
});

Deno.test("disconnect() ends all connections of a person with 4002", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const other = await room.enterAgain(ana);
  const bo = await room.enter("Bo", "lobby");
  disconnect(room.chat, ana.id, { reason: "enough" });
  const end = { code: CHAT_CLOSE.disconnected, reason: "enough" };
  assertEquals([ana.closedWith, other.closedWith], [end, end]);
  assertEquals(bo.closedWith, undefined);
});

Deno.test("close() ends every connection with 1001 and takes no new ones", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const stranger = new Person(room);
  await room.chat.close();
  for (const person of [ana, stranger, new Person(room)]) {
    assertEquals(person.closedWith?.code, CHAT_CLOSE.goingAway);
  }
  // The name is held for the grace time from now on.
  const stored = await room.store.people.get(ana.id);
  assertEquals(stored?.heldUntil, room.clock.now() + 600_000);
});

Deno.test("a client that throws is lost, and nobody else is touched", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo", "lobby");
  const cy = await room.enter("Cy", "lobby");
  room.tellPresence();
  bo.onFrame = () => {
    throw new Error("the line is cut");
  };
  await ana.says("lobby", "one");
  await ana.says("lobby", "two");
  assertEquals(bo.closedWith?.code, CHAT_CLOSE.internalError);
  assertEquals([texts(ana), texts(cy)], [["one", "two"], ["one", "two"]]);
  room.tellPresence();
  assertEquals(ana.hears().at(-1).left, [bo.id]);
});

Deno.test("a store that fails is told as busy, and reported", async () => {
  const room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  await room.store[Symbol.asyncDispose]();
  await ana.says("lobby", "one");
  const [error] = ana.hears();
  assertEquals([error.code, error.retry_after], ["busy", 2]);
  assertEquals(room.errors.length, 1);
  assertEquals(ana.closedWith, undefined);
  await room.chat.close();
});

Deno.test("somebody is away when no device has asked for anything for 5 minutes", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo", "lobby");
  room.clock.advance(200_000);
  const other = await room.enterAgain(bo);
  bo.hears();
  room.clock.advance(101_500);
  const [away] = bo.hears();
  assertEquals(away.changed.map(({ id }: { id: string }) => id), [ana.id]);
  room.clock.advance(200_000);
  assertEquals(bo.hears()[0].changed[0], {
    id: bo.id,
    name: "Bo",
    away: true,
  });
  // A program asks by itself whether the server is there.
  assertEquals(await other.gets({ type: "ping", ref: "1" }), {
    type: "done",
    ref: "1",
  });
  room.tellPresence();
  assertEquals(bo.hears(), []);
  await other.asks({ type: "rooms" });
  room.tellPresence();
  assertEquals(bo.hears()[0].changed, [{ id: bo.id, name: "Bo" }]);
});

Deno.test("presence comes once for a burst, and before what a newcomer says", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  room.tellPresence();
  assertEquals(ana.hears(), []);
  const people = [];
  for (let i = 0; i < 20; i++) {
    people.push(await room.enter(`P${i}`, "lobby"));
  }
  assertEquals(ana.hears(), []);
  await people[3]!.says("lobby", "hello");
  const [presence, message] = ana.hears();
  assertEquals([presence.joined.length, presence.count], [20, 21]);
  assertEquals(message.text, "hello");
  room.tellPresence();
  assertEquals(ana.hears(), []);
});

Deno.test("presence is a count in a large room, and a list again when it is small", async () => {
  const config = { presenceListMax: 4 };
  await using room = await Chatroom.open({ config });
  const people = [];
  for (const name of ["A", "B", "C", "D", "E"]) {
    people.push(await room.enter(name, "lobby"));
  }
  const [a, b, c, d] = people as [Person, Person, Person, Person];
  for (const person of people) person.hears();
  room.clock.advance(1000);
  const { time: _, ...counted } = a.hears().at(-1);
  assertEquals(counted, { type: "presence", room: "lobby", count: 5 });
  const late = await room.enter("F");
  const joined = await late.gets({ type: "join", room: "lobby" });
  assertEquals([joined.count, joined.members], [6, undefined]);
  room.clock.advance(999);
  assertEquals(a.hears(), []);
  room.clock.advance(1);
  assertEquals(a.hears()[0].count, 6);
  for (const person of [b, c, d]) person.session.disconnect();
  room.clock.advance(1000);
  assertEquals(a.hears()[0].count, 3);
  late.session.disconnect();
  room.clock.advance(1000);
  const [list] = a.hears();
  assertEquals(list.count, 2);
  assertEquals(
    list.members.map(({ name }: { name: string }) => name),
    ["A", "E"],
  );
  await room.enter("G", "lobby");
  room.clock.advance(1000);
  assertEquals(a.hears()[0].joined.length, 1);
});

Deno.test("a room that is reset is left by all, and entered as it is then", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo");
  await ana.says("lobby", "one");
  const join = bo.asks({ type: "join", room: "lobby" });
  const reset = room.store.rooms.reset("lobby", "another");
  room.chat.publish({
    type: "room_changed",
    message: {
      type: "room_changed",
      room: "lobby",
      reset: true,
      time: room.chat.time(),
    },
  });
  await Promise.all([join, reset]);
  assertEquals(ana.hearsTypes().at(-1), "room_changed");
  const [joined] = bo.hears();
  assertEquals([joined.epoch, joined.offset], ["another", 0]);
  assertEquals(
    (await ana.gets({ type: "typing", room: "lobby" })).code,
    "not_in_room",
  );
  const { epoch } = await ana.gets({ type: "join", room: "lobby" });
  assertEquals(epoch, "another");
});

Deno.test("who is expelled hears nothing more of the room", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo", "lobby");
  const other = await room.enterAgain(bo, "lobby");
  room.tellPresence();
  for (const person of [ana, bo, other]) person.hears();
  room.chat.publish({ type: "expel", room: "lobby", person: bo.id });
  await ana.says("lobby", "one");
  room.tellPresence();
  assertEquals([bo.hears(), other.hears()], [[], []]);
  assertEquals(ana.hears().at(-1).left, [bo.id]);
});

Deno.test("a role and a mute are felt at once", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo", "lobby");
  room.tellPresence();
  ana.hears();
  const standing = { type: "standing", room: "lobby", person: bo.id } as const;
  room.chat.publish({ ...standing, role: "moderator" });
  room.tellPresence();
  assertEquals(ana.hears()[0].changed[0].role, "moderator");
  const mutedUntil = room.clock.now() + 1000;
  room.chat.publish({ ...standing, role: "member", mutedUntil });
  const error = await bo.gets({
    type: "send",
    room: "lobby",
    id: "1",
    text: "mmh",
  });
  assertEquals(error.code, "muted");
  assertEquals(error.until, new Date(mutedUntil).toISOString());
  await room.store.messages.append({
    room: "lobby",
    id: "0",
    from: bo.person,
    text: "mmh",
    time: 0,
  });
  const edit = { type: "edit", room: "lobby", offset: 1, text: "ah" };
  assertEquals((await bo.gets(edit)).code, "muted");
  ana.hears();
  await bo.asks({ type: "typing", room: "lobby" });
  assertEquals(ana.hears(), []);
  room.clock.advance(1000);
  await bo.says("lobby", "ah");
  assertEquals(texts(ana), ["ah"]);
});

Deno.test("slow mode makes members wait, not moderators", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  await room.store.rooms.update("lobby", { slow: 10 });
  const bo = await room.enter("Bo", "lobby");
  await bo.says("lobby", "one");
  room.clock.advance(500);
  const error = await bo.gets({
    type: "send",
    room: "lobby",
    id: "2",
    text: "two",
  });
  assertEquals([error.code, error.retry_after], ["slow_mode", 10]);
  await ana.says("lobby", "three");
  await ana.says("lobby", "four");
  room.clock.advance(9500);
  await bo.says("lobby", "five");
  assertEquals(texts(ana), ["one", "three", "four", "five"]);
});

Deno.test("too much is refused with too_fast, and at last with 4029", async () => {
  const limits = new RateLimits({
    rates: {
      messages: { person: { burst: 1, every: 7 } },
      refusals: { burst: 2, every: 1 },
      typing: { burst: 1, every: 1 },
    },
    now: () => 0,
  });
  await using room = await Chatroom.open({ limits });
  const ana = await room.enter("Ana", "lobby");
  const bo = await room.enter("Bo", "lobby");
  await ana.says("lobby", "one");
  await ana.says("lobby", "two");
  const error = ana.hears().at(-1);
  assertEquals([error.code, error.retry_after], ["too_fast", 7]);
  bo.hears();
  for (let i = 0; i < 3; i++) await ana.asks({ type: "typing", room: "lobby" });
  assertEquals(bo.hearsTypes(), ["typing"]);
  await ana.says("lobby", "three");
  assertEquals(ana.closedWith, undefined);
  await ana.says("lobby", "four");
  assertEquals(ana.closedWith?.code, CHAT_CLOSE.tooManyRefusals);
});

Deno.test("a mention in a private room is told to its members only", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  const [bo, cy] = [await room.enter("Bo"), await room.enter("Cy")];
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  await room.store.rooms.setMembership("crew", bo.id, {});
  await ana.asks({
    type: "send",
    room: "crew",
    id: "1",
    text: "psst",
    mentions: [bo.id, cy.id],
  });
  await room.quiet();
  assertEquals(bo.hearsTypes(), ["notice"]);
  assertEquals(cy.hears(), []);
});

Deno.test("a banned person, or address, does not come in", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana");
  const bo = await room.enter("Bo");
  await room.store.moderation.ban({
    person: bo.person,
    addresses: ["192.0.2.7"],
    by: ana.person,
    until: room.clock.now() + 1000,
    reason: "rude",
    time: 0,
  });
  const again = new Person(room);
  const error = await again.gets({ type: "hello", resume: bo.resume });
  assertEquals([error.code, error.reason], ["banned", "rude"]);
  const until = new Date(room.clock.now() + 1000).toISOString();
  assertEquals(error.until, until);
  const near = new Person(room, "192.0.2.7");
  assertEquals((await near.gets({ type: "hello", name: "Cy" })).code, "banned");
  assertEquals(await room.store.people.named("cy"), undefined);
  room.clock.advance(1000);
  assertEquals((await near.gets({ type: "hello", name: "Cy" })).type, "ready");
});

Deno.test("a connection ends with 4003 when its token expires, unless it is refreshed", async () => {
  const start = new Chatroom().clock.now();
  const tokens = {
    verify: (token: string) =>
      Promise.resolve({
        id: "p1",
        name: "Ana",
        expires: start + Number(token),
        isOwner: false,
      }),
  };
  await using room = await Chatroom.open({ identity: { mode: "jwt", tokens } });
  const ana = new Person(room);
  const ready = await ana.gets({ type: "hello", token: "10000" });
  assertEquals(ready.expires, new Date(start + 10_000).toISOString());
  const other = new Person(room);
  await other.asks({ type: "hello", token: "10000" });
  await ana.asks({ type: "refresh", token: "20000" });
  room.clock.advance(15_000);
  assertEquals(ana.closedWith, undefined);
  assertEquals(other.closedWith?.code, CHAT_CLOSE.sessionEnded);
  room.clock.advance(6_000);
  assertEquals(ana.closedWith?.code, CHAT_CLOSE.sessionEnded);
  assert(ana.hearsTypes().includes("ready"));
});

Deno.test("Chat.touchSessions() keeps the sessions of who is connected, and of nobody else", async () => {
  await using room = await Chatroom.open();
  const { chat, clock, store } = room;
  const ana = await room.enter("Ana");
  const ben = await room.enter("Ben");
  ben.session.disconnect();
  await room.quiet();
  clock.advance(2 * 60_000);
  await chat.touchSessions();
  await store.sessions.prune(clock.now() - 60_000);
  ana.session.disconnect();
  const again = await room.enterAgain(ana);
  assertEquals(again.id, ana.id);
  const other = new Person(room);
  await other.asks({ type: "hello", resume: ben.resume });
  assertEquals(other.hears().at(-1).code, "unknown_session");
});
