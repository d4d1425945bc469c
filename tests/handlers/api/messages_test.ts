import { assert, assertEquals } from "@std/assert";
import type { ChatMessage } from "../../../handlers/chat/mod.ts";
import { Api } from "./_api.ts";

const MESSAGES = "/rooms/lobby/messages";

Deno.test("POST messages says something, and all in the room hear it", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:write"]);
  const { status, headers, body } = await api.ask("POST", MESSAGES, {
    token,
    json: { text: "Built.", mentions: [ana.id] },
  });
  assertEquals(status, 201);
  assertEquals(headers.get("location"), "/api/v1/rooms/lobby/messages/1");
  assertEquals(body.from, { id: "bot1", name: "Bot 1", bot: true });
  assertEquals(body.text, "Built.");
  assertEquals(body.mentions, [ana.id]);
  assertEquals(ana.hears(), [{ type: "message", ...body }]);
});

Deno.test("POST messages says something once for each Idempotency-Key", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:write"]);
  const say = (key: string) =>
    api.ask("POST", MESSAGES, {
      token,
      json: { text: "Built." },
      headers: { "idempotency-key": key },
    });
  const first = await say("build-7");
  const again = await say("build-7");
  const quoted = await say('"build-7"');
  const other = await say("build-8");
  assertEquals(
    [first, again, quoted, other].map(({ status }) => status),
    [201, 200, 200, 201],
  );
  assertEquals(again.body, first.body);
  assertEquals(quoted.body, first.body);
  assertEquals(again.headers.get("location"), first.headers.get("location"));
  assertEquals(first.body.id, "build-7");
  assertEquals(ana.hearsTypes(), ["message", "message"]);
});

Deno.test("POST messages says something each time when there is no Idempotency-Key", async () => {
  await using api = await Api.open();
  await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:write"]);
  for (const offset of [1, 2]) {
    const { body } = await api.ask("POST", MESSAGES, {
      token,
      json: { text: "Same." },
    });
    assertEquals(body.offset, offset);
  }
});

Deno.test("POST messages takes replies and files", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  await ana.says("lobby", "Where?");
  const token = await api.token(["messages:write", "uploads:write"]);
  const { body: { hash } } = await api.ask("POST", "/uploads?name=map.gif", {
    token,
    body: "GIF89a",
  });
  const { body } = await api.ask("POST", MESSAGES, {
    token,
    json: { reply_to: 1, attachments: [{ hash, name: "here.gif" }] },
  });
  assertEquals(body.reply_to, 1);
  assertEquals(body.text, "");
  assertEquals(body.attachments, [
    { hash, name: "here.gif", type: "image/gif", size: 6 },
  ]);
});

for (
  const [json, status, code] of [
    [{}, 422, "invalid_text"],
    [{ text: "" }, 422, "invalid_text"],
    [{ text: 7 }, 422, "invalid_text"],
    [{ text: "a".repeat(4001) }, 422, "invalid_text"],
    [{ text: "a", reply_to: "1" }, 422, "invalid_field"],
    [{ text: "a", reply_to: 9 }, 404, "message_unknown"],
    [{ text: "a", mentions: "ana" }, 422, "invalid_field"],
    [
      { text: "a", attachments: [{ hash: "../etc", name: "a" }] },
      422,
      "invalid_field",
    ],
    [
      {
        text: "a",
        attachments: [{ hash: `sha256-${"0".repeat(64)}`, name: "a" }],
      },
      422,
      "attachment_unknown",
    ],
    [[], 400, "not_object"],
    ["text", 400, "not_object"],
    [null, 400, "not_object"],
  ] as const
) {
  Deno.test(`POST messages answers ${status} ${code} when the body is ${JSON.stringify(json).slice(0, 60)}`, async () => {
    await using api = await Api.open();
    const ana = await api.room.enter("Ana", "lobby");
    const token = await api.token(["messages:write"]);
    assertEquals(await api.refuses("POST", MESSAGES, { token, json }), [
      status,
      code,
    ]);
    assertEquals(ana.hears(), []);
  });
}

Deno.test("POST messages refuses an Idempotency-Key that is no id", async () => {
  await using api = await Api.open();
  await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:write"]);
  for (const key of ["", '""', "x".repeat(65)]) {
    const { status, body } = await api.ask("POST", MESSAGES, {
      token,
      json: { text: "a" },
      headers: { "idempotency-key": key },
    });
    assertEquals([status, body.code, body.field], [422, "invalid_field", "id"]);
  }
});

Deno.test("POST messages refuses a room that the bot may not read", async () => {
  await using api = await Api.open();
  const { store } = api.room;
  await store.rooms.add({
    room: "crew",
    kind: "private",
    topic: "",
    epoch: "e",
    slow: 0,
    created: 0,
  }, []);
  const token = await api.token(["messages:write", "messages:read"]);
  const json = { text: "a" };
  const crew = "/rooms/crew/messages";
  assertEquals(await api.refuses("POST", crew, { token, json }), [
    403,
    "invite_required",
  ]);
  assertEquals(await api.refuses("GET", crew, { token }), [
    403,
    "invite_required",
  ]);
  const none = "/rooms/none/messages";
  assertEquals(await api.refuses("POST", none, { token, json }), [
    404,
    "room_unknown",
  ]);
  await store.rooms.setMembership("crew", "bot1", {});
  const { status } = await api.ask("POST", crew, { token, json });
  assertEquals(status, 201);
});

for (
  const json of [{ text: "Deployed." }, {
    content: "Deployed.",
    username: "x",
    embeds: [],
  }]
) {
  Deno.test(`POST hooks says what is in ${Object.keys(json)[0]}`, async () => {
    await using api = await Api.open();
    const ana = await api.room.enter("Ana", "lobby");
    const token = await api.token(["messages:write"], "lobby");
    const { status, body } = await api.ask("POST", "/hooks/lobby", {
      token,
      json,
      headers: { "idempotency-key": "1" },
    });
    assertEquals([status, body.text, body.id], [201, "Deployed.", "1"]);
    assertEquals(ana.hearsTypes(), ["message"]);
  });
}

Deno.test("POST hooks refuses what has neither text nor content", async () => {
  await using api = await Api.open();
  await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:write"], "lobby");
  assertEquals(
    await api.refuses("POST", "/hooks/lobby", { token, json: {} }),
    [422, "invalid_text"],
  );
});

Deno.test("GET messages gives pages before, after and around a message", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  for (let index = 1; index <= 9; index++) await ana.says("lobby", `${index}`);
  const token = await api.token(["messages:read"]);
  for (
    const [query, texts, older, newer] of [
      ["", "123456789", false, false],
      ["?limit=3", "789", true, false],
      ["?before=4&limit=2", "23", true, true],
      ["?after=4&limit=2", "56", true, true],
      ["?around=5&limit=3", "456", true, true],
      ["?after=9", "", true, false],
      ["?unknown=1&limit=1&limit=2", "9", true, false],
    ] as const
  ) {
    const { status, body } = await api.ask("GET", MESSAGES + query, { token });
    assertEquals(status, 200);
    const said = body.messages.map(({ text }: ChatMessage) => text).join("");
    assertEquals([said, body.older, body.newer], [texts, older, newer], query);
    assertEquals(body.room, "lobby");
  }
});

for (
  const [query, field] of [
    ["?before=0", "before"],
    ["?before=x", "before"],
    ["?before=", "before"],
    ["?before=1.5", "before"],
    ["?before=1e3", "before"],
    ["?limit=-1", "limit"],
    ["?limit=0", "limit"],
    ["?before=1&after=2", "after"],
    ["?before=99999999999999999999", "before"],
  ] as const
) {
  Deno.test(`GET messages answers 422 with the field when the query is ${query}`, async () => {
    await using api = await Api.open();
    await api.room.enter("Ana", "lobby");
    const token = await api.token(["messages:read"]);
    const { status, body } = await api.ask("GET", MESSAGES + query, { token });
    assertEquals([status, body.code, body.field], [
      422,
      "invalid_field",
      field,
    ]);
  });
}

Deno.test("GET a message gives it as it is now, with all that it can have", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby");
  const token = await api.token(["messages:read"]);
  await ana.says("lobby", "Hello!");
  await ana.asks({
    type: "react",
    room: "lobby",
    offset: 1,
    emoji: "👍",
    on: true,
  });
  await ana.asks({ type: "edit", room: "lobby", offset: 1, text: "Hi!" });
  const { status, body } = await api.ask("GET", `${MESSAGES}/1`, { token });
  assertEquals([status, body.text], [200, "Hi!"]);
  assertEquals(body.reactions, [{ emoji: "👍", count: 1, people: [ana.id] }]);
  assert(body.edited);
  await ana.asks({ type: "delete", room: "lobby", offset: 1 });
  const gone = await api.ask("GET", `${MESSAGES}/1`, { token });
  assertEquals([gone.body.text, gone.body.deleted], ["", true]);
});

for (
  const [offset, code] of [
    ["2", "message_unknown"],
    ["0", "invalid_field"],
    ["x", "invalid_field"],
  ] as const
) {
  Deno.test(`GET a message answers ${code} when its number is ${offset}`, async () => {
    await using api = await Api.open();
    const ana = await api.room.enter("Ana", "lobby");
    await ana.says("lobby", "Hello!");
    const token = await api.token(["messages:read"]);
    const [status, is] = await api.refuses("GET", `${MESSAGES}/${offset}`, {
      token,
    });
    assertEquals([status, is], [
      code === "message_unknown" ? 404 : 422,
      code,
    ]);
  });
}

Deno.test("GET search finds messages in rooms that the caller may read", async () => {
  await using api = await Api.open();
  const ana = await api.room.enter("Ana", "lobby", "kitchen");
  await ana.says("lobby", "The boat leaves");
  await ana.says("kitchen", "A boat of gravy");
  await ana.says("kitchen", "Nothing else");
  const token = await api.token(["messages:read"]);
  const find = async (query: string, by = token) => {
    const { body } = await api.ask("GET", `/search?${query}`, { token: by });
    return body.messages.map(({ text }: ChatMessage) => text);
  };
  assertEquals(await find("query=boat"), [
    "A boat of gravy",
    "The boat leaves",
  ]);
  assertEquals(await find("query=boat+gra"), ["A boat of gravy"]);
  assertEquals(await find("query=boat&room=lobby"), ["The boat leaves"]);
  const first = await api.ask("GET", "/search?query=boat&limit=1", { token });
  assertEquals(first.body.more, true);
  assertEquals(
    await find(`query=boat&limit=1&before=${first.body.next}`),
    ["The boat leaves"],
  );
  const forLobby = await api.token(["messages:read"], "lobby");
  assertEquals(await find("query=boat", forLobby), ["The boat leaves"]);
});

for (
  const [query, code] of [
    ["", "invalid_field"],
    ["?query=", "invalid_query"],
    ["?query=...", "invalid_query"],
    ["?query=a&room=%40%20", "invalid_room"],
  ] as const
) {
  Deno.test(`GET search answers ${code} when the query is ${query}`, async () => {
    await using api = await Api.open();
    const token = await api.token(["messages:read"]);
    assertEquals(
      await api.refuses("GET", `/search${query}`, { token }),
      [422, code],
    );
  });
}
