import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { MAX_LINES, RETURN_TIME } from "../../../static/chat/room.js";
import { countUnread, findRoom } from "../../../static/chat/state.js";
import { ANA, BEN, RoomScript } from "./_room_script.ts";

Deno.test("reduce() shows the chat when the first room is joined", () => {
  const script = new RoomScript()
    .act({ type: "entered", name: "Ana", rooms: ["lobby"], active: "lobby" })
    .connect()
    .hear({ type: "named", member: ANA });
  assertEquals(script.state.stage, "entry");
  script.hearJoined("lobby", [BEN, ANA]);
  assertEquals(script.state.stage, "chat");
  assertEquals(script.room.members, [BEN, ANA]);
  assertEquals(script.lines, ["me joined"]);
});

Deno.test("reduce() says a line once when the server's copy confirms it", () => {
  const script = RoomScript.inLobby().say("hello", "r1");
  assertEquals(script.unsent, ["hello: pending"]);
  const key = script.room.unsent[0]?.key;
  script.hearText(ANA, "hello", { ref: "r1" });
  assertEquals(script.unsent, []);
  assertEquals(script.lines, ["me joined", "me: hello"]);
  assertEquals(script.room.lines.at(-1)?.key, key);
});

Deno.test("reduce() keeps a pending line when somebody else uses its ref", () => {
  const script = RoomScript.inLobby([ANA, BEN]).say("hello", "r1")
    .hearText(BEN, "mine", { ref: "r1" });
  assertEquals(script.unsent, ["hello: pending"]);
  assertEquals(script.lines.at(-1), "Ben: mine");
});

Deno.test("reduce() fails pending lines when the connection is lost", () => {
  const script = RoomScript.inLobby().say("hello", "r1").lose();
  assertEquals(script.unsent, ["hello: failed"]);
  assert(script.room.unsent[0]?.problem);
  assertEquals(script.room.joined, false);
  assertEquals(script.state.me, undefined);
});

Deno.test("reduce() lets a failed line be said again or discarded", () => {
  const script = RoomScript.inLobby().say("one", "r1").say("two", "r2").lose()
    .connect().hear({ type: "named", member: ANA }).hearJoined("lobby")
    .say("one", "r1");
  assertEquals(script.unsent, ["two: failed", "one: pending"]);
  script.act({ type: "discarded", room: "lobby", ref: "r2" });
  assertEquals(script.unsent, ["one: pending"]);
});

Deno.test("reduce() puts the server's refusal on the line it concerns", () => {
  const script = RoomScript.inLobby().say("\u0001", "r1").hear({
    type: "error",
    code: "invalid_text",
    message: "No controls.",
    ref: "r1",
  });
  assertEquals(script.unsent, ["\u0001: failed"]);
  assertEquals(script.room.unsent[0]?.problem, "No controls.");
  assertEquals(script.state.problems, {});
});

Deno.test("reduce() marks the gap when a room is joined again", () => {
  const script = RoomScript.inLobby().hearText(BEN, "before").lose();
  script.now += 7_000;
  script.connect().hear({ type: "named", member: { ...ANA, id: "ana-2" } })
    .hearJoined("lobby", [{ ...ANA, id: "ana-2" }]);
  assertEquals(script.lines, ["me joined", "Ben: before", "me gap"]);
  const gap = script.room.lines.at(-1);
  assert(gap?.kind === "notice" && (gap.duration ?? 0) >= 7_000);
  assert(script.room.joined);
});

Deno.test("reduce() adds no notice when a joined room is joined again", () => {
  const script = RoomScript.inLobby().hearJoined("lobby", [ANA, BEN]);
  assertEquals(script.lines, ["me joined"]);
  assertEquals(script.room.members, [ANA, BEN]);
});

Deno.test("reduce() follows who comes, goes and is renamed", () => {
  const script = RoomScript.inLobby().hearMember("member_joined", BEN);
  assertEquals(script.room.members, [ANA, BEN]);
  const benno = { ...BEN, name: "Benno" };
  script.hearRenamed(benno, "Ben");
  assertEquals(script.room.members, [ANA, benno]);
  script.hearMember("member_left", benno);
  assertEquals(script.room.members, [ANA]);
  assertEquals(script.lines.slice(1), [
    "Ben joined",
    "Benno renamed",
    "Benno left",
  ]);
});

Deno.test("reduce() takes over one's own new name", () => {
  const anna = { ...ANA, name: "Anna" };
  const script = RoomScript.inLobby().hear({ type: "named", member: anna })
    .hearRenamed(anna, "Ana");
  assertEquals(script.state.name, "Anna");
  assertEquals(script.state.me, anna);
  assertEquals(script.lines.at(-1), "me renamed");
});

Deno.test("reduce() says reconnected when who left is soon back", () => {
  const script = RoomScript.inLobby([ANA, BEN]);
  for (const id of ["ben-2", "ben-3"]) {
    script.hearMember("member_left", BEN)
      .hearMember("member_joined", { ...BEN, id });
  }
  assertEquals(script.lines, ["me joined", "Ben returned"]);
});

Deno.test("reduce() keeps both notices when there was talk or time between", () => {
  const talk = RoomScript.inLobby([ANA, BEN]).hearMember("member_left", BEN)
    .hearText(ANA, "gone?").hearMember("member_joined", BEN);
  assertEquals(talk.lines.slice(1), ["Ben left", "me: gone?", "Ben joined"]);
  const time = RoomScript.inLobby([ANA, BEN]).hearMember("member_left", BEN);
  time.now += RETURN_TIME;
  time.hearMember("member_joined", BEN);
  assertEquals(time.lines.slice(1), ["Ben left", "Ben joined"]);
});

Deno.test("reduce() counts as unread what is said out of sight", () => {
  const script = RoomScript.inLobby().hearText(BEN, "seen");
  assertEquals(script.room.unread, 0);
  script.act({ type: "visibility", visible: false })
    .hearText(BEN, "one").hearText(BEN, "two").hearText(ANA, "own");
  assertEquals(countUnread(script.state), 2);
  script.act({ type: "visibility", visible: true });
  assertEquals(countUnread(script.state), 0);
});

Deno.test("reduce() marks the first new line of another room until it is left", () => {
  const script = RoomScript.inLobby()
    .act({ type: "opened", room: "attic" }).hearJoined("attic")
    .hearText(BEN, "one").hearText(BEN, "two");
  assertEquals([script.state.active, script.room.unread], ["attic", 2]);
  const first = script.room.lines.find((line) => line.kind === "message");
  script.act({ type: "activated", room: "lobby" });
  assertEquals([script.room.unread, script.room.newFrom], [0, first?.key]);
  script.act({ type: "activated", room: "attic" });
  assertEquals(script.room.newFrom, undefined);
});

Deno.test("reduce() goes to the neighbour when the active room is closed", () => {
  const script = RoomScript.inLobby()
    .act({ type: "opened", room: "attic" })
    .act({ type: "opened", room: "cellar" })
    .act({ type: "activated", room: "attic" })
    .act({ type: "closed", room: "attic" });
  assertEquals(script.state.active, "cellar");
  script.act({ type: "closed", room: "cellar" });
  assertEquals(script.state.active, "lobby");
  script.act({ type: "closed", room: "lobby" });
  assertEquals([script.state.active, script.state.rooms], [undefined, []]);
});

Deno.test("reduce() says at the room's field why a room was refused", () => {
  const script = RoomScript.inLobby().act({ type: "opened", room: "x" })
    .act({ type: "refused", room: "x", problem: "Not that one." });
  assertEquals(script.state.problems, { room: "Not that one." });
  assertEquals(findRoom(script.state, "x"), undefined);
  assertEquals(script.state.active, "lobby");
  script.act({ type: "corrected", field: "room" });
  assertEquals(script.state.problems, {});
});

Deno.test("reduce() asks for another name when there is none any more", () => {
  const refusal = {
    type: "error",
    code: "name_taken",
    message: "Taken.",
  } as const;
  const renaming = RoomScript.inLobby().hear(refusal);
  assertEquals(renaming.state.stage, "chat");
  const returning = RoomScript.inLobby().hearText(BEN, "kept").lose().connect()
    .hear(refusal);
  assertEquals(returning.state.stage, "entry");
  assertEquals(returning.state.problems, { name: "Taken." });
  assertEquals(returning.lines.at(-1), "Ben: kept");
});

Deno.test("reduce() forgets the oldest lines when there are too many", () => {
  const script = RoomScript.inLobby();
  for (let i = 0; i < MAX_LINES + 5; i++) script.hearText(BEN, String(i));
  assertEquals(script.room.lines.length, MAX_LINES);
  assertEquals(script.lines[0], "Ben: 5");
  const keys = new Set(script.room.lines.map(({ key }) => key));
  assertEquals(keys.size, MAX_LINES);
});

Deno.test("reduce() ignores what concerns a room that is closed", () => {
  const script = RoomScript.inLobby();
  const before = script.state;
  script.hearText(BEN, "hello?", { room: "elsewhere" });
  assertEquals(script.state, before);
});

Deno.test("reduce() forgets the person but not the link when signing out", () => {
  const script = RoomScript.inLobby().act({ type: "signed-out" });
  const { stage, name, rooms, link } = script.state;
  assertEquals({ stage, name, rooms }, { stage: "entry", name: "", rooms: [] });
  assertNotEquals(link.phase, "stopped");
});

Deno.test("reduce() knows whether the first screen's wish is on its way", () => {
  const enter = {
    type: "entered",
    name: "Ana",
    rooms: ["lobby"],
    active: "lobby",
  } as const;
  const script = new RoomScript().act(enter).connect();
  assert(script.state.entering);
  script.hear({ type: "error", code: "name_taken", message: "Taken." });
  assert(!script.state.entering);
  script.act({ type: "corrected", field: "name" });
  assert(!script.state.entering);
  script.act(enter).hear({ type: "named", member: ANA }).hearJoined("lobby");
  assert(!script.state.entering);
});
