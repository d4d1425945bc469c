import { serve, upgradeWebSocket, type WebSocketConn } from "../../mod.ts";
import { Inbox } from "../clients/_inbox.ts";

/** A message, either way. */
// deno-lint-ignore no-explicit-any -- each test knows what it has asked for
type Message = Record<string, any>;

export const ANA = { id: "ana", name: "Ana" };
export const BO = { id: "bo", name: "Bo" };

const TIME = "2026-01-02T03:04:05.006Z";

/** A chat server that says what a test tells it to. */
export class ScriptedServer implements AsyncDisposable {
  readonly #server;
  readonly #connections = new Inbox<ScriptedConnection>();
  /** How many connections there have been. */
  connections = 0;

  constructor() {
    this.#server = serve(
      { hostname: "127.0.0.1", port: 0, shutdownTimeout: 100 },
      (request) => {
        const { socket, response } = upgradeWebSocket(request, {
          protocols: ["switchboard.chat.v1"],
        });
        this.connections++;
        this.#connections.push(new ScriptedConnection(socket));
        return response;
      },
    );
  }

  get url(): string {
    const { port } = this.#server.addr as Deno.NetAddr;
    return `ws://127.0.0.1:${port}/chat`;
  }

  /** The next connection. */
  accept(): Promise<ScriptedConnection> {
    return this.#connections.next();
  }

  /** The next connection, whose `hello` has been taken. */
  async acceptReady(person = ANA): Promise<ScriptedConnection> {
    const connection = await this.accept();
    connection.welcome();
    const hello = await connection.take("hello");
    connection.answer(hello, { type: "ready", person, resume: "secret" });
    return connection;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/** One connection, as the server sees it. */
export class ScriptedConnection {
  readonly #socket: WebSocketConn;
  readonly #requests = new Inbox<Message>();
  /** How the client ended it. */
  readonly closed: Promise<number>;

  constructor(socket: WebSocketConn) {
    this.#socket = socket;
    socket.forEach((message) => {
      this.#requests.push(JSON.parse(message.text()));
    });
    this.closed = socket.closed.then(({ code }) => code);
  }

  /** The next request, which is to be of this type. */
  async take(type: string): Promise<Message> {
    const request = await this.#requests.next();
    if (request.type !== type) {
      throw new Error(`Not ${type}: ${JSON.stringify(request)}`);
    }
    return request;
  }

  say(message: Message): void {
    this.#socket.send(JSON.stringify(message));
  }

  answer(request: Message, message: Message): void {
    this.say({ ...message, ref: request.ref });
  }

  refuse(request: Message, code: string, data: Message = {}): void {
    this.answer(request, { type: "error", code, message: "No.", ...data });
  }

  welcome(): void {
    this.say({
      type: "welcome",
      identity: "open",
      guests: true,
      registration: false,
      limits: {},
      time: TIME,
    });
  }

  /** Answers the next `join`. */
  async joined(answer: Message = {}): Promise<Message> {
    const join = await this.take("join");
    this.answer(join, joined(answer));
    return join;
  }

  /** Answers the next `send`. */
  async sent(offset: number): Promise<Message> {
    const send = await this.take("send");
    const { room, id } = send;
    this.answer(send, { type: "sent", room, id, offset, time: TIME });
    return send;
  }

  close(code: number): void {
    this.#socket.close(code);
  }
}

/** The answer to `join`, of an empty room, but for what is given. */
export function joined(answer: Message = {}): Message {
  return {
    type: "joined",
    room: "lobby",
    kind: "public",
    topic: "",
    epoch: "e1",
    offset: 0,
    change: 0,
    role: "member",
    read: 0,
    slow: 0,
    count: 1,
    members: [ANA],
    messages: [],
    changed: [],
    more: false,
    time: TIME,
    ...answer,
  };
}

/** A message of Bo's. */
export function said(offset: number, message: Message = {}): Message {
  return {
    room: "lobby",
    offset,
    id: `id-${offset}`,
    from: BO,
    text: `text ${offset}`,
    time: TIME,
    ...message,
  };
}

/** That message, as everybody gets it. */
export function live(offset: number, message: Message = {}): Message {
  return { type: "message", ...said(offset, message) };
}
