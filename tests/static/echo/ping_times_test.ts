import { assertEquals } from "@std/assert";
import {
  formatTime,
  KEPT_TIMES,
  PingTimes,
} from "../../../static/echo/ping_times.js";

Deno.test("PingTimes keeps count, least, most and mean", () => {
  const times = [3, 1, 2].reduce((all, time) => all.add(time), new PingTimes());
  assertEquals([times.count, times.min, times.max], [3, 1, 3]);
  assertEquals(times.average, 2);
  assertEquals(times.latest, [3, 1, 2]);
});

Deno.test("PingTimes forgets the oldest times but not their mean", () => {
  let times = new PingTimes();
  for (let i = 0; i < KEPT_TIMES + 40; i++) times = times.add(i);
  assertEquals(times.latest.length, KEPT_TIMES);
  assertEquals(times.latest[0], 40);
  assertEquals(Math.round(times.average * 1000), (KEPT_TIMES + 39) * 500);
});

Deno.test("formatTime() shows as many digits as mean something", () => {
  assertEquals([0.344, 12.34, 250.4].map(formatTime), [
    "0.34 ms",
    "12.3 ms",
    "250 ms",
  ]);
});
