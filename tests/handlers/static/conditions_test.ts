import { assertEquals } from "@std/assert";
import {
  checkPreconditions,
  isRangeCurrent,
  type Validators,
} from "../../../handlers/static/conditions.ts";

const BEFORE = "Thu, 01 Jan 2026 11:59:59 GMT";
const THEN = "Thu, 01 Jan 2026 12:00:00 GMT";
const AFTER = "Thu, 01 Jan 2026 12:00:01 GMT";

const time = Date.UTC(2026, 0, 1, 12);
const STRONG: Validators = { etag: '"a"', modified: { time, settled: true } };
const WEAK: Validators = { ...STRONG, etag: 'W/"a"' };
const NEW: Validators = { etag: '"a"', modified: { time, settled: false } };
const UNDATED: Validators = { etag: '"a"' };

for (
  const [outcome, fields, validators, what] of [
    ["met", {}, STRONG, "there is none"],

    ["met", { "if-match": '"a"' }, STRONG, "If-Match names the tag"],
    ["met", { "if-match": '"b", "a"' }, STRONG, "If-Match lists the tag"],
    ["met", { "if-match": "*" }, STRONG, "If-Match is *"],
    ["met", { "if-match": "*" }, WEAK, "If-Match is * and the tag weak"],
    ["failed", { "if-match": '"b"' }, STRONG, "If-Match names another tag"],
    ["failed", { "if-match": 'W/"a"' }, STRONG, "If-Match names a weak tag"],
    ["failed", { "if-match": 'W/"a"' }, WEAK, "If-Match and the tag are weak"],
    ["failed", { "if-match": "a" }, STRONG, "If-Match has no quotes"],
    ["failed", { "if-match": "" }, STRONG, "If-Match is empty"],

    ["met", { "if-unmodified-since": THEN }, STRONG, "not modified since then"],
    ["met", { "if-unmodified-since": AFTER }, STRONG, "modified earlier"],
    ["failed", { "if-unmodified-since": BEFORE }, STRONG, "modified since"],
    ["failed", { "if-unmodified-since": BEFORE }, NEW, "modified just now"],
    ["met", { "if-unmodified-since": BEFORE }, UNDATED, "the date is unknown"],
    ["met", { "if-unmodified-since": "yesterday" }, STRONG, "it is no date"],
    [
      "met",
      { "if-match": '"a"', "if-unmodified-since": BEFORE },
      STRONG,
      "If-Match holds, whatever If-Unmodified-Since says",
    ],

    ["not_modified", { "if-none-match": '"a"' }, STRONG, "the tag is known"],
    ["not_modified", { "if-none-match": 'W/"a"' }, STRONG, "known as weak"],
    ["not_modified", { "if-none-match": '"a"' }, WEAK, "the known tag is weak"],
    ["not_modified", { "if-none-match": '"b","a"' }, STRONG, "it is listed"],
    ["not_modified", { "if-none-match": "*" }, STRONG, "If-None-Match is *"],
    ["met", { "if-none-match": '"b"' }, STRONG, "another tag is known"],
    ["met", { "if-none-match": "a" }, STRONG, "If-None-Match has no quotes"],

    [
      "not_modified",
      { "if-modified-since": THEN },
      STRONG,
      "the date is known",
    ],
    [
      "not_modified",
      { "if-modified-since": AFTER },
      STRONG,
      "a later is known",
    ],
    ["met", { "if-modified-since": BEFORE }, STRONG, "an earlier is known"],
    ["met", { "if-modified-since": AFTER }, NEW, "the second is not over"],
    ["met", { "if-modified-since": THEN }, UNDATED, "there is no date"],
    [
      "met",
      { "if-modified-since": "today" },
      STRONG,
      "what is known is no date",
    ],
    [
      "met",
      { "if-none-match": '"b"', "if-modified-since": THEN },
      STRONG,
      "another tag is known, whatever the date says",
    ],

    [
      "failed",
      { "if-match": '"b"', "if-none-match": '"a"' },
      STRONG,
      "If-Match fails before If-None-Match is asked",
    ],
    [
      "not_modified",
      { "if-match": '"a"', "if-none-match": '"a"' },
      STRONG,
      "If-Match holds and the tag is known",
    ],
    [
      "not_modified",
      { "if-unmodified-since": THEN, "if-modified-since": THEN },
      STRONG,
      "both dates are the file's",
    ],
  ] as const
) {
  Deno.test(`checkPreconditions() finds ${outcome} when ${what}`, () => {
    assertEquals(checkPreconditions(new Headers(fields), validators), outcome);
  });
}

for (
  const [current, ifRange, validators, what] of [
    [true, undefined, STRONG, "there is no If-Range"],
    [true, '"a"', STRONG, "If-Range is the tag"],
    [false, '"b"', STRONG, "If-Range is another tag"],
    [false, 'W/"a"', STRONG, "If-Range is a weak tag"],
    [false, 'W/"a"', WEAK, "If-Range is the weak tag"],
    [false, '"a"', WEAK, "the tag is weak"],
    [false, '"a", "b"', STRONG, "If-Range is a list"],
    [false, "*", STRONG, "If-Range is *"],
    [true, THEN, STRONG, "If-Range is the date"],
    [true, "Thursday, 01-Jan-26 12:00:00 GMT", STRONG, "it is in an old form"],
    [false, BEFORE, STRONG, "If-Range is an earlier date"],
    [false, AFTER, STRONG, "If-Range is a later date"],
    [false, THEN, NEW, "the second is not over"],
    [false, THEN, UNDATED, "there is no date"],
    [false, "today", UNDATED, "neither is a date"],
  ] as const
) {
  Deno.test(`isRangeCurrent() is ${current} when ${what}`, () => {
    const headers = new Headers(ifRange && { "if-range": ifRange });
    assertEquals(isRangeCurrent(headers, validators), current);
  });
}
