import {
  createChat,
  openChat,
  type OpenChatOptions,
  type WebSocketChat,
} from "../../handlers/chat.ts";
import {
  type ChatStore,
  openStore,
  RateLimits,
} from "../../handlers/chat/mod.ts";
import { type HttpServer, serve } from "../../upgrade/mod.ts";

/** The real chat on a store in memory, which can go away and come back. */
export class ChatServer implements AsyncDisposable {
  readonly #store: ChatStore;
  readonly #options: OpenChatOptions;
  #chat!: WebSocketChat;
  #server!: HttpServer;
  #port = 0;

  private constructor(store: ChatStore, options: OpenChatOptions) {
    this.#store = store;
    this.#options = { limits: new RateLimits({ rates: false }), ...options };
  }

  /** Starts one on a free port. */
  static async start(options: OpenChatOptions = {}): Promise<ChatServer> {
    const server = new ChatServer(openStore({ path: ":memory:" }), options);
    await server.#start();
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.#port}/chat`;
  }

  /** What makes the first account the owner. */
  get ownerCode(): string | undefined {
    return this.#chat.identity.ownerCode;
  }

  /** Ends all connections; what is stored stays. */
  async restart(): Promise<void> {
    await this.#stop();
    await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stop();
    await this.#store[Symbol.asyncDispose]();
  }

  async #start(): Promise<void> {
    this.#chat = await openChat(this.#store, this.#options);
    this.#server = serve(
      { hostname: "127.0.0.1", port: this.#port, shutdownTimeout: 100 },
      createChat(this.#chat),
    );
    this.#port = (this.#server.addr as Deno.NetAddr).port;
  }

  async #stop(): Promise<void> {
    await this.#chat.close();
    await this.#server.shutdown();
  }
}
