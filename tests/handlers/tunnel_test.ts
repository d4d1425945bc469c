import {
  assert,
  assertEquals,
  assertGreaterOrEqual,
  assertLess,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  createTunnel,
  type TunnelOptions,
  type TunnelSummary,
} from "../../handlers/tunnel.ts";
import type { Handler, ServeOptions } from "../../mod.ts";
import { connect, RawSocket, sendAndReset, textOf } from "../_raw_socket.ts";
import { type Served, withServer } from "../upgrade/_serve.ts";
import { connectTls, PAIR } from "../upgrade/_tls.ts";
import { closedPort, SilentPort } from "./tunnel/_pairs.ts";

const LOOPBACK = ["127.0.0.0/8", "::1"];
const END = "\r\n\r\n";

function connectRequest(authority: string): string {
  return `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}${END}`;
}

/** A proxy, and a target that it may reach. */
interface Site extends Served {
  /** Where the target listens. */
  readonly target: string;
  /** Opens a connection to the proxy. */
  dial(): Promise<RawSocket>;
  /** Takes the next connection to the target. */
  accept(): Promise<RawSocket>;
  /** What has become of the first tunnel. */
  readonly ended: Promise<TunnelSummary>;
}

/** Runs a test against a proxy that may reach a target on this machine. */
async function withProxy(
  test: (site: Site) => Promise<void>,
  { serve = {}, wrap = (handler) => handler, ...options }: TunnelOptions & {
    serve?: ServeOptions;
    wrap?: (handler: Handler) => Handler;
  } = {},
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const target = `127.0.0.1:${listener.addr.port}`;
  const ended = Promise.withResolvers<TunnelSummary>();
  const tunnel = createTunnel({
    allow: ["127.0.0.1:*"],
    allowPrivate: LOOPBACK,
    onEnd: ended.resolve,
    ...options,
  });
  await withServer(wrap(tunnel), async (served) => {
    await test({
      ...served,
      target,
      dial: () => connect(served.port),
      accept: async () => new RawSocket(await listener.accept()),
      ended: ended.promise,
    });
  }, serve);
}

/** Asks for a tunnel; gives the head of the answer. */
async function ask(client: RawSocket, authority: string): Promise<string> {
  await client.send(connectRequest(authority));
  return await client.readUntil(END);
}

/** Opens a tunnel; gives both ends. */
async function open(
  site: Site,
): Promise<{ client: RawSocket; target: RawSocket }> {
  const client = await site.dial();
  const [head, target] = await Promise.all([
    ask(client, site.target),
    site.accept(),
  ]);
  assertMatch(head, /^HTTP\/1\.1 200 OK\r\n/);
  return { client, target };
}

/** Asks for a tunnel that is refused, on a connection that is used again. */
async function refused(
  client: RawSocket,
  authority: string,
): Promise<[status: number, proxyStatus: string | undefined]> {
  const head = await ask(client, authority);
  const length = Number(/content-length: (\d+)/i.exec(head)?.[1]);
  const body = textOf(await client.readExactly(length));
  assertMatch(body, /^[A-Z][^\n]+\.\n?$/);
  assertStringIncludes(head.toLowerCase(), "content-type: text/plain");
  const proxyStatus = /proxy-status: (.*)/i.exec(head)?.[1];
  return [Number(head.split(" ")[1]), proxyStatus];
}

Deno.test("createTunnel() passes bytes both ways, and tells what has gone through", async () => {
  await withProxy(async (site) => {
    const start = performance.now();
    const { client, target } = await open(site);
    using _client = client;
    using _target = target;
    await client.send("hello");
    assertEquals(textOf(await target.readExactly(5)), "hello");
    await target.send("you too");
    assertEquals(textOf(await client.readExactly(7)), "you too");
    await client.closeWrite();
    assertEquals(await target.readTextToEnd(), "");
    await target.send("still here");
    await target.closeWrite();
    assertEquals(await client.readTextToEnd(), "still here");
    const { milliseconds, ...rest } = await site.ended;
    assertLess(milliseconds, performance.now() - start + 1);
    assertGreaterOrEqual(milliseconds, 0);
    assertEquals(rest, {
      authority: site.target,
      targetAddr: target.conn.localAddr as Deno.NetAddr,
      remoteAddr: client.conn.localAddr,
      sent: 5,
      received: 17,
      ending: "finished",
    });
  });
});

Deno.test("createTunnel() answers 200 without a body or a length", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    const [head, target] = await Promise.all([
      ask(client, site.target),
      site.accept(),
    ]);
    using _ = target;
    assert(!/content-length|transfer-encoding/i.test(head), head);
  });
});

Deno.test("createTunnel() passes on what came with the request, before what comes later", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    await client.send(connectRequest(site.target) + "early ");
    using target = await site.accept();
    await client.readUntil(END);
    await client.send("late");
    assertEquals(textOf(await target.readExactly(10)), "early late");
    await client.closeWrite();
    await target.closeWrite();
    assertEquals((await site.ended).sent, 10);
  });
});

Deno.test("createTunnel() passes on the end of the target while the client goes on", async () => {
  await withProxy(async (site) => {
    const { client, target } = await open(site);
    using _client = client;
    using _target = target;
    await target.closeWrite();
    assertEquals(await client.readTextToEnd(), "");
    await client.send("more");
    await client.closeWrite();
    assertEquals(await target.readTextToEnd(), "more");
    assertEquals((await site.ended).ending, "finished");
  });
});

Deno.test("createTunnel() reaches a name that is allowed", async () => {
  await withProxy(async (site) => {
    const port = site.target.split(":")[1];
    using client = await site.dial();
    const [head, target] = await Promise.all([
      ask(client, `LOCALHOST:${port}`),
      site.accept(),
    ]);
    using _ = target;
    assertMatch(head, /^HTTP\/1\.1 200 /);
    await client.closeWrite();
    await target.closeWrite();
    assertEquals((await site.ended).authority, `localhost:${port}`);
  }, { allow: ["localhost:*"] });
});

Deno.test("createTunnel() refuses hosts and ports that are not allowed, and answers the next request", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    for (
      const authority of [
        "other.example:443",
        "a.example:444",
        "a.example:80",
        "b.a.example:443",
        "[::1]:443",
      ]
    ) {
      assertEquals(
        await refused(client, authority),
        [403, "switchboard; error=http_request_denied"],
        authority,
      );
    }
    const [head, target] = await Promise.all([
      ask(client, site.target),
      site.accept(),
    ]);
    using _ = target;
    assertMatch(head, /^HTTP\/1\.1 200 /);
  }, { allow: ["a.example:443", "127.0.0.1:*"] });
});

for (const isSecure of [false, true]) {
  const kind = isSecure ? "with TLS" : "without TLS";
  Deno.test(`createTunnel() knows ports 80 and 443 on a connection ${kind}`, async () => {
    await withProxy(async ({ port }) => {
      using client = isSecure
        ? new RawSocket(await connectTls(port))
        : await connect(port);
      const name = "nowhere.invalid";
      assertEquals((await refused(client, `${name}:80`))[0], 502);
      assertEquals((await refused(client, `${name}:443`))[0], 502);
      assertEquals((await refused(client, `${name}:81`))[0], 403);
    }, { allow: ["*:80", "*:443"], serve: isSecure ? PAIR : {} });
  });
}

Deno.test("createTunnel() passes bytes and the end of the target through TLS to the proxy", async () => {
  await withProxy(async (site) => {
    using client = new RawSocket(await connectTls(site.port));
    const [, target] = await Promise.all([
      ask(client, site.target),
      site.accept(),
    ]);
    using _ = target;
    await client.send("hello");
    assertEquals(textOf(await target.readExactly(5)), "hello");
    await target.send("you too");
    await target.closeWrite();
    assertEquals(await client.readTextToEnd(), "you too");
    client.close();
    assertEquals(await target.readTextToEnd(), "");
    assertEquals((await site.ended).received, 7);
  }, { serve: PAIR });
});

Deno.test("createTunnel() refuses everything by default", async () => {
  await withServer(createTunnel(), async ({ port }) => {
    using client = await connect(port);
    for (const authority of ["a.example:443", "1.1.1.1:443", "localhost:80"]) {
      const [status] = await refused(client, authority);
      assertEquals(status, 403);
    }
  });
});

Deno.test("createTunnel() refuses what is not public, however it is spelled", async () => {
  await withProxy(async (site) => {
    const port = site.target.split(":")[1];
    using client = await site.dial();
    for (
      const host of [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "0x7f000001",
        "2130706433",
        "017700000001",
        "127.0.0.1.",
        "%31%32%37.0.0.1",
        "0",
        "0.0.0.0",
        "[::]",
        "[::1]",
        "[0:0:0:0:0:0:0:1]",
        "[::127.0.0.1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::ffff:0:127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::]",
        "localhost",
        "LocalHost",
        "169.254.169.254",
        "[fd00::1]",
        "[fe80::1]",
        "224.0.0.1",
        "255.255.255.255",
      ]
    ) {
      assertEquals(
        await refused(client, `${host}:${port}`),
        [403, "switchboard; error=destination_ip_prohibited"],
        host,
      );
    }
    // A resolver may know this name, or not.
    const [status] = await refused(client, `localhost.:${port}`);
    assert(status === 403 || status === 502);
  }, { allow: ["*:*"], allowPrivate: [] });
});

Deno.test("createTunnel() refuses an address that is allowed by name but not public", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    assertEquals(
      await refused(client, site.target),
      [403, "switchboard; error=destination_ip_prohibited"],
    );
  }, { allow: ["127.0.0.1:*", "localhost:*"], allowPrivate: ["10.0.0.0/8"] });
});

Deno.test("createTunnel() answers 502 when the target refuses", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    assertEquals(
      await refused(client, `127.0.0.1:${closedPort()}`),
      [502, "switchboard; error=connection_refused"],
    );
  });
});

Deno.test("createTunnel() answers 502 when the name does not exist", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    assertEquals(
      await refused(client, "nowhere.invalid:443"),
      [502, "switchboard; error=dns_error"],
    );
  }, { allow: ["*:443"] });
});

Deno.test("createTunnel() answers 504 when the target does not answer", async () => {
  using silent = await SilentPort.open();
  await withProxy(async (site) => {
    using client = await site.dial();
    assertEquals(
      await refused(client, `127.0.0.1:${silent.port}`),
      [504, "switchboard; error=connection_timeout"],
    );
  }, { connectTimeout: 100 });
});

// The server would wait for the connection when it shuts down.
Deno.test("createTunnel() stops connecting when the client is reset", async () => {
  using silent = await SilentPort.open();
  const asked = Promise.withResolvers<void>();
  await withProxy(async ({ port }) => {
    const data = connectRequest(`127.0.0.1:${silent.port}`);
    await sendAndReset(port, { data, moment: asked.promise });
  }, {
    connectTimeout: 60_000,
    wrap: (handler) => (request, info) => {
      const answer = handler(request, info);
      asked.resolve();
      return answer;
    },
  });
});

Deno.test("createTunnel() stops connecting when the client has ended, and says so", async () => {
  using silent = await SilentPort.open();
  await withProxy(async (site) => {
    using client = await site.dial();
    await client.send(connectRequest(`127.0.0.1:${silent.port}`));
    await client.closeWrite();
    const answer = await client.readTextToEnd();
    assertMatch(answer, /^HTTP\/1\.1 400 /);
    assertStringIncludes(answer, "The client stopped sending");
  }, { connectTimeout: 60_000 });
});

Deno.test("createTunnel() stops connecting when the server shuts down", async () => {
  using silent = await SilentPort.open();
  await withProxy(async (site) => {
    using client = await site.dial();
    await client.send(connectRequest(`127.0.0.1:${silent.port}`));
    await site.server.shutdown();
    assertEquals(await client.readTextToEnd(), "");
  }, { connectTimeout: 60_000, serve: { shutdownTimeout: 100 } });
});

// That the socket is closed is for the test runner to see as well.
Deno.test("createTunnel() closes the target's connection when the answer is another", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    const [head, target] = await Promise.all([
      ask(client, site.target),
      site.accept(),
    ]);
    using _ = target;
    assertMatch(head, /^HTTP\/1\.1 500 /);
    assertEquals(await target.readTextToEnd(), "");
  }, {
    wrap: (handler) => async (request, info) => {
      await handler(request, info);
      return new Response("no", { status: 500 });
    },
  });
});

Deno.test("createTunnel() closes the target's connection when the client is lost", async () => {
  await withProxy(async (site) => {
    const moment = Promise.withResolvers<void>();
    const gone = sendAndReset(site.port, {
      data: connectRequest(site.target) + "bye",
      moment: moment.promise,
    });
    using target = await site.accept();
    await target.readExactly(3);
    moment.resolve();
    await gone;
    assertEquals(await target.readTextToEnd(), "");
    const { ending, sent } = await site.ended;
    assertEquals([ending, sent], ["client_lost", 3]);
  });
});

Deno.test("createTunnel() closes a tunnel that is idle", async () => {
  await withProxy(async (site) => {
    const { client, target } = await open(site);
    using _client = client;
    using _target = target;
    assertEquals(await client.readTextToEnd(), "");
    assertEquals(await target.readTextToEnd(), "");
    assertEquals((await site.ended).ending, "idle");
  }, { idleTimeout: 100 });
});

Deno.test("createTunnel() lets a tunnel end by itself when the server shuts down", async () => {
  await withProxy(async (site) => {
    const { client, target } = await open(site);
    using _client = client;
    using _target = target;
    const stopped = site.server.shutdown();
    await client.send("last");
    assertEquals(textOf(await target.readExactly(4)), "last");
    await client.closeWrite();
    await target.closeWrite();
    await stopped;
    assertEquals((await site.ended).ending, "finished");
  });
});

Deno.test("createTunnel() closes both sockets when the time to shut down is over", async () => {
  await withProxy(async (site) => {
    const { client, target } = await open(site);
    using _client = client;
    using _target = target;
    await site.server.shutdown();
    assertEquals(await client.readTextToEnd(), "");
    assertEquals(await target.readTextToEnd(), "");
    assertEquals((await site.ended).ending, "closed");
  }, { serve: { shutdownTimeout: 100 } });
});

Deno.test("createTunnel() tells the server of an error of onEnd", async () => {
  const error = new Error("a bug");
  await withProxy(async (site) => {
    const { client, target } = await open(site);
    await client.closeWrite();
    await target.closeWrite();
    await client.readToEnd();
    await site.server.shutdown();
    assertEquals(site.takeErrors(), [error]);
    client.close();
    target.close();
  }, {
    onEnd() {
      throw error;
    },
  });
});

Deno.test("createTunnel() answers 405 to any other method", async () => {
  await withProxy(async (site) => {
    using client = await site.dial();
    await client.send("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n");
    const head = await client.readUntil(END);
    assertMatch(head, /^HTTP\/1\.1 405 /);
    assertMatch(head, /^allow: CONNECT\r$/im);
  });
});

Deno.test("createTunnel() throws a RangeError when an entry cannot be read", () => {
  assertThrows(() => createTunnel({ allow: ["a.example"] }), RangeError);
  for (const network of ["localhost", "10.0.0.1/8", "unix"]) {
    assertThrows(() => createTunnel({ allowPrivate: [network] }), RangeError);
  }
});
