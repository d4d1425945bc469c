import { assertEquals } from "@std/assert";
import { chooseCoding } from "../../../handlers/static/content_coding.ts";

for (
  const [field, chosen, why] of [
    [null, undefined, "there is no field"],
    ["", undefined, "it is empty"],
    ["gzip, deflate, br, zstd", "br", "a browser lists gzip first"],
    ["gzip", "gzip", "only gzip is listed"],
    ["x-gzip", "gzip", "gzip has its old name"],
    ["BR", "br", "it is in capitals"],
    ["br;q=0.5, gzip", "gzip", "Brotli weighs less"],
    ["br;q=0.501,gzip;q=0.5", "br", "Brotli weighs a little more"],
    ["br;Q=0.5,gzip", "gzip", "the weight's name is a capital"],
    ["br \t;\t q=0.5 , gzip", "gzip", "there is white space"],
    ["br;q=0, gzip;q=0.001", "gzip", "Brotli is forbidden"],
    ["br;q=0, gzip;q=0.000", undefined, "both are forbidden"],
    ["*", "br", "all are welcome"],
    ["*;q=0.5, gzip", "gzip", "gzip is more welcome than all others"],
    ["br;q=0, *", "gzip", "all but Brotli are welcome"],
    ["identity", undefined, "only the file as it is is listed"],
    ["identity, gzip;q=0.5", undefined, "the file as it is weighs more"],
    ["identity;q=0.5, gzip;q=0.5", "gzip", "both weigh the same"],
    ["*, gzip;q=0.5, br;q=0.5", undefined, "* stands for the file as it is"],
    ["gzip;q=0.2", "gzip", "the file as it is is not mentioned"],
    ["identity;q=1, *;q=0", undefined, "a player forbids all codings"],
    ["identity;q=0, *;q=0", undefined, "everything is forbidden"],
    ["identity;q=0, gzip", "gzip", "the file as it is is forbidden"],
    ["deflate, zstd", undefined, "no coding is available"],
    ["br;q=2, gzip;q=0.1", "gzip", "a weight is over 1"],
    ["br;q=1.001, gzip;q=0.1", "gzip", "a weight is a little over 1"],
    ["br;q=0.5555, gzip;q=0.1", "gzip", "a weight has too many digits"],
    ["br;q=x, gzip;q=0.1", "gzip", "a weight is no number"],
    ["br;q=, gzip;q=0.1", "gzip", "a weight is missing"],
    ["br;level=5, gzip;q=0.1", "gzip", "a parameter is unknown"],
    ["br gzip", undefined, "the comma is missing"],
    [", ,gzip,", "gzip", "members are empty"],
  ] as const
) {
  Deno.test(`chooseCoding() chooses ${chosen} when ${why}`, () => {
    assertEquals(chooseCoding(field, ["br", "gzip"]), chosen);
  });
}

Deno.test("chooseCoding() chooses only what is available", () => {
  assertEquals(chooseCoding("br, gzip;q=0.5", ["gzip"]), "gzip");
  assertEquals(chooseCoding("br, gzip;q=0", ["gzip"]), undefined);
  assertEquals(chooseCoding("br, gzip", []), undefined);
});
