import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type Handler,
  HttpError,
  serve,
  type ServeOptions,
  UpgradeError,
} from "../../../upgrade/mod.ts";
import {
  upgradeWebSocket,
  type UpgradeWebSocketOptions,
  WebSocketConn,
} from "../../../upgrade/websocket/mod.ts";
import { connect } from "../../_raw_socket.ts";
import { binaryOf, bytesOf, clientFrame, closing, concat } from "./_frames.ts";
import { openingHandshake, Peer } from "./_peer.ts";

const TEXT = 1, CLOSE = 8;

function start(handler: Handler, options: ServeOptions = {}) {
  const server = serve({ port: 0, ...options }, handler);
  return { server, port: (server.addr as Deno.NetAddr).port };
}

/** Echoes, and puts each socket into `sockets`. */
function echo(
  options: UpgradeWebSocketOptions = {},
  sockets: WebSocketConn[] = [],
): Handler {
  return (request) => {
    const { socket, response } = upgradeWebSocket(request, options);
    sockets.push(socket);
    socket.forEach((message) => socket.send(message));
    return response;
  };
}

/** What a server answers to a handshake, line by line. */
async function answer(port: number, bytes: Uint8Array): Promise<string[]> {
  using raw = await connect(port);
  await raw.send(bytes);
  return (await raw.readUntil("\r\n\r\n")).trimEnd().split("\r\n");
}

Deno.test("upgradeWebSocket() answers 101 with exactly the fields it needs", async () => {
  const sockets: WebSocketConn[] = [];
  const { server, port } = start(echo({ protocols: ["v2", "v1"] }, sockets));
  await using _ = server;
  const lines = await answer(
    port,
    openingHandshake({
      "Sec-WebSocket-Protocol": "v1, v3",
      "Sec-WebSocket-Extensions": "permessage-deflate",
    }),
  );
  assertEquals(lines[0], "HTTP/1.1 101 Switching Protocols");
  const fields = lines.slice(1).map((line) => line.toLowerCase())
    .filter((line) => !line.startsWith("date:")).sort();
  assertEquals(fields, [
    "connection: upgrade",
    "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=",
    "sec-websocket-protocol: v1",
    "upgrade: websocket",
  ]);
  assertEquals(sockets[0]!.protocol, "v1");
  assertEquals(sockets[0]!.url, "ws://chat.example/chat?room=1");
  assertEquals(sockets[0]!.extensions, "");
});

Deno.test("upgradeWebSocket() reads frames first that came in one segment with the request", async () => {
  const { server, port } = start(echo());
  await using _ = server;
  using raw = await connect(port);
  const third = clientFrame(TEXT, "third");
  await raw.send(concat(
    openingHandshake(),
    clientFrame(TEXT, "first"),
    clientFrame(TEXT, "second"),
    third.subarray(0, 5),
  ));
  await raw.readUntil("\r\n\r\n");
  const peer = new Peer(raw);
  assertEquals(await peer.read(), [TEXT, "first"]);
  assertEquals(await peer.read(), [TEXT, "second"]);
  await raw.send(third.subarray(5));
  assertEquals(await peer.read(), [TEXT, "third"]);
});

Deno.test("upgradeWebSocket() reads frames that came byte by byte while the handler was thinking", async () => {
  const gate = Promise.withResolvers<void>();
  const { server, port } = start(async (request) => {
    await gate.promise;
    return await echo()(request, undefined!);
  });
  await using _ = server;
  using raw = await connect(port);
  await raw.sendBytewise(concat(
    openingHandshake(),
    clientFrame(TEXT, "first"),
    clientFrame(TEXT, "second"),
  ));
  gate.resolve();
  await raw.readUntil("\r\n\r\n");
  const peer = new Peer(raw);
  assertEquals(await peer.read(), [TEXT, "first"]);
  assertEquals(await peer.read(), [TEXT, "second"]);
});

Deno.test("upgradeWebSocket() sends after the 101 what was sent before it", async () => {
  const { server, port } = start((request) => {
    const { socket, response } = upgradeWebSocket(request);
    assertEquals(socket.readyState, WebSocketConn.CONNECTING);
    socket.send("welcome");
    socket.close(1000);
    response.headers.set("x-extra", "yes");
    return response;
  });
  await using _ = server;
  using raw = await connect(port);
  await raw.send(openingHandshake());
  const head = await raw.readUntil("\r\n\r\n");
  assert(head.toLowerCase().includes("x-extra: yes"));
  const peer = new Peer(raw);
  assertEquals(await peer.read(), [TEXT, "welcome"]);
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1000))]);
});

Deno.test("upgradeWebSocket() throws an HttpError that the server answers when the handshake is not valid", async () => {
  const reported: unknown[] = [];
  const { server, port } = start(echo(), {
    onError: (error) => reported.push(error),
  });
  await using _ = server;
  const cases: [Record<string, string>, status: number, fields: string[]][] = [
    [{ "Upgrade": "" }, 426, ["upgrade: websocket", "connection: upgrade"]],
    [{ "Upgrade": "h2c" }, 426, ["upgrade: websocket"]],
    [{ "Connection": "keep-alive" }, 400, []],
    [{ "Sec-WebSocket-Version": "8" }, 426, ["sec-websocket-version: 13"]],
    [{ "Sec-WebSocket-Version": "" }, 400, ["sec-websocket-version: 13"]],
    [{ "Sec-WebSocket-Key": "c2hvcnQ=" }, 400, []],
    [{ "Sec-WebSocket-Key": "" }, 400, []],
    [{ "Origin": "https://evil.example" }, 403, []],
    [{ "Origin": "null" }, 403, []],
    [{ "Host": "" }, 400, []],
  ];
  for (const [fields, status, expected] of cases) {
    const lines = await answer(port, openingHandshake(fields));
    assert(lines[0]!.startsWith(`HTTP/1.1 ${status} `), lines.join("\n"));
    const lower = lines.map((line) => line.toLowerCase());
    for (const field of expected) {
      assert(lower.includes(field), `${field} in\n${lines.join("\n")}`);
    }
  }
  assertEquals(reported, []);
});

Deno.test("upgradeWebSocket() refuses two keys when they came in two fields", async () => {
  const { server, port } = start(echo());
  await using _ = server;
  const head = binaryOf(openingHandshake()).replace(
    "\r\n\r\n",
    "\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  const [status] = await answer(port, bytesOf(head));
  assert(status!.startsWith("HTTP/1.1 400 "), status);
});

Deno.test("upgradeWebSocket() takes lists that came in several fields", async () => {
  const { server, port } = start(echo({ protocols: ["b"] }));
  await using _ = server;
  const head = binaryOf(openingHandshake({ "Connection": "keep-alive" }))
    .replace(
      "\r\n\r\n",
      "\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" +
        "Sec-WebSocket-Protocol: a\r\nSec-WebSocket-Protocol: b\r\n\r\n",
    );
  const lines = await answer(port, bytesOf(head));
  assert(lines[0]!.startsWith("HTTP/1.1 101 "), lines.join("\n"));
  assert(lines.some((line) => /^sec-websocket-protocol: b$/i.test(line)));
});

Deno.test("upgradeWebSocket() closes the socket when the handler answers something else", async () => {
  const sockets: WebSocketConn[] = [];
  const { server, port } = start((request) => {
    sockets.push(upgradeWebSocket(request).socket);
    return new Response("changed my mind", { status: 403 });
  });
  await using _ = server;
  const [status] = await answer(port, openingHandshake());
  assert(status!.startsWith("HTTP/1.1 403 "));
  const { code, error } = await sockets[0]!.closed;
  assertEquals(code, 1006);
  assert(error instanceof UpgradeError && error.code === "not_upgraded");
});

Deno.test("upgradeWebSocket() throws websocket_http_1_1 when the request is HTTP/1.0", async () => {
  const reported: unknown[] = [];
  const { server, port } = start(echo(), {
    onError: (error) => reported.push(error),
  });
  await using _ = server;
  const head = binaryOf(openingHandshake()).replace("HTTP/1.1", "HTTP/1.0");
  const [status] = await answer(port, bytesOf(head));
  assert(status!.startsWith("HTTP/1.1 400 "), status);
  assertEquals(reported, []);
});

Deno.test("upgradeWebSocket() throws when the request is no server's", () => {
  const request = new Request("http://chat.example/", {
    headers: {
      "host": "chat.example",
      "upgrade": "websocket",
      "connection": "upgrade",
      "sec-websocket-version": "13",
      "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
    },
  });
  const error = assertThrows(() => upgradeWebSocket(request), HttpError);
  assertEquals(error.code, "websocket_http_1_1");
});

Deno.test("upgradeWebSocket() closes with 1001 when the server shuts down", async () => {
  const { server, port } = start(echo());
  using peer = await Peer.open(port);
  await peer.send(TEXT, "open");
  assertEquals(await peer.read(), [TEXT, "open"]);
  const finished = server.shutdown();
  const goodbye = closing(1001, "The server is shutting down");
  assertEquals(await peer.read(), [CLOSE, binaryOf(goodbye)]);
  await peer.send(CLOSE, closing(1001));
  await peer.readEnd();
  peer.raw.close();
  await finished;
});

Deno.test("upgradeWebSocket() tells the server's onError when a callback throws", async () => {
  const reported: unknown[] = [];
  const error = new Error("of the callback");
  const { server, port } = start((request) => {
    const { socket, response } = upgradeWebSocket(request);
    socket.forEach(() => {
      throw error;
    });
    return response;
  }, { onError: (error) => reported.push(error) });
  await using _ = server;
  using peer = await Peer.open(port);
  await peer.send(TEXT, "anything");
  assertEquals(await peer.read(), [CLOSE, binaryOf(closing(1011))]);
  await peer.send(CLOSE, closing(1011));
  await peer.readEnd();
  assertEquals(reported, [error]);
});

Deno.test("upgradeWebSocket() leaves other sockets alone when one misbehaves", async () => {
  const { server, port } = start(echo());
  await using _ = server;
  using good = await Peer.open(port);
  const bad = [
    bytesOf("\x81\x05hello"),
    bytesOf("\xff".repeat(5000)),
    bytesOf("\x82\xff\x7f" + "\xff".repeat(11)),
    clientFrame(TEXT, bytesOf("\xc3\x28")),
  ];
  for (const bytes of bad) {
    using peer = await Peer.open(port);
    await peer.raw.send(bytes);
    const [opcode] = await peer.read();
    assertEquals(opcode, CLOSE);
    await good.send(TEXT, "fine");
    assertEquals(await good.read(), [TEXT, "fine"]);
  }
  await good.send(CLOSE);
  await good.read();
  await good.readEnd();
});
