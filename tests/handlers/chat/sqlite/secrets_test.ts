import { assertEquals } from "@std/assert";
import { ANA, BO, NOW, openFurnished } from "./_store.ts";

const SESSION = { person: ANA.id, created: NOW, used: NOW } as const;

Deno.test("sessions.find() gives the session of a hash", async () => {
  await using store = await openFurnished();
  await store.sessions.add({ id: "s1", ...SESSION }, "hash-1");
  await store.sessions.touch("s1", NOW + 5);
  assertEquals(await store.sessions.find("hash-1"), {
    id: "s1",
    ...SESSION,
    used: NOW + 5,
  });
  assertEquals(await store.sessions.find("hash-2"), undefined);
});

Deno.test("sessions.drop() drops only a session of that person", async () => {
  await using store = await openFurnished();
  await store.sessions.add({ id: "s1", ...SESSION }, "hash-1");
  assertEquals(await store.sessions.drop("s1", BO.id), false);
  assertEquals(await store.sessions.drop("s1", ANA.id), true);
  assertEquals(await store.sessions.drop("s1", ANA.id), false);
  assertEquals(await store.sessions.find("hash-1"), undefined);
});

Deno.test("sessions.dropOthers() keeps one, and those of others", async () => {
  await using store = await openFurnished();
  for (const n of [1, 2, 3]) {
    await store.sessions.add({ id: `s${n}`, ...SESSION }, `hash-${n}`);
  }
  await store.sessions.add({ id: "b", ...SESSION, person: BO.id }, "hash-b");
  assertEquals(
    (await store.sessions.dropOthers(ANA.id, "s2")).toSorted(),
    ["s1", "s3"],
  );
  assertEquals((await store.sessions.of(ANA.id)).map(({ id }) => id), ["s2"]);
  assertEquals(await store.sessions.dropOthers(ANA.id), ["s2"]);
  assertEquals((await store.sessions.of(BO.id)).length, 1);
});

Deno.test("sessions.prune() drops what is older", async () => {
  await using store = await openFurnished();
  const add = (id: string, person: string, used: number) =>
    store.sessions.add({ id, person, created: NOW, used }, `hash-${id}`);
  await add("old", ANA.id, NOW - 1);
  await add("young", ANA.id, NOW);
  assertEquals(await store.sessions.prune(NOW), 1);
  const left = [];
  for (const id of ["old", "young"]) {
    if (await store.sessions.find(`hash-${id}`)) left.push(id);
  }
  assertEquals(left, ["young"]);
});

Deno.test("sessions.prune() looks at all of many", async () => {
  await using store = await openFurnished();
  const session = { person: ANA.id, created: NOW };
  await Promise.all(Array.from({ length: 2500 }, (_, n) => {
    const used = n % 2 === 0 ? NOW : NOW - 1;
    return store.sessions.add({ id: `${n}`, ...session, used }, `hash-${n}`);
  }));
  assertEquals(await store.sessions.prune(NOW), 1250);
  assertEquals((await store.sessions.of(ANA.id)).length, 1250);
  assertEquals(await store.sessions.prune(NOW), 0);
});

Deno.test("tokens.find() gives the token of a hash until it is dropped", async () => {
  await using store = await openFurnished();
  const token = {
    id: "t1",
    name: "CI",
    scopes: ["messages:write"],
    person: BO.id,
    created: NOW,
  };
  await store.tokens.add(token, "hash-1");
  await store.tokens.add({ ...token, id: "t2", room: "lobby" }, "hash-2");
  assertEquals(await store.tokens.find("hash-1"), token);
  assertEquals(await store.tokens.find("hash-3"), undefined);
  assertEquals(await store.tokens.list(), [token, {
    ...token,
    id: "t2",
    room: "lobby",
  }]);
  assertEquals(await store.tokens.drop("t1"), true);
  assertEquals(await store.tokens.drop("t1"), false);
  assertEquals(await store.tokens.find("hash-1"), undefined);
});
