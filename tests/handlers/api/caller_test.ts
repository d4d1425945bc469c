import { assertEquals, assertStringIncludes } from "@std/assert";
import { newSecret } from "../../../handlers/chat/identity/secrets.ts";
import { OPERATIONS } from "../../../handlers/api/operations.ts";
import { RateLimits } from "../../../handlers/chat/mod.ts";
import {
  TOKEN_SCOPES,
  type TokenScope,
} from "../../../handlers/chat/token_scopes.ts";
import { Api } from "./_api.ts";

const SCOPES = Object.keys(TOKEN_SCOPES) as TokenScope[];

/** An address of an operation. */
function pathOf(path: string, room = "lobby"): string {
  return path.replace("{room}", room).replace("{offset}", "1")
    .replace("{person}", "nobody");
}

for (const { id, method, path, scope } of OPERATIONS) {
  if (scope === undefined) continue;

  Deno.test(`${id} answers 401 when nobody says who asks`, async () => {
    await using api = await Api.open();
    const { status, headers, body } = await api.ask(method, pathOf(path));
    assertEquals([status, body.code], [401, "token_required"]);
    assertEquals(headers.get("www-authenticate"), "Bearer");
  });

  Deno.test(`${id} answers 401 when the token is none`, async () => {
    await using api = await Api.open();
    for (const token of [newSecret(), "x", "a.b.c", "", "a b"]) {
      const { status, headers, body } = await api.ask(method, pathOf(path), {
        token,
      });
      assertEquals([status, body.code], [401, "invalid_token"]);
      assertEquals(
        headers.get("www-authenticate"),
        'Bearer error="invalid_token"',
      );
    }
  });

  Deno.test(`${id} answers 403 when the token has all scopes but ${scope}`, async () => {
    await using api = await Api.open();
    const token = await api.token(SCOPES.filter((each) => each !== scope));
    const { status, headers, body } = await api.ask(method, pathOf(path), {
      token,
    });
    assertEquals([status, body.code], [403, "scope_missing"]);
    assertStringIncludes(headers.get("www-authenticate")!, `scope="${scope}"`);
  });

  Deno.test(`${id} answers 403 when a token for one room is used for more`, async () => {
    await using api = await Api.open();
    await api.room.enter("Ana", "lobby", "kitchen");
    const token = await api.token([scope], "kitchen");
    const question = {
      token,
      ...(method === "POST" && { json: { text: "a" } }),
    };
    if (id === "uploadFile") {
      const { status } = await api.ask(method, path, question);
      assertEquals(status, 201);
    } else if (id === "searchMessages") {
      assertEquals(
        await api.refuses(method, `${path}?query=a&room=lobby`, question),
        [403, "wrong_room"],
      );
    } else {
      assertEquals(await api.refuses(method, pathOf(path), question), [
        403,
        "wrong_room",
      ]);
    }
  });

  Deno.test(`${id} answers 403 when a person may not use it as itself, and only then`, async () => {
    await using api = await Api.open();
    const ana = await api.room.enter("Ana", "lobby");
    await ana.says("lobby", "a");
    const { status, body } = await api.ask(
      method,
      `${pathOf(path)}?query=a`,
      { token: ana.resume },
    );
    const isMore = scope === "messages:write" || scope === "people:disconnect";
    assertEquals(
      [status, body.code],
      isMore
        ? [403, "scope_missing"]
        : [method === "POST" ? 201 : 200, undefined],
    );
  });
}

Deno.test("the owner of the server may disconnect people as itself", async () => {
  await using api = await Api.open({ identity: { mode: "accounts" } });
  const { identity } = api.room;
  const owner = await identity.register({
    name: "Ana",
    password: "12345678",
    code: identity.ownerCode,
  });
  const bo = await identity.register({ name: "Bo", password: "12345678" });
  if (typeof owner === "string" || typeof bo === "string") throw new Error();
  const path = `/people/${bo.person.id}/disconnect`;
  const { status } = await api.ask("POST", path, { token: owner.resume });
  assertEquals(status, 204);
  assertEquals(await api.refuses("POST", path, { token: bo.resume }), [
    403,
    "scope_missing",
  ]);
});

Deno.test("a token is no more than its scopes, whoever it speaks as", async () => {
  await using api = await Api.open();
  const token = await api.token(["messages:read"], undefined, {
    isOwner: true,
  });
  const ana = await api.room.enter("Ana");
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  assertEquals(
    await api.refuses("GET", "/rooms/crew/messages", { token }),
    [403, "invite_required"],
  );
});

Deno.test("a token that was dropped is refused at once", async () => {
  await using api = await Api.open();
  const token = await api.token(["rooms:read"]);
  assertEquals((await api.ask("GET", "/rooms", { token })).status, 200);
  await api.room.store.tokens.drop("token of bot1");
  assertEquals(await api.refuses("GET", "/rooms", { token }), [
    401,
    "invalid_token",
  ]);
});

Deno.test("a session that has ended is refused", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana");
  await ana.asks({ type: "logout" });
  assertEquals(await api.refuses("GET", "/rooms", { token: ana.resume }), [
    401,
    "invalid_token",
  ]);
});

Deno.test("a JSON Web Token is a bearer where people come in with one", async () => {
  await using api = await Api.open({
    identity: {
      mode: "jwt",
      tokens: {
        verify: (token) =>
          Promise.resolve(
            token === "a.b.c"
              ? { id: "ana", name: "Ana", expires: 9e12, isOwner: false }
              : "invalid_token",
          ),
      },
    },
  });
  const { status } = await api.ask("GET", "/rooms", { token: "a.b.c" });
  assertEquals(status, 200);
  assertEquals(await api.refuses("GET", "/rooms", { token: "a.b.d" }), [
    401,
    "invalid_token",
  ]);
});

Deno.test("who is banned from the server, or from where, is refused with the ban", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana");
  const { store, clock } = api.room;
  await store.moderation.ban({
    person: { id: ana.id, name: "Ana" },
    by: { id: ana.id, name: "Ana" },
    addresses: ["192.0.2.7"],
    until: clock.now() + 1000,
    reason: "noise",
    time: clock.now(),
  });
  const { status, body } = await api.ask("GET", "/rooms", {
    token: ana.resume,
  });
  assertEquals([status, body.code, body.reason], [403, "banned", "noise"]);
  const token = await api.token(["rooms:read"]);
  assertEquals(
    await api.refuses("GET", "/rooms", { token, address: "192.0.2.7" }),
    [403, "banned"],
  );
  assertEquals((await api.ask("GET", "/rooms", { token })).status, 200);
});

Deno.test("who asks too often is told when to come back", async () => {
  const rates = {
    calls: {
      person: { burst: 2, every: 7.5 },
      address: { burst: 3, every: 7.5 },
    },
  };
  await using api = await Api.open({
    limits: new RateLimits({ rates, now: () => 0 }),
  });
  const token = await api.token(["rooms:read"]);
  const get = (address: string, by?: string) =>
    api.ask("GET", "/rooms", { token: by, address });
  assertEquals((await get("192.0.2.1", token)).status, 200);
  assertEquals((await get("192.0.2.2", token)).status, 200);
  const { status, headers, body } = await get("192.0.2.3", token);
  assertEquals([status, body.code, body.retry_after], [429, "too_fast", 7.5]);
  assertEquals(headers.get("retry-after"), "8");
  const statuses = [];
  for (let index = 0; index < 4; index++) {
    statuses.push((await get("192.0.2.4")).status);
  }
  assertEquals(statuses, [401, 401, 401, 429]);
});
