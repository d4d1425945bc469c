import { assertEquals, assertObjectMatch } from "@std/assert";
import { parseRequest } from "../../../handlers/chat/parse_request.ts";

function parse(request: unknown): Record<string, unknown> {
  return { ...parseRequest(JSON.stringify(request)) };
}

Deno.test("parseRequest() normalises names and rooms, and keeps the ref", () => {
  assertObjectMatch(parse({ type: "hello", name: " Zoe\u0308 ", ref: "1" }), {
    name: "Zo\u00eb",
    ref: "1",
  });
  assertObjectMatch(parse({ type: "typing", room: " a  b " }), { room: "a b" });
  assertObjectMatch(parse({ type: "typing", room: "@a-b" }), { room: "@a-b" });
});

Deno.test("parseRequest() leaves out what it does not know", () => {
  assertEquals(parse({ type: "typing", room: "a", colour: "red" }), {
    type: "typing",
    room: "a",
    ref: undefined,
  });
});

Deno.test("parseRequest() puts in what was left out", () => {
  assertObjectMatch(parse({ type: "history", room: "a" }), { limit: 50 });
  assertObjectMatch(parse({ type: "history", room: "a", limit: 5000 }), {
    limit: 100,
  });
  assertObjectMatch(
    parse({ type: "react", room: "a", offset: 1, emoji: "❤" }),
    {
      on: true,
    },
  );
  assertObjectMatch(parse({ type: "create", room: "a" }), {
    kind: "public",
    topic: "",
  });
  assertObjectMatch(parse({ type: "leave", room: "a" }), { for_good: false });
});

Deno.test("parseRequest() takes each mention once", () => {
  const message = { type: "send", room: "a", id: "1", text: "?" };
  assertObjectMatch(parse({ ...message, mentions: ["x", "y", "x"] }), {
    mentions: ["x", "y"],
  });
  assertEquals(parse({ ...message, mentions: [] }).mentions, undefined);
});

Deno.test("parseRequest() cuts a query into words", () => {
  assertObjectMatch(parse({ type: "search", query: 'Zoë\'s "boat" 2-3*' }), {
    words: ["Zoë", "s", "boat", "2", "3"],
  });
});

const SEND = { type: "send", room: "a", id: "1", text: "?" };
const EDIT = { type: "edit", room: "a", offset: 1, text: "?" };
const HASH = "sha256-" + "0".repeat(64);

for (
  const [request, code, field] of [
    [{ type: "join" }, "invalid_room"],
    [{ type: "join", room: "@" }, "invalid_room"],
    [{ type: "join", room: "@a/b" }, "invalid_room"],
    [{ type: "join", room: "a", since: 1 }, "invalid_field", "since"],
    [{ type: "join", room: "a", since: {} }, "invalid_field", "since"],
    [{ type: "join", room: "a", invite: "" }, "invalid_field", "invite"],
    [{ type: "create", room: "@a" }, "invalid_room"],
    [{ type: "create", room: "a", kind: "direct" }, "invalid_field", "kind"],
    [{ type: "topic", room: "a", topic: "x".repeat(251) }, "invalid_topic"],
    [{ type: "rooms", after: "" }, "invalid_field", "after"],
    [{ type: "members", room: "a", after: 1 }, "invalid_field", "after"],
    [{ type: "status" }, "invalid_field", "away"],
    [{ type: "register", name: "a" }, "invalid_field", "password"],
    [{ type: "revoke", session: null }, "invalid_field", "session"],
    [{ type: "hello", resume: "" }, "invalid_field", "resume"],
    [{ type: "hello", resume: "a", token: "a" }, "invalid_field", "token"],
    [{ ...SEND, id: "x".repeat(65) }, "invalid_field", "id"],
    [{ ...SEND, id: "\ud800" }, "invalid_field", "id"],
    [{ ...SEND, text: "x".repeat(4001) }, "invalid_text"],
    [{ ...SEND, text: "" }, "invalid_text"],
    [{ ...SEND, text: "", attachments: [] }, "invalid_text"],
    [{ ...SEND, reply_to: 0 }, "invalid_field", "reply_to"],
    [{ ...SEND, reply_to: 1.5 }, "invalid_field", "reply_to"],
    [{ ...SEND, mentions: [7] }, "invalid_field", "mentions"],
    [{ ...SEND, mentions: Array(21).fill("a") }, "invalid_field", "mentions"],
    [{ ...SEND, attachments: [HASH] }, "invalid_field", "attachments"],
    [
      { ...SEND, attachments: [{ hash: HASH, name: "../a" }] },
      "invalid_field",
      "attachments",
    ],
    [
      { ...SEND, attachments: [{ hash: "sha256-0", name: "a" }] },
      "invalid_field",
      "attachments",
    ],
    [{ ...EDIT, offset: "1" }, "invalid_field", "offset"],
    [{ ...EDIT, text: 7 }, "invalid_text"],
    [
      { type: "delete", room: "a", offset: 1, reason: "\u0007" },
      "invalid_field",
      "reason",
    ],
    [
      { type: "react", room: "a", offset: 1, emoji: "👍👍" },
      "invalid_field",
      "emoji",
    ],
    [
      { type: "history", room: "a", after: 1, around: 2 },
      "invalid_field",
      "around",
    ],
    [{ type: "search" }, "invalid_field", "query"],
    [{ type: "search", query: "?" }, "invalid_query"],
    [{ type: "search", query: "a ".repeat(33) }, "invalid_query"],
    [{ type: "search", query: "\u7684".repeat(251) }, "invalid_query"],
  ] as const
) {
  const about = field === undefined ? "" : ` of ${field}`;
  Deno.test(
    `parseRequest() tells ${code}${about} when given ${
      JSON.stringify(request).slice(0, 60)
    }`,
    () => {
      const error = parse({ ref: "1", ...request });
      assertEquals([error.type, error.code, error.ref, error.field], [
        "error",
        code,
        "1",
        field,
      ]);
    },
  );
}
