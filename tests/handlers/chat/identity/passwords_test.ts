import {
  assert,
  assertEquals,
  assertMatch,
  assertNotEquals,
  assertRejects,
} from "@std/assert";
import { Buffer } from "node:buffer";
import { scryptSync } from "node:crypto";
import {
  isPassword,
  Passwords,
} from "../../../../handlers/chat/identity/passwords.ts";

/** As little work as scrypt can be. */
const CHEAP = { N: 2, r: 1, p: 1 };
const cheap = () => new Passwords({ cost: CHEAP });

for (
  const [password, expected, why] of [
    ["12345678", true, "it has 8 characters"],
    ["1234567", false, "it has 7 characters"],
    ["😀".repeat(8), true, "it has 8 wide characters"],
    ["😀".repeat(4), false, "it has 4 wide characters"],
    ["p".repeat(256), true, "it has 256 characters"],
    ["p".repeat(257), false, "it has 257 characters"],
    ["1234567\ud800", false, "it has half a character"],
    ["        ", true, "it is of spaces"],
  ] as const
) {
  Deno.test(`isPassword() is ${expected} when ${why}`, () => {
    assertEquals(isPassword(password), expected);
  });
}

Deno.test("Passwords.hash() is the scrypt of RFC 7914 with its parameters and salt", async () => {
  const hash = await cheap().hash("correct horse");
  assertMatch(hash, /^scrypt\$2\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
  const [, , , , salt, digest] = hash.split("$");
  const expected = scryptSync(
    "correct horse",
    Buffer.from(salt!, "base64url"),
    32,
    CHEAP,
  );
  assertEquals(digest, expected.toString("base64url"));
});

Deno.test("Passwords.hash() is another one each time", async () => {
  const passwords = cheap();
  assertNotEquals(
    await passwords.hash("correct horse"),
    await passwords.hash("correct horse"),
  );
});

Deno.test("Passwords.verify() knows the password from all others", async () => {
  const passwords = cheap();
  const hash = await passwords.hash("Zoë's horse");
  assertEquals(await passwords.verify("Zoë's horse", hash), "right");
  assertEquals(await passwords.verify("Zoe\u0308's horse", hash), "right");
  for (const wrong of ["Zoe's horse", "zoë's horse", "Zoë's horse ", ""]) {
    assertEquals(await passwords.verify(wrong, hash), "wrong");
  }
});

Deno.test("Passwords.verify() is right with the default cost", async () => {
  const passwords = new Passwords();
  const hash = await passwords.hash("correct horse");
  assertMatch(hash, /^scrypt\$32768\$8\$1\$/);
  assertEquals(await passwords.verify("correct horse", hash), "right");
  assertEquals(await passwords.verify("battery staple", hash), "wrong");
});

for (const cost of [{ N: 4 }, { r: 2 }, { p: 2 }]) {
  Deno.test(`Passwords.verify() finds a hash weak when new ones have ${Deno.inspect(cost)}`, async () => {
    const old = await cheap().hash("correct horse");
    const stronger = new Passwords({ cost: { ...CHEAP, ...cost } });
    assertEquals(
      await stronger.verify("correct horse", old),
      "right_but_weak",
    );
    assertEquals(await stronger.verify("battery staple", old), "wrong");
    const strong = await stronger.hash("correct horse");
    assertEquals(await cheap().verify("correct horse", strong), "right");
  });
}

Deno.test("Passwords.verify() does the work of a hash when there is none", async () => {
  const passwords = new Passwords({ cost: CHEAP, atOnce: 1, waiting: 0 });
  const verdict = passwords.verify("correct horse", undefined);
  // It takes a place as any other, which is what takes the time.
  assertEquals(await passwords.verify("correct horse", undefined), "busy");
  assertEquals(await verdict, "wrong");
});

Deno.test("Passwords.verify() throws when the hash is none", async () => {
  for (
    const hash of ["", "secret", "bcrypt$2$1$1$aaaa$aaaa", "scrypt$2$1$1$"]
  ) {
    await assertRejects(() => cheap().verify("correct horse", hash), TypeError);
  }
});

Deno.test("Passwords makes two at once, lets some wait and is busy for more", async () => {
  const passwords = new Passwords({ cost: CHEAP, atOnce: 2, waiting: 3 });
  const results = await Promise.all(
    Array.from({ length: 7 }, () => passwords.hash("correct horse")),
  );
  assertEquals(results.map((result) => result === "busy"), [
    ...Array(5).fill(false),
    true,
    true,
  ]);
  assert(await passwords.hash("correct horse") !== "busy");
});

Deno.test("Passwords makes no more at once after some have waited", async () => {
  const passwords = new Passwords({ cost: CHEAP, atOnce: 1, waiting: 1 });
  const hashes = (count: number) =>
    Promise.all(
      Array.from({ length: count }, () => passwords.hash("correct horse")),
    );
  await hashes(2);
  const results = await hashes(3);
  assertEquals(results.map((result) => result === "busy"), [
    false,
    false,
    true,
  ]);
});

Deno.test("Passwords gives its place on when a hash fails", async () => {
  const passwords = new Passwords({
    cost: { N: 3, r: 1, p: 1 },
    atOnce: 1,
    waiting: 1,
  });
  const failed = await Promise.allSettled(
    [1, 2].map(() => passwords.hash("correct horse")),
  );
  assertEquals(failed.map(({ status }) => status), ["rejected", "rejected"]);
  const known = await cheap().hash("correct horse");
  assertEquals(
    await passwords.verify("correct horse", known),
    "right_but_weak",
  );
});

Deno.test("Passwords lets the event loop go on while it hashes", async () => {
  const hashed = new Passwords().hash("correct horse").then(() => "hashed");
  const turn = new Promise((resolve) => setTimeout(resolve, 0, "turn"));
  assertEquals(await Promise.race([hashed, turn]), "turn");
  await hashed;
});
