import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { CHAT_ERRORS } from "../../../handlers/chat/mod.ts";
import { parseRequest } from "../../../handlers/chat/parse_request.ts";

const KEY = "0123456789abcdef";

for (
  const request of [
    { type: "name", name: "Ana", key: undefined, ref: undefined },
    { type: "name", name: "Ana", key: KEY, ref: "r" },
    { type: "name", name: "Ana", key: KEY.repeat(8), ref: "r".repeat(64) },
    { type: "join", room: "lobby", ref: "1" },
    { type: "leave", room: "lobby", ref: undefined },
    { type: "message", room: "lobby", text: " hello\n", ref: "😀" },
  ]
) {
  const json = JSON.stringify(request);
  Deno.test(`parseRequest() reads ${json.slice(0, 60)}`, () => {
    assertEquals<unknown>(parseRequest(json), request);
  });
}

Deno.test("parseRequest() ignores fields it does not know", () => {
  assertEquals(
    parseRequest('{"type":"join","room":"a","text":7,"__proto__":{"ref":"x"}}'),
    { type: "join", room: "a", ref: undefined },
  );
});

Deno.test("parseRequest() normalises names and rooms", () => {
  const name = parseRequest('{"type":"name","name":" Zoe\\u0308 "}');
  assert(name.type === "name" && name.name === "Zo\u00eb");
  const join = parseRequest('{"type":"join","room":" Cafe\\u0301 "}');
  assert(join.type === "join" && join.room === "Caf\u00e9");
});

const long = "t".repeat(4001);
for (
  const [json, code, about] of [
    ["", "not_json", {}],
    ["{", "not_json", {}],
    ["{'type':'join'}", "not_json", {}],
    ["[".repeat(65_000), "not_json", {}],
    ["[]", "not_object", {}],
    ["null", "not_object", {}],
    ['"join"', "not_object", {}],
    ['{"type":"join","room":"a","ref":""}', "invalid_ref", {}],
    ['{"type":"join","room":"a","ref":7}', "invalid_ref", {}],
    ['{"type":"join","room":"a","ref":null}', "invalid_ref", {}],
    [`{"type":"x","ref":"${"r".repeat(65)}"}`, "invalid_ref", {}],
    ["{}", "unknown_type", {}],
    ['{"type":"Join","ref":"1"}', "unknown_type", { ref: "1" }],
    ['{"type":"toString"}', "unknown_type", {}],
    ['{"type":["join"],"room":"a"}', "unknown_type", {}],
    ['{"type":"name","ref":"1"}', "invalid_name", { ref: "1" }],
    ['{"type":"name","name":"\\u202e"}', "invalid_name", {}],
    [`{"type":"name","name":"A","key":"${"k".repeat(15)}"}`, "invalid_key", {}],
    [
      `{"type":"name","name":"A","key":"${"k".repeat(129)}"}`,
      "invalid_key",
      {},
    ],
    ['{"type":"name","name":"A","key":7,"ref":"1"}', "invalid_key", {
      ref: "1",
    }],
    [`{"type":"name","name":"A","key":"\\ud800${KEY}"}`, "invalid_key", {}],
    ['{"type":"join","ref":"1"}', "invalid_room", { ref: "1" }],
    ['{"type":"leave","room":""}', "invalid_room", {}],
    ['{"type":"message","room":7,"text":""}', "invalid_room", {}],
    ['{"type":"message","room":"a"}', "invalid_text", { room: "a" }],
    ['{"type":"message","room":"a","text":7}', "invalid_text", { room: "a" }],
    ['{"type":"message","room":"a","text":" "}', "invalid_text", { room: "a" }],
    [
      `{"type":"message","room":"a","text":"${long}","ref":"1"}`,
      "invalid_text",
      { room: "a", ref: "1" },
    ],
  ] as const
) {
  Deno.test(`parseRequest() answers ${code} to ${json.slice(0, 50)}`, () => {
    // Through JSON, as the client gets it: absent fields are absent.
    assertEquals(JSON.parse(JSON.stringify(parseRequest(json))), {
      type: "error",
      code,
      message: CHAT_ERRORS[code],
      ...about,
    });
  });
}

const field = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom("name", "join", "leave", "message", "lobby", KEY),
  fc.string({ unit: "binary" }),
);

Deno.test("parseRequest() gives a request or an error, whatever comes", () => {
  fc.assert(fc.property(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.json(),
      fc.record({
        type: field,
        name: field,
        key: field,
        room: field,
        text: field,
        ref: field,
      }, { requiredKeys: [] }).map((request) => JSON.stringify(request)),
    ),
    (json) => {
      const result = parseRequest(json);
      if (result.type === "error") {
        assertEquals(result.message, CHAT_ERRORS[result.code]);
      } else {
        // What was accepted is normal, so it is read as the same again.
        assertEquals(parseRequest(JSON.stringify(result)), result);
      }
    },
  ));
});
