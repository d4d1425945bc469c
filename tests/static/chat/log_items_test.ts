import { assertEquals } from "@std/assert";
import { GROUP_TIME, logItems } from "../../../static/chat/log_items.js";
import { ANA, BEN, RoomScript } from "./_room_script.ts";

/** The items in short; a group is written as `[a b]`. */
function outline(script: RoomScript): string {
  return logItems(script.room, ANA.id).map((item) => {
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
    .hear(BEN, "a").hear(BEN, "b").hear(ANA, "c").hear(BEN, "d");
  assertEquals(outline(script), "day [a b] [c] [d]");
});

Deno.test("logItems() ends a group at a notice, a new name and a long pause", () => {
  const benno = { ...BEN, name: "Benno" };
  const script = RoomScript.inLobby([ANA, BEN]).hear(BEN, "a")
    .presence({ changed: [benno] }).hear(benno, "b");
  script.now += GROUP_TIME;
  script.hear(benno, "c");
  assertEquals(outline(script), "day [a] renamed [b] [c]");
});

Deno.test("logItems() groups one's own lines with the ones not sent yet", () => {
  const script = RoomScript.inLobby().hear(ANA, "a")
    .outgoing({ id: "x", text: "b", state: "sending" });
  assertEquals(outline(script), "day [a b]");
});

Deno.test("logItems() puts each notice after the message that it came after", () => {
  const script = RoomScript.inLobby([ANA]).presence({ joined: [BEN] })
    .hear(BEN, "a").presence({ left: [BEN.id] });
  assertEquals(outline(script), "day joined [a] left");
});

Deno.test("logItems() shows a part of the history alone", () => {
  const script = RoomScript.inLobby().hear(BEN, "now")
    .outgoing({ id: "x", text: "mine", state: "sending" });
  const messages = [script.message(BEN, "then")];
  const place = { messages, older: false, newer: true, target: 1 };
  script.act({ type: "placed", room: "lobby", place });
  assertEquals(outline(script), "day [then]");
});

Deno.test("logItems() gives each item a key of its own that stays", () => {
  const script = RoomScript.inLobby()
    .outgoing({ id: "x", text: "a", state: "sending" });
  const before = logItems(script.room, ANA.id).map(({ key }) => key);
  script.outgoing().hear(ANA, "a", { id: "x" }).hear(BEN, "b", { id: "x" });
  const after = logItems(script.room, ANA.id).map(({ key }) => key);
  assertEquals(after.slice(0, before.length), before);
  assertEquals(new Set(after).size, after.length);
});
