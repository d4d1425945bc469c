import { assertEquals, assertStringIncludes } from "@std/assert";
// @ts-types="./upgrade/websocket/ws.d.ts"
import { WebSocket as WsClient } from "ws";
import { runToEnd, ServerProcess } from "./_server_process.ts";

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function openSocket(url: URL, protocol?: string): Promise<WebSocket> {
  const socket = new WebSocket(url, protocol ?? []);
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = reject;
  });
  return socket;
}

/** Opens a client, and passes the chat's welcome. */
async function openWs(url: string, protocols: string[]): Promise<WsClient> {
  const client = new WsClient(url, protocols, { perMessageDeflate: false });
  const welcomed = protocols.length > 0 ? messagesOf(client, 1) : undefined;
  await new Promise<void>((resolve, reject) => {
    client.once("open", resolve);
    client.once("error", reject);
  });
  await welcomed;
  return client;
}

function messagesOf(
  client: WsClient,
  count: number,
): Promise<{ data: Uint8Array; isBinary: boolean }[]> {
  const messages: { data: Uint8Array; isBinary: boolean }[] = [];
  return new Promise((resolve) => {
    client.on("message", (data, isBinary) => {
      messages.push({ data, isBinary });
      if (messages.length === count) resolve(messages);
    });
  });
}

function closeOf(client: WsClient): Promise<{ code: number; reason: string }> {
  client.close(1000);
  return new Promise((resolve) =>
    client.once(
      "close",
      (code, reason) => resolve({ code, reason: textOf(reason) }),
    )
  );
}

function nextOf<T extends Event>(socket: WebSocket, type: string): Promise<T> {
  return new Promise((resolve) => {
    socket.addEventListener(type, (event) => resolve(event as T), {
      once: true,
    });
  });
}

Deno.test("main serves the page, its files and the health check", async () => {
  await using server = await ServerProcess.start();
  const page = await fetch(server.url);
  assertEquals(page.status, 200);
  assertStringIncludes(await page.text(), "<title>Switchboard");
  const health = await fetch(new URL("/healthz", server.url));
  assertEquals(await health.json(), { status: "ok" });
});

Deno.test("main lets two people chat", async () => {
  await using server = await ServerProcess.start();
  const url = new URL("/chat", server.url);
  url.protocol = "ws:";
  const heard: string[] = [];
  const people = await Promise.all(["Ana", "Ben"].map(async (name) => {
    const socket = await openSocket(url, "switchboard.chat.v1");
    const joined = Promise.withResolvers<void>();
    const done = Promise.withResolvers<void>();
    socket.onmessage = ({ data }) => {
      const event = JSON.parse(data);
      if (event.type === "joined") joined.resolve();
      if (event.type !== "message") return;
      heard.push(`${name} hears ${event.from.name}: ${event.text}`);
      done.resolve();
    };
    socket.send(JSON.stringify({ type: "name", name }));
    socket.send(JSON.stringify({ type: "join", room: "lobby" }));
    await joined.promise;
    return { socket, done: done.promise };
  }));
  people[0]!.socket.send(
    JSON.stringify({ type: "message", room: "lobby", text: "hello" }),
  );
  await Promise.all(people.map(({ done }) => done));
  assertEquals(heard.sort(), ["Ana hears Ana: hello", "Ben hears Ana: hello"]);
  await Promise.all(people.map(({ socket }) => {
    const closed = nextOf(socket, "close");
    socket.close();
    return closed;
  }));
});

Deno.test("main lets npm:ws echo, ping and chat", async () => {
  await using server = await ServerProcess.start();
  const { host } = server.url;

  const echo = await openWs(`ws://${host}/echo`, []);
  const binary = new Uint8Array(100_000).fill(7);
  echo.send("text ✓");
  echo.send(binary);
  echo.ping("anyone?");
  const [pong, messages] = await Promise.all([
    new Promise<string>((resolve) =>
      echo.once("pong", (data) => resolve(textOf(data)))
    ),
    messagesOf(echo, 2),
  ]);
  assertEquals(pong, "anyone?");
  const [first, second] = messages;
  assertEquals([textOf(first!.data), first!.isBinary], ["text ✓", false]);
  assertEquals(
    [new Uint8Array(second!.data), second!.isBinary],
    [binary, true],
  );
  assertEquals(await closeOf(echo), { code: 1000, reason: "" });

  const chat = await openWs(`ws://${host}/chat`, ["switchboard.chat.v1"]);
  assertEquals(chat.protocol, "switchboard.chat.v1");
  chat.send("not JSON");
  chat.send('{"type":"name","name":"Ana","ref":"1"}');
  const answers = await messagesOf(chat, 2);
  const events = answers.map(({ data }) => JSON.parse(textOf(data)));
  assertEquals(events[0].code, "not_json");
  assertEquals([events[1].type, events[1].ref], ["named", "1"]);
  assertEquals(await closeOf(chat), { code: 1000, reason: "" });
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`main closes WebSockets with 1001 and exits with 0 on ${signal}`, async () => {
    await using server = await ServerProcess.start();
    const url = new URL("/echo", server.url);
    url.protocol = "ws:";
    const socket = await openSocket(url);
    const closed = nextOf<CloseEvent>(socket, "close");
    const code = await server.end(signal);
    const { code: closeCode, wasClean } = await closed;
    assertEquals({ closeCode, wasClean, code }, {
      closeCode: 1001,
      wasClean: true,
      code: 0,
    });
  });
}

Deno.test("main says in one line that the port is in use, and exits with 1", async () => {
  await using server = await ServerProcess.start();
  const { port } = server.url;
  const { code, stderr, stdout } = await runToEnd(["--port", port]);
  assertEquals(code, 1);
  assertEquals(textOf(stdout), "");
  assertEquals(textOf(stderr), `Port ${port} on 127.0.0.1 is in use.\n`);
});

Deno.test("main listens where HOST and PORT say, unless flags say otherwise", async () => {
  const env = { HOST: "localhost", PORT: "0" };
  await using byEnvironment = await ServerProcess.start([], env);
  const health = await fetch(new URL("/healthz", byEnvironment.url));
  assertEquals(await health.json(), { status: "ok" });
  await using byFlag = await ServerProcess.start(
    ["--host", "127.0.0.1", "--port=0"],
    { HOST: "256.0.0.1", PORT: "nonsense" },
  );
  assertEquals(byFlag.url.hostname, "127.0.0.1");
});

Deno.test("main refuses wrong arguments with one plain line", async () => {
  const cases = [
    [["--port", "70000"], "The port has to be 0 to 65535, not 70000."],
    [["--port", "http"], "The port has to be 0 to 65535, not http."],
    [["--prot", "1"], "There is no option --prot; see --help."],
    [["here"], "There is no option here; see --help."],
  ] as const;
  for (const [args, message] of cases) {
    const { code, stderr } = await runToEnd(args);
    assertEquals([code, textOf(stderr)], [1, `${message}\n`]);
  }
});

Deno.test("main tells its options with --help", async () => {
  const { code, stdout } = await runToEnd(["--help"]);
  assertEquals(code, 0);
  assertStringIncludes(textOf(stdout), "--port PORT");
});
