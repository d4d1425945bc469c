import { assertMatch, assertStringIncludes } from "@std/assert";
import { CHAT_ERRORS, CHAT_LIMITS } from "../../../handlers/chat/mod.ts";

for (const [code, message] of Object.entries(CHAT_ERRORS)) {
  Deno.test(`CHAT_ERRORS says ${code} in one sentence`, () => {
    assertMatch(message, /^[A-Z][^.!]*\.$/);
  });
}

Deno.test("CHAT_ERRORS names the limit when there is one", () => {
  assertStringIncludes(CHAT_ERRORS.invalid_name, String(CHAT_LIMITS.name));
  assertStringIncludes(CHAT_ERRORS.invalid_room, String(CHAT_LIMITS.room));
  assertStringIncludes(CHAT_ERRORS.invalid_text, String(CHAT_LIMITS.text));
  assertStringIncludes(CHAT_ERRORS.invalid_topic, String(CHAT_LIMITS.topic));
  assertStringIncludes(CHAT_ERRORS.too_many_rooms, String(CHAT_LIMITS.rooms));
});
