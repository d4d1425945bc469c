import { assertEquals } from "@std/assert";
import { Chatroom } from "./_people.ts";
import { gather } from "./_staff.ts";

Deno.test("slow lets a person say one thing, not one at each of its devices at once", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  const other = await room.enterAgain(bo, "lobby");
  await mo.gets({ type: "slow", room: "lobby", seconds: 60 });
  await Promise.all([bo.says("lobby", "one"), other.says("lobby", "two")]);
  const answers = [...bo.hears(), ...other.hears()];
  assertEquals(answers.filter(({ type }) => type === "sent").length, 1);
  assertEquals(answers.filter(({ code }) => code === "slow_mode").length, 1);
});

Deno.test("slow lets a person speak at once again when what it said was refused", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  await mo.gets({ type: "slow", room: "lobby", seconds: 60 });
  const send = { type: "send", room: "lobby", id: "1", text: "one" };
  const refused = await bo.gets({ ...send, reply_to: 99 });
  assertEquals(refused.code, "message_unknown");
  await bo.asks(send);
  assertEquals(bo.hears().map(({ type }) => type), ["sent", "message"]);
});

Deno.test("slow makes nobody wait for longer when the clock is put back", async () => {
  await using room = await Chatroom.open();
  const { mo, bo } = await gather(room);
  await mo.gets({ type: "slow", room: "lobby", seconds: 60 });
  await bo.says("lobby", "one");
  room.clock.advance(-3_600_000);
  const send = { type: "send", room: "lobby", id: "2", text: "two" };
  assertEquals((await bo.gets(send)).retry_after, 60);
});
