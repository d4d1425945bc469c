import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  CHAT_CLOSE,
  CHAT_ERRORS,
  CHAT_LIMITS,
  CHAT_PROTOCOL,
} from "../../../handlers/chat/mod.ts";
import { parseRequest } from "../../../handlers/chat/parse_request.ts";

const doc = await Deno.readTextFile(
  new URL("../../../docs/chat-protocol.md", import.meta.url),
);
const examples = Array.from(
  doc.matchAll(/^```json\n(.+?)\n```$/gms),
  ([, json = ""]) => JSON.parse(json),
);
const requests = ["name", "join", "leave", "message"];

/** The first cells of the rows of the table that begins with a heading. */
function firstCells(heading: string): string[] {
  const [, table = ""] = doc.split(new RegExp(`^\\| ${heading} .*\\n`, "m"));
  const [rows = ""] = table.split("\n\n");
  return rows.split("\n").slice(1).map((row) =>
    (row.split("|")[1] ?? "").replaceAll("`", "").trim()
  );
}

Deno.test("chat-protocol.md lists every error code, in order", () => {
  assertEquals(firstCells("code"), Object.keys(CHAT_ERRORS));
});

Deno.test("chat-protocol.md lists every close code of the chat", () => {
  const codes = firstCells("close code").join(", ").split(", ");
  for (const code of Object.values(CHAT_CLOSE)) {
    assert(codes.includes(String(code)), `${code} is missing`);
  }
});

Deno.test("chat-protocol.md shows requests that are accepted", () => {
  const shown = examples.filter((each) =>
    requests.includes(each.type) && each.from === undefined
  );
  assertEquals(shown.map((each) => each.type), requests);
  for (const example of shown) {
    assertEquals(parseRequest(JSON.stringify(example)).type, example.type);
  }
});

Deno.test("chat-protocol.md shows every message of the server", () => {
  const shown = new Set(examples.map((each) => each.type));
  for (
    const type of [
      "welcome",
      "named",
      "joined",
      "left",
      "member_joined",
      "member_left",
      "member_renamed",
      "message",
      "error",
    ]
  ) assert(shown.has(type), `${type} is missing`);
});

Deno.test("chat-protocol.md states the name and the limits of the protocol", () => {
  assertStringIncludes(doc, CHAT_PROTOCOL);
  const welcome = examples.find((each) => each.type === "welcome");
  assertEquals(welcome.limits, CHAT_LIMITS);
  const error = examples.find((each) => each.type === "error");
  assertEquals(error.message, CHAT_ERRORS.name_taken);
});
