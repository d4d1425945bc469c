import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import {
  hashSecret,
  isSameSecret,
  isSecret,
  newSecret,
} from "../../../../handlers/chat/identity/secrets.ts";

Deno.test("newSecret() makes another one of 256 bits each time", () => {
  const secrets = Array.from({ length: 1000 }, newSecret);
  assertEquals(new Set(secrets).size, 1000);
  for (const secret of secrets) assert(isSecret(secret));
});

for (
  const text of ["", "a".repeat(42), "a".repeat(44), `${"a".repeat(42)}+`]
) {
  Deno.test(`isSecret() is false for "${text}"`, () => {
    assertFalse(isSecret(text));
  });
}

Deno.test("hashSecret() gives the SHA-256 in hexadecimal", () => {
  assertEquals(
    hashSecret("abc"),
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  );
  assertMatch(hashSecret(newSecret()), /^[\da-f]{64}$/);
});

for (
  const [a, b, expected] of [
    ["secret", "secret", true],
    ["secret", "secreT", false],
    ["secret", "secret ", false],
    ["", "secret", false],
    ["", "", true],
  ] as const
) {
  Deno.test(`isSameSecret() is ${expected} for "${a}" and "${b}"`, () => {
    assertEquals(isSameSecret(a, b), expected);
  });
}
