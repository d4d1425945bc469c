import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  connectTunnel,
  type ConnectTunnelOptions,
  TunnelRefusedError,
} from "../../upgrade/connect_tunnel.ts";
import { HttpResponseError, sendRequest, Upgraded } from "../../upgrade/mod.ts";
import { closed, limitReads, readHead, withPeer } from "./_peer.ts";
import { withProxy } from "./_proxy.ts";
import { withServer } from "./_serve.ts";
import { PAIR } from "./_tls.ts";

const TARGET = "b.example:443";
const ASK = 'HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic realm="a"\r\n';
const utf8 = new TextEncoder();

/** Fails to get a tunnel, and gives the refusal. */
function refused(
  conn: Deno.Conn,
  options?: ConnectTunnelOptions,
): Promise<TunnelRefusedError> {
  return assertRejects(
    () => connectTunnel(conn, TARGET, options),
    TunnelRefusedError,
  );
}

/** Fails to get a tunnel for want of a valid answer, and gives the code. */
async function failed(
  conn: Deno.Conn,
  options?: ConnectTunnelOptions,
): Promise<string> {
  const sent = connectTunnel(conn, TARGET, options);
  return (await assertRejects(() => sent, HttpResponseError)).code;
}

/** Sends all of a text, and gives all that comes until the end. */
async function converse(conn: Upgraded, text: string): Promise<string> {
  assertEquals(await conn.write(utf8.encode(text)), text.length);
  await conn.closeWrite();
  return await new Response(conn.readable).text();
}

/** Asks a server of this machine for `/`, with TLS or without. */
async function get(
  conn: Deno.Conn,
  { port, scheme = "http" }: { port: number; scheme?: string },
): Promise<string> {
  const request = new Request(`${scheme}://localhost:${port}/`);
  return await (await sendRequest(conn, request)).text();
}

Deno.test("connectTunnel() resolves to the tunnel when any 2xx comes, with the bytes that came with it first, wherever they are split", async () => {
  for (const line of ["HTTP/1.1 200 OK", "HTTP/1.0 299 ", "HTTP/1.1 204 "]) {
    const all = `${line}\r\nA: b\r\n\r\nearly `;
    for (let at = 1; at <= all.length; at++) {
      await withPeer(async (peer) => {
        assertEquals(
          await readHead(peer),
          `CONNECT ${TARGET} HTTP/1.1\r\nHost: ${TARGET}\r\n\r\n`,
        );
        await peer.send(all);
        assertEquals(await peer.readTextToEnd(), "hello");
        await peer.send("and late");
        await peer.closeWrite();
      }, async (conn) => {
        limitReads(conn, at);
        using tunnel = await connectTunnel(conn, TARGET);
        assertInstanceOf(tunnel, Upgraded);
        assertEquals(await converse(tunnel, "hello"), "early and late");
      });
    }
  }
});

Deno.test("connectTunnel() tells the proxy the fields and who asks, whatever else says it", async () => {
  const headers = { "user-agent": "test", "proxy-authorization": "Other" };
  await withPeer(async (peer) => {
    const head = await readHead(peer);
    assert(/^user-agent: test\r$/m.test(head), head);
    assertEquals(
      head.match(/^proxy-authorization: .*$/gm),
      // The example of RFC 7617 §2.1, with U+00A3 in UTF-8.
      ["proxy-authorization: Basic dGVzdDoxMjPCow=="],
    );
    await peer.send("HTTP/1.1 200 \r\n\r\n");
  }, async (conn) => {
    const basicAuth = { username: "test", password: "123£" };
    (await connectTunnel(conn, TARGET, { headers, basicAuth })).close();
  });
});

Deno.test("connectTunnel() rejects with a TunnelRefusedError when the answer is no 2xx, with the answer readable", async () => {
  for (const status of [300, 302, 401, 403, 407, 500, 502, 599]) {
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(
        `HTTP/1.1 ${status} No\r\nA: b\r\nContent-Length: 10\r\n\r\nfirst`,
      );
      // The rest comes when the error is there already.
      assertEquals(await peer.readUntil("!"), "read!");
      await peer.send(" rest");
    }, async (conn) => {
      const error = await refused(conn);
      assertEquals(error.name, "TunnelRefusedError");
      assertEquals(error.code, "tunnel_refused");
      assertEquals(
        error.message,
        `Cannot open a tunnel: the proxy answered with status ${status}`,
      );
      const { response } = error;
      assertEquals(response.status, status);
      assertEquals(response.statusText, "No");
      assertEquals(response.headers.get("a"), "b");
      await conn.write(utf8.encode("read!"));
      assertEquals(await response.text(), "first rest");
    });
  }
});

const framed: [kind: string, answer: string, body: string][] = [
  ["a length", `${ASK}Content-Length: 3\r\n\r\nwho`, "who"],
  ["no content", `${ASK}Content-Length: 0\r\n\r\n`, ""],
  [
    "chunks",
    `${ASK}Transfer-Encoding: chunked\r\n\r\n3\r\nwho\r\n0\r\n\r\n`,
    "who",
  ],
  [
    "a length in HTTP/1.0",
    `${
      ASK.replace("/1.1", "/1.0")
    }Connection: keep-alive\r\nContent-Length: 3\r\n\r\nwho`,
    "who",
  ],
];
for (const [kind, answer, body] of framed) {
  Deno.test(`connectTunnel() may be called again on the connection when a 407 with ${kind} has been read`, async () => {
    await withPeer(async (peer) => {
      assert(!/^proxy-authorization/im.test(await readHead(peer)));
      await peer.send(answer);
      const head = await readHead(peer);
      assert(/^proxy-authorization: Basic YTpi\r$/im.test(head), head);
      await peer.send("HTTP/1.1 200 \r\n\r\nearly ");
      assertEquals(await peer.readTextToEnd(), "hello");
      await peer.send("and late");
      await peer.closeWrite();
    }, async (conn) => {
      const { response } = await refused(conn);
      assertEquals(response.status, 407);
      assertEquals(
        response.headers.get("proxy-authenticate"),
        'Basic realm="a"',
      );
      assertEquals(await response.text(), body);
      const basicAuth = { username: "a", password: "b" };
      using tunnel = await connectTunnel(conn, TARGET, { basicAuth });
      assertEquals(await converse(tunnel, "hello"), "early and late");
    });
  });
}

Deno.test("connectTunnel() rejects with connection_in_use until the refusal has been read", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(`${ASK}Content-Length: 3\r\n\r\nwho`);
    await readHead(peer);
    await peer.send("HTTP/1.1 200 \r\n\r\n");
  }, async (conn) => {
    const { response } = await refused(conn);
    assertEquals(await failed(conn), "connection_in_use");
    assertEquals(await response.text(), "who");
    (await connectTunnel(conn, TARGET)).close();
  });
});

Deno.test("connectTunnel() rejects with connection_over when the proxy has closed with its refusal", async () => {
  const answers = [
    `${ASK}Connection: close\r\nContent-Length: 3\r\n\r\nwho`,
    `${ASK.replace("/1.1", "/1.0")}\r\nwho`,
  ];
  for (const answer of answers) {
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(answer);
      await peer.closeWrite();
      assertEquals(await peer.readToEnd(), new Uint8Array(0));
    }, async (conn) => {
      const { response } = await refused(conn);
      assertEquals(await response.text(), "who");
      assertEquals(await failed(conn), "connection_over");
    });
  }
});

Deno.test("connectTunnel() rejects with the code of a broken answer, and closes", async () => {
  for (
    const [code, answer] of [
      ["bad_status_line", "SSH-2.0-x\r\n\r\n"],
      [
        "unexpected_switch",
        "HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: a\r\n\r\n",
      ],
      ["incomplete_head", "HTTP/1.1 200 OK\r\n"],
      ["no_response", ""],
    ] as const
  ) {
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(answer);
      await peer.closeWrite();
      await closed(peer);
    }, async (conn) => {
      assertEquals(await failed(conn), code);
    });
  }
});

Deno.test("connectTunnel() tells of interim answers, and waits as long as it is told", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 103 \r\nA: b\r\n\r\nHTTP/1.1 200 \r\n\r\n");
    await closed(peer);
  }, async (conn) => {
    const told: unknown[] = [];
    const onInterim = (status: number, headers: Headers) =>
      told.push([status, headers.get("a")]);
    (await connectTunnel(conn, TARGET, { onInterim })).close();
    assertEquals(told, [[103, "b"]]);
  });
  await withPeer(async (peer) => {
    await readHead(peer);
    await closed(peer);
  }, async (conn) => {
    assertEquals(await failed(conn, { headTimeout: 1 }), "head_timeout");
  });
});

Deno.test("connectTunnel() rejects with a TypeError before anything is sent when an argument is wrong", async () => {
  await withPeer(async (peer) => {
    assertEquals(await peer.readToEnd(), new Uint8Array(0));
  }, async (conn) => {
    for (
      const [authority, options, words] of [
        [TARGET, { basicAuth: { username: "a:b", password: "" } }, "colon"],
        [TARGET, { basicAuth: { username: "a", password: "\n" } }, "control"],
        [TARGET, { headers: { "a b": "c" } }, ""],
        ["b.example", {}, "CONNECT has no target"],
        ["http://b.example/", {}, "CONNECT has no target"],
      ] as const
    ) {
      await assertRejects(
        () => connectTunnel(conn, authority, options),
        TypeError,
        words,
      );
    }
    await conn.closeWrite();
  });
});

Deno.test("connectTunnel() rejects with the signal's reason and closes when that aborts, before or while the proxy thinks", async () => {
  const reason = new Error("mine");
  await withPeer(async (peer) => {
    assertEquals(await peer.readToEnd(), new Uint8Array(0));
  }, async (conn) => {
    const sent = connectTunnel(conn, TARGET, {
      signal: AbortSignal.abort(reason),
    });
    assertStrictEquals(await assertRejects(() => sent), reason);
    // Nothing was sent: the connection is as it was.
    await conn.closeWrite();
  });
  const controller = new AbortController();
  await withPeer(async (peer) => {
    await readHead(peer);
    controller.abort(reason);
    await closed(peer);
  }, async (conn) => {
    const sent = connectTunnel(conn, TARGET, { signal: controller.signal });
    assertStrictEquals(await assertRejects(() => sent), reason);
  });
});

Deno.test("connectTunnel() is done with its signal once there is a tunnel", async () => {
  const controller = new AbortController();
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 200 \r\n\r\n");
    assertEquals(await peer.readTextToEnd(), "hello");
    await peer.send("late");
    await peer.closeWrite();
  }, async (conn) => {
    const { signal } = controller;
    using tunnel = await connectTunnel(conn, TARGET, { signal });
    controller.abort();
    assertEquals(await converse(tunnel, "hello"), "late");
  });
});

Deno.test("connectTunnel() leads to a server of HTTP, which several requests reach", async () => {
  await withServer(() => new Response("hello"), async ({ port }) => {
    await withProxy(async (proxy) => {
      using conn = await Deno.connect({ port: proxy.port });
      using tunnel = await connectTunnel(conn, `127.0.0.1:${port}`);
      for (let i = 0; i < 3; i++) {
        assertEquals(await get(tunnel, { port }), "hello");
      }
      assertEquals(proxy.asked.length, 1);
    });
  });
});

Deno.test("connectTunnel() leads to a server with TLS when that is begun on the socket under it", async () => {
  await withServer(() => new Response("hello"), async ({ port }) => {
    await withProxy(async (proxy) => {
      const conn = await Deno.connect({ port: proxy.port });
      const tunnel = await connectTunnel(conn, `127.0.0.1:${port}`);
      const { io, readBuf } = tunnel.downcast();
      assertStrictEquals(io, conn);
      assertEquals(readBuf.length, 0);
      using tls = await Deno.startTls(io as Deno.TcpConn, {
        hostname: "localhost",
        caCerts: [PAIR.cert],
      });
      for (let i = 0; i < 3; i++) {
        assertEquals(await get(tls, { port, scheme: "https" }), "hello");
      }
    });
  }, PAIR);
});

Deno.test("connectTunnel() opens a tunnel in a tunnel, with every early byte in its place", async () => {
  await withPeer(async (peer) => {
    const first = await readHead(peer);
    assert(first.startsWith("CONNECT c.example:1 HTTP/1.1\r\n"), first);
    // All at once: the second answer and what follows come early twice.
    await peer.send("HTTP/1.1 200 \r\n\r\nHTTP/1.1 200 \r\n\r\nearly ");
    const second = await readHead(peer);
    assert(second.startsWith(`CONNECT ${TARGET} HTTP/1.1\r\n`), second);
    assertEquals(await peer.readTextToEnd(), "hello");
    await peer.send("and late");
    await peer.closeWrite();
  }, async (conn) => {
    using outer = await connectTunnel(conn, "c.example:1");
    using inner = await connectTunnel(outer, TARGET);
    assertEquals(await converse(inner, "hello"), "early and late");
  });
});

Deno.test("connectTunnel() goes through a chain of proxies, each with its own words", async () => {
  await withServer(() => new Response("hello"), async ({ port }) => {
    await withProxy(async (last) => {
      await withProxy(async (middle) => {
        await withProxy(async (first) => {
          using conn = await Deno.connect({ port: first.port });
          let tunnel: Deno.Conn = conn;
          const hops = [middle.port, last.port, port];
          for (const [i, hop] of hops.entries()) {
            const basicAuth = { username: `${i}`, password: "" };
            tunnel = await connectTunnel(tunnel, `127.0.0.1:${hop}`, {
              basicAuth,
            });
          }
          assertEquals(await get(tunnel, { port }), "hello");
          assertEquals(
            [first, middle, last].map(({ asked }) =>
              asked.map((headers) => headers.get("proxy-authorization"))
            ),
            [["Basic MDo="], ["Basic MTo="], ["Basic Mjo="]],
          );
        });
      });
    });
  });
});

Deno.test("connectTunnel() refused in a tunnel leaves the outer one as it is", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 200 \r\n\r\n");
    await readHead(peer);
    await peer.send(`${ASK}Content-Length: 3\r\n\r\nwho`);
    await readHead(peer);
    await peer.send("HTTP/1.1 200 \r\n\r\n");
    assertEquals(await peer.readTextToEnd(), "hello");
    await peer.send("late");
    await peer.closeWrite();
  }, async (conn) => {
    using outer = await connectTunnel(conn, "c.example:1");
    assertEquals(await (await refused(outer)).response.text(), "who");
    using inner = await connectTunnel(outer, TARGET);
    assertEquals(await converse(inner, "hello"), "late");
  });
});

Deno.test("connectTunnel() asks a proxy on a connection with TLS", async () => {
  let asked: string | null = null;
  await withServer((request) => {
    asked = request.headers.get("host");
    return new Response("not today", { status: 403 });
  }, async ({ port }) => {
    using conn = await Deno.connectTls({
      hostname: "localhost",
      port,
      caCerts: [PAIR.cert],
    });
    const { response } = await refused(conn);
    assertEquals(asked, TARGET);
    assertEquals(await response.text(), "not today");
  }, PAIR);
});
