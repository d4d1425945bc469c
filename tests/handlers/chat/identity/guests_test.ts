import { assertEquals, assertNotEquals } from "@std/assert";
import { identified, world } from "./_world.ts";

Deno.test("hello() makes a guest with a new secret", async () => {
  await using w = await world();
  const { person, resume, sessionId, expires } = identified(
    await w.identity.hello("  Ana "),
  );
  assertEquals([person.name, person.kind, person.isOwner], [
    "Ana",
    "guest",
    false,
  ]);
  assertEquals(expires, undefined);
  const sessions = await w.store.sessions.of(person.id);
  assertEquals(sessions.map(({ id }) => id), [sessionId!]);
  const other = identified(await w.identity.hello("Bo"));
  assertNotEquals(other.person.id, person.id);
  assertNotEquals(other.resume, resume);
});

Deno.test("hello() refuses a name that breaks the rules or that somebody has", async () => {
  await using w = await world();
  identified(await w.identity.hello("Cop"));
  assertEquals(await w.identity.hello("An\u0430"), "invalid_name");
  for (const like of ["Cop", "COP", "\u0421\u041e\u0420"]) {
    assertEquals(await w.identity.hello(like), "name_taken");
  }
});

Deno.test("hello() is refused when there are no guests", async () => {
  await using w = await world({ mode: "accounts" });
  assertEquals(await w.identity.hello("Ana"), "account_required");
  const open = await w.restart({ mode: "accounts", guests: true });
  identified(await open.hello("Ana"));
});

Deno.test("a guest's name is held while it is connected and for the grace time after", async () => {
  await using w = await world({ grace: 60 });
  const { person, resume } = identified(await w.identity.hello("Ana"));
  await w.identity.onConnected(person);
  await w.identity.onConnected(person);
  await w.identity.onGone(person);
  w.clock.now += 3_600_000;
  assertEquals(await w.identity.hello("Ana"), "name_taken");
  await w.identity.onGone(person);
  w.clock.now += 60_000;
  assertEquals(await w.identity.hello("Ana"), "name_taken");
  identified(await w.identity.resume(resume!));
  w.clock.now += 60_001;
  identified(await w.identity.hello("Ana"));
  assertEquals(await w.identity.resume(resume!), "unknown_session");
});

Deno.test("a guest's name is held for the grace time only when it never connects", async () => {
  await using w = await world({ grace: 60 });
  identified(await w.identity.hello("Ana"));
  w.clock.now += 60_001;
  identified(await w.identity.hello("Ana"));
});

Deno.test("a guest comes back after the grace time when nobody took the name", async () => {
  await using w = await world({ grace: 60 });
  const { person, resume } = identified(await w.identity.hello("Ana"));
  w.clock.now += 3_600_000;
  identified(await w.identity.resume(resume!));
  assertEquals(await w.identity.hello("Ana"), "name_taken");
  await w.identity.onConnected(person);
  w.clock.now += 3_600_000;
  assertEquals(await w.identity.hello("Ana"), "name_taken");
});

Deno.test("a guest's name is held while one device is connected and another comes", async () => {
  await using w = await world({ grace: 60 });
  const { person, resume } = identified(await w.identity.hello("Ana"));
  await w.identity.onConnected(person);
  identified(await w.identity.resume(resume!));
  await w.identity.onConnected(person);
  w.clock.now += 3_600_000;
  assertEquals(await w.identity.hello("Ana"), "name_taken");
});

Deno.test("resume() and hello() give a name to one of them when both want it at once", async () => {
  for (const isFirst of [true, false]) {
    await using w = await world({ grace: 60 });
    const { resume } = identified(await w.identity.hello("Ana"));
    w.clock.now += 60_001;
    const hello = () => w.identity.hello("Ana");
    const back = () => w.identity.resume(resume!);
    const results = await Promise.all(
      isFirst ? [back(), hello()] : [hello(), back()],
    );
    assertEquals(
      results.filter((result) => typeof result === "string").length,
      1,
    );
  }
});

Deno.test("a guest's name is nobody else's while it comes in, however short the grace time", async () => {
  await using w = await world({ grace: 0 });
  const { person, resume } = identified(await w.identity.hello("Ana"));
  w.clock.now += 1_000;
  assertEquals(await w.identity.hello("Ana"), "name_taken");
  await w.identity.onConnected(person);

  // Another device comes in while the first one leaves.
  identified(await w.identity.resume(resume!));
  await w.identity.onGone(person);
  w.clock.now += 1_000;
  assertEquals(await w.identity.hello("Ana"), "name_taken");
  await w.identity.onConnected(person);
  await w.identity.onGone(person);
  w.clock.now += 10_001;
  identified(await w.identity.hello("Ana"));
});

Deno.test("a guest's name is held for the grace time when the server starts anew", async () => {
  await using w = await world({ grace: 60 });
  const { person } = identified(await w.identity.hello("Ana"));
  await w.identity.onConnected(person);
  w.clock.now += 3_600_000;
  const again = await w.restart();
  assertEquals(await again.hello("Ana"), "name_taken");
  w.clock.now += 60_001;
  identified(await again.hello("Ana"));
});
