import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "@std/assert";
import { ChatSocket } from "./_chat_socket.ts";
import { runTask, runToEnd, ServerProcess } from "./_server_process.ts";
import { TempFolder } from "./_temp_folder.ts";

const CODE = /Who registers with this code owns the server: ([\w-]{43})\n/;

/** Waits until the owner's code has been printed, and gives it. */
async function ownerCodeOf(server: ServerProcess): Promise<string> {
  await server.printed(CODE);
  return CODE.exec(server.output)![1]!;
}

Deno.test("main keeps people, messages and files in --data, which it makes", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  let resume: string;
  let file: { hash: string };
  {
    await using server = await ServerProcess.start(["--port=0"], { data });
    await using ana = await ChatSocket.open(server.url);
    ({ resume } = await ana.ask({ type: "hello", name: "Ana" }));
    await ana.ask({ type: "join", room: "lobby" });
    const upload = await fetch(
      new URL("/api/v1/uploads?name=note.txt", server.url),
      {
        method: "POST",
        headers: { authorization: `Bearer ${resume}` },
        body: "a note",
      },
    );
    assertEquals(upload.status, 201);
    file = await upload.json();
    const sent = await ana.ask({
      type: "send",
      room: "lobby",
      id: "1",
      text: "Hello!",
      attachments: [{ hash: file.hash, name: "note.txt" }],
    });
    assertEquals([sent.type, sent.offset], ["sent", 1]);
    assertEquals(await server.end("SIGTERM"), 0);
  }
  assertEquals((await Deno.stat(data)).mode! & 0o777, 0o700);

  await using server = await ServerProcess.start(["--port=0"], { data });
  await using ana = await ChatSocket.open(server.url);
  const ready = await ana.ask({ type: "hello", resume });
  assertEquals(ready.person.name, "Ana");
  const { messages } = await ana.ask({ type: "join", room: "lobby" });
  assertEquals(messages[0].text, "Hello!");
  const { name } = messages[0].attachments[0];
  const kept = await fetch(new URL(`/files/${file.hash}/${name}`, server.url));
  assertEquals(await kept.text(), "a note");
});

Deno.test("main keeps nothing with --memory", async () => {
  await using folder = new TempFolder();
  await using server = await ServerProcess.start(["--port=0", "--memory"], {
    data: folder.at("kept"),
  });
  await using ana = await ChatSocket.open(server.url);
  await ana.ask({ type: "hello", name: "Ana" });
  assertEquals([...Deno.readDirSync(folder.path)], []);
});

Deno.test("main refuses a folder that another server has, and one that is none", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  await using _server = await ServerProcess.start(["--port=0"], { data });
  const second = await runToEnd(["--port=0"], { data });
  assertEquals([second.code, second.stderr], [
    1,
    "Cannot open the store: another server uses it. Stop that one first, or " +
    `give this one another file. (${data}/chat.db)\n`,
  ]);
  await Deno.writeTextFile(folder.at("file"), "");
  const none = await runToEnd(["--port=0"], { data: folder.at("file") });
  assertMatch(none.stderr, /^Cannot make \S+\/file: .*\.\n$/);
});

Deno.test("main prints the owner's code until there is an account", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  const args = ["--port=0", "--identity=accounts"];
  {
    await using server = await ServerProcess.start(args, { data });
    const code = await ownerCodeOf(server);
    await using owner = await ChatSocket.open(server.url);
    const request = { type: "register", name: "Ana", password: "12 fishes" };
    const refused = await owner.ask({ ...request, code: code.toLowerCase() });
    assertEquals(refused.code, "wrong_code");
    const ready = await owner.ask({ ...request, code });
    assertEquals(ready.owner, true);
  }
  await using server = await ServerProcess.start(args, { data });
  await server.end("SIGTERM");
  assert(!CODE.test(server.output));
});

Deno.test("main takes its configuration from the file, the environment and flags", async () => {
  await using folder = new TempFolder();
  const file = folder.at("chat.json");
  await Deno.writeTextFile(
    file,
    `{
      "rooms": { "default": ["hall", "kitchen"], "create": "owner" },
      // Nobody says two things at once.
      "limits": { "messages": { "person": "1:60" } },
      "uploads": { "bytes": 77 }
    }`,
  );
  await using server = await ServerProcess.start(["--port=0", "--deflate"], {
    env: { SWITCHBOARD_CONFIG: file, SWITCHBOARD_UPLOADS_BYTES: "99" },
    paths: [file],
  });
  await using ana = await ChatSocket.open(server.url);
  const welcome = await ana.next(({ type }) => type === "welcome");
  assertEquals(welcome.limits.upload, 99);
  await ana.ask({ type: "hello", name: "Ana" });
  const { rooms } = await ana.ask({ type: "rooms" });
  const names = rooms.map(({ room }: { room: string }) => room);
  assertEquals(names, ["hall", "kitchen"]);
  const made = await ana.ask({ type: "join", room: "attic" });
  assertEquals([made.type, made.code], ["error", "room_unknown"]);
  await ana.ask({ type: "join", room: "hall" });
  const send = { type: "send", room: "hall", text: "Hello!" };
  assertEquals((await ana.ask({ ...send, id: "1" })).type, "sent");
  assertEquals((await ana.ask({ ...send, id: "2" })).code, "too_fast");
});

Deno.test("main forgets messages that are more than it is told to keep", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  {
    await using server = await ServerProcess.start(["--port=0"], { data });
    await using ana = await ChatSocket.open(server.url);
    await ana.ask({ type: "hello", name: "Ana" });
    await ana.ask({ type: "join", room: "lobby" });
    for (const id of ["1", "2", "3"]) {
      await ana.ask({ type: "send", room: "lobby", id, text: id });
    }
  }
  await using server = await ServerProcess.start(
    ["--port=0", "--retention-messages=1"],
    { data },
  );
  await using bo = await ChatSocket.open(server.url);
  await bo.ask({ type: "hello", name: "Bo" });
  const { messages, offset } = await bo.ask({ type: "join", room: "lobby" });
  assertEquals([messages.length, messages[0].text, offset], [1, "3", 3]);
});

Deno.test("main forgets messages that are older than it is told to keep", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  const day = 24 * 60 * 60 * 1000;
  const room = {
    format: "switchboard.room",
    version: 1,
    room: "attic",
    kind: "public",
    topic: "",
    epoch: "first",
    offset: 2,
    change: 0,
    forgotten: 0,
    forgotten_change: 0,
    slow: 0,
    created: new Date(Date.now() - 4 * day).toISOString(),
  };
  const messages = [3, 1].map((days, i) => ({
    message: i + 1,
    id: `${i}`,
    from: { id: "ana", name: "Ana" },
    text: `${days} days ago`,
    time: new Date(Date.now() - days * day).toISOString(),
  }));
  const lines = [room, ...messages].map((line) => JSON.stringify(line));
  const imported = await runTask("import", ["--data", data], {
    stdin: lines.join("\n"),
  });
  assertEquals(imported.stderr, "");
  await using server = await ServerProcess.start(
    ["--port=0", "--retention-days=2"],
    { data },
  );
  await using bo = await ChatSocket.open(server.url);
  await bo.ask({ type: "hello", name: "Bo" });
  const joined = await bo.ask({ type: "join", room: "attic" });
  assertEquals(
    joined.messages.map(({ text }: { text: string }) => text),
    ["1 days ago"],
  );
});

Deno.test("main stores what was said before a signal, and tells members to come back", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  {
    await using server = await ServerProcess.start(["--port=0"], { data });
    await using ana = await ChatSocket.open(server.url);
    await ana.ask({ type: "hello", name: "Ana" });
    await ana.ask({ type: "join", room: "lobby" });
    await ana.ask({ type: "send", room: "lobby", id: "1", text: "Hello!" });
    assertEquals(await server.end("SIGINT"), 0);
    assertEquals((await ana.closed).code, 1001);
  }
  // Of a store that was closed in order, no log is left.
  const left = [...Deno.readDirSync(data)].map(({ name }) => name).sort();
  assertEquals(left, ["chat.db", "chat.db-lock", "files"]);
});

Deno.test("main serves the API's description", async () => {
  await using server = await ServerProcess.start();
  const described = await fetch(new URL("/api/v1/openapi.json", server.url));
  assertEquals(described.status, 200);
  assertStringIncludes(await described.text(), '"openapi"');
  const refused = await fetch(new URL("/api/v1/rooms", server.url), {
    method: "DELETE",
  });
  assertEquals(
    [refused.status, refused.headers.get("content-type")],
    [405, "application/problem+json"],
  );
  await refused.body?.cancel();
});
