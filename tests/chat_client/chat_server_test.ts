import { assert, assertEquals, assertRejects } from "@std/assert";
import { ChatError, type ChatRoom } from "../../static/chat-client/mod.js";
import { seededRandom } from "../_seeded_random.ts";
import { ChatServer } from "./_chat_server.ts";
import { next, TestClient, TestStorage } from "./_client.ts";

function texts(room: ChatRoom): string[] {
  return room.messages.map(({ text }) => text);
}

function guest(server: ChatServer, name: string): TestClient {
  return new TestClient(server.url, { identity: { name } });
}

Deno.test("two clients talk through the server", async () => {
  await using server = await ChatServer.start();
  await using ana = guest(server, "Ana");
  await using bo = guest(server, "Bo");
  const anasLobby = await ana.client.join("lobby");
  const came = next(ana.client, "presence");
  const bosLobby = await bo.client.join("lobby");
  await came;
  assertEquals([...anasLobby.members!.values()].map(({ name }) => name), [
    "Ana",
    "Bo",
  ]);
  assertEquals(anasLobby.role, "owner");

  const heard = next(bo.client, "message");
  const { offset } = await anasLobby.send("Hello, Bo!", {
    mentions: [bo.client.person!.id],
  });
  assertEquals((await heard).text, "Hello, Bo!");

  const typing = next(ana.client, "typing");
  bosLobby.typing();
  assertEquals((await typing).map(({ name }) => name), ["Bo"]);

  const edited = next(bo.client, "changed");
  await anasLobby.edit(offset, { text: "Hello, everybody!" });
  assertEquals((await edited).text, "Hello, everybody!");
  const reacted = next(ana.client, "changed", ({ reactions }) => !!reactions);
  await bosLobby.react(offset, { emoji: "👍" });
  assertEquals((await reacted).reactions?.[0]?.count, 1);
  assertEquals(texts(bosLobby), ["Hello, everybody!"]);

  assertEquals((await bosLobby.markRead()).unread, 0);
  assertEquals(bosLobby.read, offset);
  const found = await bo.client.search("everybody");
  assertEquals(found.messages.length, 1);
  const { rooms } = await bo.client.rooms();
  assertEquals(rooms.map(({ room, count }) => [room, count]), [["lobby", 2]]);
  const { members } = await bosLobby.listMembers();
  assertEquals(members.length, 2);

  const renamed = next(ana.client, "presence");
  assertEquals((await bo.client.rename("Bob")).name, "Bob");
  assertEquals(bo.client.person?.name, "Bob");
  assertEquals((await renamed).changed?.[0]?.name, "Bob");

  await anasLobby.remove(offset);
  const gone = next(ana.client, "presence", ({ left }) => left !== undefined);
  await bosLobby.leave();
  await gone;
  assertEquals(anasLobby.members?.size, 1);
  assertEquals(anasLobby.messages[0]?.deleted, true);
});

Deno.test("a moderator lets people in, mutes, kicks and bans them", async () => {
  await using server = await ChatServer.start();
  await using ana = guest(server, "Ana");
  await using bo = guest(server, "Bo");
  const crew = await ana.client.create("crew", { kind: "private" });
  assertEquals([crew.kind, crew.role], ["private", "owner"]);
  const outside = await assertRejects(() => bo.client.join("crew"), ChatError);
  assertEquals(outside.code, "invite_required");
  const { invite } = await crew.invite();
  const bosCrew = await bo.client.join("crew", { invite });
  const person = bo.client.person!.id;

  const muted = next(bo.client, "moderated");
  await crew.mute(person, { lasts: 600, reason: "noise" });
  assertEquals((await muted).reason, "noise");
  assert(bosCrew.muted?.until !== undefined);
  const silent = await assertRejects(() => bosCrew.send("?"), ChatError);
  assertEquals(silent.code, "muted");
  const heard = next(bo.client, "moderated");
  await crew.mute(person, { lasts: 0 });
  await heard;
  assertEquals(bosCrew.muted, undefined);
  await bosCrew.send("!");

  const topic = next(bo.client, "room_changed");
  await crew.setTopic("Saturday");
  await topic;
  assertEquals(bosCrew.topic, "Saturday");

  const direct = await bo.client.direct(ana.client.person!.id);
  assertEquals([direct.kind, direct.with?.name], ["direct", "Ana"]);
  const noticed = next(ana.client, "notice");
  await direct.send("Sorry!");
  assertEquals((await noticed).text, "Sorry!");

  const gone = next(bo.client, "left");
  await crew.ban(person, { reason: "noise again" });
  assertEquals((await gone)?.reason, "noise again");
  const banned = await assertRejects(
    () => bo.client.join("crew", { invite }),
    ChatError,
  );
  assertEquals(banned.code, "banned");
  assertEquals((await crew.bans()).bans.map(({ reason }) => reason), [
    "noise again",
  ]);
  await crew.unban(person);
  const { entries } = await crew.audit();
  assert(entries.some(({ action }) => action === "ban"));
});

Deno.test("a moderator sees the invitations of a room, and ends one", async () => {
  await using server = await ChatServer.start();
  await using ana = guest(server, "Ana");
  await using bo = guest(server, "Bo");
  const crew = await ana.client.create("crew", { kind: "private" });
  const { id, invite, expires } = await crew.invite({ lasts: 60, uses: 5 });
  const { invites, more } = await crew.invites({ limit: 9 });
  assertEquals(
    invites.map(({ time: _, by, ...entry }) => ({ ...entry, by: by.name })),
    [{ id, uses: 5, expires, by: "Ana" }],
  );
  assertEquals(more, false);
  await crew.dropInvite(id);
  assertEquals((await crew.invites()).invites, []);
  const again = await assertRejects(() => crew.dropInvite(id), ChatError);
  const late = await assertRejects(
    () => bo.client.join("crew", { invite }),
    ChatError,
  );
  assertEquals([again.code, late.code], ["unknown_invite", "unknown_invite"]);
});

Deno.test("a client is refused a name that is taken, and takes another", async () => {
  await using server = await ChatServer.start();
  await using ana = guest(server, "Ana");
  await ana.client.whenReady();
  await using other = guest(server, "ana");
  const error = await assertRejects(
    () => other.client.join("lobby"),
    ChatError,
  );
  assertEquals(error.code, "name_taken");
  assertEquals((await other.client.signIn({ name: "Bo" })).name, "Bo");
});

Deno.test("a client with an account logs in, out, and changes its password", async () => {
  await using server = await ChatServer.start({
    identity: { mode: "accounts", registration: true },
  });
  await using ana = new TestClient(server.url, { storage: new TestStorage() });
  const { client } = ana;
  const account = { name: "Ana", password: "correct horse" };
  const code = server.ownerCode!;
  await client.signIn({ register: { ...account, code } });
  assert(client.isOwner);
  assertEquals((await client.sessions()).length, 1);
  await client.changePassword({ old: "correct horse", new: "battery staple" });
  const gone = next(client, "status", ({ state }) => state === "offline");
  await client.logout();
  await gone;
  const error = await assertRejects(
    () => client.signIn({ login: account }),
    ChatError,
  );
  assertEquals(error.code, "wrong_password");
  const login = { name: "Ana", password: "battery staple" };
  assertEquals((await client.signIn({ login })).name, "Ana");
  // It comes back by its secret.
  const ready = next(client, "ready");
  await server.restart();
  assertEquals((await ready).person.name, "Ana");
});

Deno.test("loadOlder() reaches the first message", async () => {
  await using server = await ChatServer.start();
  await using ana = guest(server, "Ana");
  const writing = await ana.client.join("lobby");
  for (let n = 1; n <= 25; n++) await writing.send(`text ${n}`);
  await using bo = guest(server, "Bo");
  const reading = await bo.client.join("lobby", { limit: 10 });
  assertEquals(reading.messages.length, 10);
  while (reading.hasOlder) await reading.loadOlder(10);
  assertEquals(texts(reading), texts(writing));
});

Deno.test("clients see every message once and in order, however often the server goes away", async () => {
  const seed = crypto.getRandomValues(new Uint32Array(1))[0]!;
  console.log(`seed ${seed}`);
  const random = seededRandom(seed);
  await using server = await ChatServer.start();
  await using ana = guest(server, "Ana");
  await using bo = guest(server, "Bo");
  const rooms = [
    await ana.client.join("lobby"),
    await bo.client.join("lobby"),
  ];
  const seen = rooms.map((room) => {
    const offsets: number[] = [];
    room.on("message", ({ offset }) => offsets.push(offset));
    return offsets;
  });
  const sending: Promise<unknown>[] = [];
  for (let turn = 0; turn < 10; turn++) {
    for (const room of rooms) {
      const count = Math.floor(random() * 8);
      for (let n = 0; n < count; n++) {
        sending.push(room.send(`${turn} ${n}`));
      }
    }
    if (random() < 0.5) await sending[Math.floor(random() * sending.length)];
    await server.restart();
  }
  await Promise.all(sending);
  const all = Array.from(sending, (_, index) => index + 1);
  for (const [index, offsets] of seen.entries()) {
    while (offsets.length < all.length) {
      await next([ana, bo][index]!.client, "message");
    }
    assertEquals(offsets, all);
  }
  assertEquals(texts(rooms[0]!), texts(rooms[1]!));
  assert(rooms.every(({ outgoing }) => outgoing.length === 0));
});
