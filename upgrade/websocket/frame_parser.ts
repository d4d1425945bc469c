import { OPCODE } from "./codes.ts";
import { WebSocketError } from "./errors.ts";
import { MAX_CONTROL_BYTES } from "./frame.ts";
import { applyMask } from "./mask.ts";

const NOTHING = new Uint8Array(0);
const MAX_HEADER_BYTES = 14;

/** Which side of a connection one is; it decides who masks (RFC 6455 §5.1). */
export type Role = "client" | "server";

/**
 * Reads frames from bytes that may be cut anywhere (RFC 6455 §5.2).
 *
 * Feed it with {@linkcode FrameParser.feed}; {@linkcode FrameParser.readHeader}
 * goes to the next frame, {@linkcode FrameParser.readPayload} gives what there
 * is of its payload.
 */
export class FrameParser {
  readonly #masked: boolean;
  readonly #mayCompress: boolean;
  #bytes: Uint8Array<ArrayBuffer> = NOTHING;
  #at = 0;
  // The part of a header that the end of the bytes fed before has cut.
  #cut: Uint8Array<ArrayBuffer> = NOTHING;
  #cutLength = 0;
  #key = 0;
  #read = 0;

  /** Whether this frame ends its message. */
  fin = true;
  /** The opcode of this frame. */
  opcode = 0;
  /** The payload length of this frame, in bytes. */
  length = 0;

  /** Whether this frame begins a compressed message (RFC 7692 §6). */
  compressed = false;

  /** Reads what the peer of `role` sends, which may have agreed to compress. */
  constructor(role: Role, mayCompress = false) {
    this.#masked = role === "server";
    this.#mayCompress = mayCompress;
  }

  /** How many bytes of this frame's payload have not been read. */
  get remaining(): number {
    return this.length - this.#read;
  }

  /**
   * Takes the next bytes, after all of the last ones have been read. They are
   * unmasked in place.
   */
  feed(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** Goes to the next frame; false when its header is not all there. */
  readHeader(): boolean {
    const bytes = this.#bytes;
    const at = this.#at;
    if (at === bytes.length) {
      // An idle connection keeps nothing of what it has read.
      this.feed(NOTHING);
      return false;
    }
    if (this.#cutLength > 0) return this.#readCutHeader();
    const size = bytes.length - at < 2 ? 2 : headerSize(bytes[at + 1]!);
    if (bytes.length - at < size) {
      if (this.#cut === NOTHING) this.#cut = new Uint8Array(MAX_HEADER_BYTES);
      this.#cut.set(bytes.subarray(at));
      this.#cutLength = bytes.length - at;
      this.#at = bytes.length;
      return false;
    }
    this.#decode(bytes, at, size);
    this.#at = at + size;
    return true;
  }

  /** The next piece of this frame's payload, unmasked: all that is there. */
  readPayload(): Uint8Array<ArrayBuffer> {
    const end = Math.min(this.#at + this.remaining, this.#bytes.length);
    const piece = this.#bytes.subarray(this.#at, end);
    if (this.#masked) applyMask(piece, this.#key, this.#read);
    this.#read += end - this.#at;
    this.#at = end;
    return piece;
  }

  #readCutHeader(): boolean {
    const cut = this.#cut;
    while (this.#at < this.#bytes.length) {
      cut[this.#cutLength++] = this.#bytes[this.#at++]!;
      if (this.#cutLength < 2) continue;
      const size = headerSize(cut[1]!);
      if (this.#cutLength < size) continue;
      this.#cutLength = 0;
      this.#decode(cut, 0, size);
      return true;
    }
    return false;
  }

  #decode(bytes: Uint8Array, at: number, size: number): void {
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    this.fin = (first & 0x80) !== 0;
    this.opcode = first & 0x0f;
    this.#read = 0;
    this.compressed = (first & 0x70) !== 0 && this.#isCompressed(first);
    this.#checkOpcode();
    // RFC 6455 §5.1: a client masks every frame, a server none.
    const masked = (second & 0x80) !== 0;
    if (masked !== this.#masked) {
      throw new WebSocketError(masked ? "masked_frame" : "unmasked_frame");
    }
    this.length = decodeLength(bytes, at, second & 0x7f);
    this.#checkControl();
    if (masked) {
      const k = at + size - 4;
      this.#key = bytes[k]! | bytes[k + 1]! << 8 | bytes[k + 2]! << 16 |
        bytes[k + 3]! << 24;
    }
  }

  // RFC 6455 §5.2: without an extension, no reserved bit has a meaning. RFC 7692
  // §6.1: with it, RSV1 has one in the first frame of a message.
  #isCompressed(first: number): boolean {
    const beginsMessage = this.opcode === OPCODE.text ||
      this.opcode === OPCODE.binary;
    if (this.#mayCompress && beginsMessage && (first & 0x70) === 0x40) {
      return true;
    }
    throw new WebSocketError("reserved_bits");
  }

  #checkOpcode(): void {
    const { opcode } = this;
    const known = opcode <= OPCODE.binary ||
      opcode >= OPCODE.close && opcode <= OPCODE.pong;
    if (!known) throw new WebSocketError("reserved_opcode");
  }

  // RFC 6455 §5.5.
  #checkControl(): void {
    if (this.opcode < OPCODE.close) return;
    if (this.length > MAX_CONTROL_BYTES) {
      throw new WebSocketError("control_too_long");
    }
    if (!this.fin) throw new WebSocketError("fragmented_control");
  }
}

function headerSize(second: number): number {
  const length = second & 0x7f;
  return (length < 126 ? 2 : length === 126 ? 4 : 10) +
    ((second & 0x80) === 0 ? 0 : 4);
}

// RFC 6455 §5.2: the shortest form, and the highest bit of 64 is never set.
function decodeLength(bytes: Uint8Array, at: number, short: number): number {
  if (short < 126) return short;
  if (short === 126) {
    const length = bytes[at + 2]! << 8 | bytes[at + 3]!;
    if (length < 126) throw new WebSocketError("non_minimal_length");
    return length;
  }
  let length = 0;
  for (let i = at + 2; i < at + 10; i++) length = length * 256 + bytes[i]!;
  if (bytes[at + 2]! >= 0x80) throw new WebSocketError("length_out_of_range");
  if (length < 0x10000) throw new WebSocketError("non_minimal_length");
  return length;
}
