import { assert, assertEquals, assertRejects } from "@std/assert";
import { removeStaleSocket, serve } from "../../upgrade/mod.ts";

async function withFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Leaves a socket as a killed server does. */
async function leaveSocket(path: string): Promise<void> {
  const listener = Deno.listen({ transport: "unix", path: `${path}.open` });
  // The listener removes the file of its name, which is elsewhere by then.
  await Deno.rename(`${path}.open`, path);
  listener.close();
}

Deno.test("removeStaleSocket() makes room for a server where one was killed", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.sock`;
    await leaveSocket(path);
    assert((await Deno.lstat(path)).isSocket);
    await removeStaleSocket(path);
    await using server = serve({ path }, () => new Response());
    assertEquals(server.addr, { transport: "unix", path });
  });
});

Deno.test("removeStaleSocket() does nothing when there is no file", async () => {
  await withFolder((folder) => removeStaleSocket(`${folder}/a.sock`));
});

Deno.test("removeStaleSocket() rejects when a server answers, and disturbs it not", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.sock`;
    await using _server = serve({ path }, () => new Response("alive"));
    await assertRejects(
      () => removeStaleSocket(path),
      Deno.errors.AddrInUse,
      "A server listens on",
    );
    using client = Deno.createHttpClient({
      proxy: { transport: "unix", path },
    });
    const response = await fetch("http://localhost/", { client });
    assertEquals(await response.text(), "alive");
  });
});

Deno.test("removeStaleSocket() rejects when the file is no socket, and keeps it", async () => {
  await withFolder(async (folder) => {
    const path = `${folder}/a.txt`;
    await Deno.writeTextFile(path, "precious");
    await assertRejects(
      () => removeStaleSocket(path),
      Deno.errors.AddrInUse,
      "There is a file",
    );
    assertEquals(await Deno.readTextFile(path), "precious");
  });
});
