import { isUtf8 } from "node:buffer";

/**
 * Judges UTF-8 as it arrives in pieces, and fails at the first byte that no
 * continuation can mend (RFC 6455 §8.1, RFC 3629).
 */
export class Utf8Validator {
  // The sequence that a piece's end has cut: how many bytes it still lacks, and
  // the range its next byte must be in (RFC 3629 §4 narrows the second byte).
  #missing = 0;
  #lowest = 0x80;
  #highest = 0xbf;

  /** Takes the next piece; false when the text can no longer become valid. */
  push(bytes: Uint8Array): boolean {
    let start = 0;
    while (this.#missing > 0 && start < bytes.length) {
      if (!this.#step(bytes[start++]!)) return false;
    }
    const end = lastBoundary(bytes, start);
    if (start < end && !isUtf8(bytes.subarray(start, end))) return false;
    for (let i = Math.max(start, end); i < bytes.length; i++) {
      if (!this.#step(bytes[i]!)) return false;
    }
    return true;
  }

  /** Ends the text; false when it ends in the middle of a character. */
  finish(): boolean {
    const whole = this.#missing === 0;
    this.#missing = 0;
    return whole;
  }

  #step(byte: number): boolean {
    if (this.#missing > 0) {
      if (byte < this.#lowest || byte > this.#highest) return false;
      this.#missing--;
      this.#lowest = 0x80;
      this.#highest = 0xbf;
      return true;
    }
    if (byte < 0x80) return true;
    if (byte < 0xc2 || byte > 0xf4) return false;
    this.#missing = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    this.#lowest = byte === 0xe0 ? 0xa0 : byte === 0xf0 ? 0x90 : 0x80;
    this.#highest = byte === 0xed ? 0x9f : byte === 0xf4 ? 0x8f : 0xbf;
    return true;
  }
}

/** Where the last character that may be cut by the end of `bytes` begins. */
function lastBoundary(bytes: Uint8Array, start: number): number {
  const end = bytes.length;
  for (let i = end - 1; i >= start && i >= end - 3; i--) {
    const byte = bytes[i]!;
    if (byte >= 0xc0) return i;
    if (byte < 0x80) return end;
  }
  return end;
}
