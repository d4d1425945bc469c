import { assertEquals, assertThrows } from "@std/assert";
import { createRouter, route } from "../../handlers/router.ts";
import { ask } from "./_request.ts";

function says(text: string): () => Response {
  return () => new Response(text);
}

async function answer(
  response: Promise<Response>,
): Promise<[status: number, allow: string | null]> {
  const { status, headers, body } = await response;
  await body?.cancel();
  return [status, headers.get("allow")];
}

const router = createRouter([
  route("GET", "/*", says("any")),
  route("GET", "/exact", says("exact")),
  route("POST", "/exact", says("posted")),
  route("POST", "/only/post", says("post only")),
  route("GET", "/users/:id", says("never: the first pattern matches")),
]);

const strict = createRouter([
  route("GET", "/users/:id", says("user")),
  route("GET", "/users/:id", says("never: the first of two equal routes")),
  route("DELETE", "/users/:id", says("deleted")),
  route("PUT", "/put", says("put")),
  route("OPTIONS", "/own", says("own options")),
]);

Deno.test("createRouter() finds an exact pathname before a pattern", async () => {
  assertEquals(await (await ask(router, "/exact")).text(), "exact");
  assertEquals(await (await ask(router, "/exact?a=/#/b")).text(), "exact");
});

Deno.test("createRouter() tries patterns in order", async () => {
  assertEquals(await (await ask(router, "/users/7")).text(), "any");
  assertEquals(await (await ask(strict, "/users/7")).text(), "user");
});

Deno.test("createRouter() goes on to a pattern when the exact route has another method", async () => {
  assertEquals(await (await ask(router, "/only/post")).text(), "any");
});

Deno.test("createRouter() chooses by method when a pathname has several", async () => {
  const post = await ask(router, "/exact", { method: "POST" });
  assertEquals(await post.text(), "posted");
  const remove = await ask(strict, "/users/7", { method: "DELETE" });
  assertEquals(await remove.text(), "deleted");
});

Deno.test("createRouter() lets GET answer HEAD", async () => {
  const response = await ask(router, "/exact", { method: "HEAD" });
  assertEquals(await response.text(), "exact");
});

Deno.test("createRouter() does not let another method answer HEAD", async () => {
  const response = ask(strict, "/put", { method: "HEAD" });
  assertEquals(await answer(response), [405, "PUT, OPTIONS"]);
});

Deno.test("createRouter() answers 404 when no route has the pathname", async () => {
  for (const pathname of ["/", "/users", "/users/7/8", "/put/", "/PUT"]) {
    assertEquals(await answer(ask(strict, pathname)), [404, null]);
  }
});

Deno.test("createRouter() answers 405 with every allowed method when none is for it", async () => {
  assertEquals(
    await answer(ask(strict, "/users/7", { method: "PATCH" })),
    [405, "GET, DELETE, HEAD, OPTIONS"],
  );
  assertEquals(
    await answer(ask(router, "/exact", { method: "PUT" })),
    [405, "GET, POST, HEAD, OPTIONS"],
  );
});

Deno.test("createRouter() answers OPTIONS with 204 and the allowed methods", async () => {
  assertEquals(
    await answer(ask(strict, "/put", { method: "OPTIONS" })),
    [204, "PUT, OPTIONS"],
  );
});

Deno.test("createRouter() leaves OPTIONS to a route of its own", async () => {
  const response = await ask(strict, "/own", { method: "OPTIONS" });
  assertEquals(await response.text(), "own options");
});

Deno.test("createRouter() answers 404 to OPTIONS when no route has the pathname", async () => {
  const response = ask(strict, "/none", { method: "OPTIONS" });
  assertEquals(await answer(response), [404, null]);
});

Deno.test("createRouter() passes the request and its addresses on", async () => {
  const seen: unknown[] = [];
  const handler = createRouter([
    route("GET", "/", (request, info) => {
      seen.push(request.headers.get("x-test"), info.remoteAddr.transport);
      return new Response();
    }),
  ]);
  await ask(handler, "/", { headers: { "x-test": "yes" } });
  assertEquals(seen, ["yes", "tcp"]);
});

Deno.test("createRouter() throws when a pattern is invalid", () => {
  assertThrows(
    () => createRouter([route("GET", "/(", says("never"))]),
    TypeError,
  );
});
