import { assertEquals, assertStringIncludes } from "@std/assert";
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
