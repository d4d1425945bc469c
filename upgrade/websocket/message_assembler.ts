import { lendBuffer, returnBuffer } from "../_buffer_pool.ts";
import { WebSocketError } from "./errors.ts";
import { Utf8Validator } from "./utf8.ts";

const NOTHING = new Uint8Array(0);
// A header may lie about what follows: room is made for at most this many times
// the bytes that have really come.
const HEADROOM = 4;

/** Puts together a message that came in more than one piece. */
export class MessageAssembler {
  // Most messages come in one piece, and are checked as one.
  #utf8: Utf8Validator | undefined;
  #buffer: Uint8Array<ArrayBuffer> = NOTHING;
  #length = 0;
  #fragments = 0;
  /** Whether the message is text. */
  isText = false;
  /** Whether the message is compressed, so that its bytes tell nothing yet. */
  compressed = false;
  /** Whether a message has begun and not ended. */
  active = false;

  /** How many bytes of the message there are. */
  get length(): number {
    return this.#length;
  }

  /** How many frames the message has had. */
  get fragments(): number {
    return this.#fragments;
  }

  /** Begins a message. */
  begin(isText: boolean, compressed = false): void {
    this.isText = isText;
    this.compressed = compressed;
    this.active = true;
    this.#length = 0;
    this.#fragments = 0;
  }

  /** Counts one more frame of the message. */
  countFragment(): void {
    this.#fragments++;
  }

  /**
   * Appends a piece, of a frame that has `remaining` more bytes. Throws
   * `invalid_utf8` as soon as the text can no longer be valid.
   */
  push(piece: Uint8Array, remaining: number): void {
    this.#check(piece);
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) this.#grow(length, remaining);
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  /** As `push()`, for a message of which nothing is kept. */
  pass(piece: Uint8Array): void {
    this.#check(piece);
    this.#length += piece.length;
  }

  /** Ends the message; its bytes stay as they are until `release()`. */
  end(): Uint8Array<ArrayBuffer> {
    this.active = false;
    if (this.isText && !this.compressed && this.#utf8?.finish() === false) {
      throw new WebSocketError("invalid_utf8");
    }
    return this.#buffer.subarray(0, this.#length);
  }

  /** Lets go of the message's bytes, unless the next message has begun. */
  release(): void {
    if (this.active || this.#buffer.length === 0) return;
    returnBuffer(this.#buffer);
    this.#buffer = NOTHING;
  }

  #check(piece: Uint8Array): void {
    if (!this.isText || this.compressed) return;
    this.#utf8 ??= new Utf8Validator();
    if (!this.#utf8.push(piece)) throw new WebSocketError("invalid_utf8");
  }

  #grow(length: number, remaining: number): void {
    // At least doubled, or a message of many small frames is moved with each.
    const room = Math.max(
      this.#buffer.length * 2,
      Math.min(length + remaining, length * HEADROOM),
    );
    const larger = lendBuffer(room);
    larger.set(this.#buffer.subarray(0, this.#length));
    if (this.#buffer.length > 0) returnBuffer(this.#buffer);
    this.#buffer = larger;
  }
}
