import { ifMatch, ifNoneMatch } from "@std/http";
import { parseHttpDate } from "./http_date.ts";

/** What tells two states of a file apart (RFC 9110 §8.8). */
export interface Validators {
  /** The entity tag, weak or strong. */
  readonly etag: string;
  /** When the file was modified, if that is known. */
  readonly modified?: ModificationTime | undefined;
}

/** The modification time of a file in the precision of HTTP. */
export interface ModificationTime {
  /** A whole second, in milliseconds since 1970. */
  readonly time: number;
  /**
   * Whether that second is over, so that the time can only mean one state of
   * the file. Only then is it sent as `Last-Modified`, and believed when it
   * comes back.
   */
  readonly settled: boolean;
}

/** What {@linkcode checkPreconditions} finds. */
export type Precondition = "met" | "not_modified" | "failed";

/**
 * Judges the conditions of a GET or HEAD request, in the order of
 * RFC 9110 §13.2.2: `not_modified` is for 304, `failed` for 412.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { checkPreconditions } from "./conditions.ts";
 *
 * const headers = new Headers({ "if-none-match": '"a", "b"' });
 * assertEquals(checkPreconditions(headers, { etag: '"b"' }), "not_modified");
 * ```
 */
export function checkPreconditions(
  headers: Headers,
  { etag, modified }: Validators,
): Precondition {
  const match = headers.get("if-match");
  if (match !== null) {
    // RFC 9110 §13.1.1: "*" asks only for existence, so a weak tag will do.
    if (match !== "*" && !ifMatch(match, etag)) return "failed";
  } else {
    const unmodifiedSince = dateOf(headers, "if-unmodified-since");
    if (
      unmodifiedSince !== undefined && modified !== undefined &&
      modified.time > unmodifiedSince
    ) return "failed";
  }

  // RFC 9110 §13.1.3: a tag says more than a date, which is then ignored.
  const noneMatch = headers.get("if-none-match");
  if (noneMatch !== null) {
    return ifNoneMatch(noneMatch, etag) ? "met" : "not_modified";
  }
  const modifiedSince = dateOf(headers, "if-modified-since");
  const isKnown = modifiedSince !== undefined && modified !== undefined &&
    modified.settled && modified.time <= modifiedSince;
  return isKnown ? "not_modified" : "met";
}

/**
 * Whether a part of the file may be sent to the client (RFC 9110 §13.1.5): it
 * has other parts of this very state, or did not say that it has any.
 *
 * A weak tag never tells that, and a date only the one that was sent.
 */
export function isRangeCurrent(
  headers: Headers,
  { etag, modified }: Validators,
): boolean {
  const ifRange = headers.get("if-range");
  if (ifRange === null) return true;
  if (ifRange.includes('"')) {
    return ifRange === etag && !etag.startsWith("W/");
  }
  return modified !== undefined && modified.settled &&
    modified.time === parseHttpDate(ifRange);
}

function dateOf(headers: Headers, name: string): number | undefined {
  const value = headers.get(name);
  return value === null ? undefined : parseHttpDate(value);
}
