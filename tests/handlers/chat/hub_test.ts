import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import {
  CHAT_ERRORS,
  type ChatErrorCode,
  Hub,
} from "../../../handlers/chat/mod.ts";
import { enter, Person, testHub, TIME } from "./_people.ts";

const KEY = "correct horse battery";

function refusal(code: ChatErrorCode, about: object = {}): unknown {
  return { type: "error", code, message: CHAT_ERRORS[code], ...about };
}

function assertHears(person: Person, messages: readonly unknown[]): void {
  assertEquals<unknown>(person.hears(), messages);
}

Deno.test("connect() welcomes with the member's id and the limits", () => {
  const person = new Person(testHub());
  assertHears(person, [{
    type: "welcome",
    member: person.session.id,
    limits: { name: 32, room: 64, text: 4000, rooms: 20 },
  }]);
});

Deno.test("connect() gives ids of its own and real times when none are set", () => {
  const hub = new Hub<string>({ encode: (json) => json });
  const before = Date.now();
  const [ana, bo] = [enter(hub, "Ana", "lobby"), enter(hub, "Bo", "lobby")];
  assertFalse(ana.session.id === bo.session.id);
  const [joined] = ana.hears();
  assert(joined?.type === "member_joined");
  assertMatch(joined.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assert(Date.parse(joined.time) >= before);
  assert(Date.parse(joined.time) <= Date.now());
});

Deno.test("receive() answers not_text when a message is binary", () => {
  const ana = enter(testHub(), "Ana");
  ana.session.receive(new TextEncoder().encode('{"type":"join","room":"a"}'));
  assertHears(ana, [refusal("not_text")]);
});

Deno.test("receive() goes on when a message was bad", () => {
  const ana = enter(testHub(), "Ana");
  ana.session.receive("{");
  ana.asks({ type: "join", room: "lobby" });
  assertEquals(ana.hears().map((message) => message.type), ["error", "joined"]);
  assertEquals(ana.closedWith, undefined);
});

Deno.test("name is answered with named, the member and the ref", () => {
  const person = new Person(testHub());
  person.hears();
  person.asks({ type: "name", name: " Ana ", ref: "1" });
  const member = { id: person.session.id, name: "Ana" };
  assertHears(person, [{ type: "named", member, ref: "1" }]);
  assertEquals(person.session.name, "Ana");
});

Deno.test("name is refused when somebody holds it in another case", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const other = enter(hub, "Bo");
  other.asks({ type: "name", name: "ANA", ref: "1" });
  assertHears(other, [refusal("name_taken", { ref: "1" })]);
  assertEquals(other.session.name, "Bo");
  assertHears(ana, []);
});

Deno.test("name is refused when the key is wrong, and the holder stays", () => {
  const hub = testHub();
  const ana = new Person(hub);
  ana.asks({ type: "name", name: "Ana", key: KEY });
  const thief = new Person(hub);
  thief.hears();
  thief.asks({ type: "name", name: "Ana", key: KEY + "!" });
  thief.asks({ type: "name", name: "Ana" });
  assertHears(thief, [refusal("name_taken"), refusal("name_taken")]);
  assertEquals(ana.closedWith, undefined);
});

Deno.test("name is free again when its holder took another or left", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana");
  ana.asks({ type: "name", name: "Cleo" });
  enter(hub, "Ana");
  ana.session.disconnect();
  enter(hub, "Cleo");
});

Deno.test("name is taken over when the key is the holder's", () => {
  const hub = testHub();
  const old = new Person(hub);
  old.asks({ type: "name", name: "Ana", key: KEY });
  old.asks({ type: "join", room: "lobby" });
  old.hears();
  const bo = enter(hub, "Bo", "lobby");
  old.hears();

  const fresh = new Person(hub);
  fresh.hears();
  fresh.asks({ type: "name", name: "ana", key: KEY, ref: "1" });
  fresh.asks({ type: "join", room: "lobby" });

  assertHears(old, []);
  assertEquals(old.closedWith, {
    code: 4001,
    reason: "replaced by a newer connection",
  });
  assertHears(bo, [
    {
      type: "member_left",
      room: "lobby",
      member: { id: old.session.id, name: "Ana" },
      time: TIME,
    },
    { type: "member_joined", room: "lobby", member: fresh.member, time: TIME },
  ]);
  assertHears(fresh, [
    { type: "named", member: fresh.member, ref: "1" },
    {
      type: "joined",
      room: "lobby",
      members: [bo.member, fresh.member],
      time: TIME,
    },
  ]);
});

Deno.test("name closes the old connection after its member_left when taken over", () => {
  const hub = testHub();
  const old = new Person(hub);
  old.asks({ type: "name", name: "Ana", key: KEY });
  old.asks({ type: "join", room: "lobby" });
  const bo = enter(hub, "Bo", "lobby");
  const events: string[] = [];
  bo.onFrame = (frame) => events.push(JSON.parse(frame).type);
  old.close = (code) => events.push(String(code));
  new Person(hub).asks({ type: "name", name: "Ana", key: KEY });
  assertEquals(events, ["member_left", "4001"]);
});

Deno.test("name forgets the old key when it is given again without one", () => {
  const hub = testHub();
  const ana = new Person(hub);
  ana.asks({ type: "name", name: "Ana", key: KEY });
  ana.asks({ type: "name", name: "Ana" });
  const other = new Person(hub);
  other.hears();
  other.asks({ type: "name", name: "Ana", key: KEY });
  assertHears(other, [refusal("name_taken")]);
});

Deno.test("name tells every room, the renamer too, when a member is renamed", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "a", "b");
  const bo = enter(hub, "Bo", "b");
  ana.hears();
  ana.asks({ type: "name", name: "Anna", ref: "1" });
  const member = { id: ana.session.id, name: "Anna" };
  const renamed = { type: "member_renamed", member, was: "Ana", time: TIME };
  assertHears(ana, [
    { type: "named", member, ref: "1" },
    { ...renamed, room: "a" },
    { ...renamed, room: "b" },
  ]);
  assertHears(bo, [{ ...renamed, room: "b" }]);
});

Deno.test("name can change its own case", () => {
  const ana = enter(testHub(), "ana", "lobby");
  ana.asks({ type: "name", name: "Ana" });
  assertEquals(ana.hears().map((message) => message.type), [
    "named",
    "member_renamed",
  ]);
});

Deno.test("name is no news to the room when it stays the same", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  ana.asks({ type: "name", name: "Ana" });
  assertHears(ana, [{ type: "named", member: ana.member }]);
});

Deno.test("join is refused when no name was chosen", () => {
  const person = new Person(testHub());
  person.hears();
  person.asks({ type: "join", room: "lobby", ref: "1" });
  assertHears(person, [refusal("name_required", { ref: "1", room: "lobby" })]);
});

Deno.test("join answers with the members in order of joining and tells the others", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const bo = enter(hub, "Bo");
  bo.asks({ type: "join", room: "lobby", ref: "1" });
  assertHears(bo, [{
    type: "joined",
    room: "lobby",
    members: [ana.member, bo.member],
    time: TIME,
    ref: "1",
  }]);
  assertHears(ana, [
    { type: "member_joined", room: "lobby", member: bo.member, time: TIME },
  ]);
});

Deno.test("join only answers when the member is in the room already", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const bo = enter(hub, "Bo", "lobby");
  ana.hears();
  ana.asks({ type: "join", room: "lobby" });
  assertHears(ana, [{
    type: "joined",
    room: "lobby",
    members: [ana.member, bo.member],
    time: TIME,
  }]);
  assertHears(bo, []);
});

Deno.test("join is refused when the member is in 20 rooms, and they go on", () => {
  const ana = enter(
    testHub(),
    "Ana",
    ...Array.from({ length: 20 }, (_, i) => `room ${i}`),
  );
  ana.asks({ type: "join", room: "one more" });
  ana.asks({ type: "join", room: "room 7" });
  ana.asks({ type: "leave", room: "room 0" });
  ana.asks({ type: "join", room: "one more" });
  const [refused, again, left, joined] = ana.hears();
  assertEquals<unknown>(
    refused,
    refusal("too_many_rooms", { room: "one more" }),
  );
  assertEquals([again?.type, left?.type, joined?.type], [
    "joined",
    "left",
    "joined",
  ]);
});

Deno.test("join opens different rooms when names differ in case", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "Lobby");
  enter(hub, "Bo", "lobby");
  assertHears(ana, []);
});

Deno.test("leave answers and tells the others", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const bo = enter(hub, "Bo", "lobby");
  bo.asks({ type: "leave", room: "lobby", ref: "1" });
  ana.hears().slice(1);
  assertHears(bo, [{ type: "left", room: "lobby", ref: "1" }]);
  ana.asks({ type: "message", room: "lobby", text: "alone?" });
  assertHears(bo, []);
});

Deno.test("leave sends member_left to those who stay", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const bo = enter(hub, "Bo", "lobby");
  ana.hears();
  bo.asks({ type: "leave", room: "lobby" });
  assertHears(ana, [
    { type: "member_left", room: "lobby", member: bo.member, time: TIME },
  ]);
});

Deno.test("leave is refused when the member is not in the room", () => {
  const ana = enter(testHub(), "Ana");
  ana.asks({ type: "leave", room: "lobby", ref: "1" });
  assertHears(ana, [refusal("not_in_room", { ref: "1", room: "lobby" })]);
});

Deno.test("message reaches everybody in the room, the sender too, in the same bytes", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const bo = enter(hub, "Bo", "lobby");
  const cleo = enter(hub, "Cleo", "elsewhere");
  ana.hears();
  bo.asks({ type: "message", room: "lobby", text: "hi\n", ref: "7" });
  assertEquals(ana.frames, bo.frames);
  const [message] = ana.hears();
  assert(message?.type === "message");
  assertEquals<unknown>(message, {
    type: "message",
    room: "lobby",
    id: message.id,
    from: bo.member,
    text: "hi\n",
    time: TIME,
    ref: "7",
  });
  assertHears(cleo, []);
});

Deno.test("message is encoded once when a room has many members", () => {
  let encoded = 0;
  const hub = new Hub<string>({ encode: (json) => (encoded++, json) });
  const people = ["Ana", "Bo", "Cleo"].map((name) => enter(hub, name, "lobby"));
  encoded = 0;
  people[0]?.asks({ type: "message", room: "lobby", text: "hi" });
  assertEquals(encoded, 1);
});

Deno.test("message has an id of its own each time", () => {
  const ana = enter(testHub(), "Ana", "lobby");
  ana.asks({ type: "message", room: "lobby", text: "a" });
  ana.asks({ type: "message", room: "lobby", text: "a" });
  const [first, second] = ana.frames;
  assertFalse(first === second);
});

Deno.test("message is refused when the sender is not in the room", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const bo = enter(hub, "Bo");
  bo.asks({ type: "message", room: "lobby", text: "hi", ref: "1" });
  assertHears(bo, [refusal("not_in_room", { ref: "1", room: "lobby" })]);
  assertHears(ana, []);
});

Deno.test("message is refused when the sender has no name", () => {
  const person = new Person(testHub());
  person.hears();
  person.asks({ type: "message", room: "lobby", text: "hi" });
  assertHears(person, [refusal("name_required", { room: "lobby" })]);
});

Deno.test("disconnect() leaves all rooms, tells the others and frees the name", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "a", "b", "c");
  const bo = enter(hub, "Bo", "a", "b");
  ana.session.disconnect();
  ana.session.disconnect();
  const left = { type: "member_left", member: ana.member, time: TIME };
  assertHears(bo, [{ ...left, room: "a" }, { ...left, room: "b" }]);
  assertEquals(hub.room("c"), undefined);
  assertEquals(ana.closedWith, undefined);
  enter(hub, "Ana");
});

Deno.test("receive() does nothing when the session has ended", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  ana.session.disconnect();
  ana.asks({ type: "name", name: "Cleo" });
  ana.asks({ type: "join", room: "lobby" });
  assertHears(ana, []);
  assertEquals(hub.room("lobby"), undefined);
  enter(hub, "Cleo");
});

Deno.test("room() knows a room only while somebody is in it", () => {
  const hub = testHub();
  assertEquals(hub.room("lobby"), undefined);
  const ana = enter(hub, "Ana", "lobby");
  const bo = enter(hub, "Bo", "lobby");
  assertEquals(hub.room("lobby")?.size, 2);
  ana.asks({ type: "leave", room: "lobby" });
  assertEquals(hub.room("lobby")?.size, 1);
  bo.session.disconnect();
  assertEquals(hub.room("lobby"), undefined);
});

Deno.test("send() that throws loses its own connection and no other", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const broken = enter(hub, "Broken", "lobby");
  const cleo = enter(hub, "Cleo", "lobby");
  ana.hears();
  broken.onFrame = () => {
    throw new Error("the line is cut");
  };
  ana.asks({ type: "message", room: "lobby", text: "hi" });
  for (const person of [ana, cleo]) {
    assertEquals(person.hears().map((message) => message.type), [
      "message",
      "member_left",
    ]);
  }
  assertEquals(broken.closedWith?.code, 1011);
  assertEquals(hub.room("lobby")?.size, 2);
});

Deno.test("close() that throws keeps a name from nobody", () => {
  const hub = testHub();
  const old = new Person(hub);
  old.asks({ type: "name", name: "Ana", key: KEY });
  old.close = () => {
    throw new Error("the line is cut");
  };
  const fresh = new Person(hub);
  fresh.asks({ type: "name", name: "Ana", key: KEY });
  assertEquals(fresh.session.name, "Ana");
});

Deno.test("disconnect() from within send() shows all members one order", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const leaver = enter(hub, "Leaver", "lobby");
  const cleo = enter(hub, "Cleo", "lobby");
  ana.hears();
  leaver.hears();
  leaver.onFrame = () => leaver.session.disconnect();
  ana.asks({ type: "message", room: "lobby", text: "one" });
  ana.asks({ type: "message", room: "lobby", text: "two" });
  assertEquals(ana.frames, cleo.frames);
  assertEquals(ana.hears().map((message) => message.type), [
    "message",
    "member_left",
    "message",
  ]);
  assertEquals(leaver.frames.length, 1);
});

Deno.test("disconnect() from within a broadcast stops the member's own frames at once", () => {
  const hub = testHub();
  const ana = enter(hub, "Ana", "lobby");
  const leaver = enter(hub, "Leaver", "lobby");
  ana.hears();
  ana.onFrame = () => leaver.session.disconnect();
  ana.asks({ type: "message", room: "lobby", text: "hi" });
  assertHears(leaver, []);
});

Deno.test("close() ends every connection with 1001 and without notices", () => {
  const hub = testHub();
  const people = ["Ana", "Bo"].map((name) => enter(hub, name, "lobby"));
  people.forEach((person) => person.hears());
  hub.close();
  hub.close();
  for (const person of people) {
    assertHears(person, []);
    assertEquals(person.closedWith?.code, 1001);
  }
  assertEquals(hub.room("lobby"), undefined);
});

Deno.test("connect() ends the connection with 1001 when the hub is closed", () => {
  const hub = testHub();
  hub.close();
  const late = new Person(hub);
  late.asks({ type: "name", name: "Ana" });
  assertHears(late, []);
  assertEquals(late.closedWith?.code, 1001);
});
