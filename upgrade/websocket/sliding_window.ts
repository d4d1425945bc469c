const NOTHING: Uint8Array<ArrayBuffer> = new Uint8Array(0);
const LEAST_BYTES = 0x100;

/**
 * The last bytes that went one way: what DEFLATE may refer back to (RFC 1951
 * §2). Takes memory with the first bytes, and no more than they need.
 */
export class SlidingWindow {
  readonly #size: number;
  #buffer = NOTHING;
  #length = 0;

  /** Keeps 2 to the power of `bits` bytes at most. */
  constructor(bits: number) {
    this.#size = 1 << bits;
  }

  /** What is kept, oldest first: a view that holds until the next `push()`. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Appends bytes, and lets go of the oldest ones if there are too many. */
  push(bytes: Uint8Array): void {
    const added = bytes.length > this.#size
      ? bytes.subarray(bytes.length - this.#size)
      : bytes;
    const kept = Math.min(this.#length, this.#size - added.length);
    const length = kept + added.length;
    const old = this.#buffer.subarray(this.#length - kept, this.#length);
    if (length > this.#buffer.length) {
      this.#buffer = new Uint8Array(
        Math.min(
          this.#size,
          Math.max(length, this.#buffer.length * 2, LEAST_BYTES),
        ),
      );
    }
    this.#buffer.set(old);
    this.#buffer.set(added, kept);
    this.#length = length;
  }
}
