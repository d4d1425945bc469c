import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Handler } from "../../upgrade/mod.ts";
import { answerOf, call, textIn, withHttp2 } from "../upgrade/_http2_client.ts";
import { withServer } from "../upgrade/_serve.ts";
import { curl, type Curled } from "./_curl.ts";
import { digestOf, patternDigest, patternStream } from "./_pattern.ts";
import { readText, run } from "./_run.ts";

const MIB = 1024 ** 2;
const HTTP2 = { h2c: true };
const PRIOR_KNOWLEDGE = "--http2-prior-knowledge";

const handler: Handler = async (request) => {
  const { pathname } = new URL(request.url);
  const length = Number(/^\/pattern\/(\d+)$/.exec(pathname)?.[1] ?? NaN);
  if (length > 0) return new Response(patternStream(length));
  const body = await digestOf(request.body);
  return Response.json({ method: request.method, path: pathname, body });
};

function withHttp2Server(test: (base: string) => Promise<void>): Promise<void> {
  return withServer(
    handler,
    ({ port }) => test(`http://127.0.0.1:${port}`),
    HTTP2,
  );
}

/** Runs a test with a file of the pattern. */
async function withFile(
  length: number,
  test: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, patternStream(length));
    await test(path);
  } finally {
    await Deno.remove(path);
  }
}

function assertHttp2<T>({ code, log, transfers }: Curled<T>): void {
  assertEquals([code, log], [0, ""]);
  for (const { http_version, response_code } of transfers) {
    assertEquals([http_version, response_code], ["2", 200]);
  }
}

Deno.test("curl --http2 upgrades to h2c with GET, HEAD and POST, and goes on with it", async () => {
  await withHttp2Server(async (base) => {
    const got = await curl(["--http2", `${base}/a`, `${base}/b`]);
    assertHttp2(got);
    assertEquals(got.transfers.map((each) => each.num_connects), [1, 0]);
    assertStringIncludes(got.output, '"path":"/a"');
    assertStringIncludes(got.output, '"path":"/b"');

    const head = await curl(["--http2", "-I", `${base}/a`]);
    assertHttp2(head);
    assertStringIncludes(head.output, "HTTP/1.1 101 ");
    assertStringIncludes(head.output, "HTTP/2 200 ");

    const posted = await curl(["--http2", "--data", "abc", `${base}/a`]);
    assertHttp2(posted);
    const { method, body } = JSON.parse(posted.output);
    assertEquals(method, "POST");
    assertEquals(body, await digestOf(new Blob(["abc"]).stream()));
  });
});

Deno.test("curl --http2 sends a large file in HTTP/1.1, for its upgrade is ignored", async () => {
  await withHttp2Server(async (base) => {
    await withFile(8 * MIB, async (path) => {
      const sent = await curl(["--http2", "-T", path, `${base}/a`]);
      assertEquals([sent.code, sent.log], [0, ""]);
      assertEquals(sent.transfers[0]!.http_version, "1.1");
      assertEquals(JSON.parse(sent.output).body, patternDigest(8 * MIB));
    });
  });
});

// One URL a run: curl 7.88 cannot use such a connection again (curl issue 10634).
Deno.test("curl --http2-prior-knowledge gets, sends and gets large bodies", async () => {
  const size = 64 * MIB;
  await withHttp2Server(async (base) => {
    const got = await curl([PRIOR_KNOWLEDGE, `${base}/a`]);
    assertHttp2(got);
    assertStringIncludes(got.output, '"method":"GET"');

    const url = `${base}/pattern/${size}`;
    const down = await curl([PRIOR_KNOWLEDGE, url], { read: digestOf });
    assertHttp2(down);
    assertEquals(down.output, patternDigest(size));

    await withFile(size, async (path) => {
      const up = await curl([PRIOR_KNOWLEDGE, "-T", path, `${base}/a`]);
      assertHttp2(up);
      assertEquals(JSON.parse(up.output).body, patternDigest(size));
    });
  });
});

/** Runs nghttp, and gives what it has seen. */
async function nghttp(args: readonly string[]): Promise<string> {
  const { code, output, errors } = await run(
    "nghttp",
    ["-v", "-t", "30", ...args],
    { read: readText },
  );
  assertEquals([code, errors], [0, ""], output);
  assert(!output.includes("RST_STREAM"), output);
  for (const [, error] of output.matchAll(/error_code=(\w+)/g)) {
    assertEquals(error, "NO_ERROR", output);
  }
  return output;
}

function countOf(text: string, part: string): number {
  return text.split(part).length - 1;
}

Deno.test("nghttp -u upgrades to h2c, and gets further URLs on the same connection", async () => {
  await withHttp2Server(async (base) => {
    const output = await nghttp(["-u", `${base}/a`, `${base}/b`, `${base}/c`]);
    assertStringIncludes(output, "HTTP Upgrade success");
    assertEquals(countOf(output, "Connected"), 1);
    assertEquals(countOf(output, ":status: 200"), 3);
    assertEquals(countOf(output, '"method":"GET"'), 3);
  });
});

Deno.test("nghttp gets several URLs and sends files by prior knowledge", async () => {
  await withHttp2Server(async (base) => {
    const got = await nghttp([`${base}/a`, `${base}/b`, `${base}/c`]);
    assertEquals(countOf(got, "Connected"), 1);
    assertEquals(countOf(got, ":status: 200"), 3);
    await withFile(MIB, async (path) => {
      const sent = await nghttp(["-d", path, `${base}/a`, `${base}/b`]);
      assertEquals(countOf(sent, patternDigest(MIB).sha256), 2);
    });
    await withFile(1_000, async (path) => {
      const sent = await nghttp(["-u", "-d", path, `${base}/a`]);
      assertEquals(countOf(sent, patternDigest(1_000).sha256), 1);
    });
  });
});

Deno.test("http2 of Node gets 200 answers at once on one connection", async () => {
  await withServer(handler, async ({ port }) => {
    await withHttp2(port, async (session) => {
      const paths = Array.from({ length: 200 }, (_, i) => `/${i}`);
      const answers = await Promise.all(
        paths.map((path) => call(session, { fields: { ":path": path } })),
      );
      const seen = answers.map((answer) => JSON.parse(textIn(answer)).path);
      assertEquals(seen, paths);
      const stream = session.request({ ":path": `/pattern/${8 * MIB}` });
      const { body } = await answerOf(stream);
      assertEquals(
        await digestOf(new Blob([body]).stream()),
        patternDigest(8 * MIB),
      );
    });
  }, HTTP2);
});
