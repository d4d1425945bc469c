import { assertEquals } from "@std/assert";
import { Chatroom } from "./_people.ts";

const LONG = "boat " + "\u{1f600}".repeat(3990);

Deno.test("edit is refused with too_many_edits after 40 times, so that all versions are one answer", async () => {
  await using room = await Chatroom.open();
  const ana = await room.enter("Ana", "lobby");
  await ana.says("lobby", "one");
  const edit = { type: "edit", room: "lobby", offset: 1 };
  for (let time = 1; time <= 40; time++) {
    const text = LONG + String(time % 10);
    assertEquals((await ana.gets({ ...edit, text })).type, "done");
  }
  const refused = await ana.gets({ ...edit, text: "two" });
  assertEquals(refused.code, "too_many_edits");
  const versions = { type: "versions", room: "lobby", offset: 1 };
  assertEquals((await ana.gets(versions)).versions.length, 41);
});
