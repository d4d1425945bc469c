import { assertEquals, assertStrictEquals } from "@std/assert";
import type { ChatRoom } from "../../../static/chat-client/mod.d.ts";
import { RETURN_TIME } from "../../../static/chat/room.js";
import {
  boardRooms,
  countUnread,
  findRoom,
} from "../../../static/chat/state.js";
import { ANA, BEN, RoomScript } from "./_room_script.ts";

Deno.test("reduce() shows the chat when the first room is joined", () => {
  const script = new RoomScript().act({
    type: "entered",
    name: "Ana",
    account: false,
    rooms: ["lobby"],
    active: "lobby",
  }).act({ type: "ready", person: ANA, owner: false });
  assertEquals(script.state.stage, "entry");
  script.join("lobby", { members: [BEN, ANA] });
  assertEquals(script.state.stage, "chat");
  assertEquals(script.room.members, [BEN, ANA]);
});

Deno.test("reduce() keeps an own line in sight until the room has it", () => {
  const script = RoomScript.inLobby()
    .outgoing({ id: "x", text: "hello", state: "sending" });
  assertEquals(script.lines, ["me: hello (pending)"]);
  // The answer has come, the message has not.
  script.act({ type: "confirmed", room: "lobby", id: "x", offset: 1 })
    .outgoing();
  assertEquals(script.lines, ["me: hello"]);
  script.hear(ANA, "hello", { id: "x" });
  assertEquals(script.lines, ["me: hello"]);
  assertEquals(script.room.outgoing, []);
});

Deno.test("reduce() shows an own line that failed, and that it is tried again", () => {
  const message = { id: "x", text: "hello" } as const;
  const script = RoomScript.inLobby().outgoing({ ...message, state: "failed" });
  assertEquals(script.lines, ["me: hello (failed)"]);
  const [{ time } = { time: 0 }] = script.room.outgoing;
  script.outgoing({ ...message, state: "sending" });
  assertEquals(script.lines, ["me: hello (pending)"]);
  assertEquals(script.room.outgoing[0]?.time, time);
});

Deno.test("reduce() counts what is not seen, and what is for the reader", () => {
  const script = RoomScript.inLobby().join("attic")
    .act({ type: "opened", room: "attic" }).join("attic")
    .hear(BEN, "one").hear(BEN, "two", { mentions: [ANA.id] })
    .hear(ANA, "from another device");
  assertEquals([script.room.unread, script.room.mentions], [2, 1]);
  assertEquals(countUnread(script.state), 2);
  script.act({ type: "activated", room: "lobby" });
  assertEquals([script.room.unread, script.room.mentions], [0, 0]);
});

Deno.test("reduce() marks the first line that was not seen", () => {
  const script = RoomScript.inLobby().hear(BEN, "seen")
    .act({ type: "visibility", visible: false })
    .hear(BEN, "one").hear(BEN, "two")
    .act({ type: "visibility", visible: true });
  assertEquals(script.lines, ["Ben: seen", "new", "Ben: one", "Ben: two"]);
  assertEquals(script.room.unread, 0);
  script.hear(ANA, "answer");
  assertEquals(script.lines.includes("new"), false);
});

Deno.test("reduce() reads nothing below what the reader sees", () => {
  const script = RoomScript.inLobby()
    .act({ type: "scrolled", room: "lobby", atEnd: false })
    .hear(BEN, "below");
  assertEquals(script.room.unread, 1);
  script.act({ type: "scrolled", room: "lobby", atEnd: true });
  assertEquals(script.room.unread, 0);
});

Deno.test("reduce() begins at what has come since the last visit", () => {
  const script = new RoomScript();
  const messages = ["a", "b", "c"].map((text, index) =>
    script.message(index === 2 ? ANA : BEN, text, { offset: index + 11 })
  );
  const position = { epoch: "e", offset: 13, change: 0 };
  script.act({ type: "ready", person: ANA, owner: false })
    .act({ type: "visibility", visible: false })
    .act({ type: "opened", room: "lobby" })
    .join("lobby", { messages, position, read: 8, hasOlder: true });
  // 9 and 10 are not here, 11 and 12 are, 13 is one's own.
  assertEquals(script.room.unread, 4);
  assertEquals(script.room.newFrom, 11);
});

Deno.test("reduce() counts nothing in a public room that is entered for the first time", () => {
  const script = new RoomScript();
  const messages = [script.message(BEN, "a")];
  script.act({ type: "ready", person: ANA, owner: false })
    .act({ type: "visibility", visible: false })
    .act({ type: "opened", room: "lobby" })
    .join("lobby", { messages, read: 0 });
  assertEquals(script.room.unread, 0);
  assertEquals(script.room.newFrom, undefined);
});

Deno.test("reduce() says who comes, goes and changes the name", () => {
  const anna = { ...ANA, name: "Anna" };
  const script = RoomScript.inLobby().presence({ joined: [BEN] })
    .presence({ changed: [anna] }).presence({ left: [BEN.id] });
  assertEquals(script.lines, ["Ben joined", "me renamed", "Ben left"]);
});

Deno.test("reduce() makes one line of leaving and coming back soon", () => {
  const script = RoomScript.inLobby([ANA, BEN])
    .presence({ left: [BEN.id] }).presence({ joined: [BEN] })
    .presence({ left: [BEN.id] }).presence({ joined: [BEN] });
  assertEquals(script.lines, ["Ben returned"]);
  script.presence({ left: [BEN.id] });
  script.now += RETURN_TIME;
  script.presence({ joined: [BEN] });
  assertEquals(script.lines, ["Ben returned", "Ben left", "Ben joined"]);
});

Deno.test("reduce() says nothing of who is known already", () => {
  const script = RoomScript.inLobby([ANA, BEN]).presence({ joined: [BEN] })
    .presence({ left: ["nobody"] });
  assertEquals(script.lines, []);
});

Deno.test("reduce() changes a message in the part of the history that is shown", () => {
  const script = RoomScript.inLobby();
  const message = script.message(BEN, "then");
  const place = { messages: [message], older: false, newer: true, target: 1 };
  script.act({ type: "placed", room: "lobby", place }).act({
    type: "changed",
    room: "lobby",
    message: { ...message, text: "edited" },
  });
  assertEquals(script.lines, ["Ben: edited"]);
});

Deno.test("reduce() closes a room and shows its neighbour", () => {
  const script = RoomScript.inLobby();
  for (const room of ["attic", "@direct", "cellar"]) {
    script.act({ type: "opened", room });
  }
  assertEquals(boardRooms(script.state).map(({ name }) => name), [
    "lobby",
    "attic",
    "cellar",
    "@direct",
  ]);
  script.act({ type: "closed", room: "cellar" });
  assertEquals(script.state.active, "@direct");
  script.act({ type: "closed", room: "@direct" });
  assertEquals(script.state.active, "attic");
});

Deno.test("reduce() opens a room quietly, in the background", () => {
  const script = RoomScript.inLobby()
    .act({ type: "opened", room: "@direct", quiet: true });
  assertEquals(script.state.active, "lobby");
});

Deno.test("reduce() shows rooms as not joined while there is no connection", () => {
  const script = RoomScript.inLobby()
    .status({ state: "offline", reason: "lost" });
  assertEquals(script.room.joined, false);
});

Deno.test("reduce() forgets the rooms of who signs out, and keeps the name to propose", () => {
  const script = RoomScript.inLobby()
    .act({ type: "signed-out", problems: { entry: "Come in again." } });
  assertEquals(script.state.stage, "entry");
  assertEquals(script.state.rooms, []);
  assertEquals(script.state.name, "Ana");
  assertEquals(script.state.problems, { entry: "Come in again." });
});

Deno.test("reduce() takes a refusal back when the field is corrected", () => {
  const script = RoomScript.inLobby()
    .act({ type: "opened", room: "attic" })
    .act({ type: "refused", room: "attic", problems: { room: "Private." } });
  assertEquals(findRoom(script.state, "attic"), undefined);
  assertEquals(script.state.problems, { room: "Private." });
  script.act({ type: "corrected", field: "room" });
  assertEquals(script.state.problems, {});
});

Deno.test("reduce() keeps lists that have not changed", () => {
  const script = RoomScript.inLobby([ANA, BEN])
    .outgoing({ id: "x", text: "a", state: "sending" });
  const { members, outgoing } = script.room;
  script.know({
    topic: "Saturday",
    members: new Map(script.rooms.get("lobby")!.members),
  });
  assertStrictEquals(script.room.members, members);
  assertStrictEquals(script.room.outgoing, outgoing);
});

Deno.test("reduce() forgets the notices when the history is another one", () => {
  const script = RoomScript.inLobby().presence({ joined: [BEN] });
  const live = script.rooms.get("lobby") as ChatRoom;
  script.act({ type: "reset", live: { ...live, read: 1 }, now: script.now });
  assertEquals(script.lines, []);
});
