import { assert, assertEquals, assertMatch } from "@std/assert";
import { Connection, type Link } from "../../../static/chat/connection.js";
import {
  type ServerMessage,
  SUBPROTOCOL,
} from "../../../static/chat/protocol.js";
import { Conditions } from "./_conditions.ts";

const WELCOME = JSON.stringify({
  type: "welcome",
  member: "1",
  limits: { name: 32, room: 64, text: 4000, rooms: 20 },
});

/** A WebSocket server that a test can silence and take away. */
class TestServer implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  /** The connections that are open, oldest first. */
  readonly sockets: WebSocket[] = [];
  /** What it got. */
  readonly received: string[] = [];

  constructor(options: { greeting?: string; port?: number } = {}) {
    const { greeting = WELCOME, port = 0 } = options;
    this.#server = Deno.serve(
      { port, hostname: "127.0.0.1", onListen() {} },
      (request) => {
        const { socket, response } = Deno.upgradeWebSocket(request, {
          protocol: SUBPROTOCOL,
        });
        socket.onopen = () => {
          this.sockets.push(socket);
          if (greeting !== "") socket.send(greeting);
        };
        socket.onmessage = ({ data }) => this.received.push(data);
        return response;
      },
    );
  }

  get port(): number {
    return this.#server.addr.port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/chat`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.sockets) socket.close();
    await this.#server.shutdown();
  }
}

/** A connection with what it told, and a way to wait for what it will tell. */
class Watched implements Disposable {
  readonly links: Link[] = [];
  /** How long it said that it would wait, each time; milliseconds. */
  readonly waits: number[] = [];
  readonly messages: ServerMessage[] = [];
  readonly network = new EventTarget();
  readonly connection: Connection;
  isOnline = true;
  readonly #conditions = new Conditions();

  constructor(
    url: string,
    options: { random?: () => number; answerTime?: number } = {},
  ) {
    this.connection = new Connection(url, {
      random: () => 0,
      network: this.network,
      isOnline: () => this.isOnline,
      ...options,
      onLink: (link) => {
        this.links.push(link);
        if (link.phase === "waiting") {
          this.waits.push(link.retryAt - Date.now());
        }
        this.#conditions.check();
      },
      onMessage: (message) => {
        this.messages.push(message);
        this.#conditions.check();
      },
    });
  }

  get phases(): string {
    return this.links.map(({ phase }) => phase).join(" ");
  }

  until(holds: () => boolean): Promise<void> {
    return this.#conditions.until(holds);
  }

  /** Waits for this many greetings: so often it was connected. */
  untilWelcomed(times = 1): Promise<void> {
    return this.until(() => this.messages.length >= times);
  }

  [Symbol.dispose](): void {
    this.connection.stop();
  }
}

/** A port on which nobody listens. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

Deno.test("Connection opens, hears and sends", async () => {
  await using server = new TestServer();
  using watched = new Watched(server.url);
  assertEquals(
    watched.connection.send({ type: "name", name: "Ana" }),
    false,
  );
  watched.connection.start();
  await watched.untilWelcomed();
  assertEquals(watched.phases, "connecting open");
  const arrived = new Promise((resolve) => {
    server.sockets[0]!.addEventListener("message", resolve);
  });
  assert(watched.connection.send({ type: "name", name: "Ana" }));
  await arrived;
  assertEquals(server.received, ['{"type":"name","name":"Ana"}']);
});

Deno.test("Connection comes back when the server closes with 1001", async () => {
  await using server = new TestServer();
  using watched = new Watched(server.url);
  watched.connection.start();
  await watched.untilWelcomed();
  server.sockets[0]!.close(1001);
  await watched.untilWelcomed(2);
  assertEquals(
    watched.phases,
    "connecting open waiting connecting open",
  );
});

Deno.test("Connection stays away when it was replaced, until it is started", async () => {
  await using server = new TestServer();
  using watched = new Watched(server.url);
  watched.connection.start();
  await watched.untilWelcomed();
  server.sockets[0]!.close(4001, "replaced by a newer connection");
  await watched.until(() => watched.connection.link.phase === "replaced");
  watched.network.dispatchEvent(new Event("online"));
  assertEquals(watched.connection.link.phase, "replaced");
  watched.connection.start();
  await watched.untilWelcomed(2);
  assertEquals(watched.connection.link.phase, "open");
});

Deno.test("Connection doubles the bound of its wait with each failure", async () => {
  using watched = new Watched(`ws://127.0.0.1:${freePort()}/chat`, {
    random: () => 0.02,
  });
  watched.connection.start();
  await watched.until(() => watched.waits.length === 3);
  // Half a second, one, two; a fiftieth of each, and a millisecond of rounding.
  for (const [index, wait] of watched.waits.entries()) {
    assert(Math.abs(wait - 10 * 2 ** index) < 1.5, `${wait} ms`);
  }
});

Deno.test("Connection tries at once when it is told to or the network is back", async () => {
  const port = freePort();
  using watched = new Watched(`ws://127.0.0.1:${port}/chat`, {
    // The first wait is half a second, later ones are longer.
    random: () => 1,
  });
  watched.connection.start();
  await watched.until(() => watched.waits.length === 1);
  const firstEnd = watched.connection.link;
  watched.connection.start();
  await watched.until(() => watched.waits.length === 2);
  assert(firstEnd.phase === "waiting" && Date.now() < firstEnd.retryAt);
  await using _server = new TestServer({ port });
  watched.network.dispatchEvent(new Event("online"));
  await watched.untilWelcomed();
});

Deno.test("Connection waits for the network when the device has none", async () => {
  await using server = new TestServer();
  using watched = new Watched(server.url, { random: () => 1 });
  watched.connection.start();
  await watched.untilWelcomed();
  watched.isOnline = false;
  server.sockets[0]!.close(1001);
  await watched.until(() => watched.connection.link.phase === "offline");
  watched.isOnline = true;
  watched.network.dispatchEvent(new Event("online"));
  await watched.untilWelcomed(2);
});

Deno.test("Connection stops waiting when the device goes offline", async () => {
  using watched = new Watched(`ws://127.0.0.1:${freePort()}/chat`, {
    random: () => 1,
  });
  watched.connection.start();
  await watched.until(() => watched.connection.link.phase === "waiting");
  watched.network.dispatchEvent(new Event("offline"));
  assertEquals(watched.connection.link, { phase: "offline" });
});

Deno.test("Connection counts as lost when a request gets no answer", async () => {
  await using server = new TestServer();
  using watched = new Watched(server.url, { answerTime: 50 });
  watched.connection.start();
  await watched.untilWelcomed();
  watched.connection.send({ type: "leave", room: "lobby" });
  await watched.untilWelcomed(2);
  assertMatch(watched.phases, /open waiting connecting open$/);
});

Deno.test("Connection counts as lost when the server does not greet", async () => {
  await using server = new TestServer({ greeting: "" });
  using watched = new Watched(server.url, { answerTime: 50 });
  watched.connection.start();
  await watched.until(() => watched.phases.endsWith("open waiting"));
});

Deno.test("Connection ignores what is no message of the protocol", async () => {
  await using server = new TestServer();
  using watched = new Watched(server.url);
  watched.connection.start();
  await watched.untilWelcomed();
  server.sockets[0]!.send('{"type":"fanfare"}');
  server.sockets[0]!.send('{"type":"left","room":"lobby"}');
  await watched.untilWelcomed(2);
  assertEquals(watched.messages.map(({ type }) => type), ["welcome", "left"]);
});

Deno.test("Connection is quiet when it was stopped", async () => {
  await using server = new TestServer();
  using watched = new Watched(server.url);
  watched.connection.start();
  await watched.untilWelcomed();
  const closed = new Promise((resolve) => {
    server.sockets[0]!.addEventListener("close", resolve);
  });
  watched.connection.stop();
  await closed;
  assertEquals(watched.phases, "connecting open stopped");
});
