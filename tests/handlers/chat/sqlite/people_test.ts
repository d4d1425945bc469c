import { assertEquals, assertRejects } from "@std/assert";
import type {
  ChatStore,
  StoredPerson,
} from "../../../../handlers/chat/store.ts";
import { ANA, BO, NOW, openFurnished } from "./_store.ts";

const DEE: StoredPerson = {
  id: "id-dee",
  name: "Dee",
  kind: "guest",
  isOwner: false,
  created: NOW,
};

function add(
  store: ChatStore,
  person: Partial<StoredPerson>,
  { nameKey = "dee", now = NOW } = {},
): Promise<"added" | "name_taken"> {
  return store.people.add({ ...DEE, ...person }, { nameKey, now });
}

Deno.test("people.get() gives a person as it was added", async () => {
  await using store = await openFurnished();
  const bot: StoredPerson = {
    ...DEE,
    bot: true,
    kind: "bot",
    isOwner: true,
    password: "a hash",
    heldUntil: NOW + 1,
  };
  assertEquals(await add(store, bot), "added");
  assertEquals(await store.people.get("id-dee"), bot);
  assertEquals(await store.people.named("dee"), bot);
  assertEquals(await store.people.get("nobody"), undefined);
  assertEquals(await store.people.named("nobody"), undefined);
});

Deno.test("people.add() refuses the key of somebody else's name", async () => {
  await using store = await openFurnished();
  assertEquals(await add(store, {}, { nameKey: "ana" }), "name_taken");
  assertEquals(await store.people.get("id-dee"), undefined);
});

Deno.test("people.add() refuses an id that is there", async () => {
  await using store = await openFurnished();
  assertEquals(await add(store, { id: ANA.id }), "name_taken");
  assertEquals((await store.people.get(ANA.id))?.name, "Ana");
});

Deno.test("people.add() takes a guest's name only after the time it is held", async () => {
  await using store = await openFurnished();
  await store.people.hold(ANA.id, NOW + 10);
  assertEquals(
    await add(store, {}, { nameKey: "ana", now: NOW + 10 }),
    "name_taken",
  );
  assertEquals(
    await add(store, {}, { nameKey: "ana", now: NOW + 11 }),
    "added",
  );
  assertEquals((await store.people.named("ana"))?.id, "id-dee");
  assertEquals((await store.people.get(ANA.id))?.name, "Ana");
});

Deno.test("people.add() never takes the name of an account", async () => {
  await using store = await openFurnished();
  await add(store, { kind: "account", heldUntil: 1 });
  assertEquals(await add(store, { id: "id-2" }), "name_taken");
});

Deno.test("people.hold() holds a name without an end when there is none", async () => {
  await using store = await openFurnished();
  await store.people.hold(ANA.id, 1);
  await store.people.hold(ANA.id, undefined);
  assertEquals(await add(store, {}, { nameKey: "ana" }), "name_taken");
});

Deno.test("people.holdAll() ends what is held without an end", async () => {
  await using store = await openFurnished();
  await store.people.hold(BO.id, NOW + 100);
  await add(store, { kind: "account" });
  await store.people.holdAll(NOW + 50);
  assertEquals((await store.people.get(ANA.id))?.heldUntil, NOW + 50);
  assertEquals((await store.people.get(BO.id))?.heldUntil, NOW + 100);
  assertEquals((await store.people.get("id-dee"))?.heldUntil, undefined);
});

Deno.test("people.rename() takes a name that is free, or differs in case", async () => {
  await using store = await openFurnished();
  const rename = (name: string, nameKey: string) =>
    store.people.rename(ANA.id, { name, nameKey, now: NOW });
  assertEquals(await rename("Bo", "bo"), "name_taken");
  assertEquals(await rename("ANA", "ana"), "renamed");
  assertEquals(await rename("Anna", "anna"), "renamed");
  assertEquals((await store.people.get(ANA.id))?.name, "Anna");
  assertEquals(await store.people.named("ana"), undefined);
  await assertRejects(
    () => store.people.rename("nobody", { name: "X", nameKey: "x", now: NOW }),
    RangeError,
    "nobody",
  );
});

Deno.test("people.setPassword() changes only the one that was", async () => {
  await using store = await openFurnished();
  const { people } = store;
  assertEquals(
    await people.setPassword(ANA.id, { hash: "a", was: undefined }),
    true,
  );
  assertEquals(
    await people.setPassword(ANA.id, { hash: "b", was: "x" }),
    false,
  );
  assertEquals((await people.get(ANA.id))?.password, "a");
  assertEquals(await people.setPassword(ANA.id, { hash: "b", was: "a" }), true);
  assertEquals((await people.get(ANA.id))?.password, "b");
});

Deno.test("people.hasAccounts() says whether somebody has registered", async () => {
  await using store = await openFurnished();
  assertEquals(await store.people.hasAccounts(), false);
  await add(store, { kind: "account" });
  assertEquals(await store.people.hasAccounts(), true);
});
