import { lendBuffer, returnBuffer } from "../_buffer_pool.ts";
import { OPCODE, type Opcode } from "./codes.ts";
import { frameHeaderLength, writeFrameHeader } from "./frame.ts";
import { applyMask } from "./mask.ts";
import {
  EncodedMessage,
  payloadOf,
  type WebSocketData,
  WebSocketMessage,
} from "./message.ts";

const encoder = new TextEncoder();
// A string of up to this many UTF-16 units is encoded in place, without an
// array of its own; each unit takes three bytes at most.
const IN_PLACE_UNITS = 0x4000;
// Up to this size, runs of shared frames are joined by a copy for one write.
const JOINED_BYTES = 0x10000;
// A run keeps the whole buffer alive that it lies in, which is far larger than a
// frame: from so many runs on, what waits for a slow peer is copied instead.
const MOST_RUNS = 16;
// Room for a control frame, and then for what a turn sends, as a rule.
const FIRST_ROOM = 256;
const SECOND_ROOM = 1024;
const NO_RUNS: readonly never[] = [];
const NOTHING = new Uint8Array(0);

/** Makes the masking key of a frame, unpredictable to the peer. */
export type MaskingKey = () => number;

/**
 * The frames that wait to be written, as one piece if possible.
 *
 * Frames are encoded into one buffer. Encoded messages are only referred to, as
 * long as nothing else is queued; those that lie side by side are one piece.
 */
export class FrameQueue {
  readonly #maskingKey: MaskingKey | undefined;
  // Frames of our own, or, if nothing is in there, a run of shared ones.
  #buffer: Uint8Array<ArrayBuffer> = NOTHING;
  #length = 0;
  #taken: Uint8Array<ArrayBuffer> = NOTHING;
  // Runs of shared frames that do not lie beside the last one.
  #earlier: readonly Uint8Array<ArrayBuffer>[] = NO_RUNS;
  #earlierLength = 0;
  #shared: ArrayBuffer | undefined;
  #sharedStart = 0;
  #sharedEnd = 0;

  /** Masks every frame if `maskingKey` is given, as a client has to. */
  constructor(maskingKey?: MaskingKey) {
    this.#maskingKey = maskingKey;
  }

  /** How many bytes wait. */
  get length(): number {
    return this.#length + this.#sharedLength;
  }

  /** Appends a message as one final frame. */
  pushMessage(data: WebSocketData): void {
    if (typeof data === "string") this.#pushText(data);
    else if (data instanceof WebSocketMessage) {
      this.push(data.isText ? OPCODE.text : OPCODE.binary, data.bytes);
    } else if (
      data instanceof EncodedMessage && this.#maskingKey === undefined
    ) this.pushShared(data.frame);
    else {
      const { isText, bytes } = payloadOf(data);
      this.push(isText ? OPCODE.text : OPCODE.binary, bytes);
    }
  }

  /** Appends one final frame. */
  push(opcode: Opcode, payload: Uint8Array): void {
    const length = payload.length;
    const masked = this.#maskingKey !== undefined;
    const at = this.#reserve(frameHeaderLength(length, masked) + length);
    const start = this.#writeHeader(at, opcode, length);
    this.#buffer.set(payload, start);
    this.#finish(start, length);
  }

  /** Appends one final frame of a compressed message (RFC 7692 §6). */
  pushCompressed(opcode: Opcode, payload: Uint8Array): void {
    this.push(opcode, payload);
    this.#buffer[this.#lastFrame(payload.length)]! |= 0x40;
  }

  /** Appends one frame of a message in pieces, the last one or another. */
  pushPiece(opcode: Opcode, payload: Uint8Array, isLast: boolean): void {
    this.push(opcode, payload);
    if (!isLast) this.#buffer[this.#lastFrame(payload.length)]! &= 0x7f;
  }

  /** Forgets all that waits, but for what was taken. */
  clear(): void {
    returnBuffer(this.#buffer);
    this.#buffer = NOTHING;
    this.#length = 0;
    this.#earlier = NO_RUNS;
    this.#earlierLength = 0;
    this.#forgetShared();
  }

  /**
   * Takes the first piece of what waits, nearly always all of it. It stays as it
   * is until {@linkcode FrameQueue.release}. One piece can be out at a time.
   */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#earlier.length > 0) return this.#takeRuns();
    if (this.#shared !== undefined) {
      const run = this.#lastRun(this.#shared);
      this.#forgetShared();
      return run;
    }
    const taken = this.#buffer.subarray(0, this.#length);
    this.#taken = this.#buffer;
    this.#buffer = NOTHING;
    this.#length = 0;
    return taken;
  }

  /** Says that the piece that was taken is no longer used. */
  release(): void {
    returnBuffer(this.#taken);
    this.#taken = NOTHING;
  }

  /** Takes as many runs as are worth a copy together, or a large one alone. */
  #takeRuns(): Uint8Array<ArrayBuffer> {
    this.#endRun();
    let count = 0;
    let length = 0;
    for (const run of this.#earlier) {
      if (count > 0 && length + run.length > JOINED_BYTES) break;
      length += run.length;
      count++;
    }
    const runs = this.#earlier.slice(0, count);
    this.#earlier = count === this.#earlier.length
      ? NO_RUNS
      : this.#earlier.slice(count);
    this.#earlierLength -= length;
    if (count === 1) return runs[0]!;
    const joined = this.#taken = lendBuffer(length);
    let at = 0;
    for (const run of runs) {
      joined.set(run, at);
      at += run.length;
    }
    return joined.subarray(0, length);
  }

  /** What comes next does not lie beside the last run of shared frames. */
  #endRun(): void {
    if (this.#shared === undefined) return;
    const run = this.#lastRun(this.#shared);
    this.#earlier = this.#earlier.concat(run);
    this.#earlierLength += run.length;
    this.#forgetShared();
  }

  /** Where the last frame begins, whose payload has `length` bytes. */
  #lastFrame(length: number): number {
    const header = frameHeaderLength(length, this.#maskingKey !== undefined);
    return this.#length - length - header;
  }

  #pushText(text: string): void {
    const units = text.length;
    if (units > IN_PLACE_UNITS) {
      return this.push(OPCODE.text, encoder.encode(text));
    }
    const masked = this.#maskingKey !== undefined;
    const most = units * 3;
    const at = this.#reserve(frameHeaderLength(most, masked) + most);
    // Most text is ASCII: put the payload where it belongs if this one is.
    const guess = at + frameHeaderLength(units, masked);
    const length = encoder.encodeInto(text, this.#buffer.subarray(guess))
      .written;
    const start = this.#writeHeader(at, OPCODE.text, length);
    // The header is written after the payload: a longer one needs room first.
    if (start !== guess) {
      encoder.encodeInto(text, this.#buffer.subarray(start));
    }
    this.#finish(start, length);
  }

  /** Appends a frame that is sent to others as well, as a server sends it. */
  pushShared(frame: Uint8Array<ArrayBuffer>): void {
    const { buffer, byteOffset, length } = frame;
    if (this.#shared === buffer && this.#sharedEnd === byteOffset) {
      this.#sharedEnd += length;
    } else if (this.#length === 0 && this.#earlier.length < MOST_RUNS) {
      this.#endRun();
      this.#shared = buffer;
      this.#sharedStart = byteOffset;
      this.#sharedEnd = byteOffset + length;
    } else {
      const at = this.#reserve(length);
      this.#buffer.set(frame, at);
      this.#length = at + length;
    }
  }

  /** Makes room behind what waits, and returns where it begins. */
  #reserve(length: number): number {
    const needed = this.length + length;
    if (needed > this.#buffer.length) {
      const least = this.#buffer.length === 0 ? FIRST_ROOM : SECOND_ROOM;
      const larger = lendBuffer(
        Math.max(needed, this.#buffer.length * 2, least),
      );
      if (this.#buffer.length > 0) {
        larger.set(this.#buffer.subarray(0, this.#length));
        returnBuffer(this.#buffer);
      }
      this.#buffer = larger;
    }
    this.#endRun();
    for (const run of this.#earlier) {
      this.#buffer.set(run, this.#length);
      this.#length += run.length;
    }
    if (this.#earlier.length > 0) {
      this.#earlier = NO_RUNS;
      this.#earlierLength = 0;
    }
    return this.#length;
  }

  #writeHeader(at: number, opcode: Opcode, length: number): number {
    const masked = this.#maskingKey !== undefined;
    const end = writeFrameHeader(this.#buffer, at, { opcode, length, masked });
    return masked ? end + 4 : end;
  }

  /** Masks the payload if need be, and counts the frame in. */
  #finish(start: number, length: number): void {
    if (this.#maskingKey !== undefined) {
      const key = this.#maskingKey();
      for (let i = 0; i < 4; i++) this.#buffer[start - 4 + i] = key >>> (8 * i);
      applyMask(this.#buffer.subarray(start, start + length), key);
    }
    this.#length = start + length;
  }

  get #sharedLength(): number {
    return this.#earlierLength + this.#sharedEnd - this.#sharedStart;
  }

  #lastRun(shared: ArrayBuffer): Uint8Array<ArrayBuffer> {
    const length = this.#sharedEnd - this.#sharedStart;
    return new Uint8Array(shared, this.#sharedStart, length);
  }

  #forgetShared(): void {
    this.#shared = undefined;
    this.#sharedStart = this.#sharedEnd = 0;
  }
}
