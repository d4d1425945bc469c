import { assertEquals, assertMatch } from "@std/assert";
import { assertMemoryStays } from "./_memory.ts";
import { type Digest, digestOf, patternDigest } from "./_pattern.ts";
import { readText, run } from "./_run.ts";
import { type Echo, type Server, withServer } from "./_server.ts";

const SCRIPT = new URL("http_client.py", import.meta.url).pathname;

/** What http.client makes of an answer. */
interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly type: string;
  /** Whether the connection ends with it. */
  readonly closes: boolean;
  readonly body: string;
}

/** Plays a scenario of the script, and gives what it has seen. */
async function play<T>(
  scenario: string,
  server: Server,
  length?: number,
): Promise<T> {
  const args = ["-I", SCRIPT, scenario, new URL(server.http).port];
  if (length !== undefined) args.push(`${length}`);
  const { code, output, errors } = await run("python3", args, {
    read: readText,
  });
  assertEquals([code, errors], [0, ""]);
  return JSON.parse(output);
}

Deno.test("http.client sends requests of all kinds over one connection", async () => {
  await withServer(async (server) => {
    const seen = await play<string[]>("keep_alive", server);
    assertEquals(seen.splice(3, 1), ["tick 1\ntick 2\n"]);
    const echoes: Echo[] = seen.map((text) => JSON.parse(text));
    assertEquals(
      echoes.map(({ method, target, body }) => [method, target, body.length]),
      [
        ["GET", "/echo", 0],
        ["POST", "/echo?a=b", 4],
        ["PUT", "/echo", 0],
        ["GET", "/echo", 0],
      ],
    );
    assertEquals(new Set(echoes.map(({ port }) => port)).size, 1);
    assertEquals(
      echoes[1]!.body,
      await digestOf(new Blob(["text"]).stream()),
    );
  });
});

Deno.test("http.client gets no body to HEAD, and goes on", async () => {
  await withServer(async (server) => {
    await server.makeFile("a", 100);
    assertEquals(await play("head", server), [
      ["HEAD", 200, "10", 0],
      ["HEAD", 200, "100", 0],
      // The server does not count a body that it will not send.
      ["HEAD", 200, null, 0],
      ["HEAD", 404, null, 0],
      ["GET", 200, "10", 10],
      ["GET", 200, "100", 100],
      ["GET", 200, "17", 17],
      ["GET", 404, "23", 23],
    ]);
  });
});

Deno.test("http.client goes on after 204", async () => {
  await withServer(async (server) => {
    assertEquals(await play("no_content", server), [
      [204, ""],
      [200, '{"hello":"world"}'],
    ]);
  });
});

Deno.test("http.client is told what is wrong", async () => {
  await withServer(async (server) => {
    const seen = await play<Answer[]>("errors", server);
    assertEquals(
      seen.map(({ status, reason, closes }) => [status, reason, closes]),
      [
        [404, "Not Found", false],
        [405, "Method Not Allowed", false],
        [413, "Content Too Large", false],
        [500, "Internal Server Error", false],
        [400, "Bad Request", true],
        [431, "Request Header Fields Too Large", true],
        [414, "URI Too Long", true],
        [200, "OK", false],
      ],
    );
    for (const { type, body } of seen.slice(0, -1)) {
      assertEquals(type, "text/plain; charset=utf-8");
      assertMatch(body, /^[A-Z][^\n]+\.\n$/);
    }
  });
});

Deno.test("http.client gets pieces of a body as they come", async () => {
  await withServer(async (server) => {
    assertEquals(await play("pieces", server), [
      true,
      "tick 1\n",
      "tick 2\n",
      "tick 3\n",
    ]);
  });
});

Deno.test("http.client sends 1 GiB in chunks", async () => {
  await withServer(async (server) => {
    await assertMemoryStays(server, async (length) => {
      const { body, fields } = await play<Echo>(
        "upload_chunked",
        server,
        length,
      );
      assertEquals(body, patternDigest(length));
      assertEquals(fields["transfer-encoding"], "chunked");
    });
  });
});

Deno.test("http.client gets 1 GiB", async () => {
  await withServer(async (server) => {
    await assertMemoryStays(server, async (length) => {
      const digest = await play<Digest>("download", server, length);
      assertEquals(digest, patternDigest(length));
    });
  });
});
