import { assertEquals } from "@std/assert";
import { GROUP_TIME, logItems } from "../../../static/chat/log_items.js";
import { ANA, BEN, RoomScript } from "./_room_script.ts";

/** The items in short; a group is written as `[a b]`. */
function outline(script: RoomScript): string {
  return logItems(script.room).map((item) => {
    switch (item.kind) {
      case "message":
        return (item.starts ? "[" : "") + item.line.text +
          (item.ends ? "]" : "");
      case "notice":
        return item.line.event;
      case "day":
      case "new":
        return item.kind;
    }
  }).join(" ");
}

Deno.test("logItems() groups what one person says in a row", () => {
  const script = RoomScript.inLobby([ANA, BEN])
    .hearText(BEN, "a").hearText(BEN, "b")
    .hearText(ANA, "c").hearText(BEN, "d");
  assertEquals(outline(script), "day joined [a b] [c] [d]");
});

Deno.test("logItems() ends a group at a notice, a new name and a long pause", () => {
  const script = RoomScript.inLobby([ANA, BEN]).hearText(BEN, "a")
    .hearRenamed({ ...BEN, name: "Benno" }, "Ben")
    .hearText({ ...BEN, name: "Benno" }, "b");
  script.now += GROUP_TIME;
  script.hearText({ ...BEN, name: "Benno" }, "c");
  assertEquals(outline(script), "day joined [a] renamed [b] [c]");
});

Deno.test("logItems() groups one's own lines with the ones not sent yet", () => {
  const script = RoomScript.inLobby().hearText(ANA, "a").say("b", "r1");
  assertEquals(outline(script), "day joined [a b]");
});

Deno.test("logItems() begins each day with its date", () => {
  const script = RoomScript.inLobby().hearText(ANA, "a");
  script.now += 24 * 3600_000;
  script.hearText(ANA, "b");
  assertEquals(outline(script), "day joined [a] day [b]");
});

Deno.test("logItems() stands a mark before the first new line", () => {
  const script = RoomScript.inLobby().hearText(BEN, "a")
    .act({ type: "visibility", visible: false })
    .hearText(BEN, "b").hearText(BEN, "c");
  assertEquals(outline(script), "day joined [a] new [b c]");
});

Deno.test("logItems() gives each item a key of its own that stays", () => {
  const script = RoomScript.inLobby().say("a", "r1");
  const before = logItems(script.room).map(({ key }) => key);
  script.hearText(ANA, "a", { ref: "r1" }).hearText(BEN, "b");
  const after = logItems(script.room).map(({ key }) => key);
  assertEquals(after.slice(0, before.length), before);
  assertEquals(new Set(after).size, after.length);
});
