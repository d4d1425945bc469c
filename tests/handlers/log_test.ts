import { assert, assertEquals, assertMatch } from "@std/assert";
import { createLog } from "../../handlers/log.ts";
import { type ErrorContext, HttpError } from "../../mod.ts";

const NOON = Date.UTC(2026, 10, 20, 12);
const FROM: ErrorContext = {
  code: "bad_target",
  remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 5 },
};

/** A log whose clock the test turns. */
function logged() {
  const lines: string[] = [];
  const clock = { now: NOON };
  const write = (text: string) => void lines.push(text);
  return { lines, clock, log: createLog({ write, now: () => clock.now }) };
}

Deno.test("createLog() writes time, code, request, client and stack of an error", () => {
  const { lines, log } = logged();
  const error = new Error("a bug");
  log.onError(error, {
    ...FROM,
    code: "internal_error",
    method: "GET",
    target: "/a?secret=1",
  });
  assertEquals(lines, [
    "2026-11-20T12:00:00.000Z internal_error GET /a from 192.0.2.1: " +
    error.stack,
  ]);
});

Deno.test("createLog() writes what was thrown when it is no Error", () => {
  const { lines, log } = logged();
  log.onError("a word", { code: "accept_failed" });
  assertEquals(lines, ["2026-11-20T12:00:00.000Z accept_failed: a word"]);
});

Deno.test("createLog() writes the sentence of a refusal, and no stack", () => {
  const { lines, log } = logged();
  log.onRefusal(new HttpError("bad_target"), FROM);
  assertEquals(lines, [
    "2026-11-20T12:00:00.000Z bad_target from 192.0.2.1: " +
    "The request target is not valid for this method.",
  ]);
});

Deno.test("createLog() cuts a long target", () => {
  const { lines, log } = logged();
  const target = `/${"a".repeat(8_000)}`;
  log.onRefusal(new HttpError("body_too_large"), { ...FROM, target });
  assert(lines[0]!.length < 300);
});

Deno.test("createLog() counts refusals instead of writing more than ten a second", () => {
  const { lines, log, clock } = logged();
  const error = new HttpError("bad_target");
  for (let i = 0; i < 25; i++) log.onRefusal(error, FROM);
  assertEquals(lines.length, 10);
  clock.now += 1_000;
  log.onRefusal(error, FROM);
  assertEquals(lines.length, 12);
  assertEquals(
    lines[10],
    "2026-11-20T12:00:00.000Z 15 more requests were refused that second.",
  );
  assertMatch(lines[11]!, /bad_target/);
});

Deno.test("createLog() writes of a tunnel that has ended what went through", () => {
  const { lines, log } = logged();
  log.onTunnelEnd({
    authority: "a.example:443",
    targetAddr: { transport: "tcp", hostname: "198.51.100.7", port: 443 },
    remoteAddr: FROM.remoteAddr!,
    sent: 517,
    received: 4821,
    milliseconds: 1532,
    ending: "target_lost",
  });
  assertEquals(lines, [
    "2026-11-20T12:00:00.000Z tunnel_target_lost CONNECT a.example:443 " +
    "from 192.0.2.1: 517 bytes to 198.51.100.7, 4821 bytes back, in 1532 ms; " +
    "the target was lost.",
  ]);
});
