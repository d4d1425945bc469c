import { assertEquals, assertNotEquals } from "@std/assert";
import { Chatroom, type Heard } from "./_people.ts";
import { audit, gather } from "./_staff.ts";
import { Witness } from "./_witness.ts";

function say(id: string) {
  return { type: "send", room: "lobby", id, text: id };
}

Deno.test("slow makes members wait between two messages", async () => {
  await using room = await Chatroom.open();
  const { mo, bo, cy } = await gather(room);
  const slow = { type: "slow", room: "lobby", seconds: 10 };
  assertEquals((await mo.gets(slow)).type, "done");
  assertEquals(bo.hears(), [{
    type: "room_changed",
    room: "lobby",
    slow: 10,
    time: room.chat.time(),
  }]);
  await bo.says("lobby", "one");
  room.clock.advance(2500);
  const refused = await bo.gets(say("two"));
  assertEquals([refused.code, refused.retry_after], ["slow_mode", 8]);
  await cy.says("lobby", "three");
  // Moderators need not wait.
  await mo.says("lobby", "four");
  await mo.says("lobby", "five");
  room.clock.advance(7500);
  await bo.says("lobby", "six");
  const { messages } = await bo.gets({ type: "history", room: "lobby" });
  assertEquals(messages.map(({ text }: Heard) => text), [
    "one",
    "three",
    "four",
    "five",
    "six",
  ]);
  assertEquals((await bo.gets({ type: "join", room: "lobby" })).slow, 10);
  await mo.asks({ ...slow, seconds: 0 });
  assertEquals((await bo.gets(say("seven"))).type, "message");
  assertEquals((await audit(room)).slice(-2), ["Mo slow 10 s", "Mo slow 0 s"]);
});

Deno.test("slow holds when somebody is just joining", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  for (let head = 0; head < 10; head++) {
    await mo.asks({ type: "slow", room: "lobby", seconds: 0 });
    const joining = bo.asks({ type: "join", room: "lobby" });
    await turns(head);
    await mo.asks({ type: "slow", room: "lobby", seconds: 10 });
    await joining;
    room.clock.advance(10_000);
    await bo.says("lobby", `one ${head}`);
    assertEquals((await bo.gets(say(`two ${head}`))).code, "slow_mode");
  }
});

Deno.test("delete_room makes all leave, and deletes what was said", async () => {
  await using room = await Chatroom.open();
  const { ana, mo, bo, cy } = await gather(room);
  await cy.asks({ type: "leave", room: "lobby" });
  await bo.says("lobby", "one");
  const remove = { type: "delete_room", room: "lobby" };
  assertEquals((await mo.gets(remove)).code, "not_allowed");
  bo.hears();
  await ana.asks(remove);
  const gone = { type: "room_changed", room: "lobby", gone: true };
  const time = room.chat.time();
  assertEquals(bo.hears(), [{ ...gone, time }]);
  assertEquals(ana.hearsTypes().slice(-2), ["room_changed", "done"]);
  assertEquals((await bo.gets(say("two"))).code, "not_in_room");
  assertEquals((await ana.gets(remove)).code, "room_unknown");
  assertEquals(room.chat.rooms.get("lobby"), undefined);
  // The name is free; nothing is left of the room.
  const joined = await cy.gets({ type: "join", room: "lobby" });
  assertEquals([joined.role, joined.offset, joined.messages], ["owner", 0, []]);
  assertEquals((await audit(room)).at(-1), "Ana delete_room");
});

Deno.test("reset_room deletes what was said, and begins another epoch", async () => {
  await using room = await Chatroom.open();
  const { ana, mo, bo } = await gather(room);
  const before = await bo.gets({ type: "join", room: "lobby" });
  await bo.says("lobby", "one");
  bo.hears();
  await ana.asks({ type: "reset_room", room: "lobby" });
  assertEquals(bo.hears(), [{
    type: "room_changed",
    room: "lobby",
    reset: true,
    time: room.chat.time(),
  }]);
  const { epoch } = before;
  const joined = await bo.gets({
    type: "join",
    room: "lobby",
    since: { epoch, offset: 1, change: 0 },
  });
  assertNotEquals(joined.epoch, epoch);
  assertEquals([joined.recovered, joined.offset, joined.messages], [
    false,
    0,
    [],
  ]);
  // Roles stay.
  assertEquals(
    (await mo.gets({ type: "join", room: "lobby" })).role,
    "moderator",
  );
  assertEquals((await audit(room)).at(-1), "Ana reset_room");
});

for (const type of ["reset_room", "delete_room"]) {
  Deno.test(`${type} keeps what was said before and after apart`, async () => {
    await using room = await Chatroom.open();
    const witnesses = ["Ana", "Bo", "Cy"].map((name) =>
      new Witness(room, name)
    );
    for (const witness of witnesses) {
      await witness.connect();
      await witness.joins("lobby");
    }
    const [ana, bo] = witnesses as [Witness, Witness];
    const says = (who: Witness, id: string) =>
      who.asks({ type: "send", room: "lobby", id, text: id });
    for (const id of ["a", "b", "c"]) await says(bo, id);
    const asked = [ana.asks({ type, room: "lobby" })];
    for (let n = 0; n < 30; n++) {
      await turns(1);
      for (const who of witnesses.slice(1)) asked.push(says(who, `${n}`));
    }
    await Promise.all(asked);
    for (const witness of witnesses) await witness.joins("lobby");
    await says(bo, "z");
    const { messages } = await room.store.messages.page("lobby", {
      limit: 100,
    });
    assertEquals(messages.at(-1)?.text, "z");
    for (const witness of witnesses) {
      assertEquals(witness.faults, []);
      assertEquals(
        [...witness.known.get("lobby")!.messages.values()],
        messages,
      );
    }
  });
}

/** Lets what is ready go on, some steps far. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await Promise.resolve();
}
