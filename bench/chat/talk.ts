import { ChatText } from "../chat_text.ts";
import { Latencies } from "../latencies.ts";
import type { ChatClient } from "./chat_client.ts";

/** How long what is said is, in bytes. */
const TEXT_BYTES = 64;
/** What tells an answer to `send` from what others say: `{"type":"sent"`. */
const TYPE_AT = '{"type":"'.length;
const SENT = "s".charCodeAt(0);
const MESSAGE = "m".charCodeAt(0);

/**
 * A closed loop of people who talk: each says the next when the last is stored,
 * and it has heard as much as it has to.
 */
export class Talk {
  readonly #text = new ChatText();
  readonly #talkers: readonly Talker[];
  readonly #hears: number;
  #disposed = false;
  #failure: unknown;
  /** How many messages have been stored so far. */
  stored = 0;
  /** How many messages those who talk have heard. */
  heard = 0;
  /** How many bytes the last one had. */
  messageBytes = 0;
  /** From sending a message until it is stored. */
  readonly latencies: Latencies = new Latencies();

  /**
   * Those who talk are in their rooms already. Each has to hear `hears` messages
   * for each that it says: without that, the load would not be held back when it
   * is slower than the server.
   */
  constructor(
    talkers: readonly Talker[],
    { hears = 0 }: { readonly hears?: number } = {},
  ) {
    this.#talkers = talkers;
    this.#hears = hears;
  }

  /** Begins. */
  start(): void {
    for (const talker of this.#talkers) this.#run(talker);
  }

  /** Throws what went wrong on a connection, if something did. */
  check(): void {
    for (const { client } of this.#talkers) this.#failure ??= client.failure;
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Lets nobody say any more. */
  [Symbol.dispose](): void {
    this.#disposed = true;
  }

  #run({ client, room }: Talker): void {
    let sentAt = 0;
    let isStored = false;
    let toHear = 0;
    const say = () => {
      sentAt = performance.now();
      isStored = false;
      toHear += this.#hears;
      const text = this.#text.next().padEnd(TEXT_BYTES).slice(0, TEXT_BYTES);
      const id = crypto.randomUUID();
      client.send({ type: "send", room, id, text }).catch((error) => {
        if (!this.#disposed) this.#failure ??= error;
      });
    };
    client.onMessage = (payload) => {
      const type = payload[TYPE_AT];
      if (type === SENT) {
        this.stored++;
        this.latencies.add(performance.now() - sentAt);
        isStored = true;
      } else if (type === MESSAGE) {
        this.heard++;
        toHear--;
        this.messageBytes = payload.length;
      } else {
        // Nothing else is said meanwhile.
        this.#failure ??= new Error(new TextDecoder().decode(payload));
      }
      if (isStored && toHear <= 0 && !this.#disposed) say();
    };
    say();
  }
}

/** Somebody who talks. */
export interface Talker {
  readonly client: ChatClient;
  readonly room: string;
}
