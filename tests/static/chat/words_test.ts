import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChatError } from "../../../static/chat-client/mod.js";
import { CHAT_ERRORS } from "../../../handlers/chat/errors.ts";
import {
  fieldOf,
  formatDuration,
  formatSize,
  moderatedWords,
  wordsOf,
} from "../../../static/chat/words.js";

const NOW = new Date(2025, 2, 1, 12).getTime();

Deno.test("wordsOf() has a sentence for each refusal of the server", () => {
  for (const [code, message] of Object.entries(CHAT_ERRORS)) {
    assertMatch(wordsOf(new ChatError(code, message)), /^[A-Z].*\.$/);
  }
});

Deno.test("wordsOf() says until when, after how long, and why", () => {
  const until = new Date(2025, 2, 2, 12).toISOString();
  const muted = new ChatError("muted", "", { until, reason: "noise" });
  assertMatch(
    wordsOf(muted, NOW),
    /^You are muted here\. It ends .*March 2.*\. The reason: noise$/,
  );
  assertEquals(
    wordsOf(new ChatError("too_fast", "", { retryAfter: 90 })),
    "That was too much in too short a time. Try again in 90 seconds.",
  );
  assertEquals(
    wordsOf(new ChatError("banned", "", { reason: "noise" })),
    "You are banned. The reason: noise",
  );
});

Deno.test("wordsOf() tells of what is no refusal, too", () => {
  assertMatch(wordsOf(new TypeError("x is undefined")), /Try again\.$/);
});

Deno.test("fieldOf() puts a refusal at its field, or above all", () => {
  assertEquals(fieldOf(new ChatError("name_taken", "")), "name");
  assertEquals(fieldOf(new ChatError("wrong_code", "")), "code");
  assertEquals(fieldOf(new ChatError("banned", "")), "entry");
  assertEquals(fieldOf(new TypeError()), "entry");
});

Deno.test("formatDuration() chooses the unit", () => {
  assertEquals(formatDuration(0.2), "1 second");
  assertEquals(formatDuration(90), "90 seconds");
  assertEquals(formatDuration(600), "10 minutes");
  assertEquals(formatDuration(86_400), "24 hours");
  assertEquals(formatDuration(604_800), "7 days");
});

Deno.test("formatSize() chooses the unit", () => {
  assertEquals(formatSize(1), "1 byte");
  assertEquals(formatSize(81_234), "81 KB");
  assertEquals(formatSize(1_500_000), "1.5 MB");
});

Deno.test("moderatedWords() tells what was done, where, and for how long", () => {
  const type = "moderated";
  const room = "lobby";
  assertEquals(
    moderatedWords({ type, room, action: "kick", reason: "noise" }, NOW),
    "You were sent out of “lobby”. You may come back. The reason: noise",
  );
  assertEquals(
    moderatedWords({ type, action: "ban" }, NOW),
    "You are banned from this server.",
  );
  const until = new Date(NOW).toISOString();
  assert(
    moderatedWords({ type, room, action: "mute", until }, NOW)
      .startsWith("You may speak in “lobby” again."),
  );
});
