import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { once } from "node:events";
import { connect as connectHttp2 } from "node:http2";
import {
  connectTunnel,
  connectWebSocket,
  sendRequest,
  serve,
  TunnelRefusedError,
  type WebSocketConn,
} from "../../mod.ts";
import { connect } from "../_raw_socket.ts";
import { ServerProcess } from "../_server_process.ts";
import { Example, readIndex } from "./_example.ts";

/** What each example is seen doing, and how. */
const CASES: Readonly<Record<string, readonly [string, () => Promise<void>]>> =
  {
    "http_echo.ts": ["sends back a body", async () => {
      await using example = await Example.serve("http_echo.ts");
      const url = `http://127.0.0.1:${await example.port()}/`;
      const response = await fetch(url, { method: "PUT", body: "hello" });
      assertEquals(await response.text(), "hello");
    }],

    "websocket_echo.ts": ["sends back a message", async () => {
      await using example = await Example.serve("websocket_echo.ts");
      assertEquals(await askOnce(await example.port(), "hello"), "hello");
      await example.printed("A client left with 1000\n");
    }],

    "websocket_client.ts": ["talks to a server", async () => {
      await using server = await Example.serve("websocket_echo.ts");
      const url = `ws://127.0.0.1:${await server.port()}/`;
      const said = ["one", "two", "three"].map((word) =>
        `The server says ${word}\n`
      );
      assertEquals(
        await Example.run("websocket_client.ts", url),
        `Connected to ${url}\n${said.join("")}Both sides have closed\n`,
      );
    }],

    "custom_protocol.ts": ["speaks foobar on both sides", async () => {
      const output = await Example.run("custom_protocol.ts");
      assertEquals(
        output.split("\n").toSorted(),
        [
          "",
          "The answer is 101 Switching Protocols",
          "The client reads bar=foo",
          "The server reads foo=bar",
        ],
      );
    }],

    "several_protocols.ts": ["speaks each, and refuses others", async () => {
      await using example = await Example.serve("several_protocols.ts");
      const port = await example.port();
      assertEquals(await askOnce(port, "hello"), "hello");
      assertEquals(
        await offer(port, "foobar", "one=two"),
        "HTTP/1.1 101 Switching Protocols two=one",
      );
      assertMatch(
        await offer(port, "raboof"),
        /^HTTP\/1.1 426 Upgrade Required .*\n$/,
      );
      const page = await fetch(`http://127.0.0.1:${port}/`);
      assertEquals(await page.text(), "Spoken here: websocket and foobar.\n");
    }],

    "behind_handler.ts": ["upgrades one path of a site", async () => {
      await using example = await Example.serve("behind_handler.ts");
      const port = await example.port();
      const page = await fetch(`http://127.0.0.1:${port}/`);
      assertMatch(await page.text(), /new WebSocket/);
      const missing = await fetch(`http://127.0.0.1:${port}/missing`);
      assertEquals([missing.status, await missing.text()], [
        404,
        "Not found\n",
      ]);
      await using socket = await connectWebSocket(
        `ws://127.0.0.1:${port}/time`,
      );
      assertMatch(await nextText(socket), /\d:\d\d/);
    }],

    "downcast.ts": ["gets the raw socket and what came early", async () => {
      const lines = (await Example.run("downcast.ts")).split("\n");
      assertEquals(
        lines.toSorted(),
        [
          "",
          "HTTP/1.1 101 Switching Protocols",
          "It came after that: more words",
          "It came early: first words",
          "The socket is one of TCP",
        ],
      );
    }],

    "tls.ts": ["speaks https and wss", async () => {
      assertEquals(
        await Example.run("tls.ts"),
        "https: hello over https\nwss: hello over wss\n",
      );
    }],

    "unix_socket.ts": ["speaks WebSocket over a file", async () => {
      assertEquals(
        await Example.run("unix_socket.ts"),
        "Listening on example.sock\nThe server says hello\n",
      );
    }],

    "h2c.ts": ["answers HTTP/2 and HTTP/1.1", async () => {
      await using example = await Example.serve("h2c.ts");
      const url = `http://127.0.0.1:${await example.port()}`;
      const answer = await fetch(`${url}/one`);
      assertEquals(await answer.text(), "You asked for /one\n");

      const session = connectHttp2(url);
      const stream = session.request({ ":path": "/two" });
      const [headers] = await once(stream, "response");
      const body = await Array.fromAsync(stream.setEncoding("utf8"));
      session.close();
      await once(session, "close");
      assertEquals(
        [headers[":status"], body.join("")],
        [200, "You asked for /two\n"],
      );
      await example.printed("GET /one\nGET /two\n");
    }],

    "connect_proxy.ts": ["makes tunnels to what is allowed", async () => {
      await using target = serve({ port: 0 }, () => new Response("hello"));
      const { port } = target.addr as Deno.NetAddr;
      await using example = await Example.serve(
        "connect_proxy.ts",
        "--allow",
        `127.0.0.1:${port}`,
        "--private",
        "127.0.0.0/8",
      );
      using proxy = await Deno.connect({ port: await example.port() });
      const refusal = await assertRejects(
        () => connectTunnel(proxy, "127.0.0.1:1"),
        TunnelRefusedError,
      );
      assertEquals(refusal.response.status, 403);
      await refusal.response.text();

      using tunnel = await connectTunnel(proxy, `127.0.0.1:${port}`);
      const headers = { connection: "close" };
      const request = new Request("http://hello.example/", { headers });
      const response = await sendRequest(tunnel, request);
      assertEquals(await response.text(), "hello");
      await example.printed(
        new RegExp(`127.0.0.1:${port}: \\d+ bytes there, \\d+ bytes back\n`),
      );
    }],

    "websocket_through_proxy.ts": ["asks the proxy for a tunnel", async () => {
      assertMatch(
        await Example.run("websocket_through_proxy.ts"),
        /^The proxy is asked for CONNECT 127.0.0.1:\d+\nThe server says hello\n$/,
      );
    }],

    "chat_bot.ts": ["greets a room and tells the time", async () => {
      await using server = await ServerProcess.start();
      const url = new URL("chat", server.url).href.replace("http", "ws");
      await using person = await connectWebSocket(url, {
        protocols: ["switchboard.chat.v1"],
      });
      const say = (request: object) => person.send(JSON.stringify(request));
      say({ type: "hello", name: "Ana" });
      say({ type: "join", room: "a quiet room" });
      await nextOf(person, "joined");

      await using bot = await Example.start(
        "chat_bot.ts",
        "--url",
        url,
        "--room",
        "a quiet room",
      );
      const greeting = await nextOf(person, "message");
      assertEquals(greeting.text, "Hello! Ask me for the !time.");
      say({ type: "send", room: "a quiet room", id: "1", text: "!time" });
      assertEquals((await nextOf(person, "message")).text, "!time");
      assertMatch(
        (await nextOf(person, "message")).text,
        /^It is \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\.$/,
      );
      await bot.printed("Joined a quiet room, where 2 are\nAna: !time\n");

      await server.end("SIGTERM");
      await bot.printed("offline: ");
    }],
  };

/** Opens Deno's own WebSocket, says one thing, and closes it after the answer. */
async function askOnce(port: number, question: string): Promise<string> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
  const closed = Promise.withResolvers<CloseEvent>();
  let answer = "";
  socket.onopen = () => socket.send(question);
  socket.onmessage = ({ data }) => {
    answer = data;
    socket.close(1000);
  };
  socket.onclose = closed.resolve;
  assert((await closed.promise).wasClean);
  return answer;
}

/** Offers a protocol, and gives the status line and all that is said then. */
async function offer(port: number, protocol: string, words = "") {
  using socket = await connect(port);
  await socket.send(
    "GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\n" +
      `Upgrade: ${protocol}\r\n\r\n${words}`,
  );
  await socket.closeWrite();
  const head = await socket.readUntil("\r\n\r\n");
  return `${head.split("\r\n")[0]} ${await socket.readTextToEnd()}`;
}

async function nextText(socket: WebSocketConn): Promise<string> {
  for await (const message of socket) return String(message);
  throw new Error("The connection ended before the next message");
}

/** Waits for the next message of the chat that has a type, while nobody leaves. */
async function nextOf(
  socket: WebSocketConn,
  type: string,
): Promise<{ readonly text: string }> {
  for (;;) {
    const message = JSON.parse(await nextText(socket));
    if (message.type === type) return message;
    assert(message.type !== "member_left", "The bot has left");
  }
}

for (const [file, [title, run]] of Object.entries(CASES)) {
  Deno.test(`examples/${file} ${title}`, run);
}

Deno.test("examples are all run by these tests", async () => {
  const files = (await readIndex()).map(({ file }) => file);
  assertEquals(Object.keys(CASES).toSorted(), files.toSorted());
});
