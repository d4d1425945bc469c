import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  CHAT_CLOSE,
  CHAT_ERRORS,
  CHAT_LIMITS,
  CHAT_PROTOCOL,
} from "../../../handlers/chat/mod.ts";
import { kindOf, parseRequest } from "../../../handlers/chat/parse_request.ts";
import { REQUESTS } from "../../../handlers/chat/requests/mod.ts";
import { play } from "./_transcript.ts";
import type { Heard } from "./_people.ts";

const doc = await Deno.readTextFile(
  new URL("../../../docs/chat-protocol.md", import.meta.url),
);
const examples: Heard[] = Array.from(
  doc.matchAll(/^```json\n(.+?)\n```$/gms),
  ([, json = ""]) => JSON.parse(json),
);

/** Examples in the text and in tables, where `…` stands for a value. */
const shortExamples = Array.from(
  doc.matchAll(/`(\{ "type": [^`]+\})`/g),
  ([, json = ""]) => json,
);

/** Of a type that both sides use: what the server says. */
function isSaid(example: Heard): boolean {
  return ["sessions", "rooms", "invites"].includes(example.type) &&
    example[example.type] !== undefined;
}

const asked = examples.filter((each) =>
  kindOf(each.type) !== undefined && !isSaid(each)
);
const said = examples.filter((each) => !asked.includes(each));

/** The first cells of the rows of the table that begins with a heading. */
function firstCells(heading: string): string[] {
  const [, table = ""] = doc.split(new RegExp(`^\\| ${heading} .*\\n`, "m"));
  const [rows = ""] = table.split("\n\n");
  return rows.split("\n").slice(1).map((row) =>
    (row.split("|")[1] ?? "").replaceAll("`", "").trim()
  );
}

/** What the server really says, by type, from the transcripts. */
async function reallySaid(): Promise<Map<string, Heard[]>> {
  const heard = new Map<string, Heard[]>();
  const folder = new URL("transcripts/", import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    const transcript = await Deno.readTextFile(new URL(name, folder));
    for (
      const [, json = ""] of (await play(transcript)).matchAll(/^\S+ < (.+)$/gm)
    ) {
      const message = JSON.parse(json);
      heard.set(message.type, [...heard.get(message.type) ?? [], message]);
    }
  }
  return heard;
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

for (const [index, example] of asked.entries()) {
  Deno.test(`chat-protocol.md shows a ${example.type} that is taken (${index})`, () => {
    if (example.attachments) {
      example.attachments[0].hash = "sha256-" + "0".repeat(64);
    }
    const parsed = parseRequest(JSON.stringify(example));
    assertEquals(parsed.type, example.type, JSON.stringify(parsed));
  });
}

Deno.test("chat-protocol.md shows every request", () => {
  const text = shortExamples.join("\n") + JSON.stringify(asked, null, 1);
  for (const type of Object.keys(REQUESTS)) {
    assertStringIncludes(text, `"type": "${type}"`);
  }
});

Deno.test("chat-protocol.md lists no request in a table that is not taken", () => {
  const rows = doc.matchAll(/^\| (.+?) +\|/gm);
  const types = Array.from(rows).flatMap(([, cell = ""]) =>
    Array.from(cell.matchAll(/`\{ "type": "(\w+)"/g), ([, type = ""]) => type)
  );
  assert(types.length > 20);
  assertEquals(types.filter((type) => kindOf(type) === undefined), []);
});

Deno.test("chat-protocol.md shows no field that the server never says", async () => {
  const really = await reallySaid();
  for (const example of said) {
    const messages = really.get(example.type);
    assert(messages, `${example.type} is in no transcript`);
    const fields = new Set(messages.flatMap((each) => Object.keys(each)));
    for (const field of Object.keys(example)) {
      const isOther = ["expires", "owner", "attachments", "slow"].includes(
        field,
      );
      assert(isOther || fields.has(field), `${example.type} has no ${field}`);
    }
  }
});

Deno.test("chat-protocol.md states the name and the limits of the protocol", () => {
  assertStringIncludes(doc, CHAT_PROTOCOL);
  const welcome = examples.find((each) => each.type === "welcome");
  const { upload: _, ...limits } = welcome.limits;
  assertEquals(limits, CHAT_LIMITS);
  const error = examples.find((each) => each.type === "error");
  assertEquals(error.message, CHAT_ERRORS.name_taken);
});
