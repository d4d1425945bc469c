const TIME = "\\d{2}:\\d{2}:\\d{2}";
const RFC_850 = new RegExp(
  `^(\\w{3})\\w{3,6}, (\\d{2})-(\\w{3})-(\\d{2}) (${TIME}) GMT$`,
);
const ASCTIME = new RegExp(
  `^(\\w{3}) (\\w{3}) ([ \\d]\\d) (${TIME}) (\\d{4})$`,
);

/**
 * Reads a date in any of the three forms of RFC 9110 §5.6.7, as milliseconds
 * since 1970; `undefined` for anything else, a wrong day of the week included.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseHttpDate } from "./http_date.ts";
 *
 * const time = Date.UTC(1994, 10, 6, 8, 49, 37);
 * assertEquals(parseHttpDate("Sun, 06 Nov 1994 08:49:37 GMT"), time);
 * assertEquals(parseHttpDate("Sun Nov  6 08:49:37 1994"), time);
 * assertEquals(parseHttpDate("1994-11-06T08:49:37Z"), undefined);
 * ```
 *
 * @param text The date.
 * @param now What a year of two digits is near to, in milliseconds since 1970.
 */
export function parseHttpDate(
  text: string,
  now: number = Date.now(),
): number | undefined {
  const current = modernize(text, now);
  const time = Date.parse(current);
  if (Number.isNaN(time)) return undefined;
  // Date.parse takes much that is no HTTP date; only such a date comes back.
  return new Date(time).toUTCString() === current ? time : undefined;
}

/** Puts a date of an obsolete form into the current one. */
function modernize(text: string, now: number): string {
  const rfc850 = RFC_850.exec(text);
  if (rfc850 !== null) {
    const [, weekday, day, month, year, time] = rfc850;
    return `${weekday}, ${day} ${month} ${
      fullYear(Number(year), now)
    } ${time} GMT`;
  }
  const asctime = ASCTIME.exec(text);
  if (asctime !== null) {
    const [, weekday, month, day, time, year] = asctime;
    return `${weekday}, ${day!.replace(" ", "0")} ${month} ${year} ${time} GMT`;
  }
  return text;
}

function fullYear(twoDigits: number, now: number): number {
  const thisYear = new Date(now).getUTCFullYear();
  const year = thisYear - thisYear % 100 + twoDigits;
  // RFC 9110 §5.6.7: what seems more than 50 years ahead lies in the past.
  return year > thisYear + 50 ? year - 100 : year;
}
