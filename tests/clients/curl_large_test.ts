import {
  assertEquals,
  assertGreater,
  assertLess,
  assertStringIncludes,
} from "@std/assert";
import { curl } from "./_curl.ts";
import { assertMemoryStays, LARGE, WARM_UP } from "./_memory.ts";
import { digestOf, patternDigest, patternStream } from "./_pattern.ts";
import { type Echo, type Server, withServer } from "./_server.ts";

const MIB = 1024 ** 2;
// curl's exit code when its time is over.
const TIMED_OUT = 28;
// What the kernel keeps of a connection for the two programs, at most: 4 MiB to
// send and 6 MiB received, unless somebody has set Linux otherwise.
const ON_THE_WAY = 16 * MIB;

/** Makes the files that are transferred, each with its length as its name. */
async function makeFiles(server: Server): Promise<void> {
  for (const length of [WARM_UP, LARGE]) {
    await server.makeFile(`${length}`, length);
  }
}

async function download(server: Server, length: number): Promise<void> {
  const got = await curl([`${server.http}/pattern?bytes=${length}`], {
    read: digestOf,
  });
  assertEquals([got.code, got.output], [0, patternDigest(length)]);
}

Deno.test("curl -T sends 1 GiB with a length, after 100 (Continue)", async () => {
  await withServer(async (server) => {
    await makeFiles(server);
    await assertMemoryStays(server, async (length) => {
      const { code, output, log } = await curl([
        ...["-v", "--expect100-timeout", "60"],
        ...["-T", server.path(`files/${length}`), `${server.http}/echo`],
      ]);
      const { fields, body }: Echo = JSON.parse(output);
      assertEquals([code, body], [0, patternDigest(length)]);
      assertEquals(fields["content-length"], `${length}`);
      assertEquals(fields["expect"], "100-continue");
      assertStringIncludes(log, "< HTTP/1.1 100 Continue");
    });
  });
});

Deno.test("curl -T - sends 1 GiB in chunks", async () => {
  await withServer(async (server) => {
    await assertMemoryStays(server, async (length) => {
      const { code, output } = await curl(["-T", "-", `${server.http}/echo`], {
        input: patternStream(length),
      });
      const { fields, body }: Echo = JSON.parse(output);
      assertEquals([code, body], [0, patternDigest(length)]);
      assertEquals(fields["transfer-encoding"], "chunked");
    });
  });
});

Deno.test("curl gets 1 GiB in chunks", async () => {
  await withServer(async (server) => {
    await assertMemoryStays(server, (length) => download(server, length));
  });
});

Deno.test("curl gets a file of 1 GiB", async () => {
  await withServer(async (server) => {
    await makeFiles(server);
    await assertMemoryStays(server, async (length) => {
      const got = await curl([`${server.http}/files/${length}`], {
        read: digestOf,
      });
      assertEquals([got.code, got.output], [0, patternDigest(length)]);
    });
  });
});

Deno.test("curl --limit-rate sends and gets whole bodies slowly", async () => {
  await withServer(async (server) => {
    const length = 4 * MIB;
    const path = await server.makeFile("small", length);
    const slowly = ["--limit-rate", "2M"];
    const [up, down] = await Promise.all([
      curl([...slowly, "-T", path, `${server.http}/echo`]),
      curl([...slowly, `${server.http}/files/small`], { read: digestOf }),
    ]);
    assertEquals([up.code, down.code], [0, 0]);
    assertEquals((JSON.parse(up.output) as Echo).body, patternDigest(length));
    assertEquals(down.output, patternDigest(length));
  });
});

Deno.test("curl --limit-rate is waited for, and may leave", async () => {
  await withServer(async (server) => {
    await assertMemoryStays(server, async () => {
      const { code, transfers } = await curl([
        ...["--parallel", "--parallel-immediate", "--limit-rate", "1M"],
        ...["--max-time", "2", "-o", "/dev/null"],
        `${server.http}/endless?id=[1-8]`,
      ]);
      assertEquals([code, transfers.length], [TIMED_OUT, 8]);
      for (const { url, size_download } of transfers) {
        const id = new URL(url).searchParams.get("id") ?? "";
        const { sent } = await server.endingOf(id);
        assertGreater(size_download, MIB);
        assertLess(sent - size_download, ON_THE_WAY);
      }
    }, { warmUp: (length) => download(server, length) });
  });
});
