import { assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { createChat, openChat } from "../../handlers/chat.ts";
import { openStore } from "../../handlers/chat/mod.ts";
import { serveFiles } from "../../handlers/static.ts";
import { serve } from "../../upgrade/mod.ts";
import { browserTest } from "./_browser.ts";

/** Joins the lobby in the page, with the page's storage. */
async function join(page: Page): Promise<void> {
  await page.evaluate(async () => {
    const library: typeof import("../../static/chat-client/mod.js") =
      await import(
        // @ts-ignore: It is the page that has it.
        "/mod.js"
      );
    const client = library.connectChat("/chat", {
      identity: { name: "Ana" },
      storage: localStorage,
      backoff: () => 10,
    });
    const room = await client.join("lobby");
    Object.assign(globalThis, { client, room });
  });
}

declare global {
  var client: import("../../static/chat-client/mod.js").ChatClient;
  var room: import("../../static/chat-client/mod.js").ChatRoom;
}

browserTest(
  "the chat client runs in a page, and its outbox outlives a reload",
  async (browser) => {
    await using store = openStore({ path: ":memory:" });
    const chat = await openChat(store);
    const files = serveFiles(
      new URL("../../static/chat-client", import.meta.url),
    );
    const upgrade = createChat(chat);
    await using server = serve(
      { hostname: "127.0.0.1", port: 0, shutdownTimeout: 100 },
      (request, info) =>
        new URL(request.url).pathname === "/chat"
          ? upgrade(request, info)
          : files(request, info),
    );
    const { port } = server.addr as Deno.NetAddr;
    const page = await browser.newPage();
    try {
      await page.goto(`http://127.0.0.1:${port}/mod.js`);
      await join(page);
      const first = await page.evaluate(async () => {
        const { offset } = await globalThis.room.send("one");
        return [offset, globalThis.client.person!.id];
      });
      assertEquals(first[0], 1);
      // What is said now is not sent before the page is gone.
      await page.evaluate(() => {
        WebSocket.prototype.send = () => {};
        globalThis.room.send("two");
      });
      await page.reload();
      await join(page);
      const second = await page.evaluate(async () => {
        const { room, client } = globalThis;
        await room.send("three");
        return {
          texts: room.messages.map(({ text }) => text),
          outgoing: room.outgoing.length,
          person: client.person!.id,
        };
      });
      assertEquals(second, {
        texts: ["one", "two"],
        outgoing: 0,
        person: first[1],
      });
    } finally {
      await page.close();
      await chat.close();
    }
  },
);
