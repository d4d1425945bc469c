import { assert, assertEquals } from "@std/assert";
// @ts-types="./ws.d.ts"
import { WebSocket as WsClient } from "ws";
import { serve } from "../../../upgrade/mod.ts";
import {
  upgradeWebSocket,
  type WebSocketConn,
} from "../../../upgrade/websocket/mod.ts";
import { pattern } from "./_frames.ts";

/** A server that echoes and remembers its sockets. */
class EchoServer implements AsyncDisposable {
  readonly sockets: WebSocketConn[] = [];
  readonly #server = serve({ port: 0 }, (request) => {
    const { socket, response } = upgradeWebSocket(request, {
      protocols: ["echo.v1"],
      maxMessageBytes: 1 << 17,
    });
    this.sockets.push(socket);
    socket.forEach((message) => socket.send(message));
    return response;
  });

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.addr as Deno.NetAddr).port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

async function openWs(server: EchoServer): Promise<WsClient> {
  const client = new WsClient(server.url, ["other", "echo.v1"], {
    perMessageDeflate: true,
  });
  await new Promise<void>((resolve, reject) => {
    client.once("open", resolve);
    client.once("error", reject);
  });
  return client;
}

async function openDeno(server: EchoServer): Promise<WebSocket> {
  const client = new WebSocket(server.url, ["other", "echo.v1"]);
  client.binaryType = "arraybuffer";
  await new Promise((resolve, reject) => {
    client.onopen = resolve;
    client.onerror = reject;
  });
  return client;
}

function nextOfWs(client: WsClient): Promise<string | Uint8Array> {
  return new Promise((resolve) => {
    client.once("message", (data, isBinary) => {
      const bytes = Uint8Array.from(data);
      resolve(isBinary ? bytes : new TextDecoder().decode(bytes));
    });
  });
}

function nextOfDeno(client: WebSocket): Promise<string | Uint8Array> {
  return new Promise((resolve) => {
    client.onmessage = ({ data }) =>
      resolve(typeof data === "string" ? data : new Uint8Array(data));
  });
}

function endOfWs(client: WsClient): Promise<[code: number, reason: string]> {
  return new Promise((resolve) => {
    client.on("close", (code, reason) => {
      resolve([code, new TextDecoder().decode(Uint8Array.from(reason))]);
    });
  });
}

function endOfDeno(
  client: WebSocket,
): Promise<[code: number, reason: string]> {
  return new Promise((resolve) => {
    client.onclose = ({ code, reason }) => resolve([code, reason]);
  });
}

const LARGE = pattern(100_000);

Deno.test("npm:ws gets back the text and binary that it sent", async () => {
  await using server = new EchoServer();
  const client = await openWs(server);
  assertEquals([client.protocol, client.extensions], ["echo.v1", ""]);
  const messages = [
    "",
    "Grüße 😀",
    LARGE,
    new Uint8Array(0),
    "é".repeat(60000),
  ];
  for (const message of messages) {
    const next = nextOfWs(client);
    client.send(message);
    assertEquals(await next, message);
  }
  const next = nextOfWs(client);
  client.send("in three ", { fin: false });
  client.send("frag", { fin: false });
  client.send("ments", { fin: true });
  assertEquals(await next, "in three fragments");
  const ended = endOfWs(client);
  client.close(1000, "done");
  assertEquals(await ended, [1000, ""]);
  assertEquals(await server.sockets[0]!.closed, {
    code: 1000,
    reason: "done",
    wasClean: true,
  });
});

Deno.test("npm:ws and the server answer each other's pings", async () => {
  await using server = new EchoServer();
  const client = await openWs(server);
  const pong = new Promise<string>((resolve) => {
    client.on("pong", (data) => resolve(new TextDecoder().decode(data)));
  });
  client.ping("payload");
  assertEquals(await pong, "payload");
  assert(await server.sockets[0]!.ping() >= 0);
  const ended = endOfWs(client);
  client.close();
  assertEquals(await ended, [1005, ""]);
  assertEquals((await server.sockets[0]!.closed).code, 1005);
});

Deno.test("npm:ws is told every code and reason that the server closes with", async () => {
  await using server = new EchoServer();
  for (
    const [code, reason] of [
      [1000, ""],
      [1001, "away"],
      [1008, "é".repeat(61)],
      [1013, "later"],
      [3000, "3000"],
      [4999, "4999"],
    ] as const
  ) {
    const client = await openWs(server);
    const ended = endOfWs(client);
    const socket = server.sockets.at(-1)!;
    socket.close(code, reason);
    assertEquals(await ended, [code, reason]);
    const info = await socket.closed;
    assertEquals([info.code, info.wasClean], [code, true]);
  }
});

Deno.test("npm:ws is told 1009 and 1007 when it sends what the server refuses", async () => {
  await using server = new EchoServer();
  const tooBig = await openWs(server);
  const ended = endOfWs(tooBig);
  tooBig.send(new Uint8Array(4 << 20));
  assertEquals((await ended)[0], 1009);
  const notText = await openWs(server);
  const endedToo = endOfWs(notText);
  notText.send(Uint8Array.of(0xff, 0xfe), { binary: false });
  assertEquals((await endedToo)[0], 1007);
});

Deno.test("npm:ws is refused with 403 when its origin is another", async () => {
  await using server = new EchoServer();
  const client = new WsClient(server.url, [], {
    origin: "https://evil.example",
  });
  const { message } = await new Promise<Error>((resolve) => {
    client.on("error", resolve);
  });
  assert(message.includes("403"), message);
  assertEquals(server.sockets.length, 0);
});

Deno.test("the server notices when npm:ws vanishes", async () => {
  await using server = new EchoServer();
  const client = await openWs(server);
  const ended = endOfWs(client);
  client.terminate();
  await ended;
  assertEquals((await server.sockets[0]!.closed).code, 1006);
});

Deno.test("Deno's WebSocket gets back the text and binary that it sent", async () => {
  await using server = new EchoServer();
  const client = await openDeno(server);
  assertEquals([client.protocol, client.extensions], ["echo.v1", ""]);
  for (const message of ["", "Grüße 😀", LARGE, "é".repeat(60_000)]) {
    const next = nextOfDeno(client);
    client.send(message);
    assertEquals(await next, message);
  }
  assert(await server.sockets[0]!.ping() >= 0);
  const ended = endOfDeno(client);
  client.close(3001, "done");
  assertEquals((await ended)[0], 3001);
  assertEquals(await server.sockets[0]!.closed, {
    code: 3001,
    reason: "done",
    wasClean: true,
  });
});

Deno.test("Deno's WebSocket is told every code and reason that the server closes with", async () => {
  await using server = new EchoServer();
  for (
    const [code, reason] of [
      [1000, "bye"],
      [1001, ""],
      [1011, "failed"],
      [4000, "é".repeat(61)],
    ] as const
  ) {
    const client = await openDeno(server);
    const ended = endOfDeno(client);
    const socket = server.sockets.at(-1)!;
    socket.close(code, reason);
    assertEquals(await ended, [code, reason]);
    assertEquals((await socket.closed).wasClean, true);
  }
});
