import { assertEquals } from "@std/assert";
import { MORE_LIMITS } from "../../../../handlers/chat/limits.ts";
import { assertInvalid, parse } from "./_parse.ts";

const WHO = { room: "a", person: "p" };

Deno.test("parseRequest() takes moderation as it is described", () => {
  for (
    const request of [
      { type: "kick", ...WHO, reason: "rude" },
      { type: "mute", ...WHO, lasts: 0, reason: "" },
      { type: "mute", ...WHO, lasts: MORE_LIMITS.lasts, reason: "a\nb" },
      { type: "ban", ...WHO, lasts: 1, addresses: false, reason: "" },
      { type: "ban", room: undefined, person: "p", addresses: true },
      { type: "unban", ...WHO },
      { type: "unban", room: undefined, person: "p" },
      { type: "slow", room: "a", seconds: 0 },
      { type: "slow", room: "a", seconds: MORE_LIMITS.slow },
      { type: "role", ...WHO, role: "owner" },
      { type: "bans", room: "a", after: "p", limit: 7 },
      { type: "audit", room: undefined, before: 7, limit: 7 },
      { type: "delete_room", room: "a" },
      { type: "reset_room", room: "a" },
    ]
  ) {
    const read = parse(request);
    const fields = Object.keys(request).map((field) => [field, read[field]]);
    assertEquals(Object.fromEntries(fields), request);
  }
});

Deno.test("parseRequest() puts into moderation what was left out", () => {
  const ref = undefined;
  assertEquals(parse({ type: "ban", person: "p" }), {
    type: "ban",
    room: undefined,
    person: "p",
    lasts: undefined,
    addresses: false,
    reason: "",
    ref,
  });
  assertEquals(parse({ type: "bans" }), {
    type: "bans",
    room: undefined,
    after: undefined,
    limit: 50,
    ref,
  });
  assertEquals(parse({ type: "audit", limit: 1000 }).limit, 100);
});

for (
  const [request, field] of [
    [{ type: "kick", room: "a" }, "person"],
    [{ type: "kick", ...WHO, reason: "x".repeat(251) }, "reason"],
    [{ type: "mute", ...WHO, lasts: -1 }, "lasts"],
    [{ type: "mute", ...WHO, lasts: 1.5 }, "lasts"],
    [{ type: "mute", ...WHO, lasts: MORE_LIMITS.lasts + 1 }, "lasts"],
    [{ type: "ban", ...WHO, lasts: 0 }, "lasts"],
    [{ type: "ban", ...WHO, addresses: true }, "addresses"],
    [{ type: "ban", person: "p", addresses: 1 }, "addresses"],
    [{ type: "unban", person: 7 }, "person"],
    [{ type: "slow", room: "a" }, "seconds"],
    [{ type: "slow", room: "a", seconds: 86_401 }, "seconds"],
    [{ type: "role", ...WHO, role: "server_owner" }, "role"],
    [{ type: "role", ...WHO }, "role"],
    [{ type: "bans", limit: 0 }, "limit"],
    [{ type: "bans", after: "" }, "after"],
    [{ type: "audit", before: 0 }, "before"],
  ] as const
) {
  Deno.test(`parseRequest() refuses ${field} in ${JSON.stringify(request).slice(0, 70)}`, () => {
    assertInvalid(request, field);
  });
}

Deno.test("parseRequest() refuses moderation of a room that has no name", () => {
  for (const type of ["kick", "mute", "slow", "role", "delete_room"]) {
    assertEquals(parse({ type, person: "p" }).code, "invalid_room", type);
  }
  // A wrong name is not taken for the whole server.
  for (const type of ["ban", "unban", "bans", "audit"]) {
    const room = null;
    assertEquals(parse({ type, person: "p", room }).code, "invalid_room", type);
  }
});
