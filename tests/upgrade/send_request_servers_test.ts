import { assert, assertEquals, assertRejects } from "@std/assert";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { Duplex } from "node:stream";
import {
  type Handler,
  HttpResponseError,
  onUpgrade,
  sendConnect,
  sendInterim,
  sendRequest,
  serve,
  type Upgraded,
} from "../../upgrade/mod.ts";
import { withServer } from "./_serve.ts";
import { connectTls, PAIR } from "./_tls.ts";

const utf8 = new TextEncoder();
const MEBIBYTE = 1 << 20;

/** Echoes method, path and body. */
const echo: Handler = async (request) => {
  const { pathname, search } = new URL(request.url);
  const text = await request.text();
  return new Response(`${request.method} ${pathname}${search} ${text}`);
};

/** Sends requests of all kinds one after the other to an echo. */
async function assertEchoes(conn: Deno.Conn, origin: string): Promise<void> {
  const send = (path: string, init: RequestInit = {}) =>
    sendRequest(conn, new Request(`${origin}${path}`, init));
  for (let i = 0; i < 3; i++) {
    const got = await send(`/a?b=${i}`);
    assertEquals([got.status, await got.text()], [200, `GET /a?b=${i} `]);
    const posted = await send("/", { method: "POST", body: "text" });
    assertEquals(await posted.text(), "POST / text");
    const pieces = [utf8.encode("one"), utf8.encode("two")];
    const body = ReadableStream.from(pieces);
    const streamed = await send("/", { method: "PUT", body });
    assertEquals(await streamed.text(), "PUT / onetwo");
    const head = await send("/", { method: "HEAD" });
    assertEquals([head.status, head.body], [200, null]);
    const empty = await send("/", { method: "DELETE" });
    assertEquals(await empty.text(), "DELETE / ");
    const large = await send("/", {
      method: "POST",
      body: "x".repeat(MEBIBYTE),
    });
    assertEquals((await large.text()).length, MEBIBYTE + "POST / ".length);
  }
}

/** Runs a test against a server of Node's. */
async function withNode(
  listener: RequestListener,
  test: (port: number, server: Server) => Promise<void>,
): Promise<void> {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await test((server.address() as AddressInfo).port, server);
  } finally {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  }
}

/** Answers one line with the same line, then ends. */
async function echoLine(pending: Promise<Upgraded>): Promise<void> {
  using conn = await pending;
  const target = new Uint8Array(1000);
  let text = "";
  while (!text.endsWith("\n")) {
    const count = await conn.read(target);
    assert(count !== null);
    text += new TextDecoder().decode(target.subarray(0, count));
  }
  await conn.write(utf8.encode(text));
}

/** Sends a line, and reads it back up to the end. */
async function assertLineEchoed(conn: Deno.Conn): Promise<void> {
  await conn.write(utf8.encode("a line\n"));
  const target = new Uint8Array(1000);
  let text = "";
  for (let count; (count = await conn.read(target)) !== null;) {
    text += new TextDecoder().decode(target.subarray(0, count));
  }
  assertEquals(text, "a line\n");
}

Deno.test("sendRequest() talks with serve() over TCP", async () => {
  await withServer(echo, async ({ port }) => {
    using conn = await Deno.connect({ port });
    await assertEchoes(conn, `http://127.0.0.1:${port}`);
  });
});

Deno.test("sendRequest() talks with serve() over TLS, and switches protocols", async () => {
  let echoed: Promise<void> | undefined;
  await withServer((request, info) => {
    if (!request.headers.has("upgrade")) return echo(request, info);
    assert(request.url.startsWith("https://localhost"));
    echoed = echoLine(onUpgrade(request));
    return new Response(null, { status: 101, headers: { upgrade: "line" } });
  }, async ({ port }) => {
    using conn = await connectTls(port);
    const origin = `https://localhost:${port}`;
    await assertEchoes(conn, origin);
    const request = new Request(origin, { headers: { upgrade: "line" } });
    using upgraded = await onUpgrade(await sendRequest(conn, request));
    await assertLineEchoed(upgraded);
    await echoed;
  }, PAIR);
});

Deno.test("sendRequest() ends a TLS connection when the signal aborts", async () => {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  await withServer(async (request) => {
    request.signal.addEventListener("abort", () => left.resolve());
    asked.resolve();
    await left.promise;
    return new Response();
  }, async ({ port }) => {
    using conn = await connectTls(port);
    const controller = new AbortController();
    const { signal } = controller;
    const request = new Request(`https://localhost:${port}`, { signal });
    const sent = sendRequest(conn, request);
    await asked.promise;
    controller.abort();
    await assertRejects(() => sent, DOMException);
    await left.promise;
  }, PAIR);
});

Deno.test("sendRequest() talks with serve() over a unix socket", async () => {
  const folder = await Deno.makeTempDir();
  const path = `${folder}/socket`;
  try {
    await using _server = serve({ path }, echo);
    using conn = await Deno.connect({ transport: "unix", path });
    await assertEchoes(conn, "http://localhost");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("sendRequest() gets the interim responses of serve()", async () => {
  await withServer(async (request) => {
    await sendInterim(request, 103, { link: "</a.css>" });
    return new Response(await request.text());
  }, async ({ port }) => {
    using conn = await Deno.connect({ port });
    const links: (string | null)[] = [];
    const request = new Request(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: "hello",
      headers: { expect: "100-continue" },
    });
    const response = await sendRequest(conn, request, {
      onInterim: (_, headers) => links.push(headers.get("link")),
      continueTimeout: Infinity,
    });
    assertEquals(await response.text(), "hello");
    assertEquals(links, ["</a.css>"]);
  });
});

Deno.test("sendRequest() sends and reads at the same time, many times what a socket holds", async () => {
  const total = 32 * MEBIBYTE;
  await withServer(
    (request) => new Response(request.body),
    async ({ port }) => {
      using conn = await Deno.connect({ port });
      let sent = 0;
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull(controller) {
          if (sent === total) return controller.close();
          const piece = new Uint8Array(0x10000).fill(sent >> 16);
          sent += piece.length;
          controller.enqueue(piece);
        },
      }, { highWaterMark: 0 });
      const init = { method: "POST", body };
      const request = new Request(`http://127.0.0.1:${port}/`, init);
      const response = await sendRequest(conn, request);
      let received = 0;
      for await (const piece of response.body!) {
        for (const byte of piece) {
          if (byte !== (received++ >> 16 & 0xff)) throw new Error("mixed up");
        }
      }
      assertEquals(received, total);
      const next = new Request(`http://127.0.0.1:${port}/`);
      assertEquals(await (await sendRequest(conn, next)).text(), "");
    },
  );
});

Deno.test("sendRequest() talks with Deno.serve()", async () => {
  const handler = async (request: Request) => {
    const { pathname, search } = new URL(request.url);
    const text = await request.text();
    return new Response(`${request.method} ${pathname}${search} ${text}`);
  };
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, handler);
  using conn = await Deno.connect({ port: server.addr.port });
  await assertEchoes(conn, `http://127.0.0.1:${server.addr.port}`);
});

Deno.test("onUpgrade() gives the WebSocket that Deno.serve() has accepted", async () => {
  const options = { hostname: "127.0.0.1", port: 0, onListen: () => {} };
  await using server = Deno.serve(options, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onopen = () => socket.send("hi");
    return response;
  });
  using conn = await Deno.connect({ port: server.addr.port });
  const headers = {
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const response = await sendRequest(conn, new Request(url, { headers }));
  assertEquals(
    response.headers.get("sec-websocket-accept"),
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  );
  using upgraded = await onUpgrade(response);
  const frame = new Uint8Array(4);
  let length = 0;
  while (length < 4) length += await upgraded.read(frame.subarray(length)) ?? 4;
  assertEquals(frame, Uint8Array.of(0x81, 2, 0x68, 0x69));
  // A Close frame with code 1000 and a mask of zeros.
  await upgraded.write(Uint8Array.of(0x88, 0x82, 0, 0, 0, 0, 3, 0xe8));
  while (await upgraded.read(frame) !== null);
});

Deno.test("sendRequest() talks with node:http", async () => {
  await withNode((request, response) => {
    const pieces: Uint8Array[] = [];
    request.on("data", (piece: Uint8Array) => pieces.push(piece));
    request.on("end", () => {
      const text = new TextDecoder().decode(
        pieces.length === 1 ? pieces[0] : concat(pieces),
      );
      response.end(`${request.method} ${request.url} ${text}`);
    });
  }, async (port) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    await assertEchoes(conn, `http://127.0.0.1:${port}`);
  });
});

Deno.test("sendRequest() reads chunks, trailers and statuses without content of node:http", async () => {
  await withNode((request, response) => {
    const status = Number(request.url?.slice(1));
    const fields = status === 200 ? { Trailer: "X-A" } : {};
    response.writeHead(status, "Own words", fields);
    if (status === 200) {
      response.write("one");
      response.write("two");
      response.addTrailers({ "X-A": "b" });
    }
    response.end();
  }, async (port) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const status of [200, 204, 205, 304, 404, 200]) {
      const request = new Request(`http://127.0.0.1:${port}/${status}`);
      const response = await sendRequest(conn, request);
      assertEquals(response.status, status);
      assertEquals(response.statusText, "Own words");
      assertEquals(await response.text(), status === 200 ? "onetwo" : "");
    }
  });
});

Deno.test("sendRequest() waits for the 100 (Continue) of node:http", async () => {
  await withNode(() => {}, async (port, server) => {
    server.on(
      "checkContinue",
      ((request, response) => {
        response.writeContinue();
        request.pipe(response);
      }) as RequestListener,
    );
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const request = new Request(`http://127.0.0.1:${port}/`, {
      method: "POST",
      body: "hello",
      headers: { expect: "100-continue" },
    });
    const options = { continueTimeout: Infinity };
    const response = await sendRequest(conn, request, options);
    assertEquals(await response.text(), "hello");
  });
});

Deno.test("onUpgrade() gives the connection after the upgrade event of node:http, early bytes included", async () => {
  await withNode(
    (_, response) => response.end("plain"),
    async (port, server) => {
      server.on("upgrade", (_request: unknown, socket: Duplex) => {
        socket.write(
          "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n" +
            "Upgrade: line\r\n\r\nearly ",
        );
        socket.on("data", (data: Uint8Array) => socket.end(data));
      });
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      const url = `http://127.0.0.1:${port}/`;
      const plain = await sendRequest(conn, new Request(url));
      assertEquals(await plain.text(), "plain");
      const request = new Request(url, { headers: { upgrade: "line" } });
      using upgraded = await onUpgrade(await sendRequest(conn, request));
      const early = new Uint8Array(6);
      assertEquals(await upgraded.read(early), 6);
      assertEquals(early, utf8.encode("early "));
      await assertLineEchoed(upgraded);
    },
  );
});

Deno.test("sendConnect() gets the tunnel of the connect event of node:http", async () => {
  await withNode(() => {}, async (port, server) => {
    server.on("connect", (request: { url: string }, socket: Duplex) => {
      assertEquals(request.url, "b.example:443");
      socket.write("HTTP/1.1 200 Connection Established\r\n\r\n");
      socket.on("data", (data: Uint8Array) => socket.end(data));
    });
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    using tunnel = await onUpgrade(await sendConnect(conn, "b.example:443"));
    await assertLineEchoed(tunnel);
  });
});

Deno.test("sendRequest() forwards a request of serve() as it came, and an upgrade both ways", async () => {
  let upstreamEcho: Promise<void> | undefined;
  const relays: Promise<unknown>[] = [];
  await withServer((request, info) => {
    if (!request.headers.has("upgrade")) return echo(request, info);
    upstreamEcho = echoLine(onUpgrade(request));
    return new Response(null, { status: 101, headers: { upgrade: "line" } });
  }, async ({ port: upstreamPort }) => {
    await withServer(async (request) => {
      const upstream = await Deno.connect({ port: upstreamPort });
      const client = onUpgrade(request);
      const response = await sendRequest(upstream, request);
      if (response.status !== 101) {
        client.catch(() => {});
        return response;
      }
      relays.push(
        Promise.all([client, onUpgrade(response)]).then(async ([a, b]) => {
          using _a = a;
          using _b = b;
          await Promise.all([
            a.readable.pipeTo(b.writable),
            b.readable.pipeTo(a.writable),
          ]);
        }),
      );
      const { status, headers } = response;
      return new Response(null, { status, headers });
    }, async ({ port }) => {
      const url = `http://127.0.0.1:${port}/a?b`;
      const headers = { connection: "close" };
      for (const body of ["text", ReadableStream.from([utf8.encode("text")])]) {
        using conn = await Deno.connect({ port });
        const request = new Request(url, { method: "POST", headers, body });
        const response = await sendRequest(conn, request);
        assertEquals(await response.text(), "POST /a?b text");
      }
      using conn = await Deno.connect({ port });
      const request = new Request(url, { headers: { upgrade: "line" } });
      using upgraded = await onUpgrade(await sendRequest(conn, request));
      await upgraded.write(utf8.encode("a line\n"));
      const target = new Uint8Array(7);
      assertEquals(await upgraded.read(target), 7);
      assertEquals(new TextDecoder().decode(target), "a line\n");
      await upgraded.closeWrite();
      await Promise.all([upstreamEcho, ...relays]);
    });
  });
});

Deno.test("sendRequest() is told that serve() shuts down", async () => {
  await withServer(echo, async ({ port, server }) => {
    using conn = await Deno.connect({ port });
    const url = `http://127.0.0.1:${port}/`;
    assertEquals(
      await (await sendRequest(conn, new Request(url))).text(),
      "GET / ",
    );
    await server.shutdown();
    const next = sendRequest(conn, new Request(url));
    const error = await assertRejects(() => next, HttpResponseError);
    assertEquals(error.code, "no_response");
  });
});

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
