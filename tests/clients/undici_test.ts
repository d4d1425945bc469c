import { assertEquals, assertGreater, assertRejects } from "@std/assert";
import { Readable } from "node:stream";
// @ts-types="./undici.d.ts"
import { Agent, Client, fetch, request } from "undici";
import { assertMemoryStays } from "./_memory.ts";
import { digestOf, patternDigest, patternStream } from "./_pattern.ts";
import { type Echo, withServer } from "./_server.ts";

const PIPELINING = 10;

/** Registers a test. undici has one timer for all of them, which outlives each. */
function undiciTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, sanitizeOps: false, sanitizeResources: false });
}

undiciTest(
  "undici gets answers in order when it pipelines 10 requests",
  async () => {
    await withServer(async ({ http }) => {
      const client = new Client(http, { pipelining: PIPELINING });
      let connects = 0;
      let most = 0;
      client.on("connect", () => connects++);
      const echoes = await Promise.all(
        Array.from({ length: 200 }, async (_, i) => {
          const { body } = await client.request({
            method: "PUT",
            path: `/echo?i=${i}`,
            body: "a".repeat(i),
            // Otherwise it waits for each answer, as it has to.
            idempotent: true,
            blocking: false,
          });
          most = Math.max(most, client.stats.running);
          return await body.json() as Echo;
        }),
      );
      await client.close();
      assertEquals(
        echoes.map(({ target, body }) => [target, body.length]),
        echoes.map((_, i) => [`/echo?i=${i}`, i]),
      );
      assertEquals([connects, most], [1, PIPELINING]);
    });
  },
);

undiciTest("undici's fetch and request keep a connection", async () => {
  await withServer(async ({ http }) => {
    const dispatcher = new Agent({ connections: 1 });
    const ports = new Set<unknown>();
    for (const body of ["", "text"]) {
      const fetched = await fetch(`${http}/echo`, {
        dispatcher,
        method: "POST",
        body,
      });
      ports.add((await fetched.json() as Echo).port);
      const none = await fetch(`${http}/none`, { dispatcher });
      assertEquals([none.status, none.body], [204, null]);
      const ticks = await request(`${http}/ticks?count=2`, { dispatcher });
      assertEquals(await ticks.body.text(), "tick 1\ntick 2\n");
      const requested = await request(`${http}/echo`, { dispatcher });
      ports.add((await requested.body.json() as Echo).port);
    }
    assertEquals(ports.size, 1);
    const head = await fetch(`${http}/json`, { dispatcher, method: "HEAD" });
    assertEquals([head.status, await head.text()], [200, ""]);
    await dispatcher.close();
  });
});

undiciTest("undici streams 1 GiB up", async () => {
  await withServer(async (server) => {
    const dispatcher = new Agent();
    await assertMemoryStays(server, async (length) => {
      const answer = await request(`${server.http}/echo`, {
        dispatcher,
        method: "PUT",
        body: Readable.from(patternStream(length)),
      });
      const { body, fields } = await answer.body.json() as Echo;
      assertEquals(body, patternDigest(length));
      assertEquals(fields["transfer-encoding"], "chunked");
    });
    await dispatcher.close();
  });
});

undiciTest("undici streams 1 GiB down", async () => {
  await withServer(async (server) => {
    const dispatcher = new Agent();
    await assertMemoryStays(server, async (length) => {
      const url = `${server.http}/pattern?bytes=${length}`;
      const { body } = await request(url, { dispatcher });
      assertEquals(await digestOf(body), patternDigest(length));
    });
    await dispatcher.close();
  });
});

undiciTest(
  "request.signal aborts when undici leaves",
  async () => {
    await withServer(async (server) => {
      const dispatcher = new Agent();
      const leaving = new AbortController();
      const { body } = await request(`${server.http}/endless?id=1`, {
        dispatcher,
        signal: leaving.signal,
      });
      let received = 0;
      const error = await assertRejects(async () => {
        for await (const piece of body) {
          received += piece.length;
          if (received > 1_000_000) leaving.abort();
        }
      }, Error);
      assertEquals(error.name, "AbortError");
      const { sent } = await server.endingOf("1");
      assertGreater(sent, 1_000_000);
      await dispatcher.close();
    });
  },
);
