import { assertEquals, assertGreater } from "@std/assert";
import type { Browser, Page } from "playwright-core";
import { patternDigest } from "../clients/_pattern.ts";
import { type Echo, type Server, withServer } from "../clients/_server.ts";
import { browserTest } from "./_browser.ts";

const LENGTH = 64 * 1024 ** 2;
// What Chromium opens to one server at most.
const CONNECTIONS = 6;

/** Runs a test on an empty page of a server. */
async function withPage(
  browser: Browser,
  test: (page: Page, server: Server) => Promise<void>,
): Promise<void> {
  await withServer(async (server) => {
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(server.http);
      await test(page, server);
    } finally {
      await context.close();
    }
  });
}

browserTest("fetch() in Chromium gets a stream of 64 MiB", async (browser) => {
  await withPage(browser, async (page) => {
    const got = await page.evaluate(async (length) => {
      const response = await fetch(`/pattern?bytes=${length}`);
      const body = await response.arrayBuffer();
      const hash = await crypto.subtle.digest("SHA-256", body);
      return { length: body.byteLength, sha256: [...new Uint8Array(hash)] };
    }, LENGTH);
    const sha256 = new Uint8Array(got.sha256).toHex();
    assertEquals({ ...got, sha256 }, patternDigest(LENGTH));
  });
});

browserTest("fetch() in Chromium sends a Blob of 64 MiB", async (browser) => {
  await withPage(browser, async (page) => {
    const echo: Echo = await page.evaluate(async (length) => {
      const pattern = await fetch(`/pattern?bytes=${length}`);
      const body = await pattern.blob();
      return await (await fetch("/echo", { method: "PUT", body })).json();
    }, LENGTH);
    assertEquals(echo.body, patternDigest(LENGTH));
    assertEquals(echo.fields["content-length"], `${LENGTH}`);
  });
});

browserTest(
  "fetch() in Chromium shares 6 connections among 30 requests",
  async (browser) => {
    await withPage(browser, async (page) => {
      const ports: number[] = await page.evaluate(async (connections) => {
        return await Promise.all(
          Array.from({ length: 30 }, async (_, i) => {
            const url = `/meet?count=${connections}&i=${i}`;
            return (await (await fetch(url)).json()).port;
          }),
        );
      }, CONNECTIONS);
      const counts = Map.groupBy(ports, (port) => port).values();
      assertEquals(
        [...counts].map(({ length }) => length),
        new Array(CONNECTIONS).fill(30 / CONNECTIONS),
      );
    });
  },
);

browserTest(
  "request.signal aborts when fetch() in Chromium does",
  async (browser) => {
    await withPage(browser, async (page, server) => {
      const got = await page.evaluate(async () => {
        const leaving = new AbortController();
        const { signal } = leaving;
        const response = await fetch("/endless?id=1", { signal });
        const reader = response.body!.getReader();
        let received = 0;
        while (received < 1_000_000) {
          received += (await reader.read()).value!.length;
        }
        leaving.abort();
        const error = await reader.read().catch(({ name }) => name);
        return { received, error };
      });
      assertEquals(got.error, "AbortError");
      const { sent } = await server.endingOf("1");
      assertGreater(sent, got.received - 1);
    });
  },
);
