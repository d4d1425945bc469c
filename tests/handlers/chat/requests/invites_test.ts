import { assertEquals } from "@std/assert";
import { assertInvalid, parse } from "./_parse.ts";

const INVITE = { type: "invite", room: "a" };

Deno.test("parseRequest() takes an invite for a day and one person if nothing else is said", () => {
  const { lasts, uses } = parse(INVITE);
  assertEquals([lasts, uses], [86_400, 1]);
  assertEquals(parse({ ...INVITE, lasts: 60, uses: 9 }), {
    ...INVITE,
    lasts: 60,
    uses: 9,
    ref: undefined,
  });
});

Deno.test("parseRequest() takes invites, and drop_invite by an id", () => {
  const place = { room: "a", ref: undefined };
  assertEquals(parse({ type: "invites", room: "a" }), {
    ...place,
    type: "invites",
    after: undefined,
    limit: 50,
  });
  const page = { type: "invites", room: "a", after: "i", limit: 9 };
  assertEquals(parse(page), { ...place, ...page });
  const drop = { type: "drop_invite", room: "a", invite: "i" };
  assertEquals(parse(drop), { ...place, ...drop });
  assertInvalid({ ...page, after: "" }, "after");
  assertInvalid({ ...drop, invite: 1 }, "invite");
  assertInvalid({ type: "drop_invite", room: "a" }, "invite");
});

Deno.test("parseRequest() refuses an invite that lasts too long, or is for nobody", () => {
  assertInvalid({ ...INVITE, lasts: 0 }, "lasts");
  assertInvalid({ ...INVITE, lasts: 30 * 86_400 + 1 }, "lasts");
  assertInvalid({ ...INVITE, uses: 0 }, "uses");
  assertInvalid({ ...INVITE, uses: 1001 }, "uses");
});
