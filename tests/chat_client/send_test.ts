import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { ChatError, type ChatOptions } from "../../static/chat-client/mod.js";
import { connect, next, TestStorage } from "./_client.ts";
import {
  ANA,
  BO,
  live,
  said,
  type ScriptedConnection,
  ScriptedServer,
} from "./_scripted_server.ts";

async function inLobby(server: ScriptedServer, options: ChatOptions = {}) {
  const ana = connect(server, options);
  const joining = ana.client.join("lobby");
  const connection = await server.acceptReady();
  await connection.joined();
  return { ana, room: await joining, connection };
}

async function comeBack(
  server: ScriptedServer,
  answer: Record<string, unknown> = {},
): Promise<ScriptedConnection> {
  const connection = await server.acceptReady();
  await connection.joined({ recovered: true, ...answer });
  return connection;
}

Deno.test("send() resolves when the message is stored", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const states: string[] = [];
  room.on("outgoing", ({ state }) => states.push(state));
  const sending = room.send("Hello, Bo!", {
    replyTo: 40,
    mentions: ["bo"],
    attachments: [{ hash: "sha256-00", name: "boat.jpg" }],
  });
  assertEquals(room.outgoing.map(({ state }) => state), ["sending"]);
  const send = await connection.sent(42);
  assertMatch(send.id, /^[0-9a-f]{32}$/);
  assertEquals(
    [send.room, send.text, send.reply_to, send.mentions, send.attachments],
    ["lobby", "Hello, Bo!", 40, ["bo"], [
      { hash: "sha256-00", name: "boat.jpg" },
    ]],
  );
  assertEquals((await sending).offset, 42);
  assertEquals(states, ["sending", "sent"]);
  assertEquals(room.outgoing, []);
});

Deno.test("send() resolves when the newest page has the message, whose answer was lost", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const sending = room.send("Hello, Bo!");
  const { id } = await connection.take("send");
  connection.close(1011);
  const second = await server.acceptReady();
  await second.joined({
    recovered: false,
    offset: 7,
    messages: [said(7, { id, from: ANA })],
  });
  assertEquals((await sending).offset, 7);
  assertEquals(room.outgoing, []);
});

Deno.test("send() keeps the order: one message is on its way at a time", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const all = ["one", "two", "three"].map((text) => room.send(text));
  const first = await connection.take("send");
  assertEquals(first.text, "one");
  const refused = performance.now();
  connection.refuse(first, "too_fast", { retry_after: 0.05 });
  connection.say({ type: "typing", room: "lobby", person: BO });
  await next(ana.client, "typing");
  // What is said meanwhile waits as well.
  all.push(room.send("four"));
  for (const [index, text] of ["one", "two", "three", "four"].entries()) {
    const { id, text: sent } = await connection.sent(index + 1);
    assertEquals(sent, text);
    if (index > 0) continue;
    assertEquals(id, first.id);
    assert(performance.now() - refused > 45);
  }
  const sent = await Promise.all(all);
  assertEquals(sent.map(({ offset }) => offset), [1, 2, 3, 4]);
});

Deno.test("send() sends again under the same id what was not answered", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const sending = Promise.all([room.send("one"), room.send("two")]);
  const { id } = await connection.take("send");
  connection.close(1011);
  const second = await comeBack(server);
  assertEquals((await second.sent(1)).id, id);
  second.close(1001);
  const third = await comeBack(server);
  assertEquals((await third.sent(2)).text, "two");
  assertEquals((await sending).map(({ offset }) => offset), [1, 2]);
});

Deno.test("send() waits while there is no connection", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const offline = next(ana.client, "status");
  connection.close(1001);
  assertEquals((await offline).state, "offline");
  const sending = room.send("Hello?");
  const second = await comeBack(server);
  await second.sent(1);
  assertEquals((await sending).offset, 1);
});

Deno.test("send() resolves when the message comes and its answer was lost", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const sending = room.send("one");
  const { id } = await connection.take("send");
  connection.close(1011);
  const second = await comeBack(server, {
    offset: 2,
    // Another one may have the same id.
    messages: [said(1, { id, from: BO }), said(2, { id, from: ANA })],
  });
  assertEquals((await sending).offset, 2);
  const next = room.send("two");
  assertEquals((await second.sent(3)).text, "two");
  await next;
});

Deno.test("send() rejects with the refusal, and goes on with the next", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const refused = room.send("\0");
  const taken = room.send("two");
  const send = await connection.take("send");
  connection.refuse(send, "invalid_text");
  await connection.sent(1);
  const error = await assertRejects(() => refused, ChatError);
  assertEquals(error.code, "invalid_text");
  await taken;
  assertEquals(room.outgoing.map(({ state }) => state), ["failed"]);
  room.retry(send.id);
  assertEquals((await connection.sent(2)).id, send.id);
});

Deno.test("send() joins again when the server says that one is not there", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const sending = room.send("one");
  connection.refuse(await connection.take("send"), "not_in_room");
  await connection.joined({ recovered: true });
  connection.refuse(await connection.take("send"), "not_in_room");
  const error = await assertRejects(() => sending, ChatError);
  assertEquals(error.code, "not_in_room");
});

Deno.test("send() refuses what would end the connection", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const error = await assertRejects(
    () => room.send("ü".repeat(40_000)),
    ChatError,
  );
  assertEquals(error.code, "too_large");
  room.send("ü".repeat(30_000));
  await connection.sent(1);
});

Deno.test("send() outlives its client when there is a storage", async () => {
  await using server = new ScriptedServer();
  const storage = new TestStorage();
  const first = await inLobby(server, { storage });
  const sending = first.room.send("one", { mentions: ["bo"] });
  first.room.send("two");
  const { id } = await first.connection.take("send");
  await first.ana.client.close();
  assertEquals((await assertRejects(() => sending, ChatError)).code, "closed");

  const { ana, room, connection } = await inLobby(server, { storage });
  await using _ = ana;
  assertEquals(room.outgoing.map(({ text }) => text), ["one", "two"]);
  const again = await connection.sent(1);
  assertEquals([again.id, again.mentions], [id, ["bo"]]);
  const sent = next(ana.client, "outgoing", ({ offset }) => offset === 2);
  await connection.sent(2);
  await sent;
  assertEquals(
    [...storage.items.keys()].filter((key) => /outbox/.test(key)),
    [],
  );
});

Deno.test("send() rejects with unconfirmed when one has become somebody else", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const tried = room.send("one");
  const untried = room.send("two");
  await connection.take("send");
  connection.close(1011);
  const second = await server.accept();
  second.welcome();
  second.refuse(await second.take("hello"), "unknown_session");
  const hello = await second.take("hello");
  assertEquals(hello.name, "Ana");
  second.answer(hello, { type: "ready", person: { id: "ana2", name: "Ana" } });
  await second.joined({ recovered: true });
  assertEquals(
    (await assertRejects(() => tried, ChatError)).code,
    "unconfirmed",
  );
  assertEquals((await second.sent(1)).text, "two");
  await untried;
});

Deno.test("join() with catchUp goes on where an earlier client was", async () => {
  await using server = new ScriptedServer();
  const storage = new TestStorage();
  const first = await inLobby(server, { storage });
  const heard = next(first.ana.client, "message");
  first.connection.say(live(1));
  await heard;
  await first.ana.client.close();

  await using ana = connect(server, { storage });
  const joining = ana.client.join("lobby", { catchUp: true });
  const connection = await server.acceptReady();
  const join = await connection.joined({
    recovered: true,
    offset: 3,
    messages: [said(2), said(3)],
  });
  assertEquals(join.since, { epoch: "e1", offset: 1, change: 0 });
  const room = await joining;
  const offsets: number[] = [];
  for await (const { offset } of room) {
    offsets.push(offset);
    if (offset === 3) break;
  }
  assertEquals(offsets, [2, 3]);
  assertEquals(room.hasOlder, true);
});
