import { assertEquals, assertThrows } from "@std/assert";
import type { Identified } from "../../../../handlers/chat/identity/identified.ts";
import { Identity } from "../../../../handlers/chat/identity/identity.ts";
import { newSecret } from "../../../../handlers/chat/identity/secrets.ts";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import { identified, PASSWORD, START, withOwner, world } from "./_world.ts";

Deno.test("Identity throws when the mode is jwt and nobody judges tokens", async () => {
  await using store = openStore({ path: ":memory:" });
  assertThrows(() => new Identity(store, { mode: "jwt" }), TypeError, "tokens");
});

Deno.test("resume() gives the same person and session without a new secret", async () => {
  await using w = await world();
  const come = identified(await w.identity.hello("Ana"));
  assertEquals(identified(await w.identity.resume(come.resume!)), {
    person: come.person,
    sessionId: come.sessionId!,
  });
});

Deno.test("resume() refuses a secret that is none", async () => {
  await using w = await world();
  for (const secret of ["", "secret", newSecret(), "x".repeat(60_000)]) {
    assertEquals(await w.identity.resume(secret), "unknown_session");
  }
});

Deno.test("resume() notes the use of a session once a minute", async () => {
  await using w = await world();
  const { person, resume } = identified(await w.identity.hello("Ana"));
  const used = async () => (await w.store.sessions.of(person.id))[0]!.used;
  w.clock.now += 59_999;
  await w.identity.resume(resume!);
  assertEquals(await used(), START);
  w.clock.now += 1;
  await w.identity.resume(resume!);
  assertEquals(await used(), START + 60_000);
});

Deno.test("resume() refuses a session that was not used for its lifetime", async () => {
  await using w = await withOwner({ sessionLifetime: 100 });
  const login = () => w.identity.login({ name: "owner", password: PASSWORD });
  const { person, resume } = identified(await login());
  w.clock.now += 100_000;
  identified(await w.identity.resume(resume!));
  w.clock.now += 100_001;
  assertEquals(await w.identity.resume(resume!), "unknown_session");
  assertEquals((await w.store.sessions.of(person.id)).length, 1);
});

Deno.test("resume() refuses who may not come in any more", async () => {
  await using w = await withOwner({ guests: true });
  const guest = identified(await w.identity.hello("Ana"));
  const account = identified(
    await w.identity.login({ name: "Owner", password: PASSWORD }),
  );
  const accounts = await w.restart({ mode: "accounts" });
  assertEquals(await accounts.resume(guest.resume!), "account_required");
  const open = await w.restart({ mode: "open" });
  assertEquals(await open.resume(account.resume!), "unknown_session");
});

Deno.test("rename() keeps the names apart", async () => {
  await using w = await world();
  const ana = identified(await w.identity.hello("Ana")).person;
  const bo = identified(await w.identity.hello("Bo")).person;
  assertEquals(await w.identity.rename(bo, "ana"), "name_taken");
  assertEquals(await w.identity.rename(bo, "\u202e"), "invalid_name");
  assertEquals(await w.identity.rename(ana, " ANA "), { name: "ANA" });
  assertEquals(await w.identity.rename(ana, "Anna"), { name: "Anna" });
  assertEquals(await w.identity.rename(bo, "Ana"), { name: "Ana" });
  assertEquals((await w.store.people.get(bo.id))!.name, "Ana");
});

Deno.test("sessions() says which one asks", async () => {
  await using w = await withOwner();
  const { person, sessionId } = identified(
    await w.identity.login({ name: "Owner", password: PASSWORD }),
  );
  const sessions = await w.identity.sessions(person.id, sessionId);
  assertEquals(sessions.length, 2);
  assertEquals(
    sessions.filter(({ current }) => current).map(({ id }) => id),
    [sessionId!],
  );
});

Deno.test("endSession() ends a session of that person only", async () => {
  await using w = await withOwner();
  const owner = identified(
    await w.identity.login({ name: "Owner", password: PASSWORD }),
  );
  const ana = identified(
    await w.identity.register({ name: "Ana", password: PASSWORD }),
  );
  const end = (person: Identified["person"], session: Identified) =>
    w.identity.endSession(person, session.sessionId!);
  assertEquals(await end(ana.person, owner), "unknown_session");
  identified(await w.identity.resume(owner.resume!));
  assertEquals(await end(owner.person, owner), "ended");
  assertEquals(await w.identity.resume(owner.resume!), "unknown_session");
  assertEquals(await end(owner.person, owner), "unknown_session");
  identified(await w.identity.resume(ana.resume!));
});

Deno.test("endSession() frees the name of a guest at once", async () => {
  await using w = await world();
  const { person, sessionId } = identified(await w.identity.hello("Ana"));
  await w.identity.onConnected(person);
  await w.identity.endSession(person, sessionId!);
  await w.identity.onGone(person);
  identified(await w.identity.hello("Ana"));
});
