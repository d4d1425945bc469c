import { assert, assertEquals } from "@std/assert";
import { openStore } from "../../handlers/chat/mod.ts";
import { createFiles } from "../../handlers/files.ts";
import { DiskFiles, Uploads } from "../../handlers/files/mod.ts";
import { type Handler, serve } from "../../upgrade/mod.ts";
import { ask } from "./_request.ts";

const GIF = "GIF89a, or what passes for one";
const PAGE = "<script>alert(document.domain)</script>";

/** The paths of two files, a picture and a page, in front of the handler. */
async function withFiles(
  test: (
    handler: Handler,
    paths: { readonly gif: string; readonly page: string },
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await using store = openStore({ path: ":memory:" });
    await store.people.add({
      id: "ana",
      name: "Ana",
      kind: "guest",
      isOwner: false,
      created: 0,
    }, { nameKey: "ana", now: 0 });
    const files = await DiskFiles.open(folder);
    const uploads = new Uploads({ store, files, maxBytes: 1000 });
    const pathOf = async (text: string, claimedType: string, name: string) => {
      const { hash } = await uploads.take([new TextEncoder().encode(text)], {
        name,
        claimedType,
        person: "ana",
      });
      return `/files/${hash}/${name}`;
    };
    await test(createFiles(uploads), {
      gif: await pathOf(GIF, "text/html", "boat.gif"),
      page: await pathOf(PAGE, "text/html", "page.html"),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("createFiles() shows a picture, and nothing can run in it", async () => {
  await withFiles(async (handler, { gif }) => {
    const response = await ask(handler, gif);
    assertEquals(response.status, 200);
    assertEquals(await response.text(), GIF);
    const hash = gif.split("/")[2];
    assertEquals(Object.fromEntries(response.headers), {
      "accept-ranges": "bytes",
      "cache-control": "private, max-age=31536000, immutable",
      "content-disposition": 'inline; filename="boat.gif"',
      "content-length": `${GIF.length}`,
      "content-security-policy":
        "default-src 'none'; frame-ancestors 'none'; sandbox",
      "content-type": "image/gif",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "etag": `"${hash}"`,
      "referrer-policy": "no-referrer",
      "x-content-type-options": "nosniff",
    });
  });
});

Deno.test("createFiles() lets other files be saved only, whatever they are called", async () => {
  await withFiles(async (handler, { page }) => {
    for (const name of ["page.html", "boat.gif", "page.svg"]) {
      const path = page.replace("page.html", name);
      const response = await ask(handler, path);
      assertEquals(await response.text(), PAGE);
      const { headers } = response;
      assertEquals(headers.get("content-type"), "application/octet-stream");
      assertEquals(headers.get("x-content-type-options"), "nosniff");
      assertEquals(
        headers.get("content-disposition"),
        `attachment; filename="${name}"`,
      );
    }
  });
});

Deno.test("createFiles() gives a file the name in its address", async () => {
  await withFiles(async (handler, { gif }) => {
    const path = gif.replace("boat.gif", "my%20caf%C3%A9%22.gif");
    const response = await ask(handler, path);
    await response.body?.cancel();
    assertEquals(
      response.headers.get("content-disposition"),
      "inline; filename=\"my caf__.gif\"; filename*=UTF-8''my%20caf%C3%A9%22.gif",
    );
  });
});

Deno.test("createFiles() answers a range with its part", async () => {
  await withFiles(async (handler, { gif }) => {
    const response = await ask(handler, gif, {
      headers: { range: "bytes=3-5" },
    });
    assertEquals(response.status, 206);
    assertEquals(
      response.headers.get("content-range"),
      `bytes 3-5/${GIF.length}`,
    );
    assertEquals(await response.text(), "89a");
    const past = await ask(handler, gif, { headers: { range: "bytes=99-" } });
    assertEquals(past.status, 416);
    assertEquals(past.headers.get("cache-control"), "no-cache");
    await past.body?.cancel();
  });
});

Deno.test("createFiles() answers 304 to a client that has the file", async () => {
  await withFiles(async (handler, { gif }) => {
    const hash = gif.split("/")[2];
    const response = await ask(handler, gif, {
      headers: { "if-none-match": `"${hash}"` },
    });
    assertEquals(response.status, 304);
    assertEquals(response.body, null);
    assert(response.headers.get("cache-control")!.includes("immutable"));
  });
});

Deno.test("createFiles() answers HEAD without the file, and closes it", async () => {
  await withFiles(async (handler, { gif }) => {
    const response = await ask(handler, gif, { method: "HEAD" });
    assertEquals(response.status, 200);
    assertEquals(response.body, null);
    assertEquals(response.headers.get("content-length"), `${GIF.length}`);
  });
});

for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
  Deno.test(`createFiles() answers 405 when the method is ${method}`, async () => {
    await withFiles(async (handler, { gif }) => {
      const response = await ask(handler, gif, { method });
      assertEquals(response.status, 405);
      assertEquals(response.headers.get("allow"), "GET, HEAD");
      await response.body?.cancel();
    });
  });
}

for (
  const change of [
    (path: string) => path.replace(/\/[^/]*$/, ""),
    (path: string) => path.replace(/\/[^/]*$/, "/"),
    (path: string) => path.replace(/[^/]*$/, "a%2Fb"),
    (path: string) => path.replace(/[^/]*$/, "a%5Cb"),
    (path: string) => path.replace(/[^/]*$/, "%2e%2e"),
    (path: string) => path.replace(/[^/]*$/, "a%00b"),
    (path: string) => path.replace(/[^/]*$/, "a%0Ab"),
    (path: string) => path.replace(/[^/]*$/, "%FF"),
    (path: string) => path.replace(/[^/]*$/, "%E2%80%AEfig.exe"),
    (path: string) => path.replace(/[^/]*$/, "a".repeat(256)),
    (path: string) => `${path}/more`,
    (path: string) => path.replace("sha256-", ""),
    (path: string) => path.replace("sha256-", "sha256-..%2f"),
    (path: string) => path.replace(/sha256-\w/, "sha256-x"),
    (path: string) => path.replace(/sha256-\w+/, `sha256-${"0".repeat(64)}`),
    (path: string) => path.replace(/sha256-\w+/, "%2e%2e%2f%2e%2e%2fetc"),
    () => "/files/",
    () => "/files",
  ]
) {
  Deno.test(`createFiles() answers 404 to ${change("/files/sha256-…/boat.gif")}`, async () => {
    await withFiles(async (handler, { gif }) => {
      const response = await ask(handler, change(gif));
      assertEquals(response.status, 404);
      assertEquals(await response.text(), "There is no such file.\n");
    });
  });
}

Deno.test("createFiles() sends an empty file", async () => {
  await using store = openStore({ path: ":memory:" });
  const folder = await Deno.makeTempDir();
  try {
    await store.people.add({
      id: "ana",
      name: "Ana",
      kind: "guest",
      isOwner: false,
      created: 0,
    }, { nameKey: "ana", now: 0 });
    const files = await DiskFiles.open(folder);
    const uploads = new Uploads({ store, files, maxBytes: 10 });
    const { hash } = await uploads.take([], {
      name: "empty",
      claimedType: null,
      person: "ana",
    });
    await using server = serve(
      { hostname: "127.0.0.1", port: 0 },
      createFiles(uploads),
    );
    const { port } = server.addr as Deno.NetAddr;
    const response = await fetch(
      `http://127.0.0.1:${port}/files/${hash}/empty`,
    );
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-length"), "0");
    assertEquals(await response.text(), "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
