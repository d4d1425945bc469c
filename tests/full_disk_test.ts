import { assert, assertEquals, assertMatch } from "@std/assert";
import { ChatSocket } from "./_chat_socket.ts";
import { ServerProcess } from "./_server_process.ts";
import { TempFolder } from "./_temp_folder.ts";

/** Sends a file of Ana's and gives the answer. */
async function upload(
  { url }: ServerProcess,
  secret: string,
): Promise<{ readonly status: number; readonly code?: string }> {
  const response = await fetch(new URL("/api/v1/uploads", url), {
    method: "POST",
    headers: { authorization: `Bearer ${secret}` },
    body: new Uint8Array(3000),
  });
  return { status: response.status, code: (await response.json()).code };
}

Deno.test("main refuses what it cannot store, says so once, and goes on when it can", async () => {
  await using folder = new TempFolder();
  const data = folder.at("kept");
  const errors = folder.at("errors");
  await using server = await ServerProcess.start(["--port=0"], {
    data,
    paths: [folder.path],
    errors,
  });
  await using ana = await ChatSocket.open(server.url);
  const { resume } = await ana.ask({ type: "hello", name: "Ana" });
  await ana.ask({ type: "join", room: "lobby" });
  let count = 0;
  const send = () =>
    ana.ask({ type: "send", room: "lobby", id: `${++count}`, text: "?" });
  assertEquals((await send()).offset, 1);

  await server.limitFiles(4096);
  assertEquals((await send()).code, "busy");
  // More than a client may be refused: this is not its fault.
  for (let tries = 0; tries < 80; tries++) {
    const read = await ana.ask({ type: "read", room: "lobby", offset: 1 });
    assertEquals([read.code, read.retry_after], ["busy", 2]);
  }
  assertEquals(await upload(server, resume), { status: 503, code: "busy" });
  assertEquals([...Deno.readDirSync(`${data}/files`)], []);
  const history = { type: "history", room: "lobby" };
  assertEquals((await ana.ask(history)).messages.length, 1);

  await server.limitFiles("unlimited");
  assertEquals((await send()).offset, 2);
  assertEquals((await upload(server, resume)).status, 201);
  const { messages } = await ana.ask(history);
  assertEquals(messages.map(({ id }: { id: string }) => id), ["1", "3"]);

  assertEquals(await server.end("SIGTERM"), 0);
  const lines = (await Deno.readTextFile(errors)).trim().split("\n");
  assertEquals(lines.length, 1, lines.join("\n"));
  assertMatch(lines[0]!, /^\S+Z failed: Cannot use the store: [^.]+\.$/);
  assert(!lines[0]!.includes("    at "));
});
