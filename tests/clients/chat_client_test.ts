import { assertEquals } from "@std/assert";
// @ts-types="./ws.d.ts"
import { WebSocket } from "ws";
import type {
  ChatRoom,
  WebSocketConstructor,
} from "../../static/chat-client/mod.js";
import { ChatServer } from "../chat_client/_chat_server.ts";
import { TestClient } from "../chat_client/_client.ts";
import { readText, run } from "./_run.ts";

const SCRIPT = new URL("chat_client.mjs", import.meta.url).pathname;

/** Waits for a message of this text. */
async function hear(room: ChatRoom, expected: string): Promise<void> {
  for await (const { text } of room) if (text === expected) return;
}

/** What each runs a script with. Node 20 has its WebSocket only by an option. */
const RUNTIMES: Readonly<Record<string, readonly string[]>> = {
  node: ["--experimental-websocket", "--no-warnings"],
  bun: ["run"],
};

for (const [runtime, options] of Object.entries(RUNTIMES)) {
  Deno.test(`the chat client runs in ${runtime}, and comes back there`, async () => {
    await using server = await ChatServer.start();
    await using ana = new TestClient(server.url, { identity: { name: "Ana" } });
    const room = await ana.client.join("lobby");
    const here = hear(room, "here");
    const other = run(runtime, [...options, SCRIPT, server.url, "Bo"], {
      read: readText,
    });
    await here;
    const one = hear(room, "heard one");
    await room.send("one");
    await one;
    await server.restart();
    const bye = hear(room, "heard bye");
    await room.send("bye");
    await bye;
    const { code, errors } = await other;
    assertEquals([code, errors], [0, ""]);
  });
}

Deno.test("the chat client takes the WebSocket of npm:ws", async () => {
  await using server = await ChatServer.start();
  await using ana = new TestClient(server.url, {
    identity: { name: "Ana" },
    WebSocket: WebSocket as unknown as WebSocketConstructor,
  });
  const room = await ana.client.join("lobby");
  assertEquals((await room.send("one")).offset, 1);
  await server.restart();
  assertEquals((await room.send("two")).offset, 2);
  assertEquals(room.messages.map(({ text }) => text), ["one", "two"]);
});

Deno.test("the chat client goes on when nobody listens for npm:ws", async () => {
  const failures = Promise.withResolvers<void>();
  // Nobody listens there; npm:ws emits an error besides the close event.
  await using _ = new TestClient("ws://127.0.0.1:1/chat", {
    WebSocket: WebSocket as unknown as WebSocketConstructor,
    backoff: (failed) => {
      if (failed === 2) failures.resolve();
      return 1;
    },
  });
  await failures.promise;
});
