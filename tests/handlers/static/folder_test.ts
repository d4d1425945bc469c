import { assertEquals } from "@std/assert";
import { findFile, openFile } from "../../../handlers/static/folder.ts";

const MODIFIED = new Date("2026-01-01T12:00:00.500Z");

/** Runs a test in a folder with one file, `app.js`, and a folder beside it. */
async function withFolder(
  test: (root: string) => Promise<void>,
): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    const root = await Deno.realPath(parent) + "/public";
    await Deno.mkdir(root);
    await put(`${root}/app.js`, MODIFIED);
    await test(root);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

async function put(path: string, modified: Date): Promise<void> {
  await Deno.writeTextFile(path, path);
  await Deno.utime(path, modified, modified);
}

async function variantsOf(root: string): Promise<string[]> {
  const found = await findFile(root, "/app.js");
  return [...found!.variants].map(([coding, path]) => {
    return `${coding} ${path.slice(root.length)}`;
  });
}

Deno.test("findFile() finds no variant when there is none", async () => {
  await withFolder(async (root) => {
    assertEquals(await findFile(root, "/app.js"), {
      name: "app.js",
      path: `${root}/app.js`,
      variants: new Map(),
    });
  });
});

Deno.test("findFile() finds the variants, the best first, when they are beside the file", async () => {
  await withFolder(async (root) => {
    await put(`${root}/app.js.gz`, MODIFIED);
    assertEquals(await variantsOf(root), ["gzip /app.js.gz"]);
    await put(`${root}/app.js.br`, MODIFIED);
    assertEquals(await variantsOf(root), ["br /app.js.br", "gzip /app.js.gz"]);
  });
});

for (
  const [kept, time] of [
    [false, "2026-01-01T11:00:00Z"],
    [false, "2026-01-01T11:59:59Z"],
    [false, "2026-01-01T12:00:00.499Z"],
    [true, "2026-01-01T12:00:00Z"],
    [true, "2026-01-01T12:00:00.500Z"],
    [true, "2026-01-01T12:00:00.501Z"],
    [true, "2026-01-01T13:00:00Z"],
  ] as const
) {
  Deno.test(`findFile() ${kept ? "keeps" : "ignores"} a variant of ${time} when the file is of 12:00:00.500`, async () => {
    await withFolder(async (root) => {
      await put(`${root}/app.js.br`, new Date(time));
      assertEquals(await variantsOf(root), kept ? ["br /app.js.br"] : []);
    });
  });
}

Deno.test("findFile() ignores a variant when it leads out of the folder", async () => {
  await withFolder(async (root) => {
    await put(`${root}/../secret`, MODIFIED);
    await Deno.symlink("../secret", `${root}/app.js.br`);
    assertEquals(await variantsOf(root), []);
  });
});

Deno.test("findFile() ignores a variant when it is a folder, a socket or a link to nothing", async () => {
  await withFolder(async (root) => {
    await Deno.mkdir(`${root}/app.js.br`);
    using _listener = Deno.listen({
      transport: "unix",
      path: `${root}/app.js.gz`,
    });
    assertEquals(await variantsOf(root), []);
    await Deno.remove(`${root}/app.js.br`);
    await Deno.symlink("nothing", `${root}/app.js.br`);
    assertEquals(await variantsOf(root), []);
  });
});

Deno.test("findFile() gives the link's name and the target's variants when asked for a link", async () => {
  await withFolder(async (root) => {
    await put(`${root}/app.js.br`, MODIFIED);
    await Deno.symlink("app.js", `${root}/now.mjs`);
    assertEquals(await findFile(root, "/now.mjs"), {
      name: "now.mjs",
      path: `${root}/app.js`,
      variants: new Map([["br" as const, `${root}/app.js.br`]]),
    });
  });
});

Deno.test("openFile() opens nothing when the file has gone", async () => {
  await withFolder(async (root) => {
    assertEquals(await openFile(`${root}/gone.js`), undefined);
    (await openFile(`${root}/app.js`))?.close();
  });
});
