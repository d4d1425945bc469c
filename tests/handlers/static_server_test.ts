// Files through the real server, to a client that reads raw bytes.
import { assert, assertEquals, assertLess, assertMatch } from "@std/assert";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { serveFiles } from "../../handlers/static.ts";
import type { Handler } from "../../upgrade/mod.ts";
import { connect, type RawSocket, textOf } from "../_raw_socket.ts";
import { readResponse } from "../upgrade/_response.ts";
import { type Served, withServer } from "../upgrade/_serve.ts";

const LONG_AGO = new Date("2026-01-01T12:00:00Z");
const DATE = "Thu, 01 Jan 2026 12:00:00 GMT";
const SCRIPT = "export const lines = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];\n";
const MIB = 1024 * 1024;

/** Serves a folder with a few files that were changed long ago. */
async function withFiles(
  test: (served: Served, root: string) => Promise<void>,
  wrap = (handler: Handler) => handler,
): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    for (
      const [name, content] of [
        ["digits.txt", "0123456789"],
        ["app.js", SCRIPT],
        ["app.js.br", brotliCompressSync(SCRIPT)],
        ["app.js.gz", gzipSync(SCRIPT)],
        ["app-0123abcd.js", SCRIPT],
      ] as const
    ) await put(`${root}/${name}`, content);
    const handler = wrap(serveFiles(root));
    await withServer(handler, (served) => test(served, root));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** Writes a file that was changed long ago; zeros, if it is given a size. */
async function put(
  path: string,
  content: string | Uint8Array | number,
): Promise<void> {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  if (typeof bytes === "number") {
    await Deno.writeFile(path, new Uint8Array(0));
    await Deno.truncate(path, bytes);
  } else await Deno.writeFile(path, bytes);
  await Deno.utime(path, LONG_AGO, LONG_AGO);
}

/** Sends a request on a connection that may carry others. */
async function send(
  socket: RawSocket,
  requestLine: string,
  fields: Readonly<Record<string, string>> = {},
): Promise<void> {
  const lines = Object.entries({ Host: "localhost", ...fields })
    .map(([name, value]) => `${name}: ${value}\r\n`);
  await socket.send(`${requestLine} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

Deno.test("serveFiles() sends ranges, and whole files, on one connection", async () => {
  await withFiles(async ({ port }) => {
    using socket = await connect(port);
    for (
      const [range, status, contentRange, body] of [
        ["bytes=0-0", 206, ["bytes 0-0/10"], "0"],
        ["bytes=3-5", 206, ["bytes 3-5/10"], "345"],
        ["bytes=7-", 206, ["bytes 7-9/10"], "789"],
        ["bytes=-2", 206, ["bytes 8-9/10"], "89"],
        ["bytes=0-99", 206, ["bytes 0-9/10"], "0123456789"],
        ["bytes=10-", 416, ["bytes */10"], "The file has 10 bytes.\n"],
        ["bytes=-0", 416, ["bytes */10"], "The file has 10 bytes.\n"],
        ["bytes=5-3", 200, [], "0123456789"],
        ["bytes=0-1,3-4", 200, [], "0123456789"],
        ["lines=0-1", 200, [], "0123456789"],
      ] as const
    ) {
      await send(socket, "GET /digits.txt", { Range: range });
      const response = await readResponse(socket);
      assertEquals(response.status, status, range);
      assertEquals(response.values("content-range"), [...contentRange]);
      assertEquals(response.values("content-length"), [`${body.length}`]);
      assertEquals(response.body, body);
    }
  });
});

Deno.test("serveFiles() resumes a download when the file is the same", async () => {
  await withFiles(async ({ port }, root) => {
    using socket = await connect(port);
    await send(socket, "GET /digits.txt", { Range: "bytes=0-3" });
    const begun = await readResponse(socket);
    assertEquals(begun.values("last-modified"), [DATE]);
    assertEquals(begun.values("accept-ranges"), ["bytes"]);
    const [etag = ""] = begun.values("etag");
    assertMatch(etag, /^"/);

    const Range = "bytes=4-";
    for (const validator of [etag, DATE]) {
      await send(socket, "GET /digits.txt", { Range, "If-Range": validator });
      const rest = await readResponse(socket);
      assertEquals(rest.status, 206);
      assertEquals(begun.body + rest.body, "0123456789");
    }

    await Deno.writeTextFile(`${root}/digits.txt`, "9876543210");
    for (const validator of [etag, DATE, `W/${etag}`]) {
      await send(socket, "GET /digits.txt", { Range, "If-Range": validator });
      const whole = await readResponse(socket);
      assertEquals(whole.status, 200);
      assertEquals(whole.body, "9876543210");
    }
  });
});

Deno.test("serveFiles() sends no body for HEAD, and no range", async () => {
  await withFiles(async ({ port }) => {
    using socket = await connect(port);
    await send(socket, "HEAD /digits.txt", { Range: "bytes=0-3" });
    const head = await readResponse(socket, "HEAD");
    assertEquals(head.status, 200);
    assertEquals(head.values("content-length"), ["10"]);
    assertEquals(head.values("content-range"), []);
    await send(socket, "GET /digits.txt");
    assertEquals((await readResponse(socket)).body, "0123456789");
  });
});

for (
  const [status, fields] of [
    [304, { "If-Modified-Since": DATE }],
    [200, { "If-Modified-Since": "Thu, 01 Jan 2026 11:59:59 GMT" }],
    [200, { "If-None-Match": '"other"', "If-Modified-Since": DATE }],
    [412, { "If-Match": '"other"' }],
    [200, { "If-Match": "*" }],
    [412, { "If-Unmodified-Since": "Thu, 01 Jan 2026 11:59:59 GMT" }],
    [200, { "If-Unmodified-Since": DATE }],
  ] as const
) {
  const text = Object.entries(fields).map((field) => field.join(": "))
    .join(", ");
  Deno.test(`serveFiles() answers ${status} when asked with ${text}`, async () => {
    await withFiles(async ({ port }) => {
      using socket = await connect(port);
      await send(socket, "GET /digits.txt", fields);
      assertEquals((await readResponse(socket)).status, status);
    });
  });
}

Deno.test("serveFiles() sends what the client accepts when there are variants", async () => {
  await withFiles(async ({ port }) => {
    using socket = await connect(port);
    const etags = new Set<string>();
    for (
      const [accepted, coding, body] of [
        ["gzip, deflate, br", ["br"], brotliCompressSync(SCRIPT)],
        ["gzip, br;q=0.1", ["gzip"], gzipSync(SCRIPT)],
        ["identity", [], SCRIPT],
        ["gzip;q=0, br;q=0", [], SCRIPT],
      ] as const
    ) {
      const fields = { "Accept-Encoding": accepted };
      await send(socket, "GET /app.js", fields);
      const response = await readResponse(socket);
      assertEquals(response.status, 200);
      assertEquals(response.values("content-encoding"), [...coding]);
      assertEquals(response.values("vary"), ["Accept-Encoding"]);
      assertEquals(response.values("content-type"), [
        "text/javascript; charset=UTF-8",
      ]);
      const expected = typeof body === "string" ? body : textOf(body);
      assertEquals(response.body, expected);
      const [etag = ""] = response.values("etag");
      etags.add(etag);

      await send(socket, "GET /app.js", { ...fields, "If-None-Match": etag });
      const same = await readResponse(socket);
      assertEquals(same.status, 304);
      assertEquals(same.values("vary"), ["Accept-Encoding"]);
      assertEquals(same.values("etag"), [etag]);

      await send(socket, "GET /app.js", { ...fields, Range: "bytes=3-8" });
      const part = await readResponse(socket);
      assertEquals(part.status, 206);
      assertEquals(part.values("content-encoding"), [...coding]);
      assertEquals(part.body, expected.slice(3, 9));
    }
    assertEquals(etags.size, 3);
  });
});

Deno.test("serveFiles() sends the file itself when it is newer than its variants", async () => {
  await withFiles(async ({ port }, root) => {
    await Deno.writeTextFile(`${root}/app.js`, "new");
    using socket = await connect(port);
    await send(socket, "GET /app.js", { "Accept-Encoding": "br, gzip" });
    const response = await readResponse(socket);
    assertEquals(response.body, "new");
    assertEquals(response.values("content-encoding"), []);
    assertEquals(response.values("vary"), []);
  });
});

Deno.test("serveFiles() tells how long a file may be kept", async () => {
  await withFiles(async ({ port }, root) => {
    await Deno.symlink("app-0123abcd.js", `${root}/current.js`);
    using socket = await connect(port);
    for (
      const [path, lifetime] of [
        ["/app-0123abcd.js", "public, max-age=31536000, immutable"],
        ["/app.js", "no-cache"],
        ["/current.js", "no-cache"],
      ] as const
    ) {
      await send(socket, `GET ${path}`);
      const response = await readResponse(socket);
      assertEquals(response.values("cache-control"), [lifetime]);
    }
  });
});

Deno.test("serveFiles() sends a large file, and a part from its middle, as it is", async () => {
  await withFiles(async ({ port }, root) => {
    const content = new Uint8Array(3 * MIB);
    for (let i = 0; i < content.length; i++) content[i] = i * 31 >> 5;
    await put(`${root}/large`, content);
    using socket = await connect(port);
    await send(socket, "GET /large");
    await socket.readUntil("\r\n\r\n");
    assertEquals(await socket.readExactly(content.length), content);
    await send(socket, "GET /large", { Range: `bytes=${MIB + 1}-${2 * MIB}` });
    assertMatch(await socket.readUntil("\r\n\r\n"), /^HTTP\/1\.1 206 /);
    const part = content.slice(MIB + 1, 2 * MIB + 1);
    assertEquals(await socket.readExactly(MIB), part);
  });
});

Deno.test("serveFiles() reads no further than a client takes, and closes the file when it leaves", async () => {
  const sent = Promise.withResolvers<number>();
  await withFiles(async ({ port }, root) => {
    await put(`${root}/huge`, 1024 * MIB);
    const socket = await connect(port);
    await send(socket, "GET /huge");
    await socket.readUntil("\r\n\r\n");
    await socket.readExactly(MIB);
    socket.close();
    // What the system keeps for a connection is some MiB each way.
    assertLess(await sent.promise, 64 * MIB);
  }, (handler) => observed(handler, sent.resolve));
});

/** Tells how many bytes of a body were read when it is cancelled. */
function observed(
  handler: Handler,
  onCancel: (bytes: number) => void,
): Handler {
  return async (request, info) => {
    const response = await handler(request, info);
    const reader = response.body!.getReader();
    let bytes = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      async pull(controller) {
        const { done, value } = await reader.read();
        if (done) return controller.close();
        bytes += value.length;
        controller.enqueue(value);
      },
      async cancel(reason) {
        await reader.cancel(reason);
        onCancel(bytes);
      },
    }, { highWaterMark: 0 });
    return new Response(body, response);
  };
}

Deno.test("serveFiles() cuts the connection when the file shrinks while it is sent", async () => {
  await withFiles(async ({ port, takeErrors }, root) => {
    const size = 32 * MIB;
    await put(`${root}/large`, size);
    using socket = await connect(port);
    await send(socket, "GET /large");
    assertMatch(
      await socket.readUntil("\r\n\r\n"),
      new RegExp(`\r\ncontent-length: ${size}\r\n`, "i"),
    );
    await Deno.truncate(`${root}/large`, 0);
    const { length } = await socket.readToEnd();
    assertLess(length, size);
    const [error, ...others] = takeErrors();
    assert(error instanceof Error);
    assertMatch(error.message, /^Cannot send the file: it has ended /);
    assertEquals(others, []);
  });
});
