import { assert, assertEquals } from "@std/assert";
import { createHandler } from "../../../handlers/mod.ts";
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
  #server: HttpServer;

  constructor(port = 0) {
    this.#server = serve(
      { hostname: "127.0.0.1", port, shutdownTimeout: 100 },
      createHandler({ staticDir: new URL("../../../static", import.meta.url) }),
    );
  }

  get port(): number {
    return (this.#server.addr as Deno.NetAddr).port;
  }

  async restart(): Promise<void> {
    const { port } = this;
    await this.#server.shutdown();
    this.#server = new TestServer(port).#server;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** One person's page without its views. */
class Person implements Disposable {
  readonly store = new Store<State, Action>(reduce, INITIAL_STATE);
  readonly session: Session;
  readonly #conditions = new Conditions();

  constructor(server: TestServer, key = "a key of this very tab") {
    this.store.subscribe(() => this.#conditions.check());
    this.session = new Session(`ws://127.0.0.1:${server.port}/chat`, {
      store: this.store,
      key,
      connection: { random: () => 0.01, network: new EventTarget() },
    });
    this.session.start();
  }

  static async entered(
    server: TestServer,
    name: string,
    options: { rooms?: string[]; key?: string } = {},
  ): Promise<Person> {
    const { rooms = ["lobby"], key } = options;
    const person = new Person(server, key);
    person.session.enter({ name, rooms, active: rooms[0] });
    await person.until(() => rooms.every((room) => person.room(room)?.joined));
    return person;
  }

  room(name = "lobby") {
    return findRoom(this.store.state, name);
  }

  get said(): string[] {
    return (this.room()?.lines ?? []).flatMap((line) =>
      line.kind === "message" ? `${line.from.name}: ${line.text}` : []
    );
  }

  get here(): string[] {
    return (this.room()?.members ?? []).map(({ name }) => name);
  }

  until(holds: () => boolean): Promise<void> {
    return this.#conditions.until(holds);
  }

  [Symbol.dispose](): void {
    this.session.stop();
  }
}

Deno.test("Session enters a room, and two people hear each other", async () => {
  await using server = new TestServer();
  using ana = await Person.entered(server, "Ana");
  using ben = await Person.entered(server, "Ben");
  await ana.until(() => ana.here.length === 2);
  assert(ana.session.say("lobby", "hello"));
  assert(ben.session.say("lobby", "hi"));
  await ana.until(() => ana.said.length === 2);
  await ben.until(() => ben.said.length === 2);
  assertEquals(ana.said.toSorted(), ["Ana: hello", "Ben: hi"]);
  assertEquals(ben.said, ana.said);
  assertEquals(ana.room()?.unsent, []);
});

Deno.test("Session shows at the name why it was refused, and takes another", async () => {
  await using server = new TestServer();
  using _ana = await Person.entered(server, "Ana", { key: "x".repeat(16) });
  using other = new Person(server, "y".repeat(16));
  other.session.enter({ name: "ANA", rooms: ["lobby"], active: "lobby" });
  await other.until(() => other.store.state.problems.name !== undefined);
  assertEquals(other.store.state.stage, "entry");
  other.session.enter({ name: "Anouk", rooms: ["lobby"], active: "lobby" });
  await other.until(() => other.store.state.stage === "chat");
  assertEquals(other.here, ["Ana", "Anouk"]);
});

Deno.test("Session shows at the room why it was refused", async () => {
  await using server = new TestServer();
  using ana = await Person.entered(server, "Ana");
  ana.session.open("a\u202eb");
  await ana.until(() => ana.store.state.problems.room !== undefined);
  assertEquals(ana.store.state.rooms.map(({ name }) => name), ["lobby"]);
});

Deno.test("Session is back under its name in all its rooms when the server restarts", async () => {
  await using server = new TestServer();
  using ana = await Person.entered(server, "Ana", {
    rooms: ["lobby", "attic"],
  });
  ana.session.say("lobby", "before");
  await ana.until(() => ana.said.length === 1);
  await server.restart();
  await ana.until(() =>
    ana.store.state.rooms.every(({ lines, joined }) =>
      joined &&
      lines.some((line) => line.kind === "notice" && line.event === "gap")
    )
  );
  assertEquals(ana.said, ["Ana: before"]);
  assertEquals(ana.here, ["Ana"]);
});

Deno.test("Session gives way when the same tab connects anew", async () => {
  await using server = new TestServer();
  using old = await Person.entered(server, "Ana");
  using fresh = await Person.entered(server, "Ana");
  await old.until(() => old.store.state.link.phase === "replaced");
  assertEquals(fresh.here, ["Ana"]);
  old.session.start();
  await old.until(() => old.here.length === 1 && old.room()?.joined === true);
  await fresh.until(() => fresh.store.state.link.phase === "replaced");
});

Deno.test("Session renames in place", async () => {
  await using server = new TestServer();
  using ana = await Person.entered(server, "Ana");
  using ben = await Person.entered(server, "Ben");
  ana.session.rename("Anna");
  await ben.until(() => ben.here.includes("Anna"));
  assertEquals(ana.store.state.name, "Anna");
});

Deno.test("Session leaves a room for the others too", async () => {
  await using server = new TestServer();
  using ana = await Person.entered(server, "Ana");
  using ben = await Person.entered(server, "Ben");
  await ana.until(() => ana.here.length === 2);
  ben.session.close("lobby");
  await ana.until(() => ana.here.length === 1);
  assertEquals(ben.store.state.rooms, []);
});

Deno.test("Session leaves a room that was closed before it was joined", async () => {
  await using server = new TestServer();
  using ana = await Person.entered(server, "Ana", {
    rooms: ["lobby", "attic"],
  });
  using ben = await Person.entered(server, "Ben", { rooms: ["attic"] });
  ben.session.open("lobby");
  ben.session.close("lobby");
  ben.session.open("cellar");
  await ben.until(() => ben.room("cellar")?.joined === true);
  ana.session.say("lobby", "anybody?");
  await ana.until(() => ana.said.length === 1);
  assertEquals(ana.here, ["Ana"]);
});

Deno.test("Session says no line when it is not in the room", async () => {
  await using server = new TestServer();
  using ana = await Person.entered(server, "Ana");
  assertEquals(ana.session.say("attic", "hello"), false);
  assertEquals(ana.room()?.unsent, []);
});
