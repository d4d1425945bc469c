import { OPCODE, WebSocketProtocol } from "../../mod.ts";
import { openWebSocket, writeAll } from "../handshake.ts";
import { FrameReader } from "./frame_reader.ts";

const decoder = new TextDecoder();

/** A message of the server, of which only the type is known. */
export interface Answer {
  readonly type: string;
  readonly [field: string]: unknown;
}

/**
 * A client of the chat that costs the load little: it decodes the answers to
 * its requests, and of all else no more than is asked for.
 */
export class ChatClient {
  readonly #conn: Deno.TcpConn;
  readonly #protocol = new WebSocketProtocol("client");
  #refs = 0;
  #isClosed = false;
  #fail: (error: unknown) => void = () => {};
  /** Gets each message that comes, as bytes that are soon gone. */
  onMessage: ((payload: Uint8Array) => void) | undefined;
  /** How many messages have come that nobody got. */
  passed = 0;
  /** What went wrong, if something did. */
  failure: unknown;

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
  }

  /** Connects to a server on this machine. */
  static async open(port: number): Promise<ChatClient> {
    const { conn, rest } = await openWebSocket(port, {
      path: "/chat",
      fields: ["Sec-WebSocket-Protocol: switchboard.chat.v1"],
    });
    const client = new ChatClient(conn);
    client.#read(rest).catch((error) => {
      if (client.#isClosed) return;
      client.failure = error;
      client.#fail(error);
    });
    return client;
  }

  /** Sends a message. */
  async send(message: object): Promise<void> {
    this.#protocol.send(JSON.stringify(message));
    await this.#write();
  }

  /**
   * Sends a request and gives the answer. Rejects when that is an error. Meanwhile
   * {@linkcode onMessage} hears nothing.
   */
  async ask(request: object): Promise<Answer> {
    const { promise, resolve, reject } = Promise.withResolvers<Answer>();
    const { onMessage } = this;
    const ref = `${++this.#refs}`;
    this.#fail = reject;
    this.onMessage = (payload) => {
      const message = JSON.parse(decoder.decode(payload)) as Answer;
      if (message.ref === ref) resolve(message);
    };
    await this.send({ ...request, ref });
    const answer = await promise;
    this.onMessage = onMessage;
    if (answer.type === "error") throw new Error(JSON.stringify(answer));
    return answer;
  }

  /** Comes in under a name. */
  async hello(name: string): Promise<void> {
    await this.ask({ type: "hello", name });
  }

  /** Enters a room, without what was said in it before. */
  async join(room: string): Promise<Answer> {
    return await this.ask({ type: "join", room, limit: 1 });
  }

  /** Drops the connection. */
  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#conn.close();
  }

  /** Answers a ping (RFC 6455 §5.5.2). */
  async #pong(payload: Uint8Array): Promise<void> {
    this.#protocol.output.push(OPCODE.pong, payload);
    await this.#write();
  }

  async #write(): Promise<void> {
    const { output } = this.#protocol;
    const frame = output.take();
    await writeAll(this.#conn, frame);
    output.release();
  }

  async #read(first: Uint8Array<ArrayBuffer>): Promise<void> {
    const reader = new FrameReader(
      first,
      (payload) => void this.#pong(payload),
    );
    for (;;) {
      while (this.onMessage !== undefined) {
        const payload = reader.next();
        if (payload === undefined) break;
        this.onMessage(payload);
      }
      if (this.onMessage === undefined) this.passed += reader.count();
      const read = await this.#conn.read(reader.room());
      if (read === null) throw new Error("the server closed a connection");
      reader.filled(read);
    }
  }
}
