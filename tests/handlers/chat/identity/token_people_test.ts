import { assertEquals, assertFalse } from "@std/assert";
import { identified, START, world } from "./_world.ts";

Deno.test("helloToken() gives the person of a token without a session", async () => {
  await using w = await world({ mode: "jwt" });
  w.tokens.give("one", "id-1", " Ana ", true);
  const { person, ...rest } = identified(await w.identity.helloToken("one"));
  assertEquals(rest, { expires: START + 3_600_000 });
  assertEquals([person.id, person.name, person.kind, person.isOwner], [
    "id-1",
    "Ana",
    "jwt",
    true,
  ]);
  assertFalse((await w.store.people.get("id-1"))!.isOwner);
  const again = identified(await w.identity.helloToken("one"));
  assertEquals(again.person, person);
});

Deno.test("helloToken() refuses with the verdict, and a name that is none", async () => {
  await using w = await world({ mode: "jwt" });
  w.tokens.verdicts.set("later", "busy");
  w.tokens.give("nameless", "id-1", "\u202e");
  assertEquals(await w.identity.helloToken("no"), "invalid_token");
  assertEquals(await w.identity.helloToken("later"), "busy");
  assertEquals(await w.identity.helloToken("nameless"), "invalid_name");
  const open = await w.restart({ mode: "open" });
  assertEquals(await open.helloToken("no"), "not_offered");
  assertEquals(await open.refresh("id-1", "no"), "not_offered");
});

Deno.test("helloToken() follows the name of the token", async () => {
  await using w = await world({ mode: "jwt" });
  w.tokens.give("one", "id-1", "Ana");
  const { person } = identified(await w.identity.helloToken("one"));
  w.tokens.give("one", "id-1", "Anna");
  assertEquals(identified(await w.identity.helloToken("one")).person, {
    ...person,
    name: "Anna",
  });
  assertEquals(await w.identity.rename(person, "Bo"), "not_offered");
});

Deno.test("helloToken() puts a number after a name that is taken", async () => {
  await using w = await world({ mode: "jwt" });
  const long = "A".repeat(32);
  const names = [];
  for (let count = 1; count <= 11; count++) {
    w.tokens.give(`${count}`, `id-${count}`, "Ana");
    const result = identified(await w.identity.helloToken(`${count}`));
    names.push(result.person.name);
  }
  assertEquals(names.slice(0, 3), ["Ana", "Ana 2", "Ana 3"]);
  assertEquals(new Set(names).size, 11);
  assertEquals(
    identified(await w.identity.helloToken("3")).person.name,
    "Ana 3",
  );
  w.tokens.give("x", "x", long);
  w.tokens.give("y", "y", long);
  identified(await w.identity.helloToken("x"));
  assertEquals(
    identified(await w.identity.helloToken("y")).person.name,
    `${"A".repeat(30)} 2`,
  );
});

Deno.test("helloToken() gives one person when two devices come at once", async () => {
  await using w = await world({ mode: "jwt" });
  w.tokens.give("one", "id-1", "Ana");
  const both = await Promise.all(
    [1, 2, 3].map(() => w.identity.helloToken("one")),
  );
  for (const result of both) {
    assertEquals(identified(result).person.name, "Ana");
  }
});

Deno.test("refresh() takes a newer token of the same person only", async () => {
  await using w = await world({ mode: "jwt" });
  w.tokens.give("one", "id-1", "Ana");
  w.tokens.give("two", "id-2", "Bo");
  identified(await w.identity.helloToken("one"));
  assertEquals(await w.identity.refresh("id-1", "two"), "invalid_token");
  assertEquals(await w.identity.refresh("id-1", "no"), "invalid_token");
  w.tokens.give("three", "id-1", "Anna");
  const { person, expires } = identified(
    await w.identity.refresh("id-1", "three"),
  );
  assertEquals([person.name, expires], ["Anna", START + 3_600_000]);
});
