import { lendBuffer, returnBuffer } from "./_buffer_pool.ts";
import { nextTurn } from "./_turn.ts";

const SMALLEST = 1024;
const LARGEST = 1 << 18;
// The room halves after so many reads in a row that used a quarter at most.
const SMALL_READS = 4;
// A read of bytes that are there is over at once, without a turn of the event
// loop. One that always finds some would keep all others waiting: after so many
// reads, or so many bytes, the others have their turn.
const READS_A_TURN = 16;
const BYTES_A_TURN = 1 << 18;

/** What a {@linkcode ReadBuffer} reads from. */
export interface ByteSource {
  /** As `Deno.Conn.read`. */
  read(target: Uint8Array): Promise<number | null>;
}

/**
 * The bytes of a connection that were read and not used yet.
 *
 * Its room adapts: small while little comes, doubled when a read fills it,
 * smaller again when reads stay far below it.
 */
export class ReadBuffer {
  readonly #source: ByteSource;
  #room: Uint8Array<ArrayBuffer>;
  #size = SMALLEST;
  #smallReads = 0;
  #readsThisTurn = 0;
  #bytesThisTurn = 0;
  #start = 0;
  #end = 0;
  #filling: Promise<boolean> | undefined;

  /** Reads from `source`, after the bytes of `early`. */
  constructor(source: ByteSource, early?: Uint8Array) {
    this.#source = source;
    this.#room = lendBuffer(Math.max(SMALLEST, early?.length ?? 0));
    if (early !== undefined) {
      this.#room.set(early);
      this.#end = early.length;
    }
  }

  /** The bytes that were not used yet; valid until the next `fill()`. */
  get unread(): Uint8Array<ArrayBuffer> {
    return this.#room.subarray(this.#start, this.#end);
  }

  /** Whether there is anything unread. */
  get isEmpty(): boolean {
    return this.#start === this.#end;
  }

  /** Whether there is as much unread as is read ahead. */
  get isFull(): boolean {
    return this.#end - this.#start >= LARGEST;
  }

  /** The read that is under way, if there is one. */
  get filling(): Promise<boolean> | undefined {
    return this.#filling;
  }

  /** Counts `length` bytes as used. */
  consume(length: number): void {
    this.#start += length;
  }

  /**
   * Reads once, behind what is unread; false at the end of the stream. While one
   * read is under way, it is the one that is waited for.
   */
  fill(): Promise<boolean> {
    return this.#filling ??= this.#fill();
  }

  /** Lets go of the room; the buffer must not be used after this. */
  release(): void {
    if (this.#filling === undefined) returnBuffer(this.#room);
  }

  async #fill(): Promise<boolean> {
    if (!this.isEmpty) this.#makeRoomBehind();
    else {
      this.#start = this.#end = 0;
      if (this.#room.length !== this.#size) {
        returnBuffer(this.#room);
        this.#room = lendBuffer(this.#size);
      }
    }
    try {
      if (
        this.#readsThisTurn === READS_A_TURN ||
        this.#bytesThisTurn >= BYTES_A_TURN
      ) {
        this.#readsThisTurn = this.#bytesThisTurn = 0;
        await nextTurn();
      }
      const before = this.#end;
      const read = await this.#source.read(
        before === 0 ? this.#room : this.#room.subarray(before),
      );
      if (read === null) return false;
      this.#end = before + read;
      this.#readsThisTurn++;
      this.#bytesThisTurn += read;
      if (before === 0) this.#adapt(read);
      return true;
    } finally {
      this.#filling = undefined;
    }
  }

  #makeRoomBehind(): void {
    if (this.#end < this.#room.length) return;
    const { unread } = this;
    // Somebody may still look at the room that is left, so nobody else gets it.
    this.#room = lendBuffer(Math.max(unread.length * 2, SMALLEST));
    this.#room.set(unread);
    this.#start = 0;
    this.#end = unread.length;
  }

  #adapt(read: number): void {
    if (read === this.#room.length) {
      this.#smallReads = 0;
      this.#size = Math.min(read * 2, LARGEST);
    } else if (read > this.#room.length >>> 2) {
      this.#smallReads = 0;
    } else if (++this.#smallReads === SMALL_READS) {
      this.#smallReads = 0;
      this.#size = Math.max(this.#room.length >>> 1, SMALLEST);
    }
  }
}
