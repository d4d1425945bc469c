import { assertEquals } from "@std/assert";
import { formatDay, startOfDay } from "../../../static/chat/time.js";

const NOON = new Date(2025, 2, 1, 12).getTime();

Deno.test("formatDay() says Today and Yesterday, across the end of a month", () => {
  assertEquals(formatDay(NOON, NOON), "Today");
  assertEquals(formatDay(startOfDay(NOON), NOON), "Today");
  assertEquals(formatDay(startOfDay(NOON) - 1, NOON), "Yesterday");
});

Deno.test("formatDay() names the day, and the year when it is another one", () => {
  assertEquals(
    formatDay(new Date(2025, 1, 3).getTime(), NOON),
    "Monday, February 3",
  );
  assertEquals(
    formatDay(new Date(2024, 11, 31).getTime(), NOON),
    "Tuesday, December 31, 2024",
  );
});
