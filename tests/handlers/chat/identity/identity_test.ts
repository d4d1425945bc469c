import {
  assert,
  assertEquals,
  assertFalse,
  assertNotEquals,
  assertThrows,
} from "@std/assert";
import {
  type Identified,
  Identity,
  type IdentityOptions,
  type IdentityRefusal,
} from "../../../../handlers/chat/identity/identity.ts";
import { Passwords } from "../../../../handlers/chat/identity/passwords.ts";
import { newSecret } from "../../../../handlers/chat/identity/secrets.ts";
import type {
  TokenVerdict,
  TokenVerifier,
} from "../../../../handlers/chat/identity/verified_token.ts";
import { openStore } from "../../../../handlers/chat/sqlite/mod.ts";
import type { ChatStore } from "../../../../handlers/chat/store.ts";

const CHEAP = { N: 2, r: 1, p: 1 };
const START = Date.UTC(2026, 0, 2);
const PASSWORD = "correct horse";

/** Judges by a table in place of signatures. */
class TokenTable implements TokenVerifier {
  readonly verdicts = new Map<string, TokenVerdict>();

  verify(token: string): Promise<TokenVerdict> {
    return Promise.resolve(this.verdicts.get(token) ?? "invalid_token");
  }

  give(token: string, id: string, name: string, isOwner = false): void {
    const expires = START + 3_600_000;
    this.verdicts.set(token, { id, name, expires, isOwner });
  }
}

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

interface World extends AsyncDisposable {
  readonly identity: Identity;
  readonly store: ChatStore;
  readonly tokens: TokenTable;
  readonly passwords: Passwords;
  readonly clock: { now: number };
  /** Another server on the same store. */
  restart(options?: IdentityOptions): Promise<Identity>;
}

async function world(options: IdentityOptions = {}): Promise<World> {
  const store = openStore({ path: ":memory:" });
  const clock = { now: START };
  const tokens = new TokenTable();
  const passwords = new Passwords({ cost: CHEAP });
  const restart = async (other: IdentityOptions = options) => {
    const identity = new Identity(store, {
      now: () => clock.now,
      tokens,
      passwords,
      ...other,
    });
    await identity.start();
    return identity;
  };
  return {
    identity: await restart(),
    store,
    tokens,
    passwords,
    clock,
    restart,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function identified(result: Identified | IdentityRefusal): Identified {
  assert(typeof result !== "string", `refused: ${result}`);
  return result;
}

/** The owner's account, then everybody may register. */
async function withOwner(options: IdentityOptions = {}): Promise<World> {
  const made = await world({ mode: "accounts", ...options });
  const code = made.identity.ownerCode!;
  identified(
    await made.identity.register({ name: "Owner", password: PASSWORD, code }),
  );
  return made;
}

Deno.test("Identity throws when the mode is jwt and nobody judges tokens", async () => {
  await using store = openStore({ path: ":memory:" });
  assertThrows(() => new Identity(store, { mode: "jwt" }), TypeError, "tokens");
});

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
  identified(await w.identity.hello("Ana"));
  assertEquals(await w.identity.hello("An\u0430"), "invalid_name");
  for (const like of ["Ana", "ANA", "\u0410\u041f\u0410"]) {
    assertEquals(await w.identity.hello(like), "name_taken");
  }
});

Deno.test("hello() is refused when there are no guests", async () => {
  await using w = await world({ mode: "accounts" });
  assertEquals(await w.identity.hello("Ana"), "account_required");
  const open = await w.restart({ mode: "accounts", guests: true });
  identified(await open.hello("Ana"));
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
