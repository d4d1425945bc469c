import { assertEquals } from "@std/assert";
import { parseRequestTarget } from "../../../upgrade/http1/request_target.ts";

// The grammar table has the rest; on its connections, which are not encrypted,
// https is misdirected.
Deno.test("parseRequestTarget() takes https when the target has absolute form", () => {
  assertEquals(parseRequestTarget("GET", "HTTPS://a.example:443?b"), {
    form: "absolute",
    authority: "a.example:443",
    path: "/?b",
  });
});
