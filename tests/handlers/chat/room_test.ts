import { assert, assertEquals, assertFalse } from "@std/assert";
import { Room, type RoomMember } from "../../../handlers/chat/mod.ts";

class Listener implements RoomMember<string> {
  readonly heard: string[] = [];
  onFrame: () => void = () => {};

  constructor(readonly id: string, readonly name = id) {}

  send(frame: string): void {
    this.heard.push(frame);
    this.onFrame();
  }
}

function roomOf(...members: Listener[]): Room<string> {
  const room = new Room<string>("lobby");
  for (const member of members) room.join(member);
  return room;
}

Deno.test("broadcast() reaches every member but the excepted one", () => {
  const [a, b, c] = [new Listener("a"), new Listener("b"), new Listener("c")];
  roomOf(a, b, c).broadcast("x", b);
  assertEquals([a.heard, b.heard, c.heard], [["x"], [], ["x"]]);
});

Deno.test("broadcast() skips a member when it left meanwhile", () => {
  const [a, b] = [new Listener("a"), new Listener("b")];
  const room = roomOf(a, b);
  a.onFrame = () => room.leave(b);
  room.broadcast("x");
  assertEquals(b.heard, []);
});

Deno.test("broadcast() skips a member when it joined meanwhile", () => {
  const [a, b] = [new Listener("a"), new Listener("b")];
  const room = roomOf(a);
  a.onFrame = () => room.join(b);
  room.broadcast("x");
  assertEquals(b.heard, []);
  assertEquals(room.size, 2);
});

Deno.test("members() keeps the order of joining", () => {
  const [a, b, c] = [new Listener("a"), new Listener("b"), new Listener("c")];
  const room = roomOf(a, b, c);
  room.leave(a);
  room.join(a);
  assertEquals(room.members(), [
    { id: "b", name: "b" },
    { id: "c", name: "c" },
    { id: "a", name: "a" },
  ]);
});

Deno.test("join() and leave() tell whether they changed the room", () => {
  const a = new Listener("a");
  const room = new Room<string>("lobby");
  assert(room.join(a));
  assertFalse(room.join(a));
  assertEquals(room.size, 1);
  assert(room.leave(a));
  assertFalse(room.leave(a));
  assertEquals(room.size, 0);
});
