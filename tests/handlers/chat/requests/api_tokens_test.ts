import { assertEquals } from "@std/assert";
import { assertInvalid, parse } from "./_parse.ts";

const CREATE = { type: "create_token", name: "CI", scopes: ["rooms:read"] };

Deno.test("parseRequest() takes each scope of a token once", () => {
  const scopes = ["rooms:read", "messages:read", "rooms:read"];
  assertEquals(parse({ ...CREATE, scopes }), {
    ...CREATE,
    scopes: ["rooms:read", "messages:read"],
    room: undefined,
    ref: undefined,
  });
});

Deno.test("parseRequest() refuses scopes that there are not", () => {
  for (
    const scopes of [
      undefined,
      "rooms:read",
      [],
      [7],
      ["rooms:write"],
      ["constructor"],
      ["rooms:read", ""],
    ]
  ) assertInvalid({ ...CREATE, scopes }, "scopes");
});

Deno.test("parseRequest() refuses a token without a name or an id", () => {
  assertEquals(parse({ ...CREATE, name: "" }).code, "invalid_name");
  assertInvalid({ type: "drop_token" }, "token");
});

Deno.test("parseRequest() refuses a direct room with nobody", () => {
  assertInvalid({ type: "direct" }, "person");
});
