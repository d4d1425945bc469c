import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  connectWebSocket,
  type Handler,
  HttpError,
  onUpgrade,
  sendRequest,
  type Upgraded,
  UpgradeError,
  upgrades,
  upgradeWebSocket,
} from "../../mod.ts";
import { connect, type RawSocket } from "../_raw_socket.ts";
import { type RawResponse, readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const utf8 = new TextEncoder();

/** Says which entry answered, and goes on with HTTP. */
function answering(name: string): Handler {
  return () => new Response(name);
}

/** A registry whose entries say their names. */
function spoken(...names: string[]): Record<string, Handler> {
  return Object.fromEntries(names.map((name) => [name, answering(name)]));
}

/** Asks once; the fields are as they come. */
async function ask(
  socket: RawSocket,
  fields: string,
  version = "1.1",
): Promise<RawResponse> {
  await socket.send(`GET / HTTP/${version}\r\nHost: x\r\n${fields}\r\n`);
  return await readResponse(socket);
}

/** An offer of protocols that counts. */
function offer(protocols: string): string {
  return `Connection: Upgrade\r\nUpgrade: ${protocols}\r\n`;
}

const choices: [names: string[], offer: string, chosen: string | undefined][] =
  [
    [["websocket"], "websocket", "websocket"],
    [["websocket"], "WebSocket", "websocket"],
    [["WebSocket"], "websocket", "WebSocket"],
    [["a", "b"], "b, a", "b"],
    [["a", "b"], "a, b", "a"],
    [["a", "b"], "x, y/1, b, a", "b"],
    [["a", "b"], ",, b ,\t", "b"],
    [["my-proto/1"], "my-proto/1", "my-proto/1"],
    [["my-proto/1"], "My-Proto/1", "my-proto/1"],
    [["my-proto/1"], "my-proto", undefined],
    [["my-proto/1"], "my-proto/2", undefined],
    [["my-proto"], "my-proto/1", undefined],
    [["my-proto/1", "my-proto/2"], "my-proto/2, my-proto/1", "my-proto/2"],
    [["a"], "b", undefined],
    [["a"], "aa", undefined],
    [["a"], "constructor, __proto__, toString", undefined],
  ];
for (const [names, protocols, chosen] of choices) {
  const what = chosen === undefined ? "none" : `${chosen}`;
  Deno.test(`upgrades() chooses ${what} when ${names.join(" and ")} are spoken and ${JSON.stringify(protocols)} is offered`, async () => {
    const handler = upgrades(spoken(...names));
    await withServer(handler, async ({ port }) => {
      using socket = await connect(port);
      const { status, body, values } = await ask(socket, offer(protocols));
      if (chosen !== undefined) {
        return assertEquals([status, body], [200, chosen]);
      }
      assertEquals(status, 426);
      assertEquals(values("upgrade"), [names.join(", ")]);
      assertEquals(values("connection"), ["Upgrade"]);
    });
  });
}

Deno.test("upgrades() keeps the client's order when it takes several lines", async () => {
  await withServer(upgrades(spoken("a", "b")), async ({ port }) => {
    using socket = await connect(port);
    const fields = "Connection: upgrade\r\nUpgrade: x\r\nUpgrade: b\r\n" +
      "Upgrade: a\r\n";
    assertEquals((await ask(socket, fields)).body, "b");
  });
});

/** Offers that do not count, or are none. */
const nothing: [fields: string, version?: string][] = [
  [""],
  // RFC 9110 §7.8: without Connection it is no offer.
  ["Upgrade: a\r\n"],
  ["Connection: upgrade\r\n"],
  ["Connection: x\r\nUpgrade: a\r\n"],
  // RFC 9110 §7.8: a server ignores it in HTTP/1.0.
  ["Connection: upgrade\r\nUpgrade: a\r\n", "1.0"],
];
for (const [fields, version] of nothing) {
  const words = JSON.stringify(fields);
  Deno.test(`upgrades() takes ${words} in HTTP/${version ?? "1.1"} for no offer`, async () => {
    await withServer(upgrades(spoken("a")), async ({ port }) => {
      using socket = await connect(port);
      const { status, values, body } = await ask(socket, fields, version);
      assertEquals(status, 426);
      assertEquals(values("upgrade"), ["a"]);
      assertEquals(
        body,
        "This address speaks only the protocols that Upgrade lists.\n",
      );
      // The connection goes on.
      if (version === undefined) {
        assertEquals((await ask(socket, offer("a"))).body, "a");
      }
    });
    for (const refuseUnknown of [false, true]) {
      const handler = upgrades(spoken("a"), {
        otherwise: answering("page"),
        refuseUnknown,
      });
      await withServer(handler, async ({ port }) => {
        using socket = await connect(port);
        const { status, body } = await ask(socket, fields, version);
        assertEquals([status, body], [200, "page"]);
      });
    }
  });
}

Deno.test("upgrades() lets otherwise answer what offers other protocols alone, but with refuseUnknown", async () => {
  for (const refuseUnknown of [undefined, false, true]) {
    const handler = upgrades(spoken("a"), {
      otherwise: answering("page"),
      ...(refuseUnknown !== undefined && { refuseUnknown }),
    });
    await withServer(handler, async ({ port }) => {
      using socket = await connect(port);
      const { status, body } = await ask(socket, offer("b, c"));
      if (refuseUnknown) assertEquals(status, 426);
      else assertEquals([status, body], [200, "page"]);
      assertEquals((await ask(socket, offer("b, a"))).body, "a");
    });
  }
});

Deno.test("upgrades() refuses a request that is none of a server's, as it has no offer", () => {
  const request = new Request("http://x/", { headers: { upgrade: "a" } });
  const addr: Deno.Addr = { transport: "unix", path: "x" };
  const info = { remoteAddr: addr, localAddr: addr };
  const error = assertThrows(
    () => upgrades(spoken("a"))(request, info),
    HttpError,
  );
  assertEquals([error.code, error.status], ["upgrade_required", 426]);
});

Deno.test("upgrades() gives an entry the request and the info, and its answer to the client", async () => {
  const handler = upgrades({
    a(request, { remoteAddr }) {
      const { pathname } = new URL(request.url);
      return Promise.resolve(Response.json([pathname, remoteAddr]));
    },
    b() {
      throw new HttpError("busy", { status: 503, message: "Later." });
    },
  });
  await withServer(handler, async ({ port }) => {
    using socket = await connect(port);
    const { body } = await ask(socket, offer("a"));
    assertEquals(JSON.parse(body), ["/", socket.conn.localAddr]);
    const refused = await ask(socket, offer("b"));
    assertEquals([refused.status, refused.body], [503, "Later.\n"]);
  });
});

const badNames: string[][] = [
  [],
  [""],
  ["a b"],
  ["a, b"],
  ["a,"],
  [" a"],
  ["a/"],
  ["/1"],
  ["a/1/2"],
  ["a\r\nX: y"],
  ["ä"],
  ["a", "A"],
  ["a/b", "A/B"],
];
for (const names of badNames) {
  Deno.test(`upgrades() throws a TypeError when it is to speak ${JSON.stringify(names)}`, () => {
    assertThrows(() => upgrades(spoken(...names)), TypeError, "Cannot s");
  });
}

Deno.test("upgrades() leads to 500 when an entry switches to a protocol that was not offered", async () => {
  const handler = upgrades({
    a(request) {
      onUpgrade(request);
      return new Response(null, { status: 101, headers: { upgrade: "b" } });
    },
  });
  await withServer(handler, async ({ port, takeErrors }) => {
    using socket = await connect(port);
    assertEquals((await ask(socket, offer("a"))).status, 500);
    assertEquals(takeErrors().length, 1);
  });
});

/** Reads so many bytes. */
async function readText(conn: Deno.Conn, length: number): Promise<string> {
  let text = "";
  const target = new Uint8Array(length);
  while (text.length < length) {
    const count = await conn.read(target.subarray(text.length));
    if (count === null) break;
    text += new TextDecoder().decode(
      target.subarray(text.length, text.length + count),
    );
  }
  return text;
}

async function speakFoobar(pending: Promise<Upgraded>): Promise<void> {
  using conn = await pending;
  assertEquals(await readText(conn, 7), "foo=bar");
  await conn.write(utf8.encode("bar=foo"));
}

/** A server of WebSocket, of `foobar`, and of pages; all at one address. */
function everything(): { handler: Handler; ended: Promise<void>[] } {
  const ended: Promise<void>[] = [];
  const handler = upgrades({
    websocket(request) {
      const { socket, response } = upgradeWebSocket(request);
      socket.forEach((message) => socket.send(message));
      return response;
    },
    foobar(request) {
      ended.push(speakFoobar(onUpgrade(request)));
      const headers = { upgrade: "foobar" };
      return new Response(null, { status: 101, headers });
    },
  }, { otherwise: answering("page"), refuseUnknown: true });
  return { handler, ended };
}

Deno.test("upgrades() speaks foobar with our client", async () => {
  const { handler, ended } = everything();
  await withServer(handler, async ({ port }) => {
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const headers = { upgrade: "foobar" };
    const request = new Request(`http://127.0.0.1:${port}/`, { headers });
    const response = await sendRequest(conn, request);
    assertEquals(response.status, 101);
    using upgraded = await onUpgrade(response);
    await upgraded.write(utf8.encode("foo=bar"));
    assertEquals(await readText(upgraded, 8), "bar=foo");
    await Promise.all(ended);
  });
});

Deno.test("upgrades() speaks foobar when its first words come with the request, at once or byte by byte", async () => {
  const { handler, ended } = everything();
  const bytes = `GET / HTTP/1.1\r\nHost: x\r\n${offer("FooBar")}\r\nfoo=bar`;
  await withServer(handler, async ({ port }) => {
    for (const way of ["send", "sendBytewise"] as const) {
      using socket = await connect(port);
      await socket[way](bytes);
      const head = await socket.readUntil("\r\n\r\n");
      assert(head.startsWith("HTTP/1.1 101 "));
      assertEquals(await socket.readTextToEnd(), "bar=foo");
    }
    await Promise.all(ended);
  });
});

Deno.test("upgrades() speaks each protocol at one address, and HTTP", async () => {
  const { handler, ended } = everything();
  await withServer(handler, async ({ port }) => {
    const url = `http://127.0.0.1:${port}/`;
    await using webSocket = await connectWebSocket(url.replace("http", "ws"));
    using conn = await Deno.connect({ hostname: "127.0.0.1", port });
    // HTTP first, on the connection that then leaves it.
    const page = await sendRequest(conn, new Request(url));
    assertEquals(await page.text(), "page");
    const other = new Request(url, { headers: { upgrade: "other" } });
    const refused = await sendRequest(conn, other);
    assertEquals(refused.status, 426);
    assertEquals(refused.headers.get("upgrade"), "websocket, foobar");
    await refused.text();
    const error = await assertRejects(() => onUpgrade(refused), UpgradeError);
    assertEquals(error.code, "not_upgraded");
    const headers = { upgrade: "other, foobar, websocket" };
    const request = new Request(url, { headers });
    using upgraded = await onUpgrade(await sendRequest(conn, request));
    await upgraded.write(utf8.encode("foo=bar"));
    webSocket.send("still here");
    for await (const message of webSocket) {
      assertEquals(message, "still here");
      break;
    }
    assertEquals(await readText(upgraded, 8), "bar=foo");
    await Promise.all(ended);
  });
});
