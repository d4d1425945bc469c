import {
  assert,
  assertEquals,
  assertInstanceOf,
  assertRejects,
  assertStrictEquals,
} from "@std/assert";
import {
  HttpResponseError,
  onUpgrade,
  sendConnect,
  sendRequest,
  type Upgraded,
  UpgradeError,
} from "../../upgrade/mod.ts";
import { connect, RawSocket } from "../_raw_socket.ts";
import { closed, limitReads, readHead, withPeer } from "./_peer.ts";
import { withServer } from "./_serve.ts";

const URL_HERE = "http://a.example/";
const SWITCH =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: foobar\r\n\r\n";
const HELLO = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const utf8 = new TextEncoder();

/** Offers to switch to `foobar`, or what is said. */
function offer(
  conn: Deno.Conn,
  { upgrade = "foobar", ...init }: RequestInit & { upgrade?: string } = {},
): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("upgrade", upgrade);
  const request = new Request(URL_HERE, { ...init, headers });
  return sendRequest(conn, request, { continueTimeout: Infinity });
}

async function assertSends(conn: Deno.Conn, text: string): Promise<void> {
  assertEquals(await conn.write(utf8.encode(text)), text.length);
}

/** Reads all that comes until the end. */
async function readAll(conn: Deno.Conn): Promise<string> {
  let text = "";
  const target = new Uint8Array(1000);
  for (let count; (count = await conn.read(target)) !== null;) {
    text += new TextDecoder().decode(target.subarray(0, count));
  }
  return text;
}

async function upgradeCodeOf(message: Response): Promise<string> {
  const error = await assertRejects(() => onUpgrade(message), UpgradeError);
  return error.code;
}

Deno.test("onUpgrade() gives the connection after a 101, with the bytes that came with it first, wherever they are split", async () => {
  const all = `${SWITCH}early `;
  for (let at = 1; at <= all.length; at++) {
    await withPeer(async (peer) => {
      const head = await readHead(peer);
      assert(head.includes("upgrade: foobar\r\nconnection: upgrade\r\n"));
      await peer.send(all);
      assertEquals(await peer.readUntil("!"), "foo=bar!");
      await peer.send("and late");
      await peer.closeWrite();
      await closed(peer);
    }, async (conn) => {
      limitReads(conn, at);
      const response = await offer(conn);
      assertEquals(response.status, 101);
      assertEquals(response.statusText, "Switching Protocols");
      assertEquals(response.headers.get("upgrade"), "foobar");
      assertStrictEquals(response.body, null);
      using upgraded = await onUpgrade(response);
      await assertSends(upgraded, "foo=bar!");
      assertEquals(await readAll(upgraded), "early and late");
    });
  }
});

Deno.test("onUpgrade() gives the connection on both sides when client and server are ours", async () => {
  const serve = async (upgraded: Promise<Upgraded>) => {
    using conn = await upgraded;
    const target = new Uint8Array(7);
    assertEquals(await conn.read(target), 7);
    assertEquals(new TextDecoder().decode(target), "foo=bar");
    await conn.write(utf8.encode("bar=foo"));
  };
  let served: Promise<void> | undefined;
  await withServer((request) => {
    served = serve(onUpgrade(request));
    return new Response(null, {
      status: 101,
      headers: { upgrade: "foobar" },
    });
  }, async ({ port }) => {
    using conn = await Deno.connect({ port });
    using upgraded = await onUpgrade(await offer(conn));
    await assertSends(upgraded, "foo=bar");
    assertEquals(await readAll(upgraded), "bar=foo");
    await served;
  });
});

Deno.test("onUpgrade() rejects with not_upgraded when the server answers with something else, and HTTP goes on", async () => {
  const answers = [
    HELLO,
    "HTTP/1.1 426 Upgrade Required\r\nUpgrade: other\r\nConnection: upgrade\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 500 \r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  ];
  await withPeer(async (peer) => {
    for (const answer of answers) {
      await readHead(peer);
      await peer.send(answer);
    }
  }, async (conn) => {
    for (const _ of answers) {
      const response = await offer(conn);
      assertEquals(await upgradeCodeOf(response), "not_upgraded");
      assertEquals(await upgradeCodeOf(response), "already_taken");
      assertEquals(await response.text(), "hello");
    }
  });
});

Deno.test("onUpgrade() rejects with not_upgradable when the request offered nothing", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(HELLO);
  }, async (conn) => {
    const response = await sendRequest(conn, new Request(URL_HERE));
    assertEquals(await upgradeCodeOf(response), "not_upgradable");
    assertEquals(await response.text(), "hello");
  });
});

Deno.test("onUpgrade() may be left unasked, or be asked late and once", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(`${SWITCH}early`);
    await peer.closeWrite();
  }, async (conn) => {
    const response = await offer(conn);
    await new Promise((resolve) => setImmediate(resolve));
    using upgraded = await onUpgrade(response);
    assertEquals(await upgradeCodeOf(response), "already_taken");
    assertEquals(await readAll(upgraded), "early");
  });
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(SWITCH);
  }, async (conn) => {
    assertEquals((await offer(conn)).status, 101);
  });
});

const offers: [offered: string, chosen: string, isOffered: boolean][] = [
  ["foobar", "FooBar", true],
  ["a, IRC/6.9, foobar", "irc/6.9", true],
  ["TLS/1.0, HTTP/1.1", "TLS/1.0, HTTP/1.1", true],
  ["foobar", "other", false],
  ["foobar/1", "foobar/2", false],
  ["foobar/1", "foobar", false],
  ["foobar", "foobar, other", false],
];
for (const [upgrade, chosen, isOffered] of offers) {
  Deno.test(`sendRequest() ${isOffered ? "takes" : "refuses"} a 101 to ${chosen} when ${upgrade} was offered`, async () => {
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(
        `HTTP/1.1 101 \r\nConnection: upgrade\r\nUpgrade: ${chosen}\r\n\r\n`,
      );
      await closed(peer);
    }, async (conn) => {
      if (isOffered) {
        (await onUpgrade(await offer(conn, { upgrade }))).close();
        return;
      }
      const sent = offer(conn, { upgrade });
      const error = await assertRejects(() => sent, HttpResponseError);
      assertEquals(error.code, "protocol_not_offered");
      await assertRejects(
        () => conn.read(new Uint8Array(1)),
        Deno.errors.BadResource,
      );
    });
  });
}

const wrong: [code: string, answer: string, headers: HeadersInit][] = [
  ["unexpected_switch", SWITCH, {}],
  ["unexpected_switch", SWITCH, { connection: "upgrade" }],
  ["unexpected_switch", SWITCH, { connection: "upgrade", upgrade: "" }],
  ["bad_switch", "HTTP/1.1 101 \r\nConnection: upgrade\r\n\r\n", {
    upgrade: "foobar",
  }],
  ["bad_switch", "HTTP/1.1 101 \r\nUpgrade: foobar\r\n\r\n", {
    upgrade: "foobar",
  }],
  ["bad_switch", `${SWITCH.replace("HTTP/1.1", "HTTP/1.0")}`, {
    upgrade: "foobar",
  }],
];
for (const [code, answer, headers] of wrong) {
  Deno.test(`sendRequest() rejects with ${code} and closes when ${JSON.stringify(answer)} answers ${JSON.stringify(headers)}`, async () => {
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(answer);
      await closed(peer);
    }, async (conn) => {
      const sent = sendRequest(conn, new Request(URL_HERE, { headers }));
      const error = await assertRejects(() => sent, HttpResponseError);
      assertEquals(error.code, code);
      await assertRejects(
        () => conn.read(new Uint8Array(1)),
        Deno.errors.BadResource,
      );
    });
  });
}

Deno.test("sendRequest() takes a 101 after interim responses", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(`HTTP/1.1 103 \r\nLink: a\r\n\r\n${SWITCH}early`);
    await peer.closeWrite();
  }, async (conn) => {
    using upgraded = await onUpgrade(await offer(conn));
    assertEquals(await readAll(upgraded), "early");
  });
});

Deno.test("sendRequest() sends the whole body before the connection is handed over", async () => {
  const mayEnd = Promise.withResolvers<void>();
  const body = () =>
    new ReadableStream({
      async pull(controller) {
        await mayEnd.promise;
        controller.enqueue(utf8.encode("body"));
        controller.close();
      },
    }, { highWaterMark: 0 });
  const expectations: HeadersInit[] = [{}, { expect: "100-continue" }];
  for (const headers of expectations) {
    await withPeer(async (peer) => {
      await readHead(peer);
      await peer.send(`${SWITCH}early`);
      mayEnd.resolve();
      assertEquals(await peer.readUntil("0\r\n\r\n"), "4\r\nbody\r\n0\r\n\r\n");
      assertEquals(await peer.readUntil("!"), "foo=bar!");
      await peer.closeWrite();
    }, async (conn) => {
      const response = await offer(conn, {
        method: "POST",
        body: body(),
        headers,
      });
      using upgraded = await onUpgrade(response);
      await assertSends(upgraded, "foo=bar!");
      assertEquals(await readAll(upgraded), "early");
    });
  }
});

Deno.test("sendRequest() rejects when the body fails after the 101 came", async () => {
  const failure = new Error("mine");
  const mayFail = Promise.withResolvers<void>();
  const body = new ReadableStream({
    async pull() {
      await mayFail.promise;
      throw failure;
    },
  }, { highWaterMark: 0 });
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(SWITCH);
    mayFail.resolve();
    await closed(peer);
  }, async (conn) => {
    const sent = offer(conn, { method: "POST", body });
    assertStrictEquals(await assertRejects(() => sent), failure);
  });
});

Deno.test("sendRequest() rejects with incomplete_request when the server is gone after its 101", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1 << 16)),
  }, { highWaterMark: 0 });
  const accepted = listener.accept();
  using conn = await Deno.connect({ port: listener.addr.port });
  const sent = offer(conn, { method: "POST", body });
  using peer = new RawSocket(await accepted);
  await readHead(peer);
  await peer.send(SWITCH);
  // With bytes unread, this is a reset.
  await peer.readExactly(1 << 20);
  peer.close();
  const error = await assertRejects(() => sent, HttpResponseError);
  assertEquals(error.code, "incomplete_request");
  assertInstanceOf(error.cause, Error);
});

Deno.test("sendRequest() never touches the connection again once it has left HTTP", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(SWITCH);
    await peer.readUntil("still here");
    await peer.closeWrite();
  }, async (conn) => {
    const controller = new AbortController();
    const { signal } = controller;
    const response = await offer(conn, { signal });
    using upgraded = await onUpgrade(response);
    controller.abort();
    const next = sendRequest(conn, new Request(URL_HERE));
    const error = await assertRejects(() => next, HttpResponseError);
    assertEquals(error.code, "connection_over");
    await assertSends(upgraded, "still here");
    assertEquals(await readAll(upgraded), "");
  });
});

Deno.test("sendRequest() speaks HTTP again on the socket that downcast() gave back", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(SWITCH);
    await readHead(peer);
    await peer.send(HELLO);
  }, async (conn) => {
    const { io, readBuf } = (await onUpgrade(await offer(conn))).downcast();
    assertStrictEquals(io, conn);
    assertEquals(readBuf.length, 0);
    const response = await sendRequest(io, new Request(URL_HERE));
    assertEquals(await response.text(), "hello");
  });
});

Deno.test("Upgraded.report() does nothing when there is no server", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(SWITCH);
  }, async (conn) => {
    using upgraded = await onUpgrade(await offer(conn));
    upgraded.report(new Error("mine"));
  });
});

Deno.test("sendConnect() makes a tunnel of the connection when any 2xx comes, early bytes first", async () => {
  const answers = [
    "HTTP/1.1 200 Connection established\r\n\r\n",
    "HTTP/1.1 299 \r\nContent-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.0 200 \r\n\r\n",
    "HTTP/1.1 103 \r\n\r\nHTTP/1.1 204 \r\n\r\n",
  ];
  for (const answer of answers) {
    await withPeer(async (peer) => {
      assertEquals(
        await readHead(peer),
        "CONNECT b.example:443 HTTP/1.1\r\nHost: b.example:443\r\n" +
          "proxy-authorization: Basic YTpi\r\n\r\n",
      );
      await peer.send(`${answer}early `);
      assertEquals(await peer.readUntil("!"), "hello!");
      await peer.send("and late");
      await peer.closeWrite();
    }, async (conn) => {
      const headers = { "proxy-authorization": "Basic YTpi" };
      const response = await sendConnect(conn, "b.example:443", { headers });
      assert(response.ok);
      assertStrictEquals(response.body, null);
      using tunnel = await onUpgrade(response);
      await assertSends(tunnel, "hello!");
      assertEquals(await readAll(tunnel), "early and late");
    });
  }
});

Deno.test("sendConnect() leaves a response of HTTP when the proxy refuses", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(
      "HTTP/1.1 407 \r\nProxy-Authenticate: Basic\r\nContent-Length: 2\r\n\r\nno",
    );
    await readHead(peer);
    await peer.send("HTTP/1.1 200 \r\n\r\n");
  }, async (conn) => {
    const response = await sendConnect(conn, "b.example:443");
    assertEquals(response.status, 407);
    assertEquals(await upgradeCodeOf(response), "not_upgraded");
    assertEquals(await response.text(), "no");
    const second = await sendConnect(conn, "b.example:443");
    (await onUpgrade(second)).close();
  });
});

Deno.test("sendConnect() rejects with unexpected_switch when the proxy answers 101", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send(SWITCH);
    await closed(peer);
  }, async (conn) => {
    const sent = sendConnect(conn, "b.example:443");
    const error = await assertRejects(() => sent, HttpResponseError);
    assertEquals(error.code, "unexpected_switch");
  });
});

Deno.test("sendConnect() rejects with a TypeError when the authority is none, and leaves the connection alone", async () => {
  await withPeer(async (peer) => {
    assertEquals(await peer.readToEnd(), new Uint8Array(0));
  }, async (conn) => {
    const wrong = ["", "b.example", "b.example:", "b.example:0", ":443"];
    const worse = ["b.example:443/", "a@b.example:1", "b:1\r\nX: y", "b:70000"];
    for (const authority of [...wrong, ...worse]) {
      await assertRejects(() => sendConnect(conn, authority), TypeError);
    }
    await conn.closeWrite();
  });
});

Deno.test("sendConnect() rejects with the signal's reason, and closes", async () => {
  const controller = new AbortController();
  await withPeer(async (peer) => {
    await readHead(peer);
    controller.abort();
    await closed(peer);
  }, async (conn) => {
    const { signal } = controller;
    const sent = sendConnect(conn, "b.example:443", { signal });
    await assertRejects(() => sent, DOMException);
  });
});

Deno.test("sendRequest() speaks HTTP through a tunnel, and can upgrade in it", async () => {
  await withPeer(async (peer) => {
    await readHead(peer);
    await peer.send("HTTP/1.1 200 \r\n\r\n");
    await readHead(peer);
    await peer.send(HELLO);
    await readHead(peer);
    await peer.send(`${SWITCH}early`);
    await peer.closeWrite();
  }, async (conn) => {
    const tunnel = await onUpgrade(await sendConnect(conn, "b.example:80"));
    const response = await sendRequest(tunnel, new Request(URL_HERE));
    assertEquals(await response.text(), "hello");
    using upgraded = await onUpgrade(await offer(tunnel));
    assertEquals(await readAll(upgraded), "early");
  });
});

Deno.test("sendConnect() gets the tunnel of our server", async () => {
  const echo = async (pending: Promise<Upgraded>) => {
    using conn = await pending;
    await conn.readable.pipeTo(conn.writable);
  };
  let echoed: Promise<void> | undefined;
  await withServer((request) => {
    assertEquals(request.method, "CONNECT");
    echoed = echo(onUpgrade(request));
    return new Response();
  }, async ({ port }) => {
    using socket = await connect(port);
    const response = await sendConnect(socket.conn, "b.example:1");
    using tunnel = await onUpgrade(response);
    await assertSends(tunnel, "hello");
    await tunnel.closeWrite();
    assertEquals(await readAll(tunnel), "hello");
    await echoed;
  });
});
