import { assertEquals, assertThrows } from "@std/assert";
import { formatBasicAuth } from "../../upgrade/basic_auth.ts";

Deno.test("formatBasicAuth() says a name and a password, in UTF-8", () => {
  for (
    const [username, password, value] of [
      // The examples of RFC 7617 §2 and §2.1.
      ["Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
      ["test", "123£", "Basic dGVzdDoxMjPCow=="],
      // Only the name ends with a colon.
      ["a", ":b:", "Basic YTo6Yjo="],
      ["", "", "Basic Og=="],
    ] as const
  ) {
    assertEquals(formatBasicAuth({ username, password }), value);
  }
});

Deno.test("formatBasicAuth() throws a TypeError when RFC 7617 cannot say it", () => {
  for (
    const [username, password, words] of [
      ["a:b", "c", "colon"],
      [":", "", "colon"],
      ["a\nb", "c", "control character"],
      ["a", "b\x7f", "control character"],
      ["a", "\0", "control character"],
      ["a\x85", "b", "control character"],
    ] as const
  ) {
    assertThrows(
      () => formatBasicAuth({ username, password }),
      TypeError,
      words,
    );
  }
});
