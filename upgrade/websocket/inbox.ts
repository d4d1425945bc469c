import type { WebSocketMessage } from "./message.ts";

// What is read ahead of a slow reader, in bytes; each message counts a little
// more than its payload, so that empty ones have a limit too.
const READ_AHEAD = 0x10000;
const COST_OF_ONE = 64;

/** What async iteration of a socket gives: text as string, binary as bytes. */
export type ReceivedData = string | Uint8Array<ArrayBuffer>;

/** The messages that wait for async iteration to take them. */
export class Inbox {
  #messages: ReceivedData[] = [];
  #cost = 0;
  #limit = READ_AHEAD;
  #ended = false;
  #takers: ((result: IteratorResult<ReceivedData, undefined>) => void)[] = [];
  #room: PromiseWithResolvers<void> | undefined;

  /** Copies a message in; a promise says when there is room for the next. */
  put(message: WebSocketMessage): Promise<void> | undefined {
    const value = message.isText ? message.text() : message.bytes.slice();
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker({ done: false, value });
      return undefined;
    }
    this.#messages.push(value);
    this.#cost += value.length + COST_OF_ONE;
    if (this.#cost <= this.#limit) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Takes the next message, when there is one. */
  take(): Promise<IteratorResult<ReceivedData, undefined>> {
    const value = this.#messages.shift();
    if (value !== undefined) {
      this.#cost -= value.length + COST_OF_ONE;
      if (this.#cost <= this.#limit) this.#makeRoom();
      return Promise.resolve({ done: false, value });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Lifts the limit: there is room for all that still comes. */
  lift(): void {
    this.#limit = Infinity;
    this.#makeRoom();
  }

  /** No message will follow; those that wait can still be taken. */
  end(): void {
    this.#ended = true;
    for (const taker of this.#takers) taker({ done: true, value: undefined });
    this.#takers = [];
    this.#makeRoom();
  }

  #makeRoom(): void {
    this.#room?.resolve();
    this.#room = undefined;
  }
}
