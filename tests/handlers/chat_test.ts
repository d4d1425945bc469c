import { assert, assertEquals, assertGreater } from "@std/assert";
import {
  createChat,
  type CreateChatOptions,
  openChat,
  type WebSocketChat,
} from "../../handlers/chat.ts";
import {
  CHAT_PROTOCOL,
  openStore,
  RateLimits,
  type ServerMessage,
} from "../../handlers/chat/mod.ts";
import { Dialogue } from "./_dialogue.ts";
import { handshake, RawClient, withServer } from "./_server.ts";

const PROTOCOL = { "Sec-WebSocket-Protocol": CHAT_PROTOCOL };

async function withChat(
  test: (port: number, chat: WebSocketChat) => Promise<void>,
  options?: CreateChatOptions,
): Promise<void> {
  await using store = openStore({ path: ":memory:" });
  const chat = await openChat(store, {
    limits: new RateLimits({ rates: false }),
  });
  await withServer(createChat(chat, options), (port) => test(port, chat));
  await chat.close();
}

/** Somebody who chats over Deno's own WebSocket. */
class Person {
  constructor(readonly dialogue: Dialogue) {}

  /** Connects, says who it is, joins the lobby, and reads the answers. */
  static async enter(port: number, name: string): Promise<Person> {
    const person = new Person(
      await Dialogue.open(`ws://127.0.0.1:${port}/`, CHAT_PROTOCOL),
    );
    assertEquals((await person.hears()).type, "welcome");
    person.asks({ type: "hello", name });
    assertEquals((await person.hears()).type, "ready");
    person.asks({ type: "join", room: "lobby" });
    assertEquals((await person.hears()).type, "joined");
    return person;
  }

  asks(request: object): void {
    this.dialogue.socket.send(JSON.stringify(request));
  }

  async hears(): Promise<ServerMessage> {
    return JSON.parse(await this.dialogue.next());
  }

  /** Reads until a message of one type comes. */
  async waitsFor(type: ServerMessage["type"]): Promise<ServerMessage> {
    for (;;) {
      const message = await this.hears();
      if (message.type === type) return message;
    }
  }
}

Deno.test("createChat() refuses with 400 when the subprotocol is not offered", async () => {
  await withChat(async (port) => {
    for (const fields of [{}, { "Sec-WebSocket-Protocol": "another" }]) {
      using client = await RawClient.send(port, handshake("/", fields));
      assertEquals(await client.readHead(), "HTTP/1.1 400 Bad Request");
    }
  });
});

Deno.test("createChat() refuses with 403 when the page is of another origin", async () => {
  await withChat(async (port) => {
    const fields = { ...PROTOCOL, "Origin": "https://elsewhere.example" };
    using client = await RawClient.send(port, handshake("/", fields));
    assertEquals(await client.readHead(), "HTTP/1.1 403 Forbidden");
  });
});

Deno.test("createChat() refuses with 403 when the address is banned", async () => {
  await withChat(async (port, chat) => {
    await chat.store.people.add({
      id: "1",
      name: "Ana",
      kind: "guest",
      isOwner: false,
      created: 0,
    }, { nameKey: "ana", now: 0 });
    const person = { id: "1", name: "Ana" };
    await chat.store.moderation.ban({
      person,
      addresses: ["127.0.0.1"],
      by: person,
      reason: "",
      time: 0,
    });
    using client = await RawClient.send(port, handshake("/", PROTOCOL));
    assertEquals(await client.readHead(), "HTTP/1.1 403 Forbidden");
  });
});

Deno.test("createChat() refuses with 429 when the address has too many connections", async () => {
  await withChat(async (port) => {
    const ana = await Person.enter(port, "Ana");
    const bo = await Person.enter(port, "Bo");
    {
      using client = await RawClient.send(port, handshake("/", PROTOCOL));
      assertEquals(await client.readHead(), "HTTP/1.1 429 Too Many Requests");
    }
    // A handshake that fails takes no place, and who leaves gives one back.
    using failed = await RawClient.send(port, handshake("/"));
    assertEquals(await failed.readHead(), "HTTP/1.1 429 Too Many Requests");
    await ana.dialogue.close();
    await bo.waitsFor("presence");
    using wrong = await RawClient.send(port, handshake("/"));
    assertEquals(await wrong.readHead(), "HTTP/1.1 400 Bad Request");
    const cy = await Person.enter(port, "Cy");
    await cy.dialogue.close();
    await bo.dialogue.close();
  }, { maxConnectionsPerAddress: 2 });
});

Deno.test("createChat() lets two people talk, in the same bytes", async () => {
  await withChat(async (port) => {
    const ana = await Person.enter(port, "Ana");
    const bo = await Person.enter(port, "Bo");
    assertEquals(ana.dialogue.socket.protocol, CHAT_PROTOCOL);
    await ana.waitsFor("presence");
    await bo.waitsFor("presence");
    const text = "Hello, Bo 😀";
    ana.asks({ type: "send", room: "lobby", id: "1", text });
    assertEquals((await ana.hears()).type, "sent");
    const [own, others] = [await ana.dialogue.next(), await bo.dialogue.next()];
    assertEquals(own, others);
    assertEquals(JSON.parse(own).text, text);
    await bo.dialogue.close();
    assertEquals((await ana.hears()).type, "presence");
    await ana.dialogue.close();
  });
});

Deno.test("createChat() answers an error and goes on when a message is bad", async () => {
  await withChat(async (port) => {
    const ana = await Person.enter(port, "Ana");
    ana.dialogue.socket.send(new TextEncoder().encode('{"type":"join"}'));
    const error = await ana.waitsFor("error");
    assert(error.type === "error" && error.code === "not_text");
    ana.asks({ type: "leave", room: "lobby" });
    await ana.waitsFor("left");
    await ana.dialogue.close();
  });
});

Deno.test("createChat() takes 64 KiB and closes with 1009 when a byte more comes", async () => {
  await withChat(async (port) => {
    const ana = await Person.enter(port, "Ana");
    const bo = await Person.enter(port, "Bo");
    bo.dialogue.socket.send(" ".repeat(65_536));
    const error = await bo.waitsFor("error");
    assert(error.type === "error" && error.code === "not_json");
    bo.dialogue.socket.send(" ".repeat(65_537));
    assertEquals((await bo.dialogue.closed).code, 1009);
    await ana.waitsFor("presence");
    await ana.dialogue.close();
  });
});

Deno.test("createChat() tells the others when a connection is lost", async () => {
  await withChat(async (port, chat) => {
    const ana = await Person.enter(port, "Ana");
    {
      using lost = await RawClient.openWebSocket(port, "/", PROTOCOL);
      await lost.sendText('{"type":"hello","name":"Lost"}');
      await lost.sendText('{"type":"join","room":"lobby"}');
      const came = await ana.waitsFor("presence");
      assert(came.type === "presence" && came.count === 2);
    }
    const left = await ana.waitsFor("presence");
    assert(left.type === "presence" && left.left?.length === 1);
    assertEquals(chat.rooms.get("lobby")?.count, 1);
    await ana.dialogue.close();
  });
});

Deno.test("createChat() closes with 4008 when somebody does not read, and the others go on", async () => {
  await withChat(async (port) => {
    const ana = await Person.enter(port, "Ana");
    using slow = await RawClient.openWebSocket(port, "/", PROTOCOL);
    await slow.sendText('{"type":"hello","name":"Slow"}');
    await slow.sendText('{"type":"join","room":"lobby"}');
    await ana.waitsFor("presence");
    // The system's own buffers take some megabytes first.
    const text = "\u{1f40c}".repeat(4000);
    let noticed = false;
    for (let round = 0; !noticed; round++) {
      assertGreater(100, round, "nobody was found to be slow");
      for (let i = 0; i < 20; i++) {
        const id = `${round}.${i}`;
        ana.asks({ type: "send", room: "lobby", id, text });
      }
      for (let heard = 0; heard < 20;) {
        const { type } = await ana.hears();
        if (type === "message") heard++;
        else if (type === "presence") noticed = true;
      }
    }
    await slow.sendClose();
    const end = (await slow.readToEnd()).subarray(-20);
    const reason = new TextEncoder().encode("too slow to read");
    assertEquals(
      end,
      Uint8Array.of(0x88, reason.length + 2, 4008 >> 8, 4008 & 255, ...reason),
    );
    await ana.dialogue.close();
  });
});

Deno.test("createChat() reads no further when somebody asks much and reads nothing", async () => {
  await withChat(async (port) => {
    const bo = await Person.enter(port, "Bo");
    using asker = await RawClient.openWebSocket(port, "/", PROTOCOL);
    const count = 200_000;
    const request = Uint8Array.of(0x81, 0x82, 0, 0, 0, 0, 0x7b, 0x7d); // {}
    const asking = asker.write(
      new Uint8Array(count * request.length).map((_, i) => request[i % 8] ?? 0),
    );
    // Time for the server to read everything, if it were so careless.
    for (let i = 0; i < 500; i++) {
      bo.asks({ type: "rooms" });
      await bo.waitsFor("rooms");
    }
    assertEquals(JSON.parse(await asker.readText()).type, "welcome");
    const answer = await asker.readText();
    assertEquals(JSON.parse(answer).code, "unknown_type");
    const rest = await asker.read((count - 1) * (answer.length + 2));
    assertEquals(
      new TextDecoder().decode(rest.subarray(-answer.length)),
      answer,
    );
    await asking;
    await asker.sendClose();
    assertEquals(await asker.readToEnd(), Uint8Array.of(0x88, 0));
    await bo.dialogue.close();
  });
});

Deno.test("createChat() asks the store no further when somebody reads nothing", async () => {
  await withChat(async (port, chat) => {
    const bo = await Person.enter(port, "Bo");
    const text = "x".repeat(4000);
    for (let i = 0; i < 20; i++) {
      bo.asks({ type: "send", room: "lobby", id: `${i}`, text });
      await bo.waitsFor("message");
    }
    using asker = await RawClient.openWebSocket(port, "/", PROTOCOL);
    await asker.sendText('{"type":"hello","name":"Ana"}');
    await asker.sendText('{"type":"join","room":"lobby"}');
    // The answers are 20 MB together.
    for (let i = 0; i < 250; i++) {
      await asker.sendText('{"type":"history","room":"lobby"}');
    }
    for (let i = 0; i < 500; i++) {
      bo.asks({ type: "leave", room: "nowhere" });
      await bo.waitsFor("error");
    }
    assertEquals(chat.connectionCount, 2);
    await asker.sendClose();
    const bytes = await asker.readToEnd();
    assertGreater(bytes.length, 250 * 80_000);
    assertEquals(bytes.subarray(-2), Uint8Array.of(0x88, 0));
    await bo.dialogue.close();
  });
});

Deno.test("createChat() closes with 1001 when the chat closes", async () => {
  await withChat(async (port, chat) => {
    const ana = await Person.enter(port, "Ana");
    await chat.close();
    assertEquals((await ana.dialogue.closed).code, 1001);
    const late = await Dialogue.open(`ws://127.0.0.1:${port}/`, CHAT_PROTOCOL);
    assertEquals((await late.closed).code, 1001);
  });
});
