import { connectWebSocket, type WebSocketConn } from "../mod.ts";

/** A message of the chat. */
// deno-lint-ignore no-explicit-any -- a test says what it expects of it
export type ChatMessage = any;

/** A client of the chat that asks and waits for the answer. */
export class ChatSocket implements AsyncDisposable {
  readonly #socket: WebSocketConn;
  readonly #messages: AsyncIterator<string | Uint8Array>;
  #requests = 0;

  private constructor(socket: WebSocketConn) {
    this.#socket = socket;
    this.#messages = socket[Symbol.asyncIterator]();
  }

  /** Connects to the server at a URL of the page. */
  static async open(page: URL): Promise<ChatSocket> {
    const url = new URL("/chat", page);
    const protocols = ["switchboard.chat.v1"];
    return new ChatSocket(await connectWebSocket(url, { protocols }));
  }

  /** How the connection ended, once it has. */
  get closed(): Promise<{ readonly code: number }> {
    return this.#socket.closed;
  }

  /** Sends a request; resolves to its answer, and passes all else. */
  async ask(request: Readonly<Record<string, unknown>>): Promise<ChatMessage> {
    const ref = `${++this.#requests}`;
    this.#socket.send(JSON.stringify({ ...request, ref }));
    return await this.next((message) => message.ref === ref);
  }

  /** The next message that is wanted. */
  async next(
    isWanted: (message: ChatMessage) => boolean,
  ): Promise<ChatMessage> {
    for (;;) {
      const { done, value } = await this.#messages.next();
      if (done) throw new Error("The server has closed the connection");
      const message = JSON.parse(value as string);
      if (isWanted(message)) return message;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await this.#socket.closed;
  }
}
