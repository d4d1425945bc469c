import { assertEquals } from "@std/assert";
import { health } from "../../handlers/health.ts";
import { ask } from "./_request.ts";

Deno.test("health() says ok in JSON that nobody may store", async () => {
  const response = await ask(health, "/healthz");
  assertEquals(response.status, 200);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(response.headers.get("content-type"), "application/json");
  assertEquals(await response.text(), '{"status":"ok"}');
});
