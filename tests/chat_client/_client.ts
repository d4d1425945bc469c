import {
  type ChatClient,
  type ChatEvents,
  type ChatOptions,
  connectChat,
} from "../../static/chat-client/mod.js";
import type { ScriptedServer } from "./_scripted_server.ts";

/** A client of nobody that comes back at once, and that a test disposes of. */
export class TestClient implements AsyncDisposable {
  readonly client: ChatClient;

  constructor(url: string, options: ChatOptions = {}) {
    this.client = connectChat(url, { backoff: () => 1, ...options });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}

/** Ana's client of a server. */
export function connect(
  server: ScriptedServer,
  options: ChatOptions = {},
): TestClient {
  return new TestClient(server.url, {
    identity: { name: "Ana" },
    ...options,
  });
}

/** The next event of this type that fits. */
export function next<T extends keyof ChatEvents>(
  client: ChatClient,
  type: T,
  fits: (event: ChatEvents[T][0]) => boolean = () => true,
): Promise<ChatEvents[T][0]> {
  const { promise, resolve } = Promise.withResolvers<ChatEvents[T][0]>();
  const stop = client.on(type, (...[event]) => {
    if (!fits(event)) return;
    stop();
    resolve(event);
  });
  return promise;
}

/** A storage as `localStorage` is. */
export class TestStorage {
  readonly items = new Map<string, string>();

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}
