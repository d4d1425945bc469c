import type { WebSocketCloseInfo } from "./close_info.ts";
import { Inbox, type ReceivedData } from "./inbox.ts";
import { IncomingStreams } from "./incoming_streams.ts";
import type { WebSocketMessage } from "./message.ts";
import type { WebSocketPieceEvent } from "./protocol.ts";
import type { StreamedMessage } from "./streamed_message.ts";

/** Takes messages; a promise says when it takes the next one. */
export type Consumer = (message: WebSocketMessage) => Promise<void> | void;

// Each is the one before, and more.
const STATE = {
  waiting: 0,
  // Nobody is waited for.
  hurrying: 1,
  // What is still to come is dropped.
  dropping: 2,
  over: 3,
} as const;

/** Hands the messages of a connection to the one who reads them. */
export class Delivery {
  // How they are read, for there is only one way at a time.
  #way: string | undefined;
  #consumer: Consumer | undefined;
  // Resolved when somebody takes messages, or nobody need wait any more.
  #consumerCame: PromiseWithResolvers<void> | undefined;
  #reader: Inbox<ReceivedData> | IncomingStreams | undefined;
  #state: number = STATE.waiting;

  /** Hands over a message; a promise says when the next one can be. */
  deliver(message: WebSocketMessage): Promise<void> | void {
    if (this.#state >= STATE.dropping) return;
    if (this.#consumer !== undefined) return this.#consumer(message);
    if (this.#state === STATE.hurrying) return;
    this.#consumerCame ??= Promise.withResolvers();
    return this.#consumerCame.promise.then(() => {
      if (this.#consumer !== undefined) return this.deliver(message);
    });
  }

  /** Hands over a piece of a message, which only `streams()` has asked for. */
  deliverPiece(piece: WebSocketPieceEvent): Promise<void> | void {
    if (this.#state >= STATE.dropping) return;
    if (this.#reader instanceof IncomingStreams) return this.#reader.put(piece);
  }

  /** Hands all messages to `consumer`. Throws as {@linkcode Delivery.claim}. */
  consume(way: string, consumer: Consumer): void {
    this.#claim(way);
    this.#consumer = consumer;
    this.#consumerCame?.resolve();
  }

  /** Iterates over whole messages; throws when they are read in another way. */
  iterate(way: string): AsyncIterableIterator<ReceivedData, undefined> {
    if (this.#reader instanceof Inbox && this.#way === way) {
      return this.#reader.iterate();
    }
    const inbox = new Inbox<ReceivedData>(({ length }) => length);
    this.consume(way, (message) => {
      return inbox.put(message.isText ? message.text() : message.bytes.slice());
    });
    this.#read(inbox);
    return inbox.iterate();
  }

  /** Iterates over streams; throws when messages are read in another way. */
  iterateStreams(
    way: string,
  ): AsyncIterableIterator<StreamedMessage, undefined> {
    if (this.#reader instanceof IncomingStreams) return this.#reader.iterate();
    const streams = new IncomingStreams();
    this.consume(way, (message) => streams.put(message));
    this.#read(streams);
    return streams.iterate();
  }

  /** Makes nobody wait for room, or for somebody who takes messages. */
  letGo(): void {
    this.#goTo(STATE.hurrying);
  }

  /** Drops what is still to come, and so makes nobody wait. */
  stop(): void {
    this.#goTo(STATE.dropping);
  }

  /** Tells who reads that the connection is over. */
  end(info: WebSocketCloseInfo): void {
    this.#goTo(STATE.over);
    this.#reader?.end(info);
  }

  #goTo(state: number): void {
    this.#state = Math.max(this.#state, state);
    this.#consumerCame?.resolve();
    this.#reader?.lift();
  }

  #claim(way: string): void {
    if (this.#way !== undefined) {
      throw new TypeError(
        `Cannot read messages by ${way}: ${this.#way} reads them`,
      );
    }
    this.#way = way;
  }

  #read(reader: Inbox<ReceivedData> | IncomingStreams): void {
    this.#reader = reader;
    if (this.#state >= STATE.hurrying) reader.lift();
    if (this.#state === STATE.over) reader.end();
  }
}
