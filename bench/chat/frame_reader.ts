const SMALLEST = 1024;
const LARGEST = 0x10000;
/** RFC 6455 §5.2: FIN, without extensions, and the opcode of a text. */
const TEXT = 0x81;
/** The same of a Close frame. */
const CLOSE = 0x88;
/** The same of a ping. */
const PING = 0x89;

/**
 * Takes frames of a server apart. It is no client for others: it trusts the
 * server to send a message as one frame, of text.
 */
export class FrameReader {
  #bytes: Uint8Array<ArrayBuffer>;
  #start = 0;
  #end: number;
  readonly #onPing: (payload: Uint8Array) => void;

  /**
   * Begins with bytes that have come already. `onPing` gets the payload of each
   * ping, as bytes that are soon gone.
   */
  constructor(
    first: Uint8Array<ArrayBuffer>,
    onPing: (payload: Uint8Array) => void,
  ) {
    this.#onPing = onPing;
    this.#bytes = new Uint8Array(Math.max(SMALLEST, first.length));
    this.#bytes.set(first);
    this.#end = first.length;
  }

  /** Where more is to be read to. What `next` gave is gone then. */
  room(): Uint8Array<ArrayBuffer> {
    const left = this.#end - this.#start;
    const isFull = this.#end === this.#bytes.length;
    const size = this.#bytes.length;
    // A read that has filled all of it would have brought more.
    if (left === size || isFull && size < LARGEST) {
      const larger = new Uint8Array(size * 2);
      larger.set(this.#bytes.subarray(this.#start, this.#end));
      this.#bytes = larger;
    } else this.#bytes.copyWithin(0, this.#start, this.#end);
    this.#start = 0;
    this.#end = left;
    return this.#bytes.subarray(left);
  }

  /** So many bytes have been read. */
  filled(count: number): void {
    this.#end += count;
  }

  /**
   * The payload of the next message, if all of it is here. Throws an `Error`
   * for a frame that is not expected.
   */
  next(): Uint8Array | undefined {
    const payload = this.#nextPayload();
    if (payload === 0) return undefined;
    return this.#bytes.subarray(payload, this.#start);
  }

  /** As {@linkcode next}, of all that are here; gives only how many they are. */
  count(): number {
    let count = 0;
    while (this.#nextPayload() > 0) count++;
    return count;
  }

  /** Passes a message, and says where its payload begins; 0 if there is none. */
  #nextPayload(): number {
    const bytes = this.#bytes;
    for (;;) {
      const start = this.#start;
      if (this.#end - start < 2) return 0;
      const short = bytes[start + 1]!;
      // RFC 6455 §5.2: 126 and 127 stand for a length that follows.
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      const payload = start + header;
      if (payload > this.#end) return 0;
      let length = header === 2 ? short : 0;
      for (let at = start + 2; at < payload; at++) {
        length = length * 256 + bytes[at]!;
      }
      if (payload + length > this.#end) return 0;
      this.#start = payload + length;
      const first = bytes[start]!;
      if (first === TEXT) return payload;
      if (first === PING) this.#onPing(bytes.subarray(payload, this.#start));
      else if (first === CLOSE) {
        // RFC 6455 §5.5.1: the code, and the reason as text.
        const why = new TextDecoder().decode(
          bytes.subarray(payload + 2, this.#start),
        );
        throw new Error(`the server closed a connection: ${why}`);
      }
      // RFC 6455 §5.5: only control frames have this bit.
      if ((first & 0x08) === 0) {
        throw new Error(`a frame began with 0x${first.toString(16)}`);
      }
    }
  }
}
