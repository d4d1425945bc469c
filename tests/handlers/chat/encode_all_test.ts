import { assertEquals } from "@std/assert";
import {
  Chat,
  Identity,
  openStore,
  RateLimits,
} from "../../../handlers/chat/mod.ts";

type Frame = { readonly json: readonly string[] };

/** A chat that is told how to make one frame of several messages. */
async function openChat(
  run: (chat: Chat<Frame>) => Promise<void>,
): Promise<void> {
  await using store = openStore({ path: ":memory:" });
  const identity = new Identity(store);
  await identity.start();
  const chat = new Chat<Frame>({
    store,
    identity,
    limits: new RateLimits({ rates: false }),
    encode: (json) => ({ json: [json] }),
    encodeAll: (json) => ({ json }),
  });
  await run(chat);
  await chat.close();
}

/** Somebody in rooms: what each frame told, of messages their texts. */
async function enter(chat: Chat<Frame>, name: string, rooms: string[]) {
  const heard: string[] = [];
  const session = chat.connect({
    send({ json }) {
      const said = json.map((each) => {
        const { type, text } = JSON.parse(each);
        return text ?? type;
      });
      heard.push(said.join("+"));
    },
    close() {},
  });
  await session.receive(JSON.stringify({ type: "hello", name }));
  for (const room of rooms) {
    await session.receive(JSON.stringify({ type: "join", room }));
  }
  const say = (room: string, text: string) =>
    session.receive(
      JSON.stringify({ type: "send", room, id: text, text }),
    );
  return { heard, say, session };
}

Deno.test("Chat tells a room in one frame what is stored at the same time, to each behind its own sent", async () => {
  await openChat(async (chat) => {
    const ana = await enter(chat, "Ana", ["a", "b"]);
    const ben = await enter(chat, "Ben", ["a", "b"]);
    const cleo = await enter(chat, "Cleo", ["a"]);
    await ana.say("a", "now everybody knows that all are there");
    await ana.say("b", "here too");
    for (const { heard } of [ana, ben, cleo]) heard.length = 0;
    await Promise.all([
      ana.say("a", "one"),
      ben.say("b", "elsewhere"),
      cleo.say("a", "two"),
    ]);
    assertEquals(ana.heard, ["sent", "one+two", "elsewhere"]);
    assertEquals(ben.heard, ["sent", "one+two", "elsewhere"]);
    assertEquals(cleo.heard, ["sent", "one+two"]);
  });
});

Deno.test("Chat tells each message alone while somebody comes in, who gets those that the answer lacks", async () => {
  await openChat(async (chat) => {
    const ana = await enter(chat, "Ana", ["a"]);
    const ben = await enter(chat, "Ben", ["a"]);
    const cleo = await enter(chat, "Cleo", []);
    await ana.say("a", "now everybody knows that all are there");
    for (const { heard } of [ana, ben, cleo]) heard.length = 0;
    await Promise.all([
      cleo.session.receive(JSON.stringify({ type: "join", room: "a" })),
      ana.say("a", "one"),
      ben.say("a", "two"),
    ]);
    assertEquals(ana.heard.filter((each) => each !== "presence"), [
      "sent",
      "one",
      "two",
    ]);
    assertEquals(cleo.heard[0], "joined");
    assertEquals(
      cleo.heard.filter((each) => each === "one" || each === "two"),
      [
        "one",
        "two",
      ],
    );
  });
});

Deno.test("Chat tells that somebody has come before what it says with others", async () => {
  await openChat(async (chat) => {
    const ana = await enter(chat, "Ana", ["a"]);
    const ben = await enter(chat, "Ben", ["a"]);
    ana.heard.length = 0;
    await Promise.all([ana.say("a", "one"), ben.say("a", "two")]);
    assertEquals(ana.heard, ["sent", "presence", "one+two"]);
  });
});
