import { assertEquals } from "@std/assert";
import { TrustedProxies, upgradeWebSocket } from "../../mod.ts";
import { connect } from "../_raw_socket.ts";
import { readResponse } from "./_response.ts";
import { withServer } from "./_serve.ts";

const FIELDS = "X-Forwarded-For: 203.0.113.7\r\n" +
  "X-Forwarded-Proto: https\r\nX-Forwarded-Host: chat.example\r\n";

/** What a handler sees of a request from a socket of this machine. */
async function seen(trustProxy?: TrustedProxies): Promise<unknown> {
  let answer: unknown;
  await withServer((request, { remoteAddr }) =>
    Response.json({
      url: request.url,
      host: request.headers.get("host"),
      from: (remoteAddr as Deno.NetAddr).hostname,
    }), async ({ port }) => {
    using socket = await connect(port);
    await socket.send(`GET /a HTTP/1.1\r\nHost: inner:8000\r\n${FIELDS}\r\n`);
    answer = JSON.parse((await readResponse(socket)).body);
  }, trustProxy === undefined ? {} : { trustProxy });
  return answer;
}

Deno.test("serve() believes the fields of a trusted proxy", async () => {
  assertEquals(await seen(new TrustedProxies(["127.0.0.0/8"])), {
    url: "https://chat.example/a",
    host: "chat.example",
    from: "203.0.113.7",
  });
});

Deno.test("serve() leaves a CONNECT where it leads, whatever a trusted proxy tells", async () => {
  await withServer(
    (request) => new Response(request.url, { status: 403 }),
    async ({ port }) => {
      using socket = await connect(port);
      const target = "b.example:443";
      await socket.send(
        `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${FIELDS}\r\n`,
      );
      const { body } = await readResponse(socket);
      assertEquals(new URL(body).host, target.replace(":443", ""));
    },
    { trustProxy: new TrustedProxies(["127.0.0.0/8"]) },
  );
});

Deno.test("serve() does not believe anybody else", async () => {
  const plain = {
    url: "http://inner:8000/a",
    host: "inner:8000",
    from: "127.0.0.1",
  };
  assertEquals(await seen(), plain);
  assertEquals(await seen(new TrustedProxies(["10.0.0.0/8"])), plain);
});

Deno.test("upgradeWebSocket() takes the origin that the client sees behind a trusted proxy", async () => {
  await withServer(
    (request) => upgradeWebSocket(request).response,
    async ({ port }) => {
      for (
        const [origin, status] of [
          ["https://chat.example", 101],
          ["http://inner:8000", 403],
        ] as const
      ) {
        using socket = await connect(port);
        await socket.send(
          `GET / HTTP/1.1\r\nHost: inner:8000\r\n${FIELDS}` +
            `Origin: ${origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
            "Sec-WebSocket-Version: 13\r\n" +
            "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
        );
        const head = await socket.readUntil("\r\n\r\n");
        assertEquals(Number(head.split(" ")[1]), status);
      }
    },
    { trustProxy: new TrustedProxies(["127.0.0.1"]) },
  );
});
