import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { encodeBase64Url } from "@std/encoding";
import { h2c } from "../../upgrade/h2c.ts";
import {
  type Handler,
  HTTP_ERRORS,
  type HttpErrorCode,
  onUpgrade,
  TrustedProxies,
  UpgradeError,
} from "../../upgrade/mod.ts";
import { upgradeWebSocket } from "../../upgrade/websocket/mod.ts";
import { connect, RawSocket } from "../_raw_socket.ts";
import {
  CODE,
  concat,
  frame,
  GET,
  Http2Peer,
  opening,
  request,
  setting,
  TYPE,
} from "./_http2_peer.ts";
import { readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";
import { connectTls, PAIR } from "./_tls.ts";

const SETTINGS = "AAMAAABk";
const HTTP2 = { h2c: true };

/** The head of a request that offers h2c. */
function offer(
  { method = "GET", path = "/", settings = SETTINGS, fields = "" } = {},
): string {
  return `${method} ${path} HTTP/1.1\r\nHost: a.example\r\n` +
    "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n" +
    `HTTP2-Settings: ${settings}\r\n${fields}\r\n`;
}

/** Upgrades, and gives the connection after the 101. */
async function upgrade(port: number, head = offer()): Promise<Http2Peer> {
  const socket = await connect(port);
  await socket.send(head);
  const answer = await socket.readUntil("\r\n\r\n");
  assertStringIncludes(answer, "HTTP/1.1 101 ");
  assertStringIncludes(answer, "\r\nupgrade: h2c\r\n");
  return new Http2Peer(socket);
}

const tell: Handler = async (request) =>
  new Response(
    `${request.method} ${request.url} ${await request.text()} ` +
      [...request.headers.keys()].join(),
  );

Deno.test("serve() answers an upgraded request on stream 1, then others, when h2c is on", async () => {
  await withServer(tell, async ({ port }) => {
    using peer = await upgrade(port, offer({ path: "/a?b" }));
    await peer.send(opening());
    assertEquals(
      await peer.readAnswer(1),
      "GET http://a.example/a?b  host",
    );
    await peer.send(request(3), request(5));
    assertEquals(await peer.readAnswer(3), "GET http://x/  host");
    assertEquals(await peer.readAnswer(5), "GET http://x/  host");
  }, HTTP2);
});

Deno.test("serve() finds preface and SETTINGS after a 101 wherever they are cut", async () => {
  const bytes = concat([opening(setting(4, 70_000)), request(3)]);
  await withServer(tell, async ({ port }) => {
    for (let at = 0; at <= bytes.length; at++) {
      using peer = await upgrade(port);
      await peer.send(bytes.subarray(0, at));
      await peer.send(bytes.subarray(at));
      assertEquals(await peer.readAnswer(1), "GET http://a.example/  host");
      assertEquals(await peer.readAnswer(3), "GET http://x/  host");
    }
  }, HTTP2);
});

Deno.test("serve() takes the preface that comes with the request, before the 101", async () => {
  await withServer(tell, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(concat([offer(), opening(), request(3)]));
    await socket.readUntil("\r\n\r\n");
    const peer = new Http2Peer(socket);
    assertEquals(await peer.readAnswer(1), "GET http://a.example/  host");
    assertEquals(await peer.readAnswer(3), "GET http://x/  host");
  }, HTTP2);
});

Deno.test("serve() obeys the settings of the upgrade until others come", async () => {
  await withServer(() => new Response("12345678"), async ({ port }) => {
    const settings = encodeBase64Url(setting(4, 3));
    using peer = await upgrade(port, offer({ settings }));
    await peer.send(opening());
    const data = await peer.readUntil(TYPE.data, 1);
    assertEquals(new TextDecoder().decode(data.payload), "123");
    const more = frame(TYPE.windowUpdate, {
      streamId: 1,
      payload: Uint8Array.of(0, 0, 0, 9),
    });
    await peer.send(more);
    const rest = await peer.readUntil(TYPE.data, 1);
    assertEquals(new TextDecoder().decode(rest.payload), "45678");
  }, HTTP2);
});

Deno.test("serve() gives the handler the body that came with an upgrade, once", async () => {
  await withServer(tell, async ({ port }) => {
    const head = offer({ method: "POST", fields: "Content-Length: 3\r\n" });
    using socket = await connect(port);
    await socket.send(`${head}ab`);
    await socket.send(concat(["c", opening()]));
    await socket.readUntil("\r\n\r\n");
    using peer = new Http2Peer(socket);
    assertEquals(
      await peer.readAnswer(1),
      "POST http://a.example/ abc content-length,host",
    );
  }, HTTP2);
});

Deno.test("serve() asks for the body of an upgrade whose client waits for 100", async () => {
  await withServer(tell, async ({ port }) => {
    using socket = await connect(port);
    const fields = "Content-Length: 3\r\nExpect: 100-continue\r\n";
    await socket.send(offer({ method: "POST", fields }));
    assertStringIncludes(await socket.readUntil("\r\n\r\n"), " 100 ");
    await socket.send("abc");
    assertStringIncludes(await socket.readUntil("\r\n\r\n"), " 101 ");
    await socket.send(opening());
    assertStringIncludes(await new Http2Peer(socket).readAnswer(1), " abc ");
  }, HTTP2);
});

Deno.test("serve() takes 64 KiB with an upgrade, and answers in HTTP/1.1 above that or without a length", async () => {
  const size: Handler = async (request) =>
    new Response(`${(await request.bytes()).length}`);
  await withServer(size, async ({ port }) => {
    const body = new Uint8Array(65_536);
    const fields = `Content-Length: ${body.length}\r\n`;
    using peer = await connect(port);
    await peer.send(concat([offer({ method: "POST", fields }), body]));
    await peer.readUntil("\r\n\r\n");
    await peer.send(opening());
    assertEquals(await new Http2Peer(peer).readAnswer(1), "65536");

    using socket = await connect(port);
    const longer = `Content-Length: ${body.length + 1}\r\n`;
    await socket.send(offer({ method: "POST", fields: longer }));
    await socket.send(concat([body, "x"]));
    assertEquals((await readResponse(socket)).body, "65537");
    const chunked = "Transfer-Encoding: chunked\r\n";
    await socket.send(offer({ method: "POST", fields: chunked }));
    await socket.send("2\r\nab\r\n0\r\n\r\n");
    assertEquals((await readResponse(socket)).body, "2");
  }, HTTP2);
});

Deno.test("serve() sends no body to an upgraded HEAD", async () => {
  await withServer(tell, async ({ port }) => {
    using peer = await upgrade(port, offer({ method: "HEAD" }));
    await peer.send(opening());
    assertEquals(await peer.readAnswer(1), "");
    await peer.send(request(3));
    assertStringIncludes(await peer.readAnswer(3), "GET");
  }, HTTP2);
});

const REFUSED: readonly [HttpErrorCode, string][] = [
  ["http2_settings_missing", offer().replace(/HTTP2-Settings: .*\r\n/, "")],
  [
    "http2_settings_repeated",
    offer({ fields: `HTTP2-Settings: ${SETTINGS}\r\n` }),
  ],
  ["http2_settings_not_in_connection", offer().replace(", HTTP2-Settings", "")],
  ["bad_http2_settings", offer({ settings: "" })],
  ["bad_http2_settings", offer({ settings: "AAMAAAB" })],
  ["bad_http2_settings", offer({ settings: "AAMAAABkAAQA" })],
  ["bad_http2_settings", offer({ settings: "AAMAAAB+" })],
  ["http2_setting_out_of_range", offer({ settings: "AAIAAAAC" })],
];

for (const [code, head] of REFUSED) {
  Deno.test(`serve() refuses an upgrade with ${code}, and goes on in HTTP/1.1`, async () => {
    const refused: string[] = [];
    await withServer(tell, async ({ port }) => {
      using socket = await connect(port);
      await socket.send(head);
      const { status, body } = await readResponse(socket);
      assertEquals([status, body], [400, `${HTTP_ERRORS[code].message}\n`]);
      await socket.send("GET /b HTTP/1.1\r\nHost: x\r\n\r\n");
      assertEquals((await readResponse(socket)).status, 200);
    }, { ...HTTP2, onRefusal: (error) => refused.push(error.code) });
    assertEquals(refused, [code]);
  });
}

Deno.test("serve() tells a client by GOAWAY what is wrong with its opening", async () => {
  await withServer(tell, async ({ port }) => {
    const wrong = [
      [frame(TYPE.ping, { payload: new Uint8Array(8) }), CODE.protocolError],
      [
        frame(TYPE.settings, { payload: new Uint8Array(16_385) }),
        CODE.frameSizeError,
      ],
      [frame(TYPE.settings, { payload: setting(2, 2) }), CODE.protocolError],
    ] as const;
    for (const [first, code] of wrong) {
      using peer = await upgrade(port);
      await peer.send(opening().subarray(0, 24), first);
      assertEquals(await peer.readGoaway(), code);
      assertEquals(await peer.socket.readTextToEnd(), "");
    }
    using peer = await upgrade(port);
    await peer.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await peer.readUntil(TYPE.goaway).catch(() => {});
    await peer.socket.readToEnd();
  }, HTTP2);
});

Deno.test("serve() ignores h2c when it is off, comes over TLS or in HTTP/1.0, or is not offered first", async () => {
  const off: Handler = (request) =>
    new Response(request.headers.get("upgrade"));
  await withServer(off, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(offer({ settings: "!" }));
    assertEquals((await readResponse(socket)).body, "h2c");
  });
  await withServer(off, async ({ port }) => {
    using socket = new RawSocket(await connectTls(port));
    await socket.send(offer());
    assertEquals((await readResponse(socket)).body, "h2c");
  }, { ...HTTP2, ...PAIR });
  await withServer(off, async ({ port }) => {
    using socket = await connect(port);
    await socket.send(offer().replace("h2c", "foo, h2c"));
    assertEquals((await readResponse(socket)).body, "foo, h2c");
    await socket.send(offer().replace("HTTP/1.1", "HTTP/1.0"));
    assertEquals((await readResponse(socket)).body, "h2c");
  }, HTTP2);
});

Deno.test("serve() opens WebSockets beside h2c", async () => {
  await withServer((request) => {
    const { socket, response } = upgradeWebSocket(request);
    socket.forEach((message) => socket.send(message));
    return response;
  }, async ({ port }) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`);
    const { promise, resolve } = Promise.withResolvers<string>();
    socket.onopen = () => socket.send("a");
    socket.onmessage = ({ data }) => resolve(data);
    assertEquals(await promise, "a");
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.close();
    await closed;
  }, HTTP2);
});

Deno.test("onUpgrade() rejects for a request over HTTP/2, and a 101 is an error", async () => {
  let failure: Promise<unknown> | undefined;
  await withServer((request) => {
    failure = assertRejects(() => onUpgrade(request), UpgradeError);
    const headers = { upgrade: "h2c" };
    return new Response(null, { status: 101, headers });
  }, async ({ port, takeErrors }) => {
    using peer = await upgrade(port);
    await peer.send(opening());
    const { payload } = await peer.readUntil(TYPE.headers, 1);
    assertEquals(payload[0], 0x8e, "The status is not 500");
    assertEquals((await failure as UpgradeError).code, "not_upgradable");
    assertEquals(takeErrors().length, 1);
  }, HTTP2);
});

Deno.test("h2c() upgrades where the server option is off, wherever it was offered", async () => {
  await withServer(h2c(tell), async ({ port }) => {
    using peer = await upgrade(port, offer().replace("h2c", "foo, H2C"));
    await peer.send(opening());
    assertEquals(await peer.readAnswer(1), "GET http://a.example/  host");
    using socket = await connect(port);
    await socket.send("GET / HTTP/1.1\r\nHost: b\r\n\r\n");
    assertEquals((await readResponse(socket)).body, "GET http://b/  host");
    await socket.send(offer({ settings: "" }));
    assertEquals((await readResponse(socket)).status, 400);
  });
});

Deno.test("h2c() answers in HTTP/1.1 over TLS", async () => {
  await withServer(h2c(tell), async ({ port }) => {
    using socket = new RawSocket(await connectTls(port));
    await socket.send(offer());
    assertEquals((await readResponse(socket)).status, 200);
  }, PAIR);
});

Deno.test("serve() takes the client of a request over HTTP/2 from a trusted proxy, and counts it while it is answered", async () => {
  const told: string[] = [];
  const ends: PromiseWithResolvers<void>[] = [];
  const trustProxy = new TrustedProxies(["127.0.0.1"]);
  const handler: Handler = async (request, { remoteAddr }) => {
    told.push(`${(remoteAddr as Deno.NetAddr).hostname} ${request.url}`);
    if (request.url.endsWith("/wait")) {
      const end = Promise.withResolvers<void>();
      ends.push(end);
      await end.promise;
    }
    return new Response("a");
  };
  await withServer(handler, async ({ port }) => {
    const fields = "Forwarded: for=192.0.2.1;proto=https;host=b.example\r\n";
    using peer = await upgrade(port, offer({ fields }));
    await peer.send(opening());
    await peer.readAnswer(1);
    const waiting = [...GET.slice(0, 3), [":path", "/wait"]] as const;
    const by = (client: string) => ["x-forwarded-for", client] as const;
    await peer.send(
      request(3, [...waiting, by("192.0.2.1")]),
      request(5, [...GET, by("192.0.2.2")]),
      request(7, [...GET, by("192.0.2.1")]),
    );
    await peer.readAnswer(5);
    const refused = await peer.readUntil(TYPE.headers, 7);
    assert(refused.payload[0] !== 0x88, "Two at once are too many");
    ends[0]!.resolve();
    await peer.readAnswer(3);
    await peer.send(request(9, [...GET, by("192.0.2.1")]));
    await peer.readAnswer(9);
  }, { ...HTTP2, trustProxy, maxConnectionsPerAddress: 1 });
  assertEquals(told, [
    "192.0.2.1 https://b.example/",
    "192.0.2.1 http://x/wait",
    "192.0.2.2 http://x/",
    "192.0.2.1 http://x/",
  ]);
});
