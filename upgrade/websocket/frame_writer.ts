import { atEndOfTurn } from "../_turn.ts";
import type { Upgraded } from "../upgraded.ts";
import type { WebSocketConnOptions } from "./conn_options.ts";
import type { FrameQueue } from "./frame_queue.ts";
import type {
  EncodedMessages,
  WebSocketData,
  WebSocketSource,
} from "./message.ts";
import { Outbox, type OutboxTarget, takesTime } from "./outbox.ts";
import { closePayload, type WebSocketProtocol } from "./protocol.ts";

// The defaults of `maxBufferedBytes`, to wait and to close.
const HIGH_WATER = 0x10000;
const MOST_BUFFERED = 1 << 20;

/** Whom a {@linkcode FrameWriter} tells what it cannot mend. */
export interface FrameWriterOwner {
  /** Nothing can be written any more. */
  lose(error: unknown): void;
  /** A stream that was being sent has failed. */
  fail(error: unknown): void;
  /** More waits than may wait. */
  evict(): void;
}

/**
 * Writes what a protocol puts out: all that one turn of the event loop has sent
 * as one piece, and one piece at a time.
 */
export class FrameWriter implements OutboxTarget {
  readonly #protocol: WebSocketProtocol;
  readonly #output: FrameQueue;
  readonly #owner: FrameWriterOwner;
  // Above this many bytes, a sender is asked to wait.
  readonly #highWater: number;
  // Above this many bytes, the peer is too slow, unless it is one message.
  readonly #most: number;
  #io: Upgraded | undefined;
  // Whether a write can begin: it is open, and none has begun or will.
  #isIdle = false;
  #writing: Promise<void> | undefined;
  #inFlight = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  #outbox: Outbox | undefined;
  // The Close frame that follows what waits in the outbox.
  #goodbye: { code: number | undefined; reason: string } | undefined;
  /** Whether the peer has taken something; its owner sets it back. */
  wrote = false;
  /** How many bytes of pongs were put out since the last write. */
  pongBytes = 0;

  /** Writes what `protocol` puts out, from `open()` on. */
  constructor(
    protocol: WebSocketProtocol,
    owner: FrameWriterOwner,
    { overflow, maxBufferedBytes }: WebSocketConnOptions,
  ) {
    this.#protocol = protocol;
    this.#output = protocol.output;
    this.#owner = owner;
    if (overflow === "close") {
      this.#most = maxBufferedBytes ?? MOST_BUFFERED;
      this.#highWater = Math.min(this.#most, HIGH_WATER);
    } else {
      this.#most = Infinity;
      this.#highWater = maxBufferedBytes ?? HIGH_WATER;
    }
  }

  /** How many bytes wait to be written. */
  get length(): number {
    return this.#queued +
      (this.#outbox === undefined ? 0 : this.#outbox.length);
  }

  /** The write that is under way, if there is one; it never rejects. */
  get writing(): Promise<void> | undefined {
    return this.#writing;
  }

  /** Begins to write. */
  open(io: Upgraded): void {
    this.#io = io;
    this.#isIdle = true;
    if (this.#output.length > 0) this.schedule();
  }

  /** Sends a message, as {@linkcode WebSocketConn.send} does. */
  send(data: WebSocketSource): Promise<void> | undefined {
    if (this.#outbox !== undefined || takesTime(data)) {
      return this.#sendLater(data);
    }
    this.#protocol.send(data);
    this.schedule();
    if (this.#queued <= this.#highWater) return undefined;
    return this.#crowd();
  }

  /** Sends messages, as {@linkcode WebSocketConn.sendAll} does. */
  sendAll(batch: EncodedMessages): Promise<void> | undefined {
    if (this.#outbox !== undefined) {
      let room: Promise<void> | undefined;
      for (const message of batch.messages) room = this.send(message);
      return room;
    }
    this.#protocol.sendAll(batch);
    this.schedule();
    if (this.#queued <= this.#highWater) return undefined;
    return this.#crowd();
  }

  /** Puts out a message, whatever else waits. */
  put(data: WebSocketData): void {
    this.#protocol.send(data);
    this.schedule();
  }

  /** Puts out a piece of a message, whatever else waits. */
  putPiece(
    bytes: Uint8Array,
    options: { isText: boolean; isLast: boolean },
  ): void {
    this.#protocol.sendPiece(bytes, options);
    this.schedule();
  }

  /** Says when there is room for more, if there is none. */
  room(): Promise<void> | undefined {
    if (this.#queued <= this.#highWater) return undefined;
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /**
   * Puts out the Close frame: behind what waits, but a stream is cut off. Throws
   * a `RangeError` as {@linkcode WebSocketProtocol.close} does.
   */
  close(code?: number, reason = ""): void {
    if (this.#outbox !== undefined) {
      closePayload(code, reason);
      if (!this.#outbox.endAtStream()) {
        this.#goodbye ??= { code, reason };
        return;
      }
      this.#outbox = undefined;
    }
    this.#protocol.close(code, reason);
    this.schedule();
  }

  /** Ends what takes time to be sent, and lets all senders go. */
  cancel(reason: unknown): void {
    this.#outbox?.cancel(reason);
    this.#outbox = undefined;
    this.#letSendersGo();
  }

  /** Drops all that was not begun to be written. */
  drop(reason: unknown): void {
    this.cancel(reason);
    this.#output.clear();
  }

  /** Writes what there is at the end of this turn. */
  schedule(): void {
    if (!this.#isIdle) return;
    this.#isIdle = false;
    atEndOfTurn(this, flush);
  }

  /** Writes what there is, now. */
  flush(): void {
    if (this.#io === undefined || this.#writing !== undefined) return;
    if (this.#output.length > 0) this.#writing = this.#write(this.#io);
    else this.#isIdle = true;
  }

  get #queued(): number {
    return this.#output.length + this.#inFlight;
  }

  async #write(io: Upgraded): Promise<void> {
    const output = this.#output;
    try {
      while (output.length > 0) {
        this.pongBytes = 0;
        const piece = output.take();
        this.#inFlight = piece.length;
        // The peer's time to take some of it begins now.
        this.wrote = true;
        this.#inFlight -= await io.write(piece);
        this.wrote = true;
        while (this.#inFlight > 0) {
          const rest = piece.subarray(piece.length - this.#inFlight);
          this.#inFlight -= await io.write(rest);
          this.wrote = true;
        }
        output.release();
        if (output.length <= this.#highWater) this.#letSendersGo();
      }
    } catch (error) {
      this.#owner.lose(error);
    }
    this.#writing = undefined;
    this.#isIdle = true;
  }

  #letSendersGo(): void {
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Makes who has sent too much wait, or tells the owner. */
  #crowd(): Promise<void> | undefined {
    // One large message is the choice of who sends it, and no sign of slowness.
    const isFirst = this.#drained === undefined;
    const room = this.room();
    if (isFirst || this.#queued <= this.#most) return room;
    this.#owner.evict();
    return undefined;
  }

  #sendLater(data: WebSocketSource): Promise<void> | undefined {
    const outbox = this.#outbox ?? new Outbox(this);
    const sent = outbox.add(data);
    if (this.#outbox === undefined) {
      this.#outbox = outbox;
      // Who is told that a stream has failed may fail as well.
      this.#empty(outbox).catch(() => {});
    }
    if (takesTime(data)) return sent;
    if (this.length <= this.#highWater) return undefined;
    if (this.#queued + outbox.heldLength <= this.#most) return sent;
    this.#owner.evict();
    return undefined;
  }

  async #empty(outbox: Outbox): Promise<void> {
    try {
      await outbox.run();
    } catch (error) {
      if (this.#outbox === outbox) this.#owner.fail(error);
    }
    if (this.#outbox !== outbox) return;
    this.#outbox = undefined;
    if (this.#goodbye === undefined) return;
    this.#protocol.close(this.#goodbye.code, this.#goodbye.reason);
    this.schedule();
  }
}

function flush(writer: { flush(): void }): void {
  writer.flush();
}
