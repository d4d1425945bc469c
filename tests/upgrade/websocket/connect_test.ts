import { once } from "node:events";
import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
// @ts-types="./_ws_server.d.ts"
import { WebSocketServer } from "ws";
import { HttpResponseError, serve } from "../../../upgrade/mod.ts";
import {
  connectWebSocket,
  type ConnectWebSocketOptions,
  upgradeWebSocket,
  type UpgradeWebSocketOptions,
  type WebSocketCloseInfo,
  WebSocketConn,
  WebSocketHandshakeError,
} from "../../../upgrade/websocket/mod.ts";
import { closed, limitReads, readHead } from "../_peer.ts";
import { withServer } from "../_serve.ts";
import { switching, withAnswering } from "./_answering.ts";
import { frame, pattern } from "./_frames.ts";

/** Runs a test against a server of our own that echoes. */
async function withEcho(
  test: (
    url: string,
    ends: readonly Promise<WebSocketCloseInfo>[],
  ) => Promise<void>,
  options: UpgradeWebSocketOptions = {},
): Promise<void> {
  const ends: Promise<WebSocketCloseInfo>[] = [];
  await withServer((request) => {
    const { socket, response } = upgradeWebSocket(request, options);
    ends.push(socket.forEach((message) => socket.send(message)));
    return response;
  }, ({ port }) => test(`ws://127.0.0.1:${port}/chat?room=1`, ends));
}

/** Takes the next message. */
async function next(socket: WebSocketConn): Promise<unknown> {
  for await (const message of socket) return message;
  return undefined;
}

/** Asserts that messages of all kinds come back. */
async function assertEchoes(socket: WebSocketConn): Promise<void> {
  for (const message of ["", "Grüße 😀", pattern(100_000), "é".repeat(9000)]) {
    socket.send(message);
    assertEquals(await next(socket), message);
  }
}

/** Fails to connect with an error of the handshake, and gives that. */
function refused(
  url: string,
  options: ConnectWebSocketOptions = {},
): Promise<WebSocketHandshakeError> {
  return assertRejects(
    () => connectWebSocket(url, options),
    WebSocketHandshakeError,
  );
}

Deno.test("connectWebSocket() opens a WebSocket to a server of our own", async () => {
  await withEcho(async (url, ends) => {
    const socket = await connectWebSocket(url, { protocols: ["b", "a"] });
    assertInstanceOf(socket, WebSocketConn);
    assertEquals(socket.url, url);
    assertEquals(socket.protocol, "a");
    assertEquals(socket.extensions, "");
    assertEquals(socket.readyState, WebSocketConn.OPEN);
    await assertEchoes(socket);
    assert(await socket.ping() >= 0);
    socket.close(3001, "done");
    const info = { code: 3001, reason: "done", wasClean: true };
    assertEquals(await ends[0], info);
    assertEquals((await socket.closed).wasClean, true);
  }, { protocols: ["a"] });
});

Deno.test("connectWebSocket() gives a socket that closes with 1000 when it is disposed of", async () => {
  await withEcho(async (url, ends) => {
    {
      await using socket = await connectWebSocket(url);
      await assertEchoes(socket);
    }
    assertEquals((await ends[0]!).code, 1000);
  });
});

Deno.test("connectWebSocket() takes an http URL as one of ws", async () => {
  await withEcho(async (url) => {
    await using socket = await connectWebSocket(url.replace("ws:", "http:"));
    assertEquals(socket.url, url);
    await assertEchoes(socket);
  });
});

Deno.test("connectWebSocket() passes the options of the socket on", async () => {
  await withEcho(async (url) => {
    const socket = await connectWebSocket(url, { maxMessageBytes: 10 });
    socket.send("eleven byte");
    assertStrictEquals(await next(socket), undefined);
    assertEquals((await socket.closed).code, 1009);
  });
});

Deno.test("connectWebSocket() agrees on compression with a server of our own", async () => {
  for (const deflate of [true, { ownContextTakeover: true, threshold: 0 }]) {
    await withEcho(async (url) => {
      await using socket = await connectWebSocket(url, { deflate });
      assert(socket.extensions.startsWith("permessage-deflate"));
      await assertEchoes(socket);
    }, { deflate: { peerContextTakeover: true } });
  }
});

Deno.test("connectWebSocket() goes on without compression when the server wants none", async () => {
  await withEcho(async (url) => {
    await using socket = await connectWebSocket(url, { deflate: true });
    assertEquals(socket.extensions, "");
    await assertEchoes(socket);
  });
});

Deno.test("connectWebSocket() opens a WebSocket to npm:ws, with compression and without", async () => {
  for (const deflate of [false, true]) {
    const server = new WebSocketServer({
      host: "127.0.0.1",
      port: 0,
      perMessageDeflate: deflate,
    });
    server.on("connection", (socket) => {
      socket.on("message", (data, isBinary) => {
        socket.send(data, { binary: isBinary });
      });
    });
    await once(server as never, "listening");
    const url = `ws://127.0.0.1:${server.address().port}/`;
    const socket = await connectWebSocket(url, { deflate, protocols: ["a"] });
    assertEquals(socket.protocol, "a");
    assertEquals(socket.extensions.includes("permessage-deflate"), deflate);
    await assertEchoes(socket);
    socket.close(1000);
    const { code, wasClean } = await socket.closed;
    assertEquals([code, wasClean], [1000, true]);
    await new Promise<void>((resolve) => server.close(resolve));
  }
});

Deno.test("connectWebSocket() opens a WebSocket to Deno's own server", async () => {
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request) => {
      const { socket, response } = Deno.upgradeWebSocket(request);
      socket.onmessage = ({ data }) => socket.send(data);
      return response;
    },
  );
  const socket = await connectWebSocket(`ws://127.0.0.1:${server.addr.port}/`);
  await assertEchoes(socket);
  socket.close(1000, "done");
  assertEquals((await socket.closed).wasClean, true);
});

Deno.test("connectWebSocket() sends an opening handshake as the RFC has it", async () => {
  await withAnswering(async (peer) => {
    const lines = (await readHead(peer)).trimEnd().split("\r\n");
    const { port } = peer.conn.localAddr as Deno.NetAddr;
    assertEquals(lines[0], "GET /chat?room=1 HTTP/1.1");
    const fields = lines.slice(1).map((line) => line.toLowerCase());
    assert(fields.includes(`host: 127.0.0.1:${port}`));
    assert(fields.includes("upgrade: websocket"));
    assert(fields.includes("connection: upgrade"));
    assert(fields.includes("sec-websocket-version: 13"));
    assert(fields.includes("sec-websocket-protocol: a, b"));
    assert(fields.includes("authorization: bearer x"));
    assert(fields.includes("origin: https://a.example"));
    assertEquals(fields.length, 8);
  }, async ({ url }) => {
    const headers = {
      authorization: "Bearer x",
      origin: "https://a.example",
    };
    const protocols = ["a", "b"];
    await assertRejects(() => connectWebSocket(url, { headers, protocols }));
  });
});

Deno.test("connectWebSocket() loses no frame that came with the 101, wherever it is split", async () => {
  const early = frame({ opcode: 1, payload: "early" });
  const { length } = switching("");
  for (const at of [1, 10, length - 1, length, length + 1, length + 6, 999]) {
    await withAnswering(async (peer) => {
      const head = new TextEncoder().encode(switching(await readHead(peer)));
      await peer.send(Uint8Array.of(...head, ...early));
      await closed(peer);
    }, async ({ port, url }) => {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      limitReads(conn, at);
      const socket = await connectWebSocket(url, { conn, closeTimeout: 1 });
      assertEquals(await next(socket), "early");
      socket.close();
      await socket.closed;
    });
  }
});

Deno.test("connectWebSocket() rejects when the 101 breaks a rule, and closes the connection", async () => {
  for (
    const [changes, code] of [
      [{ "Sec-WebSocket-Accept": "" }, "accept_wrong"],
      [
        { "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" },
        "accept_wrong",
      ],
      [{ "Upgrade": "websocket, websocket" }, "upgrade_wrong"],
      [
        { "Sec-WebSocket-Extensions": "permessage-deflate" },
        "extensions_wrong",
      ],
      [{ "Sec-WebSocket-Protocol": "a" }, "subprotocol_not_offered"],
    ] as const
  ) {
    await withAnswering(async (peer) => {
      await peer.send(switching(await readHead(peer), changes));
      await closed(peer);
    }, async ({ url }) => {
      const error = await refused(url);
      assertEquals(error.code, code);
      assertEquals(error.response?.status, 101);
    });
  }
});

Deno.test("connectWebSocket() rejects when the 101 is none in HTTP, and closes the connection", async () => {
  for (
    const [changes, code] of [
      [{ "Upgrade": "" }, "bad_switch"],
      [{ "Connection": "" }, "bad_switch"],
      [{ "Connection": "close" }, "bad_switch"],
      [{ "Upgrade": "h2c" }, "protocol_not_offered"],
    ] as const
  ) {
    await withAnswering(async (peer) => {
      await peer.send(switching(await readHead(peer), changes));
      await closed(peer);
    }, async ({ url }) => {
      const error = await assertRejects(
        () => connectWebSocket(url),
        HttpResponseError,
      );
      assertEquals(error.code, code);
    });
  }
});

Deno.test("connectWebSocket() rejects when the server closes, or speaks no HTTP", async () => {
  for (
    const [answer, code] of [
      ["", "no_response"],
      ["HTTP/1.1 101 Switch", "incomplete_head"],
      ["SSH-2.0-OpenSSH\r\n", "bad_status_line"],
    ] as const
  ) {
    await withAnswering(async (peer) => {
      await readHead(peer);
      await peer.send(answer);
      await peer.closeWrite();
      await closed(peer);
    }, async ({ url }) => {
      const error = await assertRejects(
        () => connectWebSocket(url),
        HttpResponseError,
      );
      assertEquals(error.code, code);
    });
  }
});

Deno.test("connectWebSocket() rejects with a readable response when the server refuses", async () => {
  await withServer(() => {
    const headers = { "www-authenticate": "Bearer" };
    return new Response("who are you?", { status: 401, headers });
  }, async ({ port }) => {
    const { code, message, response } = await refused(`ws://127.0.0.1:${port}`);
    assertEquals(code, "handshake_refused");
    assert(message.includes("401"), message);
    assertEquals(response?.status, 401);
    assertEquals(response?.headers.get("www-authenticate"), "Bearer");
    assertEquals(await response?.text(), "who are you?");
  });
});

Deno.test("connectWebSocket() follows no redirect: it is a refusal", async () => {
  let requests = 0;
  await withServer(() => {
    requests++;
    return new Response(null, { status: 307, headers: { location: "/b" } });
  }, async ({ port }) => {
    const { response } = await refused(`ws://127.0.0.1:${port}/a`);
    assertEquals(response?.status, 307);
    assertEquals(response?.headers.get("location"), "/b");
    assertEquals(requests, 1);
  });
});

Deno.test("connectWebSocket() keeps 64 KiB of a refusal's endless body, and closes the connection", async () => {
  const cancelled = Promise.withResolvers<unknown>();
  await withServer(() => {
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel: cancelled.resolve,
    });
    return new Response(body, { status: 503 });
  }, async ({ port }) => {
    const { response } = await refused(`ws://127.0.0.1:${port}`, {
      handshakeTimeout: Infinity,
    });
    assertEquals((await response!.bytes()).length, 0x10000);
    await cancelled.promise;
  });
});

Deno.test("connectWebSocket() keeps what has come of a refusal's body when the server goes away", async () => {
  await withAnswering(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 500 No\r\nContent-Length: 9\r\n\r\nhalf");
  }, async ({ url }) => {
    const { response } = await refused(url);
    assertEquals([response?.status, await response?.text()], [500, "half"]);
  });
});

Deno.test("connectWebSocket() closes the connection when a refusal has no body", async () => {
  await withAnswering(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 204 No Content\r\n\r\n");
    await closed(peer);
  }, async ({ url }) => {
    assertEquals((await refused(url)).response?.status, 204);
  });
});

Deno.test("connectWebSocket() rejects as Deno.connect() does when nobody listens", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  await assertRejects(
    () => connectWebSocket(`ws://127.0.0.1:${port}/`),
    Deno.errors.ConnectionRefused,
  );
});

Deno.test("connectWebSocket() speaks over a unix socket that is open", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/chat.sock`;
  {
    await using _server = serve({ path }, (request) => {
      assertEquals(request.headers.get("host"), "chat.example");
      const { socket, response } = upgradeWebSocket(request);
      socket.forEach((message) => socket.send(message));
      return response;
    });
    const conn = await Deno.connect({ transport: "unix", path });
    const url = "ws://chat.example/";
    await using socket = await connectWebSocket(url, { conn });
    await assertEchoes(socket);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("connectWebSocket() closes the connection it was given when an option is wrong", async () => {
  for (
    const [url, options] of [
      ["wss://a.example/", {}],
      ["ws://a.example/#", {}],
      ["ws://a.example/", { protocols: [""] }],
      ["ws://a.example/", { headers: { upgrade: "h2c" } }],
      ["ws://a.example/", { proxy: { url: "http://b.example" } }],
    ] as const
  ) {
    await withAnswering((peer) => closed(peer), async ({ port }) => {
      const conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await assertRejects(
        () => connectWebSocket(url, { ...options, conn }),
        TypeError,
      );
    });
  }
});
