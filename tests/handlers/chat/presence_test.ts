import { assert, assertEquals, assertFalse } from "@std/assert";
import type { Member } from "../../../handlers/chat/mod.ts";
import { PresenceChanges } from "../../../handlers/chat/presence.ts";

const ANA: Member = { id: "a", name: "Ana" };
const BO: Member = { id: "b", name: "Bo" };
const AWAY: Member = { ...ANA, away: true };

Deno.test("take() tells each person once, in the order of the first change", () => {
  const changes = new PresenceChanges();
  changes.came(BO);
  changes.changed(ANA, AWAY);
  changes.changed(BO, { ...BO, name: "Bob" });
  changes.went({ id: "c", name: "Cy" });
  assertEquals(changes.take(), {
    joined: [{ id: "b", name: "Bob" }],
    left: ["c"],
    changed: [AWAY],
  });
  assertEquals(changes.take(), {});
});

Deno.test("take() tells nothing of who came and went when nobody saw it", () => {
  const changes = new PresenceChanges();
  changes.came(ANA);
  changes.went(ANA);
  assertEquals(changes.take(), {});
});

Deno.test("take() tells that somebody went when a list has shown it", () => {
  const changes = new PresenceChanges();
  changes.came(ANA);
  changes.seen();
  changes.went(ANA);
  assertEquals(changes.take(), { left: ["a"] });
});

Deno.test("take() tells nothing when somebody was gone and is back", () => {
  const changes = new PresenceChanges();
  changes.went(ANA);
  changes.came(ANA);
  assertEquals(changes.take(), {});
  changes.went(ANA);
  changes.came(AWAY);
  assertEquals(changes.take(), { changed: [AWAY] });
});

Deno.test("take() tells that somebody came when a list may have lacked it", () => {
  const changes = new PresenceChanges();
  changes.went(ANA);
  changes.seen();
  changes.came(ANA);
  assertEquals(changes.take(), { joined: [ANA] });
});

Deno.test("take() tells what somebody is again when a list has shown otherwise", () => {
  const changes = new PresenceChanges();
  changes.changed(ANA, AWAY);
  changes.changed(AWAY, ANA);
  assertEquals(changes.take(), {});
  changes.changed(ANA, AWAY);
  changes.seen();
  changes.changed(AWAY, ANA);
  assertEquals(changes.take(), { changed: [ANA] });
});

Deno.test("hasNews() is true when somebody came and that was not told", () => {
  const changes = new PresenceChanges();
  assertFalse(changes.hasNews("a"));
  changes.changed(ANA, AWAY);
  assertFalse(changes.hasNews("a"));
  changes.came(BO);
  assert(changes.hasNews("b"));
  changes.went(BO);
  assertFalse(changes.hasNews("b"));
  changes.came(BO);
  changes.take();
  assertFalse(changes.hasNews("b"));
});
