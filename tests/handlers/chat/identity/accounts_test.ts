import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
} from "@std/assert";
import { Passwords } from "../../../../handlers/chat/identity/passwords.ts";
import { newSecret } from "../../../../handlers/chat/identity/secrets.ts";
import { exactNameKey } from "../../../../handlers/chat/names.ts";
import {
  CHEAP,
  identified,
  PASSWORD,
  START,
  withOwner,
  world,
} from "./_world.ts";

/** Has a verdict, and then waits before it tells it. */
class SlowPasswords extends Passwords {
  readonly verified = Promise.withResolvers<void>();
  readonly goOn = Promise.withResolvers<void>();

  override async verify(password: string, stored: string | undefined) {
    const verdict = await super.verify(password, stored);
    this.verified.resolve();
    await this.goOn.promise;
    return verdict;
  }
}

Deno.test("register() and login() are not offered in other modes", async () => {
  for (const mode of ["open", "jwt"] as const) {
    await using w = await world({ mode });
    const account = { name: "Ana", password: PASSWORD };
    assertEquals(await w.identity.register(account), "not_offered");
    assertEquals(await w.identity.login(account), "not_offered");
    assertFalse(w.identity.registration);
    assertEquals(w.identity.ownerCode, undefined);
  }
});

Deno.test("register() makes the owner by the code, once", async () => {
  await using w = await world({ mode: "accounts" });
  const code = w.identity.ownerCode!;
  const register = (name: string, given?: string) =>
    w.identity.register({ name, password: PASSWORD, code: given });
  assertEquals(await register("Ana"), "registration_closed");
  assertEquals(await register("Ana", ""), "wrong_code");
  assertEquals(await register("Ana", newSecret()), "wrong_code");
  const { person } = identified(await register("Ana", code));
  assert(person.isOwner);
  assert((await w.store.people.get(person.id))!.isOwner);
  assertEquals(w.identity.ownerCode, undefined);
  assertEquals(await register("Bo", code), "wrong_code");
  assertFalse(identified(await register("Bo")).person.isOwner);
});

Deno.test("register() takes the code from one only when two use it at once", async () => {
  await using w = await world({ mode: "accounts" });
  const code = w.identity.ownerCode!;
  const results = await Promise.all(
    ["Ana", "Bo"].map((name) =>
      w.identity.register({ name, password: PASSWORD, code })
    ),
  );
  assert(identified(results[0]!).person.isOwner);
  assertEquals(results[1], "wrong_code");
});

Deno.test("register() leaves the code valid when it fails", async () => {
  await using w = await world({ mode: "accounts", guests: true });
  const code = w.identity.ownerCode!;
  identified(await w.identity.hello("Ana"));
  const register = (name: string, password = PASSWORD) =>
    w.identity.register({ name, password, code });
  assertEquals(await register("Ana"), "name_taken");
  assertEquals(await register(" "), "invalid_name");
  assertEquals(await register("Bo", "short"), "invalid_password");
  assertEquals(w.identity.ownerCode, code);
  assert(identified(await register("Bo")).person.isOwner);
});

Deno.test("register() takes only the owner when registration is closed", async () => {
  await using w = await world({ mode: "accounts", registration: false });
  assert(w.identity.registration);
  const code = w.identity.ownerCode!;
  identified(
    await w.identity.register({ name: "Ana", password: PASSWORD, code }),
  );
  assertFalse(w.identity.registration);
  assertEquals(
    await w.identity.register({ name: "Bo", password: PASSWORD }),
    "registration_closed",
  );
});

Deno.test("start() makes a code only when there is no account", async () => {
  await using w = await world({ mode: "accounts" });
  const again = await w.restart();
  assertNotEquals(again.ownerCode, w.identity.ownerCode);
  const code = again.ownerCode!;
  identified(await again.register({ name: "Ana", password: PASSWORD, code }));
  assertEquals((await w.restart()).ownerCode, undefined);
});

Deno.test("no result has the password's hash, and the store has no password", async () => {
  await using w = await withOwner();
  const account = { name: "Ana", password: PASSWORD };
  const registered = identified(await w.identity.register(account));
  const results = [
    registered,
    await w.identity.login(account),
    await w.identity.resume(registered.resume!),
  ];
  const stored = await w.store.people.get(registered.person.id);
  assertEquals(stored!.password!.startsWith("scrypt$"), true);
  for (const result of results) {
    assertFalse(JSON.stringify(identified(result)).includes("scrypt"));
  }
  assertFalse(JSON.stringify(stored).includes(PASSWORD));
});

Deno.test("login() gives another session of the same person", async () => {
  await using w = await withOwner();
  const account = { name: "Ana", password: PASSWORD };
  const registered = identified(await w.identity.register(account));
  const login = identified(
    await w.identity.login({ name: " ANA ", password: PASSWORD }),
  );
  assertEquals(login.person, registered.person);
  assertNotEquals(login.sessionId, registered.sessionId);
  for (const { resume } of [registered, login]) {
    identified(await w.identity.resume(resume!));
  }
});

Deno.test("login() answers the same to a wrong name and a wrong password", async () => {
  await using w = await withOwner({ guests: true });
  identified(await w.identity.hello("Guest"));
  for (
    const [name, password] of [
      ["Owner", "battery staple"],
      ["Owner", "short"],
      ["Owner", ""],
      ["Nobody", PASSWORD],
      ["Guest", PASSWORD],
      ["", PASSWORD],
    ] as const
  ) {
    assertEquals(await w.identity.login({ name, password }), "wrong_password");
  }
});

Deno.test("login() does the work of a password when the name is unknown", async () => {
  await using w = await withOwner({
    passwords: new Passwords({ cost: CHEAP, atOnce: 1, waiting: 0 }),
  });
  const results = await Promise.all(
    ["Nobody", "Nobody"].map((name) =>
      w.identity.login({ name, password: PASSWORD })
    ),
  );
  assertEquals(results, ["wrong_password", "busy"]);
});

Deno.test("login() hashes the password anew when the cost has grown", async () => {
  await using w = await withOwner();
  const passwords = new Passwords({ cost: { ...CHEAP, N: 4 } });
  const grown = await w.restart({ mode: "accounts", passwords });
  const login = () => grown.login({ name: "Owner", password: PASSWORD });
  const both = await Promise.all([login(), login()]);
  const { person } = identified(both[0]!);
  identified(both[1]!);
  const { password } = (await w.store.people.get(person.id))!;
  assertEquals(password!.startsWith("scrypt$4$"), true);
  identified(await login());
  assertEquals((await w.store.people.get(person.id))!.password, password);
  for (const { resume } of both.map(identified)) {
    identified(await grown.resume(resume!));
  }
});

Deno.test("changePassword() ends all other sessions", async () => {
  await using w = await withOwner();
  const login = (password: string) =>
    w.identity.login({ name: "Owner", password });
  const here = identified(await login(PASSWORD));
  const there = identified(await login(PASSWORD));
  const dropped = await w.identity.changePassword(here.person.id, {
    old: PASSWORD,
    new: "battery staple",
    sessionId: here.sessionId!,
  });
  assert(typeof dropped !== "string" && dropped.includes(there.sessionId!));
  assertFalse(dropped.includes(here.sessionId!));
  identified(await w.identity.resume(here.resume!));
  assertEquals(await w.identity.resume(there.resume!), "unknown_session");
  assertEquals(await login(PASSWORD), "wrong_password");
  identified(await login("battery staple"));
});

Deno.test("changePassword() changes nothing when it is refused", async () => {
  await using w = await withOwner({ guests: true });
  const { person, sessionId } = identified(
    await w.identity.login({ name: "Owner", password: PASSWORD }),
  );
  const change = (old: string, wanted: string) =>
    w.identity.changePassword(person.id, {
      old,
      new: wanted,
      sessionId: sessionId!,
    });
  assertEquals(await change("wrong horse", "battery staple"), "wrong_password");
  assertEquals(await change("short", "battery staple"), "wrong_password");
  assertEquals(await change(PASSWORD, "short"), "invalid_password");
  const guest = identified(await w.identity.hello("Guest"));
  assertEquals(
    await w.identity.changePassword(guest.person.id, {
      old: PASSWORD,
      new: PASSWORD,
      sessionId: guest.sessionId!,
    }),
    "not_offered",
  );
  identified(await w.identity.login({ name: "Owner", password: PASSWORD }));
  assertEquals((await w.store.sessions.of(person.id)).length, 3);
});

for (const cost of [CHEAP, { ...CHEAP, N: 4 }]) {
  Deno.test(`login() gives no session of an old password when it changes meanwhile, at the cost ${cost.N}`, async () => {
    await using w = await withOwner();
    const { person, sessionId } = identified(
      await w.identity.login({ name: "Owner", password: PASSWORD }),
    );
    const slow = new SlowPasswords({ cost });
    const other = await w.restart({ mode: "accounts", passwords: slow });
    const login = other.login({ name: "Owner", password: PASSWORD });
    await slow.verified.promise;
    const dropped = await w.identity.changePassword(person.id, {
      old: PASSWORD,
      new: "battery staple",
      sessionId: sessionId!,
    });
    assert(typeof dropped !== "string");
    slow.goOn.resolve();
    assertEquals(await login, "wrong_password");
    const sessions = await w.store.sessions.of(person.id);
    assertEquals(sessions.map(({ id }) => id), [sessionId!]);
    identified(
      await w.identity.login({ name: "Owner", password: "battery staple" }),
    );
  });
}

Deno.test("changePassword() lets one of two win when both change it at once", async () => {
  await using w = await withOwner();
  const { person, sessionId } = identified(
    await w.identity.login({ name: "Owner", password: PASSWORD }),
  );
  const results = await Promise.all(
    ["battery staple", "stapled battery"].map((wanted) =>
      w.identity.changePassword(person.id, {
        old: PASSWORD,
        new: wanted,
        sessionId: sessionId!,
      })
    ),
  );
  assertEquals(
    results.filter((result) => result === "wrong_password").length,
    1,
  );
});

Deno.test("login() finds the account that has kept a name like another one's", async () => {
  await using w = await world({ mode: "accounts" });
  const code = w.identity.ownerCode!;
  const register = async (name: string, given?: string) =>
    identified(
      await w.identity.register({ name, password: PASSWORD, code: given }),
    )
      .person.id;
  const kept = await register("Kept", code);
  const bill = await register("Bill");
  // As an upgrade leaves it that finds the two names alike.
  await w.store.people.rename(kept, {
    name: "Bi11",
    nameKey: exactNameKey("Bi11"),
    now: START,
  });
  const login = async (name: string) =>
    identified(await w.identity.login({ name, password: PASSWORD })).person.id;
  assertEquals(await login("Bi11"), kept);
  assertEquals(await login("Bill"), bill);
  assertEquals(await login("B1ll"), bill);
});
