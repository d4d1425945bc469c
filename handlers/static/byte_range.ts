/** A part of a file, by the positions of its first and its last byte. */
export interface ByteRange {
  /** The position of the first byte, from 0. */
  readonly first: number;
  /** The position of the last byte; it belongs to the part. */
  readonly last: number;
}

const ONE_RANGE = /^bytes=(?:(?<first>\d+)-(?<last>\d*)|-(?<suffix>\d+))$/i;

/**
 * Reads a `Range` field (RFC 9110 §14.1.2 and §14.2).
 *
 * One range of bytes is understood: `bytes=0-499`, `bytes=500-` or `bytes=-500`.
 * A `last` past the end means the end. The answer is `undefined` when the whole
 * is to be sent: the field is malformed, counts another unit, or asks for
 * several ranges, which a server may ignore and a client then gets in one piece.
 *
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { parseByteRange } from "./byte_range.ts";
 *
 * assertEquals(parseByteRange("bytes=-2", 10), { first: 8, last: 9 });
 * assertEquals(parseByteRange("bytes=10-", 10), "unsatisfiable");
 * ```
 *
 * @param field The field's value.
 * @param size The size of what is asked for, in bytes.
 */
export function parseByteRange(
  field: string,
  size: number,
): ByteRange | "unsatisfiable" | undefined {
  const groups = ONE_RANGE.exec(field)?.groups;
  if (groups === undefined) return undefined;
  if (groups.suffix !== undefined) return suffixOf(size, Number(groups.suffix));
  const first = Number(groups.first);
  const last = groups.last ? Number(groups.last) : Infinity;
  // RFC 9110 §14.1.1: such a range is invalid, not unsatisfiable.
  if (last < first) return undefined;
  if (first >= size) return "unsatisfiable";
  return { first, last: Math.min(last, size - 1) };
}

function suffixOf(
  size: number,
  length: number,
): ByteRange | "unsatisfiable" | undefined {
  if (length === 0) return "unsatisfiable";
  // RFC 9110 §14.1.2 calls it satisfiable, but Content-Range cannot say "none".
  if (size === 0) return undefined;
  return { first: Math.max(size - length, 0), last: size - 1 };
}
