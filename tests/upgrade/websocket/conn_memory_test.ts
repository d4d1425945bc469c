import { assert, assertEquals } from "@std/assert";
import type { Flood } from "./_flooding.ts";

const MIB = 1 << 20;

/** Lets another process send 200 MiB to a peer that does not read. */
async function flood(way: string): Promise<Flood> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const script = new URL("_flooding.ts", import.meta.url).href;
  const process = new Deno.Command("deno", {
    args: ["run", "--allow-net", script, `${port}`, way],
    stderr: "inherit",
  }).output();
  const failed = process.then(() => Promise.reject(new Error("It has ended")));
  using _peer = await Promise.race([listener.accept(), failed]);
  failed.catch(() => {});
  const { stdout } = await process;
  return JSON.parse(new TextDecoder().decode(stdout));
}

for (const way of ["message", "stream", "broadcast"]) {
  Deno.test(`200 MiB to a peer that does not read take no memory when they are sent by ${way}`, async () => {
    const { given, waits, growth, code } = await flood(way);
    const figures = `${given / MIB} given, ${growth / MIB} MiB more`;
    assert(waits > 0, figures);
    assert(growth < 20 * MIB, figures);
    // The system's buffers take some.
    assert(given < 20 * MIB, figures);
    assertEquals(code, way === "broadcast" ? 1008 : 1006);
  });
}
