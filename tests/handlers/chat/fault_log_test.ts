import { assertEquals, assertStringIncludes } from "@std/assert";
import { FaultLog, StoreError } from "../../../handlers/chat/mod.ts";

/** A log with a clock that a test sets, and what it has written. */
function openLog() {
  const lines: string[] = [];
  const clock = { now: Date.UTC(2026, 0, 2) };
  const log = new FaultLog({
    write: (text) => lines.push(text),
    now: () => clock.now,
  });
  return { log, lines, clock };
}

Deno.test("FaultLog writes one line of a fault that lasts, and then one a minute with a count", () => {
  const { log, lines, clock } = openLog();
  for (let second = 0; second <= 120; second++) {
    log.report(new StoreError("full"));
    clock.now += 1000;
  }
  assertEquals(lines, [
    "2026-01-02T00:00:00.000Z full: Cannot store: the disk is full.",
    "2026-01-02T00:01:00.000Z full: Cannot store: the disk is full. " +
    "59 more times since 2026-01-02T00:00:00.000Z.",
    "2026-01-02T00:02:00.000Z full: Cannot store: the disk is full. " +
    "59 more times since 2026-01-02T00:01:00.000Z.",
  ]);
});

Deno.test("FaultLog counts each kind of fault for itself", () => {
  const { log, lines, clock } = openLog();
  log.report(new StoreError("full"));
  log.report(new StoreError("busy"));
  log.report(new StoreError("full"));
  assertEquals(lines.length, 2);
  clock.now += 60_000;
  log.report(new StoreError("busy"));
  assertEquals(lines[2]?.includes("more"), false);
});

Deno.test("FaultLog writes each other error whole", () => {
  const { log, lines } = openLog();
  log.report(new TypeError("bad"));
  log.report("odd");
  assertStringIncludes(lines[0]!, "TypeError: bad\n    at ");
  assertEquals(lines[1], "2026-01-02T00:00:00.000Z odd");
});
