import { assertEquals } from "@std/assert";
import { parseByteRange } from "../../../handlers/static/byte_range.ts";

for (
  const [field, size, first, last] of [
    ["bytes=0-0", 10, 0, 0],
    ["bytes=2-5", 10, 2, 5],
    ["bytes=0-9", 10, 0, 9],
    ["bytes=9-9", 10, 9, 9],
    ["bytes=4-", 10, 4, 9],
    ["bytes=4-10", 10, 4, 9],
    ["bytes=0-99999999999999999999999", 10, 0, 9],
    [`bytes=0-${"9".repeat(400)}`, 10, 0, 9],
    ["bytes=-1", 10, 9, 9],
    ["bytes=-10", 10, 0, 9],
    ["bytes=-11", 10, 0, 9],
    ["bytes=-99999999999999999999999", 10, 0, 9],
    ["bytes=007-008", 10, 7, 8],
    ["BYTES=0-1", 10, 0, 1],
    ["bytes=4294967296-4294967297", 2 ** 33, 2 ** 32, 2 ** 32 + 1],
  ] as const
) {
  Deno.test(`parseByteRange() finds ${first} to ${last} when ${size} bytes are asked for ${field.slice(0, 40)}`, () => {
    assertEquals(parseByteRange(field, size), { first, last });
  });
}

for (
  const [field, size] of [
    ["bytes=10-10", 10],
    ["bytes=10-", 10],
    ["bytes=99999999999999999999999-", 10],
    ["bytes=-0", 10],
    ["bytes=0-", 0],
    ["bytes=0-0", 0],
    ["bytes=-0", 0],
  ] as const
) {
  Deno.test(`parseByteRange() finds no byte when ${size} bytes are asked for ${field}`, () => {
    assertEquals(parseByteRange(field, size), "unsatisfiable");
  });
}

for (
  const [field, why] of [
    ["bytes=5-4", "it ends before it begins"],
    ["bytes=0-1,4-5", "there are several ranges"],
    ["bytes=0-1, bytes=4-5", "the field came twice"],
    ["bytes=0-1,", "a range is empty"],
    ["bytes=-", "there is no position"],
    ["bytes=", "there is no range"],
    ["bytes", "there is no equals sign"],
    ["", "it is empty"],
    ["0-1", "there is no unit"],
    ["items=0-1", "the unit is unknown"],
    ["bytes = 0-1", "there are spaces"],
    ["bytes= 0-1", "there is a space"],
    ["bytes=0 - 1", "there are spaces in the range"],
    ["bytes=--1", "there are two signs"],
    ["bytes=-1-2", "a position is negative"],
    ["bytes=0x1-2", "a position is not decimal"],
    ["bytes=1.5-2", "a position is no whole number"],
    ["bytes=+1-2", "a position has a sign"],
    ["bytes=\u0661-2", "a digit is not ASCII"],
    ["bytes=0-1\n", "a line break follows"],
  ] as const
) {
  Deno.test(`parseByteRange() ignores the field when ${why}`, () => {
    assertEquals(parseByteRange(field, 10), undefined);
  });
}

Deno.test("parseByteRange() ignores a suffix when there is no byte", () => {
  assertEquals(parseByteRange("bytes=-5", 0), undefined);
});
