import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { curl, type Transfer } from "./_curl.ts";
import { digestOf, patternDigest } from "./_pattern.ts";
import { type Echo, withServer } from "./_server.ts";

const CERT = new URL("../tls/cert.pem", import.meta.url).pathname;
const MIB = 1024 ** 2;
const JSON_TEXT = '{"hello":"world"}';

/** One value of each transfer. */
function each<Key extends keyof Transfer>(
  { transfers }: { transfers: readonly Transfer[] },
  key: Key,
): Transfer[Key][] {
  return transfers.map((transfer) => transfer[key]);
}

Deno.test("curl gets several URLs over one connection", async () => {
  await withServer(async ({ http }) => {
    const got = await curl([
      `${http}/json`,
      `${http}/ticks?count=3`,
      `${http}/none`,
      `${http}/nowhere`,
      `${http}/fails`,
      `${http}/pattern?bytes=0`,
      `${http}/json`,
    ]);
    assertEquals(got.code, 0);
    assertEquals(each(got, "num_connects"), [1, 0, 0, 0, 0, 0, 0]);
    assertEquals(
      each(got, "response_code"),
      [200, 200, 204, 404, 500, 200, 200],
    );
    assertEquals(new Set(each(got, "http_version")), new Set(["1.1"]));
    assertEquals(
      got.output,
      JSON_TEXT + "tick 1\ntick 2\ntick 3\n" + "There is nothing here.\n" +
        "The server failed to answer this request.\n" + JSON_TEXT,
    );
  });
});

Deno.test("curl sends what the server sees", async () => {
  await withServer(async ({ http }) => {
    const { output } = await curl([
      ...["--data-binary", "a=1&b=ü", "-H", "X-A: b, c", "-H", "X-Empty;"],
      `${http}/echo?q=%20a`,
    ]);
    const { method, target, fields, body }: Echo = JSON.parse(output);
    assertEquals([method, target], ["POST", "/echo?q=%20a"]);
    assertEquals([fields["x-a"], fields["x-empty"]], ["b, c", ""]);
    assertEquals(fields["content-length"], "8");
    assertEquals(body, await digestOf(new Blob(["a=1&b=ü"]).stream()));
  });
});

Deno.test("curl gets as many answers at once as it has connections", async () => {
  await withServer(async ({ http }) => {
    const got = await curl([
      ...["--parallel", "--parallel-immediate", "--parallel-max", "20"],
      `${http}/meet?count=20&n=[1-40]`,
    ]);
    assertEquals(got.code, 0);
    const ports = [...got.output.matchAll(/"port":(\d+)/g)]
      .map(([, port]) => port);
    assertEquals([ports.length, new Set(ports).size], [40, 20]);
  });
});

Deno.test("curl --http1.0 gets bodies that the end of the connection ends", async () => {
  await withServer(async ({ http }) => {
    const urls = [`${http}/ticks?count=3`, `${http}/json`];
    const got = await curl(["--http1.0", "-i", ...urls]);
    assertEquals(got.code, 0);
    assertEquals(each(got, "num_connects"), [1, 1]);
    assertMatch(
      got.output,
      /^HTTP\/1\.1 200 OK\r\n(?:[^\r]+\r\n)*\r\ntick 1\ntick 2\ntick 3\nHTTP/,
    );
    const fields = got.output.toLowerCase();
    assertEquals(fields.includes("transfer-encoding"), false);
    assertEquals(fields.split("\r\nconnection: close\r\n").length, 3);
  });
});

Deno.test("curl --http1.0 keeps a connection when it asks to", async () => {
  await withServer(async ({ http }) => {
    const got = await curl([
      ...["--http1.0", "-H", "Connection: keep-alive"],
      ...[`${http}/json`, `${http}/pattern?bytes=100000&length`],
      ...[`${http}/ticks?count=2`, `${http}/json`],
    ], { read: digestOf });
    assertEquals(got.code, 0);
    // Without a length only the end of the connection can end the ticks.
    assertEquals(each(got, "num_connects"), [1, 0, 0, 1]);
  });
});

Deno.test("curl --http2 falls back to HTTP/1.1, and keeps the connection", async () => {
  await withServer(async ({ http, https }) => {
    for (const base of [http, https]) {
      const got = await curl([
        ...["--http2", "--cacert", CERT],
        ...[`${base}/json`, `${base}/ticks?count=2`],
      ]);
      assertEquals(got.code, 0);
      assertEquals(each(got, "http_version"), ["1.1", "1.1"]);
      assertEquals(each(got, "num_connects"), [1, 0]);
      assertEquals(got.output, JSON_TEXT + "tick 1\ntick 2\n");
      const sent = await curl([
        ...["--http2", "--cacert", CERT, "--data", "abc", `${base}/echo`],
      ]);
      const { body }: Echo = JSON.parse(sent.output);
      assertEquals(body, await digestOf(new Blob(["abc"]).stream()));
    }
  });
});

Deno.test("curl -I gets the fields of a GET, and keeps the connection", async () => {
  await withServer(async (server) => {
    await server.makeFile("a.txt", 100_000);
    const urls = ["/files/a.txt", "/json", "/ticks?count=9", "/nowhere"]
      .map((path) => server.http + path);
    const head = await curl(["-I", ...urls]);
    assertEquals(head.code, 0);
    assertEquals(each(head, "num_connects"), [1, 0, 0, 0]);
    assertEquals(each(head, "response_code"), [200, 200, 200, 404]);
    assertStringIncludes(head.output, "content-length: 100000\r\n");
    assertEquals(each(head, "size_download"), [0, 0, 0, 0]);
  });
});

Deno.test("curl -T does not send a file that the server refuses", async () => {
  await withServer(async (server) => {
    const path = await server.makeFile("large", 10 * MIB);
    const url = `${server.http}/refused`;
    // The file would follow when no answer came for so many seconds.
    const wait = ["--expect100-timeout", "30"];
    const got = await curl([...wait, "-T", path, url]);
    assertEquals([got.code, got.output], [0, "No room.\n"]);
    assertEquals(each(got, "response_code"), [413]);
    assertEquals(each(got, "size_upload"), [0]);
    // Without the question the file is on its way when the answer comes.
    const eager = await curl(["-H", "Expect:", "-T", path, url]);
    assertEquals(each(eager, "response_code"), [413]);
    assertEquals(eager.output, "No room.\n");
  });
});

Deno.test("curl -C - gets the rest of a file", async () => {
  await withServer(async (server) => {
    const whole = await server.makeFile("large", 10 * MIB);
    const part = server.path("part");
    await Deno.copyFile(whole, part);
    await Deno.truncate(part, 3 * MIB + 1);
    const url = `${server.http}/files/large`;
    const got = await curl(["-C", "-", "-o", part, url]);
    assertEquals([got.code, got.log], [0, ""]);
    assertEquals(each(got, "response_code"), [206]);
    assertEquals(each(got, "size_download"), [7 * MIB - 1]);
    using file = await Deno.open(part);
    assertEquals(await digestOf(file.readable), patternDigest(10 * MIB));
    const again = await curl(["-C", "-", "-o", part, url]);
    assertEquals(each(again, "response_code"), [416]);
  });
});

Deno.test("curl sends and gets files over https", async () => {
  await withServer(async (server) => {
    const size = 64 * MIB;
    const path = await server.makeFile("large", size);
    const tls = ["--cacert", CERT];
    const url = `${server.https}/files/large`;
    const down = await curl([...tls, url], { read: digestOf });
    assertEquals([down.code, down.output], [0, patternDigest(size)]);
    const up = await curl([...tls, "-T", path, `${server.https}/echo`]);
    assertEquals((JSON.parse(up.output) as Echo).body, patternDigest(size));
    const both = await curl([...tls, `${server.https}/{json,none,json}`]);
    assertEquals(each(both, "num_connects"), [1, 0, 0]);
  });
});

Deno.test("curl sends and gets files over --unix-socket", async () => {
  await withServer(async (server) => {
    const size = 64 * MIB;
    const path = await server.makeFile("large", size);
    const unix = ["--unix-socket", server.socket];
    const url = "http://localhost/files/large";
    const down = await curl([...unix, url], { read: digestOf });
    assertEquals([down.code, down.output], [0, patternDigest(size)]);
    const up = await curl([...unix, "-T", path, "http://localhost/echo"]);
    const { body, port }: Echo = JSON.parse(up.output);
    assertEquals([body, port], [patternDigest(size), undefined]);
    const both = await curl([...unix, "http://localhost/{json,none,json}"]);
    assertEquals(each(both, "num_connects"), [1, 0, 0]);
  });
});
