// What is read ahead of a slow reader, in bytes; each message counts a little
// more than its payload, so that empty ones have a limit too.
const READ_AHEAD = 0x10000;
const COST_OF_ONE = 64;

/** What async iteration of a socket gives: text as string, binary as bytes. */
export type ReceivedData = string | Uint8Array<ArrayBuffer>;

/** The messages that wait for async iteration to take them. */
export class Inbox<Message> {
  readonly #lengthOf: (message: Message) => number;
  #messages: Message[] = [];
  #cost = 0;
  #limit = READ_AHEAD;
  #ended = false;
  #takers: ((result: IteratorResult<Message, undefined>) => void)[] = [];
  #room: PromiseWithResolvers<void> | undefined;

  /** Counts a message that waits with as many bytes as `lengthOf` it. */
  constructor(lengthOf: (message: Message) => number) {
    this.#lengthOf = lengthOf;
  }

  /** Puts a message in; a promise says when there is room for the next. */
  put(message: Message): Promise<void> | undefined {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker({ done: false, value: message });
      return undefined;
    }
    this.#messages.push(message);
    return this.charge(this.#lengthOf(message) + COST_OF_ONE);
  }

  /** Takes the next message, when there is one. */
  take(): Promise<IteratorResult<Message, undefined>> {
    const value = this.#messages.shift();
    if (value !== undefined) {
      this.refund(this.#lengthOf(value) + COST_OF_ONE);
      return Promise.resolve({ done: false, value });
    }
    if (this.#ended) return Promise.resolve({ done: true, value: undefined });
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Iterates over the messages; leaving the loop leaves those that wait. */
  iterate(): AsyncIterableIterator<Message, undefined> {
    return {
      next: () => this.take(),
      return: () => Promise.resolve({ done: true, value: undefined }),
      [Symbol.asyncIterator]() {
        return this;
      },
    };
  }

  /** Counts more bytes that wait; a promise says when there is room again. */
  charge(cost: number): Promise<void> | undefined {
    this.#cost += cost;
    if (this.#cost <= this.#limit) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Counts bytes that do not wait any more. */
  refund(cost: number): void {
    this.#cost -= cost;
    if (this.#cost <= this.#limit) this.#makeRoom();
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
