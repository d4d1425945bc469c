import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { once } from "node:events";
import http2 from "node:http2";
// @ts-types="./clients/ws.d.ts"
import { WebSocket as WsClient } from "ws";
import {
  connectTunnel,
  connectWebSocket,
  sendRequest,
  TunnelRefusedError,
} from "../mod.ts";
import { concat } from "./upgrade/websocket/_frames.ts";
import { openingHandshake, Peer } from "./upgrade/websocket/_peer.ts";
import { connect, type RawSocket } from "./_raw_socket.ts";
import { runToEnd, ServerProcess } from "./_server_process.ts";

const CERT = "tests/tls/cert.pem";
const KEY = "tests/tls/key.pem";

const PONG = 0xa;

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
    socket.send(JSON.stringify({ type: "hello", name }));
    socket.send(JSON.stringify({ type: "join", room: "lobby" }));
    await joined.promise;
    return { socket, done: done.promise };
  }));
  people[0]!.socket.send(
    JSON.stringify({ type: "send", room: "lobby", id: "1", text: "hello" }),
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
  chat.send('{"type":"hello","name":"Ana","ref":"1"}');
  const answers = await messagesOf(chat, 2);
  const events = answers.map(({ data }) => JSON.parse(textOf(data)));
  assertEquals(events[0].code, "not_json");
  assertEquals([events[1].type, events[1].ref], ["ready", "1"]);
  assertEquals(await closeOf(chat), { code: 1000, reason: "" });
});

Deno.test("main compresses with --deflate, and not without it", async () => {
  for (const flags of [["--deflate"], []]) {
    await using server = await ServerProcess.start(["--port", "0", ...flags]);
    await using socket = await connectWebSocket(
      new URL("/echo", server.url),
      { deflate: true },
    );
    assertEquals(socket.extensions !== "", flags.length > 0);
    const text = "again and ".repeat(1_000);
    socket.send(text);
    for await (const message of socket) {
      assertEquals(message, text);
      break;
    }
  }
});

Deno.test("main answers others while one peer sends without a pause", async () => {
  await using server = await ServerProcess.start();
  const port = Number(server.url.port);
  using hog = await Peer.open(port, { Host: server.url.host }, "/echo");
  const pongs = concat(
    ...Array.from({ length: 50_000 }, () => hog.frame(PONG)),
  );
  let answered = false;
  const flood = (async () => {
    while (!answered) await hog.raw.send(pongs);
  })();
  // The server is in a process of its own: only it can be kept busy.
  for (let i = 0; i < 10; i++) {
    const health = await fetch(new URL("/healthz", server.url), {
      signal: AbortSignal.timeout(5_000),
    });
    assertEquals(await health.json(), { status: "ok" });
  }
  answered = true;
  await flood;
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
  assertEquals(stdout, "");
  assertEquals(stderr, `Port ${port} on 127.0.0.1 is in use.\n`);
});

Deno.test("main listens where HOST and PORT say, unless flags say otherwise", async () => {
  const env = { HOST: "localhost", PORT: "0" };
  await using byEnvironment = await ServerProcess.start([], { env });
  const health = await fetch(new URL("/healthz", byEnvironment.url));
  assertEquals(await health.json(), { status: "ok" });
  await using byFlag = await ServerProcess.start(
    ["--host", "127.0.0.1", "--port=0"],
    { env: { HOST: "256.0.0.1", PORT: "nonsense" } },
  );
  assertEquals(byFlag.url.hostname, "127.0.0.1");
});

Deno.test("main refuses wrong arguments with one plain line", async () => {
  const cases = [
    [
      ["--port", "70000"],
      'Cannot use --port=70000: "port" has to be a whole number from 0 to 65535.',
    ],
    [["--prot", "1"], "There is no option --prot; see --help."],
    [["here"], "There is no command here; see --help."],
    [["backup"], "The command backup takes TARGET; see --help."],
    [["import", "it"], "The command import takes nothing; see --help."],
    [["--port"], "The option --port needs a value; see --help."],
    [
      ["--tls-cert", CERT],
      'TLS needs both "tls.cert" and "tls.key", and there is one of them.',
    ],
    [["--tunnel-private", "10.0.0.0/8"], '"tunnel-private" needs "tunnel".'],
    [
      ["--tunnel", "a.example"],
      'Cannot allow tunnels to "a.example": it is no host and port; an IPv6 ' +
      "address is in brackets.",
    ],
    [
      ["--identity=jwt", `--jwt-key-file=${KEY}x`],
      `Cannot read ${KEY}x: No such file or directory (os error 2): ` +
      `readfile '${KEY}x'.`,
    ],
    [
      ["--identity=jwt", `--jwt-jwks-file=${KEY}`],
      "Cannot verify tokens: the text is no JSON Web Key Set.",
    ],
  ] as const;
  for (const [args, message] of cases) {
    const { code, stderr } = await runToEnd(args, { paths: [KEY, `${KEY}x`] });
    assertEquals([code, stderr], [1, `${message}\n`]);
  }
});

Deno.test("main takes the origin that a trusted proxy tells", async () => {
  await using server = await ServerProcess.start([
    "--port=0",
    "--trust-proxy=127.0.0.1,::1",
  ]);
  const fields = {
    "Host": "inner",
    "Origin": "https://chat.example",
    "X-Forwarded-For": "203.0.113.7",
    "X-Forwarded-Host": "chat.example",
  };
  const port = Number(server.url.port);
  using peer = await Peer.open(port, fields, "/echo");
  await peer.send(PONG);
});

/** Asks for something on a connection; gives the status of the answer. */
async function statusOf(
  raw: RawSocket,
  request: string | Uint8Array,
): Promise<number> {
  await raw.send(request);
  const head = await raw.readUntil("\r\n\r\n");
  const length = /^content-length: (\d+)/im.exec(head)?.[1] ?? 0;
  await raw.readExactly(Number(length));
  return Number(head.split(" ")[1]);
}

/** Asks for a WebSocket of the chat; gives the status of the answer. */
function chatStatusOf(
  raw: RawSocket,
  fields: Readonly<Record<string, string>> = {},
): Promise<number> {
  const protocol = { "Sec-WebSocket-Protocol": "switchboard.chat.v1" };
  return statusOf(raw, openingHandshake({ ...protocol, ...fields }, "/chat"));
}

Deno.test("main takes so many connections of one address to the chat as --connections-per-address says, and as many others", async () => {
  await using server = await ServerProcess.start([
    "--port=0",
    "--connections-per-address=2",
  ]);
  const port = Number(server.url.port);
  const health = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";
  using first = await connect(port);
  using second = await connect(port);
  using third = await connect(port);
  assertEquals(
    [
      await chatStatusOf(first),
      await chatStatusOf(second),
      await chatStatusOf(third),
    ],
    [101, 101, 429],
  );
  assertEquals(await statusOf(third, health), 200);
  using fourth = await connect(port);
  assertEquals(await statusOf(fourth, health), 200);
  using fifth = await connect(port);
  assertEquals(await fifth.readTextToEnd(), "");
});

Deno.test("main counts connections by the addresses that a trusted proxy tells", async () => {
  await using server = await ServerProcess.start([
    "--port=0",
    "--connections-per-address=1",
    "--trust-proxy=127.0.0.1",
  ]);
  const port = Number(server.url.port);
  using raws = new DisposableStack();
  const statuses = [];
  for (const client of ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.1"]) {
    const raw = raws.use(await connect(port));
    statuses.push(await chatStatusOf(raw, { "X-Forwarded-For": client }));
  }
  assertEquals(statuses, [101, 101, 101, 429]);
});

/** The version of HTTP in which a server answers, and the status. */
async function askByHttp2(url: URL): Promise<number | undefined> {
  const session = http2.connect(url.origin);
  const closed = once(session, "close");
  const stream = session.request({ ":path": "/healthz" });
  const [headers] = await once(stream, "response");
  stream.resume();
  await once(stream, "end");
  session.close();
  await closed;
  return headers[":status"];
}

Deno.test("main speaks HTTP/2 with --h2c, and not without it", async () => {
  await using server = await ServerProcess.start(["--port=0", "--h2c"]);
  assertEquals(await askByHttp2(server.url), 200);
  await using plain = await ServerProcess.start();
  using socket = await connect(Number(plain.url.port));
  await socket.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
  assertStringIncludes(await socket.readUntil("\r\n"), " 505 ");
});

Deno.test("main is a proxy to what --tunnel and --tunnel-private allow, and to nothing without them", async () => {
  await using target = await ServerProcess.start();
  const authority = target.url.host;
  const { hostname } = target.url;
  await using server = await ServerProcess.start([
    "--port=0",
    `--tunnel=${authority}`,
    "--tunnel-private=127.0.0.0/8",
  ]);
  using conn = await Deno.connect({ hostname, port: Number(server.url.port) });
  using tunnel = await connectTunnel(conn, authority);
  const request = new Request(new URL("/healthz", target.url));
  const response = await sendRequest(tunnel, request);
  assertEquals(await response.json(), { status: "ok" });

  using other = await Deno.connect({ hostname, port: Number(target.url.port) });
  const error = await assertRejects(
    () => connectTunnel(other, server.url.host),
    TunnelRefusedError,
  );
  assertEquals(error.response.status, 405);
  await error.response.body?.cancel();
});

Deno.test("main tells its options with --help", async () => {
  const { code, stdout } = await runToEnd(["--help"]);
  assertEquals(code, 0);
  assertStringIncludes(stdout, "\n  --port PORT\n");
});

Deno.test("main speaks https with --tls-cert and --tls-key, and on --unix without", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/switchboard.sock`;
  {
    await using server = await ServerProcess.start(
      ["--port=0", "--tls-cert", CERT, "--tls-key", KEY, "--unix", path],
      { paths: [CERT, KEY, path] },
    );
    assertMatch(
      server.output,
      /^Listening on https:\/\/127\.0\.0\.1:\d+\/ and \/.*\.sock\n/,
    );
    await server.printed(/\.sock has no address: no limit .*\n/);
    const cert = await Deno.readTextFile(CERT);
    using tls = Deno.createHttpClient({ caCerts: [cert] });
    using unix = Deno.createHttpClient({ proxy: { transport: "unix", path } });
    const page = await fetch(server.url, { client: tls });
    assertStringIncludes(await page.text(), "<title>Switchboard");
    const health = await fetch("http://localhost/healthz", { client: unix });
    assertEquals(await health.json(), { status: "ok" });

    const busy = await runToEnd(["--port=0", "--unix", path], {
      paths: [path],
    });
    assertEquals(busy.stderr, `${path} is in use.\n`);
    assertEquals(busy.code, 1);
  }
  // It was killed just now, and so has left its socket behind.
  assert((await Deno.lstat(path)).isSocket);
  await using next = await ServerProcess.start(
    ["--port=0", "--unix", path, "--trust-proxy=unix"],
    { paths: [path] },
  );
  assertEquals(await next.end("SIGTERM"), 0);
  assertEquals(next.output.includes("has no address"), false);
  assertEquals([...Deno.readDirSync(folder)], []);
  await Deno.remove(folder);
});

Deno.test("main says in one line what is wrong with a certificate or its key", async () => {
  const other = "tests/tls/other_key.pem";
  const none = "tests/tls/none.pem";
  const cases = [
    [none, KEY, /^Cannot read tests\/tls\/none\.pem: .*No such file.*\.\n$/],
    [KEY, KEY, /^\S+ and \S+ are no certificate and key: No certif.*\.\n$/],
    [CERT, CERT, /^\S+ and \S+ are no certificate and key: No keys.*\.\n$/],
    [CERT, other, /^\S+ and \S+ are no certificate and key: .*Mismatch\.\n$/],
  ] as const;
  for (const [cert, key, message] of cases) {
    const { code, stderr } = await runToEnd(
      ["--port=0", "--tls-cert", cert, "--tls-key", key],
      { paths: [cert, key] },
    );
    assertMatch(stderr, message);
    assertEquals(code, 1);
  }
});

Deno.test("main tells the command that allows a file, and asks nothing", async () => {
  const args = ["--port=0", "--tls-cert", CERT, "--tls-key", "my key.pem"];
  const tls = await runToEnd(args);
  assertEquals(
    tls.stderr,
    "There is no permission to use tests/tls/cert.pem and my key.pem; this " +
      "gives it: deno run --allow-net '--allow-env=HOST,PORT,SWITCHBOARD_*' " +
      "--allow-read=static,tests/tls/cert.pem,'my key.pem' main.ts --port=0 " +
      "--tls-cert tests/tls/cert.pem --tls-key 'my key.pem'\n",
  );
  assertEquals(tls.code, 1);
  const config = await runToEnd(["--config", "a.json"]);
  assertStringIncludes(
    config.stderr,
    " --allow-read=static,a.json main.ts --config a.json\n",
  );
  const unix = await runToEnd(["--unix", "a.sock"]);
  assertStringIncludes(
    unix.stderr,
    " --allow-read=static,a.sock --allow-write=a.sock main.ts --unix a.sock\n",
  );
});
