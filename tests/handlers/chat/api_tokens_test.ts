import { assertEquals, assertMatch } from "@std/assert";
import { hashSecret } from "../../../handlers/chat/identity/secrets.ts";
import { exactNameKey, nameKey } from "../../../handlers/chat/names.ts";
import { Chatroom } from "./_people.ts";
import { audit, enterAsOwner, gather } from "./_staff.ts";

const CREATE = {
  type: "create_token",
  name: " CI ",
  scopes: ["messages:write", "messages:write", "rooms:read"],
};

Deno.test("create_token gives a secret once, of which the hash is kept", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  const { token, secret, ...rest } = await olga.gets({ ...CREATE, ref: "1" });
  assertEquals(rest, { type: "token", ref: "1" });
  const { id } = token;
  const scopes = ["messages:write", "rooms:read"];
  assertEquals(token, { id, name: "CI", scopes });
  assertMatch(secret, /^[\w-]{43}$/);
  const stored = await room.store.tokens.find(hashSecret(secret));
  assertEquals([stored?.id, stored?.scopes], [id, scopes]);
  const bot = await room.store.people.get(stored!.person);
  assertEquals([bot?.name, bot?.kind, bot?.bot, bot?.isOwner], [
    "CI",
    "bot",
    true,
    false,
  ]);
  assertEquals(await olga.gets({ type: "tokens" }), {
    type: "tokens",
    tokens: [token],
  });
  assertEquals(
    (await audit(room)).at(-1),
    "Olga create_token CI messages:write rooms:read",
  );
});

Deno.test("create_token gives one name to one bot, and to nobody else", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  await room.enter("Bo");
  const botOf = async ({ secret }: { secret: string }) =>
    (await room.store.tokens.find(hashSecret(secret)))?.person;
  const first = await botOf(await olga.gets(CREATE));
  assertEquals(await botOf(await olga.gets({ ...CREATE, name: "ci" })), first);
  assertEquals((await olga.gets({ ...CREATE, name: "Bo" })).code, "name_taken");
  const [other] = [await room.enter("Cy")];
  const rename = await other.gets({ type: "rename", name: "CI" });
  assertEquals(rename.code, "name_taken");
});

Deno.test("create_token finds the bot that has kept a name like another one's", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  const botOf = async (name: string) => {
    const { secret } = await olga.gets({ ...CREATE, name });
    return (await room.store.tokens.find(hashSecret(secret)))!.person;
  };
  const kept = await botOf("Kept");
  const bill = await botOf("Bill");
  const name = "Bi11";
  await room.store.people.rename(kept, {
    name,
    nameKey: exactNameKey(name),
    now: room.clock.now(),
  });
  assertEquals([await botOf("Bi11"), await botOf("B1ll")], [kept, bill]);
});

Deno.test("create_token lets the bot into a private room", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  const ana = await room.enter("Ana");
  await ana.asks({ type: "create", room: "crew", kind: "private" });
  const { token } = await olga.gets({ ...CREATE, room: "crew" });
  assertEquals(token.room, "crew");
  assertEquals((await ana.gets({ type: "members", room: "crew" })).members[1], {
    id: (await room.store.people.named(nameKey("CI")))?.id,
    name: "CI",
    bot: true,
    offline: true,
  });
  const { room: direct } = await olga.gets({ type: "direct", person: ana.id });
  for (const unknown of ["nowhere", direct]) {
    const error = await olga.gets({ ...CREATE, room: unknown });
    assertEquals(error.code, "room_unknown");
  }
});

Deno.test("drop_token ends a token", async () => {
  await using room = await Chatroom.open();
  const olga = await enterAsOwner(room, "Olga");
  const { token, secret } = await olga.gets(CREATE);
  const drop = { type: "drop_token", token: token.id };
  assertEquals((await olga.gets(drop)).type, "done");
  assertEquals(await room.store.tokens.find(hashSecret(secret)), undefined);
  const error = await olga.gets(drop);
  assertEquals([error.code, error.field], ["invalid_field", "token"]);
  assertEquals((await audit(room)).length, 2);
});

Deno.test("tokens are for the owner of the server", async () => {
  await using room = await Chatroom.open();
  const { ana } = await gather(room);
  for (
    const request of [
      CREATE,
      { type: "tokens" },
      { type: "drop_token", token: "x" },
    ]
  ) {
    assertEquals((await ana.gets(request)).code, "not_allowed", request.type);
  }
});
