import { assert, assertEquals, assertRejects } from "@std/assert";
import { ChatError, type ChatStatus } from "../../static/chat-client/mod.js";
import { connect, next, TestClient, TestStorage } from "./_client.ts";
import { ANA, BO, ScriptedServer } from "./_scripted_server.ts";

type Offline = Extract<ChatStatus, { state: "offline" }>;

async function offline(ana: TestClient): Promise<Offline> {
  const status = await next(
    ana.client,
    "status",
    ({ state }) => state === "offline",
  );
  return status as Offline;
}

Deno.test("connectChat() says who one is, and comes back with the secret", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const first = await server.accept();
  first.welcome();
  const hello = await first.take("hello");
  assertEquals([hello.name, hello.resume], ["Ana", undefined]);
  first.answer(hello, { type: "ready", person: ANA, resume: "s3" });
  assertEquals(await ana.client.whenReady(), ANA);
  assertEquals(ana.client.status, { state: "online" });
  first.close(1011);
  const second = await server.accept();
  second.welcome();
  const again = await second.take("hello");
  assertEquals([again.name, again.resume], [undefined, "s3"]);
});

Deno.test("connectChat() keeps the secret in the storage", async () => {
  await using server = new ScriptedServer();
  const storage = new TestStorage();
  {
    await using ana = connect(server, { storage });
    await server.acceptReady();
    await ana.client.whenReady();
  }
  await using _ = connect(server, { storage, identity: { name: "Other" } });
  const connection = await server.accept();
  connection.welcome();
  assertEquals((await connection.take("hello")).resume, "secret");
});

Deno.test("connectChat() without an identity waits for signIn()", async () => {
  await using server = new ScriptedServer();
  await using nobody = new TestClient(server.url);
  const { client } = nobody;
  const waiting = offline(nobody);
  (await server.accept()).welcome();
  const status = await waiting;
  assertEquals([status.reason, status.retryAt], ["signed_out", undefined]);
  assertEquals(client.welcome?.identity, "open");
  const error = await assertRejects(() => client.join("lobby"), ChatError);
  assertEquals(error.code, "signed_out");
  const signing = client.signIn({ name: "Ana" });
  await server.acceptReady();
  assertEquals(await signing, ANA);
});

Deno.test("signIn() rejects with the refusal, and may be tried again", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server, { identity: { name: "Bo" } });
  const ready = ana.client.whenReady();
  ready.catch(() => {});
  const first = await server.accept();
  first.welcome();
  first.refuse(await first.take("hello"), "name_taken");
  assertEquals(
    (await assertRejects(() => ready, ChatError)).code,
    "name_taken",
  );
  assertEquals((ana.client.status as Offline).reason, "refused");
  const signing = ana.client.signIn({
    login: { name: "Bo", password: "12345678" },
  });
  const second = await server.accept();
  second.welcome();
  const login = await second.take("login");
  assertEquals([login.name, login.password], ["Bo", "12345678"]);
  second.answer(login, { type: "ready", person: BO, resume: "s4" });
  assertEquals(await signing, BO);
});

Deno.test("a client asks for a fresh token at each connection, and refreshes it in time", async () => {
  await using server = new ScriptedServer();
  let tokens = 0;
  await using _ = connect(server, {
    identity: { token: () => Promise.resolve(`token ${++tokens}`) },
  });
  const first = await server.accept();
  first.welcome();
  const hello = await first.take("hello");
  assertEquals(hello.token, "token 1");
  first.answer(hello, {
    type: "ready",
    person: ANA,
    // By the server's clock it lasts a second and a quarter.
    expires: "2026-01-02T03:04:06.256Z",
  });
  const refresh = await first.take("refresh");
  assertEquals(refresh.token, "token 2");
  first.answer(refresh, { type: "ready", person: ANA });
  // The token has ended nevertheless: another one may do.
  first.close(4003);
  const second = await server.accept();
  second.welcome();
  assertEquals((await second.take("hello")).token, "token 3");
});

Deno.test("logout() forgets a token, of which the server has no session", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server, { identity: { token: () => "token" } });
  const first = await server.accept();
  first.welcome();
  first.answer(await first.take("hello"), { type: "ready", person: ANA });
  await ana.client.whenReady();
  await ana.client.logout();
  assertEquals((ana.client.status as Offline).reason, "signed_out");
  const error = await assertRejects(() => ana.client.whenReady(), ChatError);
  assertEquals(error.code, "signed_out");
});

Deno.test("a client tries again when no token could be had", async () => {
  await using server = new ScriptedServer();
  let tokens = 0;
  await using ana = connect(server, {
    identity: {
      token: () => {
        if (++tokens === 1) throw new TypeError("no network");
        return "token";
      },
    },
  });
  const gone = offline(ana);
  (await server.accept()).welcome();
  assertEquals((await gone).error?.code, "no_token");
  const second = await server.accept();
  second.welcome();
  assertEquals((await second.take("hello")).token, "token");
});

const STAYS: readonly [number, string][] = [
  [1002, "broken"],
  [1007, "broken"],
  [1008, "broken"],
  [4002, "disconnected"],
  [4003, "ended"],
  [4004, "banned"],
];

for (const [code, reason] of STAYS) {
  Deno.test(`a client stays offline after the close code ${code}`, async () => {
    await using server = new ScriptedServer();
    await using ana = connect(server);
    const connection = await server.acceptReady();
    const request = ana.client.request("rooms", {});
    request.catch(() => {});
    await connection.take("rooms");
    const gone = offline(ana);
    connection.close(code);
    const status = await gone;
    assertEquals(
      [status.reason, status.closeCode, status.retryAt],
      [reason, code, undefined],
    );
    const error = await assertRejects(() => request, ChatError);
    assertEquals(error.code, reason === "ended" ? "signed_out" : "offline");
    assertEquals(server.connections, 1);
    ana.client.reconnect();
    const again = await server.accept();
    again.welcome();
    const hello = await again.take("hello");
    // The secret of a session that has ended is forgotten.
    assertEquals(hello.resume, reason === "ended" ? undefined : "secret");
  });
}

for (const code of [1000, 1001, 1009, 1011, 4008, 4009, 4321]) {
  Deno.test(`a client comes back after the close code ${code}`, async () => {
    await using server = new ScriptedServer();
    await using ana = connect(server);
    const connection = await server.acceptReady();
    await ana.client.whenReady();
    const gone = offline(ana);
    connection.close(code);
    const { reason, retryAt } = await gone;
    assertEquals(reason, "lost");
    assert(retryAt! <= Date.now() + 100);
    await server.acceptReady();
    await ana.client.whenReady();
  });
}

Deno.test("a client rests for a minute after the close code 4029", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const connection = await server.acceptReady();
  const gone = offline(ana);
  connection.close(4029);
  assert((await gone).retryAt! >= Date.now() + 59_000);
});

Deno.test("a client waits longer the more attempts have failed", async () => {
  const asked: number[] = [];
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  // Nobody listens there.
  await using _ = new TestClient("ws://127.0.0.1:1/chat", {
    backoff: (failures) => {
      asked.push(failures);
      if (failures === 3) resolve();
      return 1;
    },
  });
  await enough;
  assertEquals(asked.slice(0, 4), [0, 1, 2, 3]);
});

Deno.test("a client waits for the time that a refused hello says", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const connection = await server.accept();
  connection.welcome();
  const gone = offline(ana);
  connection.refuse(await connection.take("hello"), "too_fast", {
    retry_after: 7,
  });
  const { retryAt, error } = await gone;
  assertEquals(error?.code, "too_fast");
  assert(retryAt! >= Date.now() + 6_000);
});

Deno.test("a client notices a server that says nothing", async () => {
  await using server = new ScriptedServer();
  await using _ = connect(server, { silence: 20, answerTime: 40 });
  // It has not even said welcome.
  await server.accept();
  const second = await server.acceptReady();
  const probe = await second.take("ping");
  second.answer(probe, { type: "done" });
  // Nor does this one answer twice.
  await second.take("ping");
  await server.accept();
});

Deno.test("request() resolves to the answer, or rejects with the refusal", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const asking = ana.client.request("rooms", { limit: 2 });
  const connection = await server.acceptReady();
  const request = await connection.take("rooms");
  assertEquals(request.limit, 2);
  connection.answer(request, { type: "rooms", rooms: [], more: false });
  assertEquals(await asking, { type: "rooms", rooms: [], more: false });
  const refused = ana.client.search("");
  refused.catch(() => {});
  connection.refuse(await connection.take("search"), "invalid_query");
  assertEquals(
    (await assertRejects(() => refused, ChatError)).code,
    "invalid_query",
  );
});

Deno.test("request() asks again what only asks, when the connection was lost", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const asking = ana.client.rooms();
  const changing = ana.client.rename("Anna");
  changing.catch(() => {});
  const first = await server.acceptReady();
  await first.take("rooms");
  await first.take("rename");
  first.close(1011);
  assertEquals(
    (await assertRejects(() => changing, ChatError)).code,
    "disconnected",
  );
  const second = await server.acceptReady();
  const again = await second.take("rooms");
  second.answer(again, { type: "rooms", rooms: [], more: false });
  assertEquals((await asking).more, false);
});

Deno.test("request() rejects with timeout, or the signal's reason", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  await server.acceptReady();
  const error = await assertRejects(
    () => ana.client.request("rooms", {}, { timeout: 5 }),
    ChatError,
  );
  assertEquals(error.code, "timeout");
  const leaving = new AbortController();
  const asking = ana.client.request("rooms", {}, { signal: leaving.signal });
  leaving.abort(new RangeError("enough"));
  await assertRejects(() => asking, RangeError, "enough");
  await assertRejects(
    () => ana.client.join("lobby", { signal: leaving.signal }),
    RangeError,
  );
});

Deno.test("logout() forgets the secret", async () => {
  await using server = new ScriptedServer();
  const storage = new TestStorage();
  await using ana = connect(server, { storage });
  const connection = await server.acceptReady();
  await ana.client.whenReady();
  assertEquals(storage.items.size, 1);
  const leaving = ana.client.logout();
  const gone = offline(ana);
  connection.answer(await connection.take("logout"), { type: "done" });
  await leaving;
  connection.close(4003);
  assertEquals((await gone).reason, "ended");
  assertEquals(storage.items.size, 0);
});

Deno.test("close() ends all", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const connection = await server.acceptReady();
  const asking = ana.client.rooms();
  asking.catch(() => {});
  await connection.take("rooms");
  await ana.client.close();
  assertEquals(await connection.closed, 1000);
  assertEquals((await assertRejects(() => asking, ChatError)).code, "closed");
  assertEquals(ana.client.status, { state: "closed" });
  for (
    const doing of [
      () => ana.client.join("lobby"),
      () => ana.client.whenReady(),
      () => ana.client.signIn({ name: "Ana" }),
    ]
  ) {
    assertEquals((await assertRejects(doing, ChatError)).code, "closed");
  }
  ana.client.reconnect();
  assertEquals(server.connections, 1);
});

const STATES: Record<string, (server: ScriptedServer) => Promise<unknown>> = {
  "connecting": () => Promise.resolve(),
  "unwelcome": (server) => server.accept(),
  "welcome": async (server) => (await server.accept()).welcome(),
  "ready": (server) => server.acceptReady(),
  "joined": async (server) => (await server.acceptReady()).joined(),
  "waiting": async (server) => (await server.acceptReady()).close(1011),
};

for (const [state, reach] of Object.entries(STATES)) {
  Deno.test(`a client that is ${state} is closed by its signal`, async () => {
    await using server = new ScriptedServer();
    const ending = new AbortController();
    await using ana = connect(server, { signal: ending.signal });
    const { client } = ana;
    const joining = client.join("lobby").catch((error) => error);
    await reach(server);
    ending.abort();
    assertEquals(client.status, { state: "closed" });
    await client.close();
    const end = await joining;
    if (end instanceof ChatError) assertEquals(end.code, "closed");
    else assertEquals(end.isJoined, false);
  });
}

Deno.test("a client tells what concerns one elsewhere", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const connection = await server.acceptReady();
  const notice = next(ana.client, "notice");
  connection.say({ type: "notice", message: { room: "crew", text: "@Ana" } });
  assertEquals((await notice).text, "@Ana");
  const moderated = next(ana.client, "moderated");
  connection.say({ type: "moderated", room: "crew", action: "ban" });
  assertEquals((await moderated).action, "ban");
  const wrong = next(ana.client, "error");
  connection.say({ type: "error", code: "not_json", message: "No." });
  assertEquals((await wrong).code, "not_json");
});

Deno.test("a storage that is full is told of, and nothing else is harmed", async () => {
  await using server = new ScriptedServer();
  const storage = new TestStorage();
  storage.setItem = () => {
    throw new DOMException("full", "QuotaExceededError");
  };
  await using ana = connect(server, { storage });
  const failed = next(ana.client, "error");
  await server.acceptReady();
  assertEquals((await failed).code, "storage_failed");
  assertEquals(await ana.client.whenReady(), ANA);
});
