import { assert, assertEquals } from "@std/assert";
import { createFiles } from "../../../handlers/files.ts";
import { serve } from "../../../upgrade/mod.ts";
import { ask } from "../_request.ts";
import { RawClient } from "../_server.ts";
import { Api } from "./_api.ts";

Deno.test("POST uploads keeps a file, which is at its Location then", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  const { status, headers, body } = await api.ask(
    "POST",
    "/uploads?name=my%20boat.gif",
    { token: ana.resume, body: "GIF89a" },
  );
  assertEquals(status, 201);
  assertEquals([body.name, body.type, body.size], [
    "my boat.gif",
    "image/gif",
    6,
  ]);
  const location = headers.get("location")!;
  assertEquals(location, `/files/${body.hash}/my%20boat.gif`);
  const response = await ask(createFiles(api.uploads), location);
  assertEquals(await response.text(), "GIF89a");
  const sent = await ana.gets({
    type: "send",
    room: "lobby",
    id: "1",
    text: "",
    attachments: [{ hash: body.hash, name: body.name }],
  });
  assertEquals(sent.type, "message");
});

for (
  const [field, query, name] of [
    ['attachment; filename="a b.txt"', "", "a b.txt"],
    ["attachment; filename*=UTF-8''%C3%BC.txt", "?name=other", "ü.txt"],
    ["attachment", "?name=other", "other"],
    ["attachment", "", "file"],
  ] as const
) {
  Deno.test(`POST uploads names a file ${name} when it is asked by ${field} and ${query}`, async () => {
    await using api = await Api.open();
    const token = await api.token(["uploads:write"], "lobby");
    const { body } = await api.ask("POST", `/uploads${query}`, {
      token,
      body: "Hello",
      headers: {
        "content-disposition": field,
        "content-type": "text/x-y; a=b",
      },
    });
    assertEquals([body.name, body.type], [name, "text/x-y"]);
  });
}

for (
  const name of ["", "a/b", "..", "a%5Cb", "a%00", "%E2%80%AE", "a".repeat(256)]
) {
  Deno.test(`POST uploads answers 422 when the name is ${name.slice(0, 20)}`, async () => {
    await using api = await Api.open();
    const token = await api.token(["uploads:write"]);
    const { status, body } = await api.ask("POST", `/uploads?name=${name}`, {
      token,
      body: "Hello",
    });
    assertEquals([status, body.code, body.field], [
      422,
      "invalid_field",
      "name",
    ]);
  });
}

Deno.test("POST uploads answers 413 when a file is too large, told or not", async () => {
  await using api = await Api.open({ uploads: { maxBytes: 10 } });
  const token = await api.token(["uploads:write"]);
  const told = { "content-length": "11" };
  assertEquals(
    await api.refuses("POST", "/uploads", { token, body: "", headers: told }),
    [413, "body_too_large"],
  );
  const body = new Blob(["0123456789", "0"]).stream();
  assertEquals(await api.refuses("POST", "/uploads", { token, body }), [
    413,
    "body_too_large",
  ]);
  assertEquals(api.files.bytes, 0);
});

Deno.test("POST uploads answers 404 when this server takes no files", async () => {
  await using api = await Api.open({ uploads: { maxBytes: 0 } });
  const token = await api.token(["uploads:write"]);
  assertEquals(await api.refuses("POST", "/uploads", { token, body: "a" }), [
    404,
    "not_offered",
  ]);
});

for (
  const headers of [
    { "content-type": "multipart/form-data; boundary=x" },
    { "content-encoding": "gzip" },
  ]
) {
  Deno.test(`POST uploads answers 415 when it has ${Object.values(headers)}`, async () => {
    await using api = await Api.open();
    const token = await api.token(["uploads:write"]);
    assertEquals(
      await api.refuses("POST", "/uploads", { token, body: "a", headers }),
      [415, "unsupported_media_type"],
    );
  });
}

Deno.test("POST uploads answers 429 when somebody has sent too much", async () => {
  await using api = await Api.open({ uploads: { personBytes: 10 } });
  const token = await api.token(["uploads:write"]);
  await api.ask("POST", "/uploads", { token, body: "0123456789" });
  const { status, headers, body } = await api.ask("POST", "/uploads", {
    token,
    body: "a",
  });
  assertEquals([status, body.code], [429, "too_fast"]);
  assert(Number(headers.get("retry-after")) > 0);
});

Deno.test("POST uploads answers 507 when there is no room", async () => {
  await using api = await Api.open();
  const token = await api.token(["uploads:write"]);
  const { files } = api;
  await using big = await files.begin();
  await big.write(new Uint8Array(128 * 1024 * 1024));
  assertEquals(await api.refuses("POST", "/uploads", { token, body: "a" }), [
    507,
    "no_space",
  ]);
});

Deno.test("POST uploads takes a file from a socket, and leaves nothing of half of one", async () => {
  await using api = await Api.open();
  const token = await api.token(["uploads:write"]);
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  const { files } = api;
  const begin = files.begin.bind(files);
  files.begin = async () => {
    const file = await begin();
    const write = file.write.bind(file);
    file.write = async (chunk) => {
      await write(chunk);
      begun.resolve();
    };
    return file;
  };
  await using server = serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onError: () => {},
      onRefusal: () => {},
    },
    async (request, info) => {
      try {
        return await api.handler(request, info);
      } finally {
        ended.resolve();
      }
    },
  );
  const { port } = server.addr as Deno.NetAddr;
  {
    using _half = await RawClient.send(
      port,
      `POST /api/v1/uploads HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\nAuthorization: Bearer ${token}\r\n\r\nHalf`,
    );
    await begun.promise;
    assertEquals(files.bytes, 4);
  }
  await ended.promise;
  assertEquals(files.bytes, 0);
  const response = await fetch(
    `http://127.0.0.1:${port}/api/v1/uploads?name=whole`,
    {
      method: "POST",
      headers: { authorization: `Bearer ${token}` },
      body: "Whole",
    },
  );
  assertEquals(response.status, 201);
  assertEquals((await response.json()).size, 5);
});
