/**
 * Counts the messages that come from a server, and checks each one's kind and
 * length. It resumes at any byte.
 *
 * The load is no client for others: it trusts the server to send a message as
 * one frame, and passes over control frames.
 */
export class FrameCounter {
  readonly #firstByte: number;
  readonly #length: number | undefined;
  readonly #header = new Uint8Array(10);
  #headerBytes = 0;
  #headerLength = 2;
  #payloadLeft = 0;

  /**
   * Expects messages that begin with this byte, which says whether they are
   * final, compressed, and text; and that have so many bytes of payload, or any
   * number if `undefined`.
   */
  constructor(firstByte: number, length: number | undefined) {
    this.#firstByte = firstByte;
    this.#length = length;
  }

  /**
   * How many messages end in these bytes, which follow those of the last call.
   * Throws an `Error` when one is not what was expected.
   */
  count(bytes: Uint8Array): number {
    let messages = 0;
    let at = 0;
    while (at < bytes.length) {
      if (this.#headerBytes < this.#headerLength) {
        this.#header[this.#headerBytes++] = bytes[at++]!;
        if (this.#headerBytes === 2) this.#readShortLength();
        if (this.#headerBytes < this.#headerLength) continue;
        this.#readLength();
      }
      const step = Math.min(this.#payloadLeft, bytes.length - at);
      at += step;
      this.#payloadLeft -= step;
      if (this.#payloadLeft > 0) break;
      if (!this.#isControl) messages++;
      this.#headerBytes = 0;
      this.#headerLength = 2;
    }
    return messages;
  }

  // RFC 6455 §5.2: 126 and 127 stand for a length of 16 or 64 bits that follows.
  #readShortLength(): void {
    const short = this.#header[1]!;
    this.#headerLength = short < 126 ? 2 : short === 126 ? 4 : 10;
  }

  #readLength(): void {
    let length = this.#headerLength === 2 ? this.#header[1]! : 0;
    for (let i = 2; i < this.#headerLength; i++) {
      length = length * 256 + this.#header[i]!;
    }
    this.#payloadLeft = length;
    if (this.#isControl) return;
    if (
      this.#header[0] !== this.#firstByte ||
      (this.#length ?? length) !== length
    ) {
      throw new Error(
        `a frame of ${length} bytes began with 0x${
          this.#header[0]!.toString(16)
        }`,
      );
    }
  }

  get #isControl(): boolean {
    return (this.#header[0]! & 0x08) !== 0;
  }
}
