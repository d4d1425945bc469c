import { assertEquals, assertRejects } from "@std/assert";
import {
  createHandler,
  MemoryFiles,
  openChat,
  openStore,
  Uploads,
} from "../../handlers/mod.ts";
import {
  ChatError,
  type UploadProgress,
} from "../../static/chat-client/mod.js";
import { type Handler, serve } from "../../upgrade/mod.ts";
import { next, TestClient } from "./_client.ts";

const MAX_BYTES = 1000;

const LIST = new File(["bread"], "list.txt", { type: "text/plain" });

/** Ana's client of a server that takes files. */
async function start(
  { answer }: {
    /** Answers in place of the API's uploads. */
    answer?: Handler;
  } = {},
) {
  await using opened = new AsyncDisposableStack();
  const store = opened.use(openStore({ path: ":memory:" }));
  const chat = await openChat(store, { config: { upload: MAX_BYTES } });
  const uploads = new Uploads({
    store,
    files: new MemoryFiles(),
    maxBytes: MAX_BYTES,
  });
  const handler = createHandler({
    staticDir: new URL("../../static/", import.meta.url),
    chat,
    uploads,
  });
  const server = serve(
    { hostname: "127.0.0.1", port: 0, shutdownTimeout: 100 },
    (request, info) =>
      answer !== undefined && request.method === "POST"
        ? answer(request, info)
        : handler(request, info),
  );
  opened.defer(async () => {
    await chat.close();
    await server.shutdown();
  });
  const { port } = server.addr as Deno.NetAddr;
  const { client } = opened.use(
    new TestClient(`ws://127.0.0.1:${port}/chat`, {
      identity: { name: "Ana" },
    }),
  );
  const kept = opened.move();
  return {
    client,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

Deno.test("upload() gives what a message can have", async () => {
  await using ana = await start();
  const told: UploadProgress[] = [];
  const info = await ana.client.upload(LIST, {
    onProgress: (progress) => told.push(progress),
  });
  assertEquals([info.name, info.type, info.size], [
    "list.txt",
    "text/plain",
    5,
  ]);
  assertEquals(told, [{ loaded: 5, total: 5 }]);
  const lobby = await ana.client.join("lobby");
  const heard = next(ana.client, "message");
  await lobby.send("", { attachments: [info] });
  assertEquals((await heard).attachments, [info]);
});

Deno.test("upload() takes a name for what has none, and another one for a file", async () => {
  await using ana = await start();
  const { client } = ana;
  const named = await client.upload(new Blob(["x"]), {
    name: "naïve & co.txt",
  });
  assertEquals(named.name, "naïve & co.txt");
  assertEquals((await client.upload(new Blob(["y"]))).name, "file");
  assertEquals((await client.upload(LIST, { name: "b.txt" })).name, "b.txt");
});

Deno.test("upload() rejects with the server's refusal", async () => {
  await using ana = await start();
  const error = await assertRejects(
    () => ana.client.upload(new Blob(["x".repeat(MAX_BYTES + 1)])),
    ChatError,
  );
  assertEquals(error.code, "body_too_large");
});

Deno.test("upload() rejects with the reason when it is ended", async () => {
  const begun = Promise.withResolvers<void>();
  await using ana = await start({
    answer: async (request) => {
      begun.resolve();
      await request.arrayBuffer();
      return await new Promise<Response>((resolve) =>
        request.signal.addEventListener(
          "abort",
          () => resolve(new Response()),
        )
      );
    },
  });
  const ending = new AbortController();
  const told: UploadProgress[] = [];
  const uploading = ana.client.upload(LIST, {
    signal: ending.signal,
    onProgress: (progress) => told.push(progress),
  });
  await begun.promise;
  ending.abort(new TypeError("not that one"));
  await assertRejects(() => uploading, TypeError, "not that one");
  assertEquals(told, []);
  // So does one that has not begun.
  await assertRejects(
    () => ana.client.upload(LIST, { signal: ending.signal }),
    TypeError,
    "not that one",
  );
});

Deno.test("upload() rejects with upload_failed when nothing can be read from the answer", async () => {
  let answer = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
  await using ana = await start({ answer: () => answer() });
  const failing = () => ana.client.upload(LIST);
  const refused = await assertRejects(failing, ChatError);
  assertEquals([refused.code, refused.cause], ["upload_failed", 502]);
  answer = () => new Response("fine");
  assertEquals(
    (await assertRejects(failing, ChatError)).code,
    "upload_failed",
  );
});

Deno.test("upload() rejects with upload_failed when the connection is lost", async () => {
  await using ana = await start({
    // It promises more than comes.
    answer: () =>
      new Response(ReadableStream.from([new TextEncoder().encode("{")]), {
        status: 201,
        headers: { "content-length": "100" },
      }),
  });
  const error = await assertRejects(() => ana.client.upload(LIST), ChatError);
  assertEquals(error.code, "upload_failed");
});

Deno.test("upload() rejects when nobody has said who one is", async () => {
  await using ana = await start();
  await ana.client.join("lobby");
  await ana.client.logout();
  const error = await assertRejects(() => ana.client.upload(LIST), ChatError);
  assertEquals(error.code, "signed_out");
});
