import { assert, assertEquals } from "@std/assert";
import { describeApi } from "../../../handlers/api/open_api.ts";
import { OPERATIONS } from "../../../handlers/api/operations.ts";
import { TOKEN_SCOPES } from "../../../handlers/chat/token_scopes.ts";
import { type Answered, Api, assertFits, pointedAt } from "./_api.ts";

type Json = Answered["body"];

/** All values in a description, with the key of each. */
function* walk(value: Json, key = ""): Generator<[string, Json]> {
  yield [key, value];
  if (typeof value !== "object" || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* walk(inner, key);
}

Deno.test("GET openapi.json describes every operation, to everybody", async () => {
  await using api = await Api.open();
  const { status, body } = await api.ask("GET", "/openapi.json");
  assertEquals(status, 200);
  assertEquals(body, JSON.parse(JSON.stringify(describeApi(OPERATIONS))));
  const described = Object.entries<Json>(body.paths).flatMap(
    ([path, operations]) =>
      Object.keys(operations).map((method) =>
        `${method.toUpperCase()} ${path}`
      ),
  );
  assertEquals(
    described.sort(),
    OPERATIONS.map(({ method, path }) => `${method} ${path}`).sort(),
  );
});

Deno.test("describeApi() is sound: ids are unique, references lead somewhere, parameters are named", () => {
  const description: Json = JSON.parse(JSON.stringify(describeApi(OPERATIONS)));
  assertEquals(description.openapi, "3.1.0");
  assert(description.info.title && description.info.version);
  const ids = new Set<string>();
  for (const [key, value] of walk(description)) {
    if (key === "$ref") assert(pointedAt(value), value);
    if (key === "operationId") {
      assertEquals(ids.has(value), false);
      ids.add(value);
    }
    if (key === "required" && Array.isArray(value)) {
      assertEquals(value.length, new Set(value).size);
    }
  }
  assertEquals(ids.size, OPERATIONS.length);
  for (const [path, operations] of Object.entries<Json>(description.paths)) {
    const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    for (const { parameters, responses } of Object.values<Json>(operations)) {
      const named = parameters.filter((each: Json) => each.in === "path");
      assertEquals(named.map(({ name }: Json) => name), names);
      for (const parameter of parameters) {
        assert(parameter.schema.type, parameter.name);
        assert(parameter.description, parameter.name);
      }
      for (const response of Object.values<Json>(responses)) {
        assert(response.$ref ?? response.description);
      }
    }
  }
});

Deno.test("describeApi() has a scope for each operation but itself, and uses all scopes", () => {
  const scopes = OPERATIONS.map(({ scope }) => scope);
  assertEquals(scopes.filter((scope) => scope === undefined).length, 1);
  assertEquals(
    new Set(scopes.filter((scope) => scope !== undefined)),
    new Set(Object.keys(TOKEN_SCOPES)),
  );
});

Deno.test("assertFits() sees what does not fit a schema", () => {
  const message = {
    room: "lobby",
    offset: 1,
    id: "1",
    from: { id: "ana", name: "Ana" },
    text: "a",
    time: "2026-01-02T03:04:05.006Z",
  };
  const schema = { $ref: "#/components/schemas/Message" };
  assertFits(message, schema);
  for (
    const wrong of [
      { ...message, offset: "1" },
      { ...message, offset: 0 },
      { ...message, time: "2026-01-02" },
      { ...message, from: { id: "ana" } },
      { ...message, unknown: 1 },
      { ...message, deleted: false },
      { ...message, mentions: [1] },
      [],
    ]
  ) {
    let fits = true;
    try {
      assertFits(wrong, schema);
    } catch {
      fits = false;
    }
    assertEquals(fits, false, JSON.stringify(wrong));
  }
});
