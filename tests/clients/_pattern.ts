import { createHash } from "node:crypto";

// Its length is a prime, so that no piece that is lost, repeated or misplaced
// leaves the bytes as they would be without the mistake.
const PERIOD = 65_521;
/** How many bytes {@linkcode patternAt} gives at most. */
export const PIECE = 0x10000;

const repeated = makePeriod();

function makePeriod(): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(PERIOD + PIECE);
  // A linear congruential generator: the same bytes in every process.
  let state = 1;
  for (let i = 0; i < PERIOD; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  bytes.copyWithin(PERIOD, 0, PIECE);
  return bytes;
}

/**
 * The bytes of the pattern from `offset` on: up to 64 KiB of `length`. They are
 * shared: whoever changes them changes the pattern.
 */
export function patternAt(
  offset: number,
  length: number,
): Uint8Array<ArrayBuffer> {
  const start = offset % PERIOD;
  return repeated.subarray(start, start + Math.min(length, PIECE));
}

/** The first `length` bytes of the pattern, made as they are asked for. */
export function patternStream(
  length: number,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  let offset = 0;
  return new ReadableStream({
    pull(controller) {
      const piece = patternAt(offset, length - offset);
      offset += piece.length;
      if (piece.length > 0) controller.enqueue(piece);
      if (offset === length) controller.close();
    },
  }, { highWaterMark: 0 });
}

/** The length of what comes, and its SHA-256 in hexadecimal digits. */
export interface Digest {
  readonly length: number;
  readonly sha256: string;
}

/** Takes in all that comes, if anything does, and keeps none of it. */
export async function digestOf(
  stream: AsyncIterable<Uint8Array> | null,
): Promise<Digest> {
  const hash = createHash("sha256");
  let length = 0;
  for await (const bytes of stream ?? []) {
    hash.update(bytes);
    length += bytes.length;
  }
  return { length, sha256: hash.digest("hex") };
}

/** The digest of the first `length` bytes of the pattern. */
export function patternDigest(length: number): Digest {
  const hash = createHash("sha256");
  for (let offset = 0; offset < length; offset += PIECE) {
    hash.update(patternAt(offset, length - offset));
  }
  return { length, sha256: hash.digest("hex") };
}
