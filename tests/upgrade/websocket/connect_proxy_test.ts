import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  connectWebSocket,
  type ConnectWebSocketOptions,
  upgradeWebSocket,
  type WebSocketConn,
  WebSocketHandshakeError,
} from "../../../upgrade/websocket/mod.ts";
import { closed, readHead } from "../_peer.ts";
import { withProxy } from "../_proxy.ts";
import { withServer } from "../_serve.ts";
import { PAIR } from "../_tls.ts";
import { withAnswering } from "./_answering.ts";

const CA = [PAIR.cert];

/** Runs a test against a server that echoes, with TLS or without. */
async function withEcho(
  test: (port: number) => Promise<void>,
  { isSecure = false } = {},
): Promise<void> {
  await withServer(
    (request) => {
      const { socket, response } = upgradeWebSocket(request);
      socket.forEach((message) => socket.send(message));
      return response;
    },
    ({ port }) => test(port),
    isSecure ? PAIR : {},
  );
}

async function assertEchoes(socket: WebSocketConn): Promise<void> {
  socket.send("hello");
  for await (const message of socket) {
    assertEquals(message, "hello");
    return;
  }
  throw new Error("The socket ended");
}

/** Fails to connect with an error of the handshake, and gives that. */
function refused(
  url: string,
  options: ConnectWebSocketOptions,
): Promise<WebSocketHandshakeError> {
  return assertRejects(
    () => connectWebSocket(url, options),
    WebSocketHandshakeError,
  );
}

Deno.test("connectWebSocket() opens a WebSocket with TLS when the scheme is wss or https", async () => {
  await withEcho(async (port) => {
    for (const scheme of ["wss", "https"]) {
      const url = `${scheme}://localhost:${port}/`;
      await using socket = await connectWebSocket(url, { caCerts: CA });
      assertEquals(socket.url, `wss://localhost:${port}/`);
      await assertEchoes(socket);
    }
  }, { isSecure: true });
});

Deno.test("connectWebSocket() takes an open connection with TLS for wss", async () => {
  await withEcho(async (port) => {
    const options = { hostname: "localhost", port, caCerts: CA };
    const conn = await Deno.connectTls(options);
    const url = "wss://chat.example/";
    await using socket = await connectWebSocket(url, { conn });
    await assertEchoes(socket);
  }, { isSecure: true });
});

Deno.test("connectWebSocket() rejects when the certificate is not trusted or names another host", async () => {
  await withEcho(async (port) => {
    for (
      const [host, caCerts] of [["localhost", []], ["[::1]", CA]] as const
    ) {
      await withAnswering(async (peer) => {
        using far = await Deno.connect({ hostname: "127.0.0.1", port });
        await readHead(peer);
        await peer.send("HTTP/1.1 200 OK\r\n\r\n");
        await Promise.allSettled([
          peer.conn.readable.pipeTo(far.writable),
          far.readable.pipeTo(peer.conn.writable),
        ]);
      }, async ({ port }) => {
        const proxy = { url: `http://127.0.0.1:${port}` };
        await assertRejects(
          () => connectWebSocket(`wss://${host}/`, { caCerts, proxy }),
          Deno.errors.InvalidData,
          "certificate",
        );
      });
    }
  }, { isSecure: true });
});

Deno.test("connectWebSocket() rejects when the server speaks no TLS", async () => {
  await withAnswering(async (peer) => {
    await peer.send("HTTP/1.1 400 No\r\n\r\n");
    await closed(peer);
  }, async ({ url }) => {
    await assertRejects(() => connectWebSocket(url.replace("ws:", "wss:")));
  });
});

Deno.test("connectWebSocket() goes through a proxy to ws", async () => {
  await withEcho(async (port) => {
    await withProxy(async ({ url, asked }) => {
      const target = `ws://127.0.0.1:${port}/`;
      await using socket = await connectWebSocket(target, { proxy: { url } });
      assertEquals(asked[0]?.get("host"), `127.0.0.1:${port}`);
      assert(!asked[0]?.has("proxy-authorization"));
      await assertEchoes(socket);
    });
  });
});

Deno.test("connectWebSocket() goes through a proxy to wss, with TLS inside", async () => {
  await withEcho(async (port) => {
    await withProxy(async ({ url, asked }) => {
      const target = `wss://localhost:${port}/`;
      const proxy = { url };
      const options = { proxy, caCerts: CA };
      await using socket = await connectWebSocket(target, options);
      assertEquals(asked.length, 1);
      await assertEchoes(socket);
    });
  }, { isSecure: true });
});

Deno.test("connectWebSocket() names the port of the scheme to the proxy, and tells it who asks", async () => {
  for (
    const [url, authority] of [
      ["ws://a.example/", "a.example:80"],
      ["wss://a.example/", "a.example:443"],
      ["ws://[::1]:81/", "[::1]:81"],
    ] as const
  ) {
    await withAnswering(async (peer) => {
      const head = await readHead(peer);
      assert(head.startsWith(`CONNECT ${authority} HTTP/1.1\r\n`), head);
      // The example of RFC 7617 §2.1, with U+00A3 in UTF-8.
      assert(/^proxy-authorization: Basic dGVzdDoxMjPCow==\r$/im.test(head));
      assert(/^user-agent: test\r$/im.test(head), head);
      await peer.send(
        "HTTP/1.1 407 Who\r\nContent-Length: 3\r\n\r\nwho",
      );
      await closed(peer);
    }, async ({ port }) => {
      const error = await refused(url, {
        proxy: {
          url: `http://127.0.0.1:${port}/`,
          basicAuth: { username: "test", password: "123£" },
          headers: { "user-agent": "test" },
        },
      });
      assertEquals(error.code, "proxy_refused");
      assertEquals(error.response?.status, 407);
      assertEquals(await error.response?.text(), "who");
    });
  }
});

Deno.test("connectWebSocket() keeps 64 KiB of what a proxy says when it refuses", async () => {
  const page = "no".repeat(0x9000);
  await withAnswering(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 403 No\r\nContent-Length: 100000000\r\n\r\n");
    await peer.send(page);
    await closed(peer);
  }, async ({ port }) => {
    const proxy = { url: `http://127.0.0.1:${port}` };
    const { code, response } = await refused("wss://a.example/", { proxy });
    assertEquals(code, "proxy_refused");
    assertEquals(response?.status, 403);
    assertEquals(await response?.text(), page.slice(0, 0x10000));
  });
});

Deno.test("connectWebSocket() tells a proxy's credentials to nobody else", async () => {
  await withAnswering(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 200 OK\r\n\r\n");
    const head = await readHead(peer);
    assert(head.startsWith("GET / HTTP/1.1\r\n"), head);
    assert(!/^proxy-/im.test(head), head);
  }, async ({ port }) => {
    const basicAuth = { username: "a", password: "b" };
    const proxy = { url: `http://127.0.0.1:${port}`, basicAuth };
    await assertRejects(() => connectWebSocket("ws://a.example/", { proxy }));
  });
});

Deno.test("connectWebSocket() rejects when something comes through the proxy before TLS", async () => {
  await withAnswering(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 200 OK\r\n\r\nearly");
    await closed(peer);
  }, async ({ port }) => {
    const proxy = { url: `http://127.0.0.1:${port}` };
    const { code } = await refused("wss://a.example/", { proxy });
    assertEquals(code, "proxy_spoke_first");
  });
});

Deno.test("connectWebSocket() rejects when the proxy's options are wrong, before it connects", async () => {
  const basicAuth = { username: "a:b", password: "" };
  for (
    const [proxy, words] of [
      [{ url: "https://a.example" }, "https:"],
      [{ url: "http://user@a.example" }, "user name"],
      [{ url: "http://a.example", basicAuth }, "colon"],
      [{ url: "a.example" }, "Invalid URL"],
    ] as const
  ) {
    await assertRejects(
      () => connectWebSocket("ws://b.example/", { proxy }),
      TypeError,
      words,
    );
  }
});
