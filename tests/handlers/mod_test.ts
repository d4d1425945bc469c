import { assertEquals, assertThrows } from "@std/assert";
import { CHAT_PROTOCOL } from "../../handlers/chat/mod.ts";
import {
  createHandler,
  createHub,
  type TunnelOptions,
} from "../../handlers/mod.ts";
import { Dialogue } from "./_dialogue.ts";
import { RawClient, withServer } from "./_server.ts";

/** A server whose folder has a secret beside it. */
async function withSite(
  test: (port: number) => Promise<void>,
  hub = createHub(),
): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${parent}/static`);
    await Deno.writeTextFile(`${parent}/static/index.html`, "the page");
    await Deno.writeTextFile(`${parent}/static/big.bin`, "x".repeat(8 << 20));
    await Deno.writeTextFile(`${parent}/secret.txt`, "SECRET");
    const staticDir = `${parent}/static`;
    await withServer(createHandler({ staticDir, hub }), test);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

async function exchange(port: number, requestLine: string): Promise<string> {
  const fields = "Host: localhost\r\nConnection: close\r\n\r\n";
  using client = await RawClient.send(port, `${requestLine}\r\n${fields}`);
  return new TextDecoder().decode(await client.readToEnd());
}

for (
  const [requestLine, status, content] of [
    ["GET / HTTP/1.1", 200, "the page"],
    ["HEAD / HTTP/1.1", 200, ""],
    ["GET /healthz HTTP/1.1", 200, '{"status":"ok"}'],
    ["HEAD /healthz HTTP/1.1", 200, ""],
    ["POST /healthz HTTP/1.1", 405, undefined],
    ["POST / HTTP/1.1", 405, undefined],
    ["TRACE / HTTP/1.1", 405, undefined],
    ["OPTIONS /healthz HTTP/1.1", 204, ""],
    ["OPTIONS * HTTP/1.1", 204, ""],
    ["GET http://localhost/healthz HTTP/1.1", 200, '{"status":"ok"}'],
    ["GET /echo HTTP/1.1", 426, undefined],
    ["GET /chat HTTP/1.1", 426, undefined],
    ["GET /missing HTTP/1.1", 404, undefined],
  ] as const
) {
  Deno.test(`createHandler() answers ${status} to ${requestLine}`, async () => {
    await withSite(async (port) => {
      const answer = await exchange(port, requestLine);
      assertEquals(Number(answer.split(" ")[1]), status);
      if (content === undefined) return;
      assertEquals(answer.slice(answer.indexOf("\r\n\r\n") + 4), content);
    });
  });
}

for (
  const target of [
    "/../secret.txt",
    "/../../../../../../etc/passwd",
    "/./../secret.txt",
    "/%2e%2e/secret.txt",
    "/%2E%2E%2Fsecret.txt",
    "/..%2fsecret.txt",
    "/..%5csecret.txt",
    "/..\\secret.txt",
    "/%2e%2e%5csecret.txt",
    "//../secret.txt",
    "/static/../../secret.txt",
    "/index.html/../../secret.txt",
    "/secret.txt%00.html",
    "http://localhost/../secret.txt",
    "/\x00../secret.txt",
  ]
) {
  Deno.test(`createHandler() shows no secret when asked for ${JSON.stringify(target)}`, async () => {
    await withSite(async (port) => {
      const answer = await exchange(port, `GET ${target} HTTP/1.1`);
      const status = Number(answer.split(" ")[1]);
      assertEquals([400, 404].includes(status), true, answer);
      assertEquals(/SECRET|root:/.test(answer), false);
    });
  });
}

Deno.test("createHandler() wires /echo and /chat", async () => {
  await withSite(async (port) => {
    const echo = await Dialogue.open(`ws://127.0.0.1:${port}/echo`);
    echo.socket.send("hello");
    assertEquals(await echo.next(), "hello");
    await echo.close();
    const chat = await Dialogue.open(
      `ws://127.0.0.1:${port}/chat`,
      CHAT_PROTOCOL,
    );
    assertEquals(JSON.parse(await chat.next()).type, "welcome");
    await chat.close();
  });
});

Deno.test("createHandler() uses the hub it is given", async () => {
  const hub = createHub();
  await withSite(async (port) => {
    const url = `ws://127.0.0.1:${port}/chat`;
    const chat = await Dialogue.open(url, CHAT_PROTOCOL);
    hub.close();
    assertEquals((await chat.closed).code, 1001);
  }, hub);
});

// That the file is closed is for the test runner to see.
Deno.test("createHandler() closes a file when the client leaves half way", {
  sanitizeResources: true,
}, async () => {
  await withSite(async (port) => {
    const request = "GET /big.bin HTTP/1.1\r\nHost: localhost\r\n\r\n";
    using client = await RawClient.send(port, request);
    assertEquals(await client.readHead(), "HTTP/1.1 200 OK");
  });
});

Deno.test("createHandler() serves CONNECT only when it has options for it", async () => {
  const staticDir = await Deno.makeTempDir();
  const ask = async (options: { tunnel?: TunnelOptions }) => {
    let head = "";
    await withServer(createHandler({ staticDir, ...options }), async (port) => {
      using client = await RawClient.send(
        port,
        "CONNECT a.example:443 HTTP/1.1\r\nHost: a.example:443\r\n\r\n",
      );
      head = await client.readHead();
    });
    return head;
  };
  try {
    assertEquals(await ask({}), "HTTP/1.1 405 Method Not Allowed");
    assertEquals(await ask({ tunnel: {} }), "HTTP/1.1 403 Forbidden");
  } finally {
    await Deno.remove(staticDir);
  }
});

Deno.test("createHandler() throws when the folder is not there", () => {
  assertThrows(
    () => createHandler({ staticDir: "./no such folder" }),
    Deno.errors.NotFound,
  );
});
