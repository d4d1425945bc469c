import { assertEquals, assertThrows } from "@std/assert";
import { CHAT_PROTOCOL } from "../../handlers/chat/mod.ts";
import {
  createHandler,
  openChat,
  openStore,
  type WebSocketChat,
} from "../../handlers/mod.ts";
import { Dialogue } from "./_dialogue.ts";
import { RawClient, withServer } from "./_server.ts";

/** A server whose folder has a secret beside it. */
async function withSite(
  test: (port: number, chat: WebSocketChat) => Promise<void>,
): Promise<void> {
  await using store = openStore({ path: ":memory:" });
  const chat = await openChat(store);
  const parent = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${parent}/static`);
    await Deno.writeTextFile(`${parent}/static/index.html`, "the page");
    await Deno.writeTextFile(`${parent}/static/big.bin`, "x".repeat(8 << 20));
    await Deno.writeTextFile(`${parent}/secret.txt`, "SECRET");
    const staticDir = `${parent}/static`;
    await withServer(
      createHandler({ staticDir, chat }),
      (port) => test(port, chat),
    );
  } finally {
    await chat.close();
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

Deno.test("createHandler() uses the chat it is given", async () => {
  await withSite(async (port, chat) => {
    const url = `ws://127.0.0.1:${port}/chat`;
    const dialogue = await Dialogue.open(url, CHAT_PROTOCOL);
    await chat.close();
    assertEquals((await dialogue.closed).code, 1001);
  });
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

Deno.test("createHandler() serves the chat's client, and nothing beside it", async () => {
  await using store = openStore({ path: ":memory:" });
  const chat = await openChat(store);
  const staticDir = new URL("../../static/", import.meta.url);
  const handler = createHandler({ staticDir, chat });
  await withServer(handler, async (port) => {
    const answer = await exchange(port, "GET /chat-client/mod.js HTTP/1.1");
    assertEquals(answer.split(" ")[1], "200");
    assertEquals(answer.includes("export { connectChat }"), true);
    for (
      const target of [
        "/chat-client/",
        "/chat-client/index.html",
        "/chat-client/..%2fdeno.json",
        "/chat-client//etc/passwd",
      ]
    ) {
      const refusal = await exchange(port, `GET ${target} HTTP/1.1`);
      assertEquals(refusal.split(" ")[1], "404", target);
    }
  });
  await chat.close();
});

Deno.test("createHandler() throws when the folder is not there", async () => {
  await using store = openStore({ path: ":memory:" });
  const chat = await openChat(store);
  assertThrows(
    () => createHandler({ staticDir: "./no such folder", chat }),
    Deno.errors.NotFound,
  );
});
