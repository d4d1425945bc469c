import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { ChatSocket } from "./_chat_socket.ts";
import { runTask, ServerProcess } from "./_server_process.ts";
import { TempFolder } from "./_temp_folder.ts";

/** Comes in, sends a file and a message with it, and gives their keys. */
async function say(
  server: ServerProcess,
  text: string,
): Promise<{ resume: string; path: string }> {
  await using ana = await ChatSocket.open(server.url);
  const { resume } = await ana.ask({ type: "hello", name: "Ana" });
  await ana.ask({ type: "join", room: "lobby" });
  const upload = await fetch(
    new URL("/api/v1/uploads?name=note.txt", server.url),
    {
      method: "POST",
      headers: { authorization: `Bearer ${resume}` },
      body: `the file of ${text}`,
    },
  );
  const { hash } = await upload.json();
  const sent = await ana.ask({
    type: "send",
    room: "lobby",
    id: text,
    text,
    attachments: [{ hash, name: "note.txt" }],
  });
  assertEquals(sent.type, "sent");
  return { resume, path: `/files/${hash}/note.txt` };
}

Deno.test("backup copies a running server's people, messages and files", async () => {
  await using folder = new TempFolder();
  const [data, copy] = [folder.at("kept"), folder.at("copy")];
  let said;
  {
    await using server = await ServerProcess.start(["--port=0"], { data });
    said = await say(server, "Hello!");
    const { code, stderr, stdout } = await runTask("backup", [
      copy,
      "--data",
      data,
    ]);
    assertEquals([code, stderr, stdout], [
      0,
      "",
      `${data} is copied to ${copy}.\n`,
    ]);
  }
  assertEquals((await Deno.stat(copy)).mode! & 0o777, 0o700);
  await using restored = await ServerProcess.start(["--port=0"], {
    data: copy,
  });
  await using ana = await ChatSocket.open(restored.url);
  const { resume, path } = said;
  const ready = await ana.ask({ type: "hello", resume });
  assertEquals(ready.person.name, "Ana");
  const { messages } = await ana.ask({ type: "join", room: "lobby" });
  assertEquals(messages[0].text, "Hello!");
  const file = await fetch(new URL(path, restored.url));
  assertEquals(await file.text(), "the file of Hello!");
});

Deno.test("backup overwrites nothing, and leaves nothing when it fails", async () => {
  await using folder = new TempFolder();
  const [data, copy] = [folder.at("kept"), folder.at("copy")];
  const none = await runTask("backup", [copy, "--data", data]);
  assertEquals(none.code, 1);
  assertStringIncludes(none.stderr, "Cannot open the store");
  assertEquals([...Deno.readDirSync(folder.path)], []);

  await using _server = await ServerProcess.start(["--port=0"], { data });
  await Deno.mkdir(copy);
  const there = await runTask("backup", [copy, "--data", data]);
  assertEquals(there.code, 1);
  assertStringIncludes(there.stderr, `Give another name. (${copy})`);
  assertEquals([...Deno.readDirSync(copy)], []);

  const nowhere = folder.at("no/copy");
  const lost = await runTask("backup", [nowhere, "--data", data]);
  assertEquals(lost.code, 1);
  assertMatch(lost.stderr, /^Cannot write \S+\/no\/copy: .*\.\n$/);
});

Deno.test("export and import carry a room over to another server", async () => {
  await using folder = new TempFolder();
  const [data, other] = [folder.at("kept"), folder.at("other")];
  {
    await using server = await ServerProcess.start(["--port=0"], { data });
    await say(server, "Hello!");
    const refused = await runTask("export", ["lobby", "--data", data]);
    assertEquals(refused.code, 1);
    assertStringIncludes(refused.stderr, "another server uses it");
    await server.end("SIGTERM");
  }
  const exported = await runTask("export", ["lobby", "--data", data]);
  assertEquals([exported.code, exported.stderr], [0, ""]);
  const imported = await runTask("import", ["--data", other], {
    stdin: exported.stdout,
  });
  assertEquals([imported.code, imported.stdout, imported.stderr], [
    0,
    'The room "lobby" has 1 message.\n',
    "",
  ]);
  const again = await runTask("import", ["--data", other], {
    stdin: exported.stdout,
  });
  assertEquals([again.code, again.stderr], [
    1,
    "There is a room of that name, which is kept.\n",
  ]);

  await using server = await ServerProcess.start(["--port=0"], { data: other });
  await using bo = await ChatSocket.open(server.url);
  await bo.ask({ type: "hello", name: "Bo" });
  const { messages } = await bo.ask({ type: "join", room: "lobby" });
  assertEquals(messages[0].from.name, "Ana");
});

Deno.test("export and import say in one line what is wrong", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  const none = await runTask("export", ["lobby", "--data", data]);
  assertEquals([none.code, none.stderr], [1, `There is no ${data}/chat.db.\n`]);
  const cases = [
    ["", "the first line is no header of one"],
    ["{}\n", "the first line is no header of one"],
    ["\n[\n", "line 2 is no JSON"],
    ["7", "line 1 is no object"],
  ] as const;
  for (const [stdin, fault] of cases) {
    const { code, stderr } = await runTask("import", ["--data", data], {
      stdin,
    });
    assertEquals([code, stderr], [1, `Cannot import the room: ${fault}.\n`]);
  }
  const room = await runTask("export", ["attic", "--data", data]);
  assertEquals([room.code, room.stderr], [1, 'There is no room "attic".\n']);
});
