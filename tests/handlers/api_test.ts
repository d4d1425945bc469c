import { assertEquals, assertRejects } from "@std/assert";
import { HttpError } from "../../upgrade/mod.ts";
import { MAX_JSON_BYTES } from "../../handlers/api/json_body.ts";
import { StoreError } from "../../handlers/chat/mod.ts";
import { Api } from "./api/_api.ts";

const MESSAGES = "/rooms/lobby/messages";

for (
  const path of [
    "",
    "/",
    "/none",
    "/rooms/",
    "/rooms/lobby/",
    "/rooms/lobby/messages/1/more",
    "/rooms//messages",
    "/rooms/%FF",
    "/rooms/%",
    "/constructor",
    "/../v2/rooms",
    "/rooms%2Flobby",
  ]
) {
  Deno.test(`createApi() answers 404 when the path is ${path}`, async () => {
    await using api = await Api.open();
    const token = await api.token(["rooms:read"]);
    assertEquals(await api.refuses("GET", path, { token }), [
      404,
      "not_found",
    ]);
  });
}

for (
  const [path, allow, methods] of [
    ["/rooms", "GET, HEAD, OPTIONS", ["POST", "PUT", "DELETE", "PATCH"]],
    [MESSAGES, "GET, POST, HEAD, OPTIONS", ["PUT", "DELETE"]],
    ["/uploads", "POST, OPTIONS", ["GET", "HEAD", "PUT"]],
    ["/openapi.json", "GET, HEAD, OPTIONS", ["POST"]],
  ] as const
) {
  for (const method of methods) {
    Deno.test(`createApi() answers 405 to ${method} ${path}`, async () => {
      await using api = await Api.open();
      const { status, headers, body } = await api.ask(method, path);
      assertEquals([status, body.code], [405, "method_not_allowed"]);
      assertEquals(headers.get("allow"), allow);
    });
  }

  Deno.test(`createApi() answers OPTIONS ${path} with what it allows, to no other origin`, async () => {
    await using api = await Api.open();
    const { status, headers } = await api.ask("OPTIONS", path, {
      headers: {
        "origin": "https://other.example",
        "access-control-request-method": "POST",
      },
    });
    assertEquals([status, headers.get("allow")], [204, allow]);
  });
}

Deno.test("createApi() answers HEAD as GET", async () => {
  await using api = await Api.open();
  const token = await api.token(["rooms:read"]);
  const question = { headers: { authorization: `bearer ${token}` } };
  const { status } = await api.ask("GET", "/rooms", question);
  const head = await api.handler(
    new Request("http://localhost/api/v1/rooms", {
      method: "HEAD",
      ...question,
    }),
    { remoteAddr: UNIX, localAddr: UNIX },
  );
  assertEquals([status, head.status], [200, 200]);
});

const UNIX: Deno.UnixAddr = { transport: "unix", path: "/tmp/a" };

for (
  const [type, status] of [
    ["application/json", 201],
    ["Application/JSON; charset=utf-8", 201],
    ["text/plain", 415],
    ["application/x-www-form-urlencoded", 415],
    ["application/json-patch+json", 415],
    ["", 415],
  ] as const
) {
  Deno.test(`createApi() answers ${status} when a body is called ${type}`, async () => {
    await using api = await Api.open();
    await api.room.enter("Ana", "lobby");
    const token = await api.token(["messages:write"]);
    const { headers, ...answered } = await api.ask("POST", MESSAGES, {
      token,
      body: new TextEncoder().encode('{"text":"a"}'),
      headers: type === "" ? {} : { "content-type": type },
    });
    assertEquals(answered.status, status);
    if (status === 415) {
      assertEquals(answered.body.code, "unsupported_media_type");
      assertEquals(headers.get("accept"), "application/json");
    }
  });
}

Deno.test("createApi() answers 415 when a body is compressed", async () => {
  await using api = await Api.open();
  const token = await api.token(["messages:write"]);
  const { status, headers } = await api.ask("POST", MESSAGES, {
    token,
    json: {},
    headers: { "content-encoding": "gzip" },
  });
  assertEquals([status, headers.get("accept-encoding")], [415, "identity"]);
});

for (
  const body of [
    "",
    "{",
    "\xff",
    '{"text":"\xff"}',
    '{"text":"a"}x',
    "\uFEFF{}x",
  ]
) {
  Deno.test(`createApi() answers 400 when a body is ${JSON.stringify(body)}`, async () => {
    await using api = await Api.open();
    const token = await api.token(["messages:write"]);
    assertEquals(
      await api.refuses("POST", MESSAGES, {
        token,
        body: Uint8Array.from(body, (each) => each.charCodeAt(0)),
        headers: { "content-type": "application/json" },
      }),
      [400, "not_json"],
    );
  });
}

Deno.test("createApi() takes JSON of 64 KiB, and not a byte more, told or not", async () => {
  await using api = await Api.open();
  await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:write"]);
  const headers = { "content-type": "application/json" };
  const start = '{"text":"a","x":"';
  const most = `${start}${"x".repeat(MAX_JSON_BYTES - start.length - 2)}"}`;
  const ask = (body: string) =>
    api.ask("POST", MESSAGES, {
      token,
      body: new Blob([body]).stream(),
      headers,
    });
  assertEquals((await ask(most)).status, 201);
  const { status, body } = await ask(`${most} `);
  assertEquals([status, body.code], [413, "body_too_large"]);
  const told = { ...headers, "content-length": `${MAX_JSON_BYTES + 1}` };
  assertEquals(
    await api.refuses("POST", MESSAGES, { token, body: "", headers: told }),
    [413, "body_too_large"],
  );
});

Deno.test("createApi() leaves it to the server to answer a body that is cut short", async () => {
  await using api = await Api.open();
  const token = await api.token(["messages:write"]);
  const body = new ReadableStream({
    pull: () => Promise.reject(new HttpError("incomplete_body")),
  });
  await assertRejects(
    () =>
      api.ask("POST", MESSAGES, {
        token,
        body,
        headers: { "content-type": "application/json" },
      }),
    HttpError,
  );
});

Deno.test("createApi() answers 503 when the store cannot store, and reports it", async () => {
  await using api = await Api.open();
  await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:write"]);
  const { messages } = api.room.store;
  const { append } = messages;
  messages.append = () => Promise.reject(new StoreError("full"));
  const { status, headers, body } = await api.ask("POST", MESSAGES, {
    token,
    json: { text: "a" },
  });
  messages.append = append;
  assertEquals([status, body.code], [503, "busy"]);
  assertEquals(headers.get("retry-after"), "2");
  assertEquals(api.room.errors.splice(0).length, 1);
});
