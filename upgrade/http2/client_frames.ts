import {
  encodeFrameHeader,
  FRAME_FLAGS,
  FRAME_HEADER_BYTES,
  FRAME_TYPES,
  type FrameHeader,
  readFrameHeader,
} from "./frame.ts";
import { PREFACE } from "./preface.ts";

const ACK = encodeFrameHeader({
  length: 0,
  type: FRAME_TYPES.settings,
  flags: FRAME_FLAGS.ack,
  streamId: 0,
});

/**
 * Follows the frames of a client on their way to the engine, which knows no limit
 * for two things.
 *
 * Until the client has acknowledged the engine's first SETTINGS, the engine takes
 * header lists of any size: with references to HPACK's table, a few bytes become
 * half a megabyte. So they are acknowledged for the client right after its own
 * first SETTINGS, and its own acknowledgement is left out. They may hold nothing
 * that a client could break by not knowing it yet.
 *
 * The engine does not tell of a stream that it refuses, but keeps its fields
 * until the garbage collector comes. So the streams are counted.
 */
export class ClientFrames {
  // The beginning of a frame's header whose rest is to come.
  #held: Uint8Array = new Uint8Array(0);
  // What is to come of the preface, or of the payload of a frame.
  #left = PREFACE.length;
  #acknowledging: "before" | "now" | "given" | "done" = "before";
  #lastStream = 0;
  #opened = 0;

  /** How many streams the client has begun. */
  get opened(): number {
    return this.#opened;
  }

  /** What the engine is to read instead of `bytes`, maybe nothing yet. */
  receive(bytes: Uint8Array): Uint8Array {
    const all = this.#held.length > 0 ? concat([this.#held, bytes]) : bytes;
    const pieces: Uint8Array[] = [];
    let from = 0;
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.#left, all.length - at);
      at += skipped;
      this.#left -= skipped;
      if (this.#left === 0 && this.#acknowledging === "now") {
        pieces.push(all.subarray(from, at), ACK);
        from = at;
        this.#acknowledging = "given";
      }
      if (this.#left > 0 || all.length - at < FRAME_HEADER_BYTES) break;
      const header = readFrameHeader(all.subarray(at));
      if (this.#isLeftOut(header)) {
        pieces.push(all.subarray(from, at));
        from = at + FRAME_HEADER_BYTES;
      }
      at += FRAME_HEADER_BYTES;
      this.#left = header.length;
    }
    this.#held = all.slice(at);
    return concat([...pieces, all.subarray(from, at)]);
  }

  #isLeftOut({ type, flags, length, streamId }: FrameHeader): boolean {
    if (type === FRAME_TYPES.headers && streamId > this.#lastStream) {
      this.#lastStream = streamId;
      this.#opened++;
    }
    if (type !== FRAME_TYPES.settings) return false;
    if ((flags & FRAME_FLAGS.ack) === 0) {
      if (this.#acknowledging === "before") this.#acknowledging = "now";
      return false;
    }
    if (length > 0 || this.#acknowledging !== "given") return false;
    this.#acknowledging = "done";
    return true;
  }
}

function concat(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}
