import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { serveFiles } from "../../handlers/static.ts";
import type { Handler } from "../../upgrade/mod.ts";
import { ask } from "./_request.ts";

/** A folder with files and a secret beside it, gone after the test. */
async function withFolder(
  test: (handler: Handler, root: string) => Promise<void>,
): Promise<void> {
  const parent = await Deno.makeTempDir();
  try {
    const root = `${parent}/public`;
    await Deno.mkdir(`${root}/sub`, { recursive: true });
    await Deno.mkdir(`${root}/.git`);
    await Deno.mkdir(`${parent}/public-secret`);
    for (
      const [path, text] of [
        ["public/index.html", "<!doctype html>"],
        ["public/app.js", "export {};"],
        ["public/style.css", "body {}"],
        ["public/icon.svg", "<svg/>"],
        ["public/README", "no extension"],
        ["public/data.unknown-type", "?"],
        ["public/empty.txt", ""],
        ["public/a b+ü.txt", "odd name"],
        ["public/back\\slash.txt", "odd name"],
        ["public/sub/page.html", "sub page"],
        ["public/.env", "SECRET"],
        ["public/.git/config", "SECRET"],
        ["secret.txt", "SECRET"],
        ["public-secret/secret.txt", "SECRET"],
      ] as const
    ) await Deno.writeTextFile(`${parent}/${path}`, text);
    await test(serveFiles(root), root);
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

/** Puts symbolic links into the folder of {@linkcode withFolder}. */
async function link(root: string): Promise<void> {
  await Deno.symlink("app.js", `${root}/link.js`);
  await Deno.symlink("../secret.txt", `${root}/out.txt`);
  await Deno.symlink("../public-secret", `${root}/out`);
  await Deno.symlink("loop", `${root}/loop`);
}

for (
  const [pathname, type, text] of [
    ["/", "text/html; charset=UTF-8", "<!doctype html>"],
    ["/index.html", "text/html; charset=UTF-8", "<!doctype html>"],
    ["/app.js?v=1", "text/javascript; charset=UTF-8", "export {};"],
    ["/style.css", "text/css; charset=UTF-8", "body {}"],
    ["/icon.svg", "image/svg+xml", "<svg/>"],
    ["/README", "application/octet-stream", "no extension"],
    ["/data.unknown-type", "application/octet-stream", "?"],
    ["/empty.txt", "text/plain; charset=UTF-8", ""],
    ["/a%20b+%C3%BC.txt", "text/plain; charset=UTF-8", "odd name"],
    ["/%61pp.js", "text/javascript; charset=UTF-8", "export {};"],
    ["/sub/page.html", "text/html; charset=UTF-8", "sub page"],
    ["/sub/../app.js", "text/javascript; charset=UTF-8", "export {};"],
  ] as const
) {
  Deno.test(`serveFiles() serves ${pathname} as ${type}`, async () => {
    await withFolder(async (handler) => {
      const response = await ask(handler, pathname);
      assertEquals(response.status, 200);
      assertEquals(response.headers.get("content-type"), type);
      assertEquals(
        response.headers.get("content-length"),
        String(new TextEncoder().encode(text).length),
      );
      assertEquals(response.headers.get("cache-control"), "no-cache");
      assertEquals(await response.text(), text);
    });
  });
}

for (
  const [pathname, why] of [
    ["/missing.html", "there is no file"],
    ["/sub", "it is a folder"],
    ["/sub/", "the folder has no index.html"],
    ["/app.js/", "a file is taken for a folder"],
    ["/app.js/x", "something is below a file"],
    ["/.env", "it is a dot file"],
    ["/%2eenv", "it is a dot file with an escaped dot"],
    ["/.git/config", "it is in a dot folder"],
    ["/%2e%2e/secret.txt", "escaped dots lead out"],
    ["/..%2fsecret.txt", "an escaped slash leads out"],
    ["/sub%2f..%2f..%2fsecret.txt", "escaped slashes lead out from below"],
    ["/..%5csecret.txt", "an escaped backslash leads out"],
    ["/back%5cslash.txt", "a backslash is escaped, even in a name"],
    ["/..\\secret.txt", "a backslash leads out"],
    ["/%252e%252e/secret.txt", "dots are escaped twice"],
    ["/%c0%ae%c0%ae/secret.txt", "dots are overlong UTF-8"],
    ["/sub%2fpage.html", "a slash is escaped, even inside"],
    ["//app.js", "a segment is empty"],
    ["/app.js%00", "it has a NUL"],
    ["/app.js%00.html", "it has a NUL before another extension"],
    ["/%zz", "an escape is malformed"],
    ["/%ff", "an escape is not UTF-8"],
    [`/${"a".repeat(300)}`, "the name is longer than the system allows"],
  ] as const
) {
  Deno.test(`serveFiles() answers 404 when ${why}`, async () => {
    await withFolder(async (handler) => {
      const response = await ask(handler, pathname);
      assertEquals(response.status, 404);
      assertEquals(await response.text(), "There is no such file.\n");
    });
  });
}

Deno.test("serveFiles() follows a link when it stays in the folder", async () => {
  await withFolder(async (handler, root) => {
    await link(root);
    const response = await ask(handler, "/link.js");
    assertEquals(response.status, 200);
    assertEquals(await response.text(), "export {};");
  });
});

for (
  const [pathname, why] of [
    ["/out.txt", "to a file outside"],
    ["/out/secret.txt", "to a folder outside"],
    ["/loop", "to itself"],
  ] as const
) {
  Deno.test(`serveFiles() answers 404 when a link leads ${why}`, async () => {
    await withFolder(async (handler, root) => {
      await link(root);
      const response = await ask(handler, pathname);
      assertEquals(response.status, 404);
      await response.body?.cancel();
    });
  });
}

Deno.test("serveFiles() puts the security fields on every answer", async () => {
  await withFolder(async (handler) => {
    const etag = (await ask(handler, "/", { method: "HEAD" })).headers
      .get("etag");
    assert(etag);
    for (
      const [pathname, init, status] of [
        ["/", {}, 200],
        ["/", { headers: { "if-none-match": etag } }, 304],
        ["/missing", {}, 404],
        ["/", { method: "DELETE" }, 405],
      ] as const
    ) {
      const { status: got, headers, body } = await ask(handler, pathname, init);
      await body?.cancel();
      assertEquals(got, status);
      const policy = headers.get("content-security-policy") ?? "";
      assertMatch(policy, /^default-src 'none'; script-src 'self';/);
      assertEquals(headers.get("x-content-type-options"), "nosniff");
      assertEquals(headers.get("referrer-policy"), "no-referrer");
      assertEquals(headers.get("cross-origin-opener-policy"), "same-origin");
      assertMatch(headers.get("permissions-policy") ?? "", /camera=\(\)/);
    }
  });
});

Deno.test("serveFiles() answers 304 without a body when the ETag is known", async () => {
  await withFolder(async (handler) => {
    const first = await ask(handler, "/app.js", { method: "HEAD" });
    const etag = first.headers.get("etag");
    assert(etag);
    const headers = { "if-none-match": `"other", ${etag}` };
    for (const method of ["GET", "HEAD"]) {
      const again = await ask(handler, "/app.js", { method, headers });
      assertEquals(again.status, 304);
      assertEquals(again.body, null);
      assertEquals(again.headers.get("etag"), etag);
      assertEquals(again.headers.get("cache-control"), "no-cache");
    }
  });
});

Deno.test("serveFiles() answers 200 with another ETag when the file has changed", async () => {
  await withFolder(async (handler, root) => {
    const first = await ask(handler, "/app.js", { method: "HEAD" });
    const etag = first.headers.get("etag");
    assert(etag);
    await Deno.writeTextFile(`${root}/app.js`, "export default 1;");
    const again = await ask(handler, "/app.js", {
      headers: { "if-none-match": etag },
    });
    assertEquals(again.status, 200);
    assert(again.headers.get("etag") !== etag);
    assertEquals(await again.text(), "export default 1;");
  });
});

Deno.test("serveFiles() answers HEAD like GET but without a body", async () => {
  await withFolder(async (handler) => {
    const get = await ask(handler, "/app.js");
    await get.body?.cancel();
    const head = await ask(handler, "/app.js", { method: "HEAD" });
    assertEquals(head.status, 200);
    assertEquals(head.body, null);
    assertEquals([...head.headers], [...get.headers]);
  });
});

// That the file is closed is for the test runner to see.
Deno.test(
  "serveFiles() closes the file when there is nothing to read or nobody reads",
  {
    sanitizeResources: true,
  },
  async () => {
    await withFolder(async (handler) => {
      const { headers } = await ask(handler, "/app.js", { method: "HEAD" });
      await ask(handler, "/app.js", {
        headers: { "if-none-match": headers.get("etag") ?? "" },
      });
      await (await ask(handler, "/app.js")).text();
      await (await ask(handler, "/app.js")).body?.cancel();
    });
  },
);

for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "PATCH"]) {
  Deno.test(`serveFiles() answers 405 when the method is ${method}`, async () => {
    await withFolder(async (handler) => {
      const response = await ask(handler, "/", { method });
      assertEquals(response.status, 405);
      assertEquals(response.headers.get("allow"), "GET, HEAD");
      await response.body?.cancel();
    });
  });
}

Deno.test("serveFiles() answers 404 when it finds something else than a file", async () => {
  await withFolder(async (handler, root) => {
    using _listener = Deno.listen({
      transport: "unix",
      path: `${root}/socket`,
    });
    const response = await ask(handler, "/socket");
    assertEquals(response.status, 404);
    await response.body?.cancel();
  });
});

Deno.test("serveFiles() throws when the folder is not there", () => {
  assertThrows(() => serveFiles("./no such folder"), Deno.errors.NotFound);
});

Deno.test("serveFiles() needs no more than to read its folder", async () => {
  await withFolder(async (_handler, root) => {
    await link(root);
    const module = new URL("../../handlers/static.ts", import.meta.url);
    const script = `
      import { serveFiles } from ${JSON.stringify(module.href)};
      const handler = serveFiles("public");
      for (const path of ["/app.js", "/link.js", "/out.txt", "/out/secret.txt"]) {
        const response = await handler(new Request("http://localhost" + path));
        await response.body?.cancel();
        console.log(response.status);
      }
    `;
    const config = `${import.meta.dirname}/../../deno.json`;
    const child = new Deno.Command("deno", {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--no-lock",
        `--config=${config}`,
        "--allow-read=public",
        "-",
      ],
      cwd: `${root}/..`,
      env: { NO_COLOR: "1" },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const input = child.stdin.getWriter();
    await input.write(new TextEncoder().encode(script));
    await input.close();
    const { stdout } = await child.output();
    assertEquals(new TextDecoder().decode(stdout), "200\n200\n404\n404\n");
  });
});
