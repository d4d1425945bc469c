import { assert, assertEquals, assertRejects } from "@std/assert";
import { ChatError, type ChatRoom } from "../../static/chat-client/mod.js";
import { connect, next, TestClient } from "./_client.ts";
import {
  ANA,
  BO,
  joined,
  live,
  said,
  type ScriptedConnection,
  ScriptedServer,
} from "./_scripted_server.ts";

/** A client in the lobby, and the server's side of its connection. */
async function inLobby(
  server: ScriptedServer,
  options: {
    joined?: Record<string, unknown>;
    client?: ConstructorParameters<typeof TestClient>[1];
  } = {},
): Promise<
  { ana: TestClient; room: ChatRoom; connection: ScriptedConnection }
> {
  const ana = connect(server, options.client);
  const joining = ana.client.join("lobby");
  const connection = await server.acceptReady();
  const entered = next(ana.client, "joined");
  await connection.joined(options.joined);
  await entered;
  return { ana, room: await joining, connection };
}

function offsets(messages: readonly { offset: number }[]): number[] {
  return messages.map(({ offset }) => offset);
}

Deno.test("join() gives the newest page, and then what comes", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 2, messages: [said(1), said(2)], more: false },
  });
  await using _ = ana;
  assertEquals(offsets(room.messages), [1, 2]);
  assertEquals(room.hasOlder, false);
  const heard: number[] = [];
  room.on("message", ({ offset }) => heard.push(offset));
  const third = next(ana.client, "message", ({ offset }) => offset === 4);
  connection.say(live(3));
  connection.say(live(4));
  await third;
  assertEquals(heard, [3, 4]);
  assertEquals(offsets(room.messages), [1, 2, 3, 4]);
  assertEquals(room.position, { epoch: "e1", offset: 4, change: 0 });
});

Deno.test("join() lets nobody miss what comes with its answer", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const joining = ana.client.join("lobby");
  const connection = await server.acceptReady();
  await connection.joined();
  for (let offset = 1; offset <= 10; offset++) connection.say(live(offset));
  const room = await joining;
  const heard: number[] = [];
  room.on("message", ({ offset }) => heard.push(offset));
  await next(ana.client, "message", ({ offset }) => offset === 10);
  assertEquals(heard, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

/** A server that answers in the turn in which it is asked, and says more. */
class PromptSocket {
  /** How many there have been. */
  static count = 0;
  onopen = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  onerror = null;

  constructor() {
    PromptSocket.count++;
    queueMicrotask(() => this.#say({ type: "welcome" }));
  }

  send(text: string): void {
    const { type, ref } = JSON.parse(text);
    if (type === "hello") this.#say({ type: "ready", person: ANA, ref });
    if (type !== "join") return;
    this.#say({ ...joined(), ref });
    this.#say(live(1));
  }

  close(): void {
    this.onclose?.({ code: 1000 });
  }

  #say(message: Record<string, unknown>): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

Deno.test("join() lets nobody miss what comes in the same turn", async () => {
  await using ana = new TestClient("ws://localhost/", {
    identity: { name: "Ana" },
    WebSocket: PromptSocket,
    // What was missed would come with the next connection.
    silence: 50,
    answerTime: 50,
  });
  const room = await ana.client.join("lobby");
  const heard = Promise.withResolvers<number>();
  room.on("message", ({ offset }) => heard.resolve(offset));
  assertEquals([await heard.promise, PromptSocket.count], [1, 1]);
});

Deno.test("join() rejects with the refusal", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const joining = ana.client.join("secret");
  joining.catch(() => {});
  const connection = await server.acceptReady();
  connection.refuse(await connection.take("join"), "invite_required");
  const error = await assertRejects(() => joining, ChatError);
  assertEquals(error.code, "invite_required");
  assertEquals(ana.client.joinedRooms.size, 0);
});

Deno.test("join() tries again after the time that too_fast says", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const joining = ana.client.join("lobby");
  const connection = await server.acceptReady();
  connection.refuse(await connection.take("join"), "too_fast", {
    retry_after: 0.01,
  });
  await connection.joined();
  assertEquals((await joining).isJoined, true);
});

Deno.test("join() asks again when the connection was lost before its answer", async () => {
  await using server = new ScriptedServer();
  await using ana = connect(server);
  const joining = ana.client.join("lobby");
  const first = await server.acceptReady();
  await first.take("join");
  first.close(1011);
  await (await server.acceptReady()).joined();
  assertEquals((await joining).isJoined, true);
});

Deno.test("a room drops what comes twice, and joins again when something is missing", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const heard: number[] = [];
  room.on("message", ({ offset }) => heard.push(offset));
  const errors: string[] = [];
  ana.client.on("error", ({ code }) => errors.push(code));
  const hole = next(ana.client, "error");
  connection.say(live(1));
  connection.say(live(1));
  connection.say(live(2));
  connection.say(live(4));
  assertEquals((await hole).code, "hole");
  // The answer has it all: what comes before it is not heard.
  connection.say(live(5));
  const join = await connection.joined({
    recovered: true,
    offset: 5,
    messages: [said(3), said(4), said(5)],
    more: true,
  });
  assertEquals(join.since, { epoch: "e1", offset: 2, change: 0 });
  const last = next(ana.client, "message", ({ offset }) => offset === 6);
  connection.say(live(6));
  await last;
  assertEquals(heard, [1, 2, 3, 4, 5, 6]);
  assertEquals(offsets(room.messages), [1, 2, 3, 4, 5, 6]);
  assertEquals(errors, ["hole"]);
});

Deno.test("a room goes on where it was after the connection is lost", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 2, change: 1, messages: [said(1), said(2)] },
  });
  await using _ = ana;
  const heard: number[] = [];
  const changed: string[] = [];
  room.on("message", ({ offset }) => heard.push(offset));
  room.on("changed", ({ text }) => changed.push(text));
  room.on("reset", () => heard.push(-1));
  const rejoined = next(ana.client, "joined");
  connection.close(1001);
  const second = await server.acceptReady();
  const join = await second.joined({
    recovered: true,
    offset: 4,
    change: 3,
    messages: [said(3), said(4)],
    changed: [said(1, { text: "edited" })],
  });
  assertEquals(join.since, { epoch: "e1", offset: 2, change: 1 });
  assertEquals(await rejoined, { epoch: "e1", offset: 4, change: 3 });
  assertEquals(heard, [3, 4]);
  assertEquals(changed, ["edited"]);
  assertEquals(room.messages[0]!.text, "edited");
  assertEquals(offsets(room.messages), [1, 2, 3, 4]);
});

Deno.test("a room begins anew when too much was missed", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 1, messages: [said(1)] },
  });
  await using _ = ana;
  const heard: number[] = [];
  room.on("message", ({ offset }) => heard.push(offset));
  const reset = next(ana.client, "reset");
  connection.close(4008);
  await (await server.acceptReady()).joined({
    recovered: false,
    epoch: "e2",
    offset: 900,
    messages: [said(899), said(900)],
    more: true,
  });
  assertEquals(await reset, { epoch: "e2", offset: 900, change: 0 });
  assertEquals(heard, []);
  assertEquals(offsets(room.messages), [899, 900]);
  assertEquals(room.hasOlder, true);
});

Deno.test("a room asks for all anew when what was recovered has a hole", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const reset = next(ana.client, "reset");
  const joined: number[] = [];
  ana.client.on("joined", ({ offset }) => joined.push(offset));
  const back = next(ana.client, "joined", ({ offset }) => offset === 3);
  connection.close(1011);
  const second = await server.acceptReady();
  await second.joined({ recovered: true, offset: 3, messages: [said(3)] });
  const join = await second.joined({ offset: 3, messages: [said(3)] });
  assertEquals(join.since, undefined);
  await reset;
  await back;
  // Not before it has all.
  assertEquals(joined, [3]);
  assertEquals(offsets(room.messages), [3]);
});

Deno.test("a room whose history was reset joins again and begins anew", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 2, messages: [said(1), said(2)] },
  });
  await using _ = ana;
  const reset = next(ana.client, "reset");
  connection.say({ type: "room_changed", room: "lobby", reset: true });
  connection.say(live(1, { text: "of the new epoch" }));
  const join = await connection.joined({
    epoch: "e2",
    offset: 1,
    messages: [said(1, { text: "of the new epoch" })],
  });
  assertEquals(join.since, undefined);
  await reset;
  assertEquals(room.messages.map(({ text }) => text), ["of the new epoch"]);
});

Deno.test("a room joins again when a change is missing", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 2, messages: [said(1), said(2)] },
  });
  await using _ = ana;
  const edit = (change: number, offset: number, text: string) =>
    connection.say({
      type: "changed",
      room: "lobby",
      change,
      message: said(offset, { text }),
    });
  const errors: string[] = [];
  ana.client.on("error", ({ code }) => errors.push(code));
  const second = next(ana.client, "changed", ({ text }) => text === "next");
  edit(1, 1, "once");
  edit(1, 1, "never");
  edit(2, 1, "next");
  await second;
  assertEquals(errors, []);
  edit(4, 2, "too early");
  const join = await connection.joined({
    recovered: true,
    offset: 2,
    change: 4,
    changed: [said(1, { text: "twice" }), said(2, { text: "now" })],
  });
  assertEquals(join.since.change, 2);
  await next(ana.client, "joined");
  assertEquals(room.messages.map(({ text }) => text), ["twice", "now"]);
  assertEquals(errors, ["hole"]);
});

Deno.test("a room knows who is there, and who types", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const present = (presence: Record<string, unknown>) => {
    connection.say({ type: "presence", room: "lobby", ...presence });
    return next(ana.client, "presence");
  };
  await present({ count: 2, joined: [BO] });
  assertEquals([...room.members!.keys()], ["ana", "bo"]);
  await present({ count: 2, changed: [{ ...ANA, role: "moderator" }] });
  assertEquals(room.role, "moderator");
  connection.say({ type: "typing", room: "lobby", person: BO });
  assertEquals(await next(ana.client, "typing"), [BO]);
  connection.say(live(1));
  await next(ana.client, "message");
  assertEquals(room.typists, []);
  await present({ count: 1, left: ["bo"] });
  assertEquals([...room.members!.keys()], ["ana"]);
  await present({ count: 300 });
  assertEquals([room.count, room.members], [300, undefined]);
  await present({ count: 2, members: [ANA, BO] });
  assertEquals([...room.members!.keys()], ["ana", "bo"]);
});

Deno.test("loadOlder() puts older messages before the others, as they are now", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 4, messages: [said(3), said(4)], more: true },
  });
  await using _ = ana;
  const loading = room.loadOlder(2);
  const history = await connection.take("history");
  assertEquals([history.before, history.limit], [3, 2]);
  // It has changed after the page was read, and before it was sent.
  connection.say({
    type: "changed",
    room: "lobby",
    change: 1,
    message: said(2, { text: "edited" }),
  });
  connection.answer(history, {
    type: "history",
    room: "lobby",
    epoch: "e1",
    messages: [said(1), said(2)],
    older: false,
    newer: true,
  });
  assertEquals(offsets(await loading), [1, 2]);
  assertEquals(offsets(room.messages), [1, 2, 3, 4]);
  assertEquals(room.messages[1]!.text, "edited");
  assertEquals(room.hasOlder, false);
});

Deno.test("a room ends when one is kicked, or when it is gone", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const iterated = Array.fromAsync(room, ({ offset }) => offset);
  const left = next(ana.client, "left");
  const sending = room.send("Hello?");
  await connection.take("send");
  connection.say(live(1));
  connection.say({
    type: "moderated",
    room: "lobby",
    action: "kick",
    reason: "advertising",
  });
  const error = await left;
  assertEquals([error?.code, error?.reason], ["left", "advertising"]);
  assertEquals(await iterated, [1]);
  assertEquals((await assertRejects(() => sending, ChatError)).code, "left");
  assertEquals(ana.client.joinedRooms.size, 0);
  await assertRejects(() => room.send("Hello?"), ChatError);
});

Deno.test("a room knows what moderators have done to one, by the server's clock", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { muted: "2026-01-02T03:05:05.006Z" },
  });
  await using _ = ana;
  const moderate = async (moderated: Record<string, unknown>) => {
    connection.say({ type: "moderated", room: "lobby", ...moderated });
    await next(ana.client, "moderated");
  };
  assertEquals(room.muted, { until: "2026-01-02T03:05:05.006Z" });
  // The server has said that it is this time.
  await moderate({ action: "mute", until: "2026-01-02T03:04:05.006Z" });
  assertEquals(room.muted, undefined);
  await moderate({ action: "mute" });
  assertEquals(room.muted, {});
  await moderate({ action: "role", role: "moderator" });
  assertEquals([room.role, room.isJoined], ["moderator", true]);
  await moderate({ action: "something new" });
  assertEquals(room.isJoined, true);
});

Deno.test("a room ends when it may not be joined again", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const left = next(ana.client, "left");
  connection.close(1001);
  const second = await server.acceptReady();
  second.refuse(await second.take("join"), "banned", { reason: "spam" });
  assertEquals((await left)?.code, "banned");
  assertEquals(room.isJoined, false);
});

Deno.test("a loop begins after what there was, and goes on where another was left", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 1, messages: [said(1)] },
  });
  await using _ = ana;
  const third = next(ana.client, "message", ({ offset }) => offset === 3);
  connection.say(live(2));
  connection.say(live(3));
  await third;
  const heard: number[] = [];
  for await (const { offset } of room) {
    heard.push(offset);
    if (offset === 2) break;
  }
  connection.say(live(4));
  for await (const { offset } of room) {
    heard.push(offset);
    if (offset === 4) break;
  }
  assertEquals(heard, [2, 3, 4]);
});

Deno.test("a loop over a room that was left gives what it has not given, and ends", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  const first = next(ana.client, "message");
  connection.say(live(1));
  await first;
  const left = next(ana.client, "left");
  connection.say({ type: "room_changed", room: "lobby", gone: true });
  await left;
  const heard: number[] = [];
  for await (const { offset } of room) heard.push(offset);
  assertEquals(heard, [1]);
});

Deno.test("leave() leaves, and nothing is heard afterwards", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  let heard = 0;
  room.on("message", () => heard++);
  const leaving = room.leave({ forGood: true });
  const leave = await connection.take("leave");
  assert(leave.for_good);
  connection.say(live(1));
  connection.answer(leave, { type: "left", room: "lobby" });
  await leaving;
  assertEquals(heard, 0);
  const again = ana.client.join("lobby");
  await connection.joined({ offset: 1, messages: [said(1)] });
  assertEquals(offsets((await again).messages), [1]);
});

Deno.test("a room holds only so many messages", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    client: { windowSize: 3 },
  });
  await using _ = ana;
  const last = next(ana.client, "message", ({ offset }) => offset === 5);
  for (let offset = 1; offset <= 5; offset++) connection.say(live(offset));
  await last;
  assertEquals(offsets(room.messages), [3, 4, 5]);
  assertEquals(room.hasOlder, true);
});

Deno.test("typing() tells the server every 3 s at most, and anew after send()", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server);
  await using _ = ana;
  for (let key = 0; key < 5; key++) room.typing();
  room.send("Hello");
  await connection.take("typing");
  await connection.sent(1);
  room.typing();
  await connection.take("typing");
});

Deno.test("direct() of a room that one is in changes nothing", async () => {
  await using server = new ScriptedServer();
  const { ana, room, connection } = await inLobby(server, {
    joined: { offset: 1, messages: [said(1)] },
  });
  await using _ = ana;
  room.on("reset", () => {
    throw new Error("A room was reset");
  });
  const opening = ana.client.direct("bo");
  connection.answer(
    await connection.take("direct"),
    joined({ offset: 1, messages: [said(1)] }),
  );
  assertEquals(await opening, room);
});
