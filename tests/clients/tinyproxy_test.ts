import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import {
  connectTunnel,
  type ConnectTunnelOptions,
  TunnelRefusedError,
} from "../../upgrade/connect_tunnel.ts";
import { sendRequest } from "../../upgrade/mod.ts";
import {
  connectWebSocket,
  upgradeWebSocket,
  WebSocketHandshakeError,
} from "../../upgrade/websocket/mod.ts";
import { withServer } from "../upgrade/_serve.ts";
import { PAIR } from "../upgrade/_tls.ts";
import { digestOf, patternDigest, patternStream } from "./_pattern.ts";
import { withTinyproxy } from "./_tinyproxy.ts";

const LENGTH = 8 << 20;
const basicAuth = { username: "somebody", password: "secret" };

function connect(port: number): Promise<Deno.TcpConn> {
  return Deno.connect({ hostname: "127.0.0.1", port });
}

/** Fails to get a tunnel, and gives the answer with its text. */
async function refused(
  proxyPort: number,
  { to, ...options }: ConnectTunnelOptions & { readonly to: number },
): Promise<Response & { readonly content: string }> {
  using conn = await connect(proxyPort);
  const { response } = await assertRejects(
    () => connectTunnel(conn, `localhost:${to}`, options),
    TunnelRefusedError,
  );
  return Object.assign(response, { content: await response.text() });
}

/** Sends a pattern, and gets it back. */
function answer(request: Request): Response {
  assertEquals(request.method, "POST");
  return new Response(request.body);
}

async function assertServed(conn: Deno.Conn, url: string): Promise<void> {
  // More than one on the connection.
  for (const length of [0, 1, LENGTH]) {
    const body = patternStream(length);
    const request = new Request(url, { method: "POST", body });
    const response = await sendRequest(conn, request);
    assertEquals(response.status, 200);
    assertEquals(await digestOf(response.body), patternDigest(length));
  }
}

/** Runs a test with the port of a server for one raw connection. */
async function withRawServer(
  serve: (conn: Deno.TcpConn) => Promise<void>,
  test: (port: number) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const served = async () => {
    using conn = await listener.accept();
    await serve(conn);
  };
  await Promise.all([served(), test(listener.addr.port)]);
}

Deno.test("connectTunnel() leads through tinyproxy to a server, which answers requests as they stream", async () => {
  await withServer(answer, async ({ port }) => {
    await withTinyproxy({ connectPorts: [port] }, async (proxyPort) => {
      using conn = await connect(proxyPort);
      using tunnel = await connectTunnel(conn, `localhost:${port}`);
      await assertServed(tunnel, `http://localhost:${port}/`);
    });
  });
});

Deno.test("connectTunnel() leads through tinyproxy to a server with TLS, with credentials", async () => {
  await withServer(answer, async ({ port }) => {
    const options = { connectPorts: [port], basicAuth };
    await withTinyproxy(options, async (proxyPort) => {
      const conn = await connect(proxyPort);
      const authority = `localhost:${port}`;
      const tunnel = await connectTunnel(conn, authority, { basicAuth });
      const { io, readBuf } = tunnel.downcast();
      assertEquals(readBuf.length, 0);
      using tls = await Deno.startTls(io as Deno.TcpConn, {
        hostname: "localhost",
        caCerts: [PAIR.cert],
      });
      await assertServed(tls, `https://localhost:${port}/`);
    });
  }, PAIR);
});

Deno.test("connectTunnel() rejects with what tinyproxy says to who has no credentials, or wrong ones", async () => {
  const options = { connectPorts: [443], basicAuth };
  await withTinyproxy(options, async (proxyPort) => {
    const unnamed = await refused(proxyPort, { to: 443 });
    assertEquals(unnamed.status, 407);
    assertEquals(
      unnamed.headers.get("proxy-authenticate"),
      'Basic realm="Tinyproxy"',
    );
    assertStringIncludes(unnamed.content, "requires authentication");
    const unknown = await refused(proxyPort, {
      to: 443,
      basicAuth: { username: "somebody", password: "else" },
    });
    assert([401, 407].includes(unknown.status));
  });
});

Deno.test("connectTunnel() rejects with what tinyproxy says of a port that is not allowed, or where nobody listens", async () => {
  // Of the ports that may be asked for, nobody listens to this one.
  const none = 1;
  const options = { connectPorts: [none], basicAuth };
  await withTinyproxy(options, async (proxyPort) => {
    const forbidden = await refused(proxyPort, { to: 2, basicAuth });
    assertEquals(forbidden.status, 403);
    assertStringIncludes(forbidden.content, "not allowed with the port");
    const absent = await refused(proxyPort, { to: none, basicAuth });
    assertEquals(absent.status, 500);
    assertStringIncludes(absent.content, "unable to connect");
  });
});

Deno.test("connectTunnel() leads through two proxies, a tunnel in a tunnel", async () => {
  await withServer(answer, async ({ port }) => {
    await withTinyproxy({ connectPorts: [port], basicAuth }, async (last) => {
      await withTinyproxy({ connectPorts: [last] }, async (first) => {
        using conn = await connect(first);
        using outer = await connectTunnel(conn, `127.0.0.1:${last}`);
        using inner = await connectTunnel(outer, `localhost:${port}`, {
          basicAuth,
        });
        await assertServed(inner, `http://localhost:${port}/`);
      });
    });
  });
});

Deno.test("connectTunnel() brings all that a server sends through tinyproxy, from its first word to its end", async () => {
  await withRawServer(async (conn) => {
    await patternStream(LENGTH).pipeTo(conn.writable);
  }, async (port) => {
    await withTinyproxy({ connectPorts: [port] }, async (proxyPort) => {
      using conn = await connect(proxyPort);
      using tunnel = await connectTunnel(conn, `127.0.0.1:${port}`);
      assertEquals(await digestOf(tunnel.readable), patternDigest(LENGTH));
    });
  });
});

// It closes both directions when one has ended, but delivers what came before.
Deno.test("connectTunnel() takes all that is sent through tinyproxy until closeWrite()", async () => {
  await withRawServer(async (conn) => {
    assertEquals(await digestOf(conn.readable), patternDigest(LENGTH));
  }, async (port) => {
    await withTinyproxy({ connectPorts: [port] }, async (proxyPort) => {
      using conn = await connect(proxyPort);
      using tunnel = await connectTunnel(conn, `127.0.0.1:${port}`);
      await patternStream(LENGTH).pipeTo(tunnel.writable);
      assertEquals(await tunnel.read(new Uint8Array(1)), null);
    });
  });
});

for (const scheme of ["ws", "wss"]) {
  Deno.test(`connectWebSocket() goes through tinyproxy to ${scheme}, with credentials`, async () => {
    await withServer(
      (request) => {
        const { socket, response } = upgradeWebSocket(request);
        socket.forEach((message) => socket.send(message));
        return response;
      },
      async ({ port }) => {
        const options = { connectPorts: [port], basicAuth };
        await withTinyproxy(options, async (proxyPort) => {
          const url = `${scheme}://localhost:${port}/`;
          const proxy = { url: `http://127.0.0.1:${proxyPort}`, basicAuth };
          await using socket = await connectWebSocket(url, {
            proxy,
            caCerts: [PAIR.cert],
          });
          const bytes = new Uint8Array(LENGTH >> 4).fill(7);
          socket.send("hello");
          socket.send(bytes);
          const messages = socket[Symbol.asyncIterator]();
          assertEquals((await messages.next()).value, "hello");
          assertEquals((await messages.next()).value, bytes);
          await socket.close();
        });
      },
      scheme === "wss" ? PAIR : {},
    );
  });
}

Deno.test("connectWebSocket() rejects with what tinyproxy says to who has no credentials", async () => {
  const options = { connectPorts: [443], basicAuth };
  await withTinyproxy(options, async (proxyPort) => {
    const proxy = { url: `http://127.0.0.1:${proxyPort}` };
    const { code, response } = await assertRejects(
      () => connectWebSocket("wss://localhost/", { proxy }),
      WebSocketHandshakeError,
    );
    assertEquals(code, "proxy_refused");
    assertEquals(response?.status, 407);
    assertStringIncludes(await response!.text(), "requires authentication");
  });
});
