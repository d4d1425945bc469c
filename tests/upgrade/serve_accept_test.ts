import { assertEquals, assertLess, assertMatch } from "@std/assert";
import { HttpServer } from "../../upgrade/mod.ts";
import { listen } from "../../upgrade/listen.ts";
import { connect, type RawSocket, sendAndReset } from "../_raw_socket.ts";
import { readResponse } from "./_response.ts";

const PROGRAM = new URL("_small_server.ts", import.meta.url);
const DESCRIPTORS = 64;

/** The lines of a stream, one after the other. */
async function* linesOf(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
}

/** Gets an answer on a connection, which it keeps. */
async function ask(socket: RawSocket): Promise<void> {
  await socket.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  assertEquals((await readResponse(socket)).body, "a");
}

Deno.test("serve() reports that no file descriptor is left once, and accepts again when clients have left", async () => {
  const server = new Deno.Command("bash", {
    args: [
      "-c",
      `ulimit -n ${DESCRIPTORS} && exec "$0" run --allow-net "$1"`,
      Deno.execPath(),
      PROGRAM.pathname,
    ],
    stdout: "piped",
  }).spawn();
  const lines = linesOf(server.stdout);
  try {
    const port = Number((await lines.next()).value);
    for (let round = 0; round < 2; round++) {
      // The kernel takes them all, the server as many as it can.
      const sockets = await Promise.all(
        Array.from({ length: DESCRIPTORS }, () => connect(port)),
      );
      await ask(sockets[0]!);
      if (round === 0) {
        assertMatch((await lines.next()).value, /Too many open files/);
      }
      for (const socket of sockets) socket.close();
      using late = await connect(port);
      const start = performance.now();
      await ask(late);
      assertLess(performance.now() - start, 2_000);
    }
  } finally {
    server.kill("SIGKILL");
    await server.status;
  }
  // Its second time within a minute goes without saying.
  assertEquals(await lines.next(), { done: true, value: undefined });
});

Deno.test("serve() accepts at once when clients have reset while they waited", async () => {
  const listener = listen({ port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  for (let i = 0; i < 30; i++) {
    await sendAndReset(port, { data: "x", moment: Promise.resolve() });
  }
  const errors: unknown[] = [];
  await using _server = new HttpServer([listener], () => new Response("a"), {
    onError: (error) => errors.push(error),
  });
  // Resting after each of them would take longer than the socket waits.
  using socket = await connect(port);
  await ask(socket);
  assertEquals(errors, []);
});
