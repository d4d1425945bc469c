import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import {
  BASE_DELAY,
  MAX_DELAY,
  reconnectDelay,
} from "../../../static/chat/backoff.js";

Deno.test("reconnectDelay() doubles its bound with each attempt up to the cap", () => {
  const almostOne = () => 1;
  const bounds = [0, 1, 2, 3, 4, 5, 6, 7, 60].map((attempt) =>
    reconnectDelay(attempt, almostOne)
  );
  assertEquals(bounds, [
    BASE_DELAY,
    1_000,
    2_000,
    4_000,
    8_000,
    16_000,
    MAX_DELAY,
    MAX_DELAY,
    MAX_DELAY,
  ]);
});

Deno.test("reconnectDelay() spreads over the whole range below its bound", () => {
  assertEquals(reconnectDelay(3, () => 0), 0);
  assertEquals(reconnectDelay(3, () => 0.5), 2_000);
});

Deno.test("reconnectDelay() stays within its bounds for any attempt", () => {
  fc.assert(fc.property(fc.nat(5_000), (attempt) => {
    const delay = reconnectDelay(attempt);
    assert(delay >= 0 && delay < MAX_DELAY);
  }));
});
