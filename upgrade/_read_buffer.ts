import { lendBuffer, returnBuffer } from "./_buffer_pool.ts";
import { nextTurn } from "./_turn.ts";

const SMALLEST = 256;
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
  #size: number;
  #smallReads = 0;
  #readsThisTurn = 0;
  #bytesThisTurn = 0;
  #start = 0;
  #end = 0;
  #filling: Promise<boolean> | undefined;

  /** Reads from `source`, `size` bytes at most at first. Default: 256. */
  constructor(source: ByteSource, size = SMALLEST) {
    this.#source = source;
    this.#size = size;
    this.#room = lendBuffer(size);
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

  /** All that is unread, and counts as used now; valid until the next read. */
  take(): Uint8Array<ArrayBuffer> {
    const { unread } = this;
    this.#start = this.#end;
    return unread;
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

  /**
   * Whether the next read should wait for the next turn of the event loop, for
   * others to have theirs. Asked once before each read.
   */
  hadItsTurn(): boolean {
    const had = this.#readsThisTurn === READS_A_TURN ||
      this.#bytesThisTurn >= BYTES_A_TURN;
    if (had) this.#readsThisTurn = this.#bytesThisTurn = 0;
    return had;
  }

  /** Room for one read, behind what is unread. */
  room(): Uint8Array<ArrayBuffer> {
    if (!this.isEmpty) {
      this.#makeRoomBehind();
      return this.#room.subarray(this.#end);
    }
    this.#start = this.#end = 0;
    if (this.#room.length !== this.#size) {
      returnBuffer(this.#room);
      this.#room = lendBuffer(this.#size);
    }
    return this.#room;
  }

  /** So many bytes were read into the room. */
  filled(read: number): void {
    const isWhole = this.#end === 0;
    this.#end += read;
    this.#readsThisTurn++;
    this.#bytesThisTurn += read;
    if (isWhole) this.#adapt(read);
  }

  async #fill(): Promise<boolean> {
    try {
      if (this.hadItsTurn()) await nextTurn();
      const read = await this.#source.read(this.room());
      if (read === null) return false;
      this.filled(read);
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
