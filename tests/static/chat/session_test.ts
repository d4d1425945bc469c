import { assert, assertEquals } from "@std/assert";
import { connectChat } from "../../../static/chat-client/mod.js";
import {
  type ChatStore,
  createHandler,
  openChat,
  openStore,
  type WebSocketChat,
} from "../../../handlers/mod.ts";
import { Session } from "../../../static/chat/session.js";
import {
  type Action,
  findRoom,
  INITIAL_STATE,
  reduce,
  type State,
} from "../../../static/chat/state.js";
import { Store } from "../../../static/chat/store.js";
import { type HttpServer, serve } from "../../../upgrade/mod.ts";
import { Conditions } from "./_conditions.ts";

/** The real server, which can go away and come back on the same port. */
class TestServer implements AsyncDisposable {
  readonly #store: ChatStore = openStore({ path: ":memory:" });
  #chat!: WebSocketChat;
  #server!: HttpServer;

  static async start(): Promise<TestServer> {
    const server = new TestServer();
    await server.#listen(0);
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.addr as Deno.NetAddr).port}/chat`;
  }

  async restart(): Promise<void> {
    const port = Number(new URL(this.url).port);
    await this.#stop();
    await this.#listen(port);
  }

  async #listen(port: number): Promise<void> {
    this.#chat = await openChat(this.#store);
    const staticDir = new URL("../../../static", import.meta.url);
    this.#server = serve(
      { hostname: "127.0.0.1", port, shutdownTimeout: 100 },
      createHandler({ staticDir, chat: this.#chat }),
    );
  }

  async #stop(): Promise<void> {
    await Promise.all([this.#chat.close(), this.#server.shutdown()]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#store[Symbol.asyncDispose]();
  }
}

/** One person's page without its views. */
class Visit implements AsyncDisposable {
  readonly store = new Store<State, Action>(reduce, INITIAL_STATE);
  readonly client;
  readonly session: Session;
  readonly #conditions = new Conditions();

  constructor(server: TestServer) {
    this.store.subscribe(() => this.#conditions.check());
    this.client = connectChat(server.url, { backoff: () => 10 });
    this.session = new Session(this.client, this.store);
  }

  static async entered(
    server: TestServer,
    name: string,
    room = "lobby",
  ): Promise<Visit> {
    const visit = new Visit(server);
    await visit.enter(name, room);
    await visit.until(() => visit.room(room)?.joined === true);
    return visit;
  }

  async enter(name: string, room = "lobby"): Promise<void> {
    await this.session.enter({
      name,
      room,
      password: undefined,
      register: false,
      code: undefined,
    });
  }

  room(name = "lobby") {
    return findRoom(this.store.state, name);
  }

  get said(): string[] {
    return (this.room()?.messages ?? []).map(({ from, text }) =>
      `${from.name}: ${text}`
    );
  }

  get here(): string[] {
    return (this.room()?.members ?? []).map(({ name }) => name);
  }

  until(holds: () => boolean): Promise<void> {
    return this.#conditions.until(holds);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

Deno.test("Session enters a room, and two people hear each other", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  await using ben = await Visit.entered(server, "Ben");
  await ana.until(() => ana.here.length === 2);
  assert(ana.session.say("lobby", "hello", {}));
  assert(ben.session.say("lobby", "hi", {}));
  await ana.until(() => ana.said.length === 2);
  await ben.until(() => ben.said.length === 2);
  assertEquals(ana.said.toSorted(), ["Ana: hello", "Ben: hi"]);
  assertEquals(ben.said, ana.said);
  assertEquals(ana.room()?.outgoing, []);
});

Deno.test("Session shows at the name why it was refused, and takes another", async () => {
  await using server = await TestServer.start();
  await using _ana = await Visit.entered(server, "Ana");
  await using other = new Visit(server);
  await other.enter("ANA");
  await other.until(() => other.store.state.problems.name !== undefined);
  assertEquals(other.store.state.stage, "entry");
  assertEquals(other.store.state.rooms, []);
  await other.enter("Anouk");
  await other.until(() => other.store.state.stage === "chat");
  assertEquals(other.here.toSorted(), ["Ana", "Anouk"]);
});

Deno.test("Session shows at the room why it was refused", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  ana.session.open("a\u202eb");
  await ana.until(() => ana.store.state.problems.room !== undefined);
  assertEquals(ana.store.state.rooms.map(({ name }) => name), ["lobby"]);
});

Deno.test("Session goes on where it was when the server restarts", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  ana.session.open("attic");
  await ana.until(() => ana.room("attic")?.joined === true);
  ana.session.say("lobby", "before", {});
  await ana.until(() => ana.said.length === 1);
  await server.restart();
  await ana.until(() => ana.store.state.rooms.every(({ joined }) => !joined));
  ana.session.say("lobby", "meanwhile", {});
  await ana.until(() => ana.said.length === 2);
  assertEquals(ana.said, ["Ana: before", "Ana: meanwhile"]);
  assertEquals(ana.here, ["Ana"]);
});

Deno.test("Session tells the server what was read, and hears it from other devices", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  await using ben = await Visit.entered(server, "Ben");
  ana.store.dispatch({ type: "visibility", visible: false });
  ben.session.say("lobby", "hello", {});
  await ana.until(() => ana.room()?.unread === 1);
  await ana.client.joinedRooms.get("lobby")!.markRead();
  await ana.until(() => ana.room()?.unread === 0);
  ana.store.dispatch({ type: "visibility", visible: true });
  ben.session.say("lobby", "and again", {});
  await ana.until(() => ana.room()?.read === 2);
});

Deno.test("Session leaves a room for the others too", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  await using ben = await Visit.entered(server, "Ben");
  await ana.until(() => ana.here.length === 2);
  ben.session.close("lobby");
  await ana.until(() => ana.here.length === 1);
  assertEquals(ben.store.state.rooms, []);
});

Deno.test("Session leaves a room that was closed before it was joined", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  await using ben = await Visit.entered(server, "Ben", "attic");
  ben.session.open("lobby");
  ben.session.close("lobby");
  ben.session.open("cellar");
  await ben.until(() => ben.room("cellar")?.joined === true);
  ana.session.say("lobby", "anybody?", {});
  await ana.until(() => ana.said.length === 1);
  await ana.until(() => ana.here.length === 1);
});

Deno.test("Session takes the server's form of a room's name", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  ana.session.open("the  attic");
  await ana.until(() => ana.room("the attic")?.joined === true);
  assertEquals(ana.store.state.active, "the attic");
  assertEquals(ana.store.state.rooms.length, 2);
});

Deno.test("Session opens a direct room in which somebody has written", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  await using ben = await Visit.entered(server, "Ben");
  await ben.session.direct(ana.client.person!.id);
  const room = ben.store.state.active!;
  ben.session.say(room, "psst", {});
  await ana.until(() => ana.room(room)?.unread === 1);
  assertEquals(ana.store.state.active, "lobby");
  assertEquals(ana.room(room)?.with?.name, "Ben");
});

Deno.test("Session leads to a message far back, and on from there", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  const live = ana.client.joinedRooms.get("lobby")!;
  const count = 15;
  for (let i = 1; i <= count; i++) await live.send(`line ${i}`);
  // Another visit begins with the newest messages only.
  await using other = await Visit.entered(server, "Ben", "attic");
  await other.client.join("lobby", { limit: 2 });
  await other.session.history.visit("lobby", 3);
  assertEquals(other.store.state.active, "lobby");
  assertEquals(other.room()?.place?.target, 3);
  await other.session.history.newer("lobby");
  assertEquals(other.room()?.place, undefined);
  assertEquals(other.said.at(-1), `Ana: line ${count}`);
});

Deno.test("Session signs out, and lets somebody else in", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  await ana.session.signOut();
  assertEquals(ana.store.state.stage, "entry");
  await ana.enter("Anna");
  await ana.until(() => ana.here.includes("Anna"));
  assertEquals(ana.store.state.me?.name, "Anna");
});

Deno.test("Session says no line when it is not in the room", async () => {
  await using server = await TestServer.start();
  await using ana = await Visit.entered(server, "Ana");
  assertEquals(ana.session.say("attic", "hello", {}), false);
});
