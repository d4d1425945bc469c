import { WebSocketClosedError, type WebSocketCloseInfo } from "./close_info.ts";
import { Inbox } from "./inbox.ts";
import { MessagePipe } from "./message_pipe.ts";
import type { WebSocketMessage } from "./message.ts";
import type { WebSocketPieceEvent } from "./protocol.ts";
import type { StreamedMessage } from "./streamed_message.ts";

/** The messages that are read as streams: those that wait, and their bytes. */
export class IncomingStreams {
  readonly #inbox = new Inbox<StreamedMessage>(() => 0);
  // That of the message that is being received.
  #pipe: MessagePipe | undefined;

  /**
   * Copies in a message, or a piece of one; a promise says when there is room for
   * the next.
   */
  put(
    event: WebSocketMessage | WebSocketPieceEvent,
  ): Promise<void> | undefined {
    const isLast = event.type === "message" || event.isLast;
    const pipe = this.#pipe ?? this.#begin(event.isText);
    this.#pipe = isLast ? undefined : pipe;
    const waiting = pipe.push(event.bytes);
    if (isLast) pipe.end();
    return this.#inbox.charge(waiting);
  }

  /** Iterates over the messages. */
  iterate(): AsyncIterableIterator<StreamedMessage, undefined> {
    return this.#inbox.iterate();
  }

  /** Lifts the limit: there is room for all that still comes. */
  lift(): void {
    this.#inbox.lift();
  }

  /** Nothing will follow, and a message that is not whole never will be. */
  end(info?: WebSocketCloseInfo): void {
    if (info !== undefined) {
      this.#pipe?.end(new WebSocketClosedError("read the message", info));
    }
    this.#pipe = undefined;
    this.#inbox.end();
  }

  #begin(isText: boolean): MessagePipe {
    const pipe = new MessagePipe(
      isText,
      (length) => this.#inbox.refund(length),
    );
    this.#inbox.put(pipe.message);
    return pipe;
  }
}
