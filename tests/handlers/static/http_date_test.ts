import { assertEquals } from "@std/assert";
import { parseHttpDate } from "../../../handlers/static/http_date.ts";

const NOW = Date.UTC(2026, 6, 1);

for (
  const [text, time] of [
    ["Sun, 06 Nov 1994 08:49:37 GMT", Date.UTC(1994, 10, 6, 8, 49, 37)],
    ["Sunday, 06-Nov-94 08:49:37 GMT", Date.UTC(1994, 10, 6, 8, 49, 37)],
    ["Sun Nov  6 08:49:37 1994", Date.UTC(1994, 10, 6, 8, 49, 37)],
    ["Wed Nov 16 23:59:59 1994", Date.UTC(1994, 10, 16, 23, 59, 59)],
    ["Thu, 29 Feb 2024 00:00:00 GMT", Date.UTC(2024, 1, 29)],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["Wednesday, 01-Jan-76 00:00:00 GMT", Date.UTC(2076, 0, 1)],
    ["Saturday, 01-Jan-77 00:00:00 GMT", Date.UTC(1977, 0, 1)],
    ["Wednesday, 01-Jan-25 00:00:00 GMT", Date.UTC(2025, 0, 1)],
  ] as const
) {
  Deno.test(`parseHttpDate() reads ${text}`, () => {
    assertEquals(parseHttpDate(text, NOW), time);
  });
}

for (
  const [text, why] of [
    ["", "it is empty"],
    ["Invalid Date", "it says so"],
    ["0", "it is a number"],
    ["1994-11-06T08:49:37Z", "it is ISO 8601"],
    ["Mon, 06 Nov 1994 08:49:37 GMT", "the day of the week is another"],
    ["Monday, 06-Nov-94 08:49:37 GMT", "the long day of the week is another"],
    ["Sun, 6 Nov 1994 08:49:37 GMT", "the day has one digit"],
    ["Sun, 06 Nov 1994 08:49:37", "there is no zone"],
    ["Sun, 06 Nov 1994 08:49:37 UTC", "the zone is not GMT"],
    ["Sun, 06 Nov 1994 08:49:37 +0000", "the zone is a number"],
    ["Sun, 06 Nov 94 08:49:37 GMT", "the year has two digits"],
    ["sun, 06 nov 1994 08:49:37 gmt", "it is in lower case"],
    ["Thu, 30 Feb 2023 00:00:00 GMT", "there is no such day"],
    ["Sun, 06 Nov 1994 24:00:00 GMT", "there is no such hour"],
    ["Sun, 06 Nov 1994 08:60:00 GMT", "there is no such minute"],
    [" Sun, 06 Nov 1994 08:49:37 GMT", "a space is before it"],
    ["Sun, 06 Nov 1994 08:49:37 GMT\n", "a line break is after it"],
    ["Sun Nov 6 08:49:37 1994", "the day is not filled up"],
    [
      "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
      "there are two",
    ],
  ] as const
) {
  Deno.test(`parseHttpDate() refuses a date when ${why}`, () => {
    assertEquals(parseHttpDate(text, NOW), undefined);
  });
}
