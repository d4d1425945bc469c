import { contentType } from "@std/media-types";
import { type ByteRange, parseByteRange } from "./byte_range.ts";
import { cacheLifetime, REVALIDATED } from "./cache_lifetime.ts";
import {
  checkPreconditions,
  isRangeCurrent,
  type Validators,
} from "./conditions.ts";
import type { ContentCoding } from "./content_coding.ts";

/** What is known of a file, or of the variant of it that a client gets. */
export interface Representation extends Validators {
  /** The name that was asked for, which tells type and lifetime otherwise. */
  readonly name: string;
  /** The media type, if the name does not tell it. */
  readonly type?: string;
  /** The `Cache-Control` of the file, if the name does not tell it. */
  readonly lifetime?: string;
  /** In bytes, as it will be sent. */
  readonly size: number;
  /** How it is compressed, if it is. */
  readonly coding?: ContentCoding | undefined;
  /** Whether the file is there in several codings. */
  readonly hasVariants: boolean;
}

/** How a request is answered, without the bytes of the file. */
export interface FileAnswer {
  /** The status code. */
  readonly status: 200 | 206 | 304 | 412 | 416;
  /** The fields, with names in lower case. */
  readonly fields: Readonly<Record<string, string>>;
  /** The part of the file that is the body, if it has any byte. */
  readonly part?: ByteRange;
  /** A body for a person, in place of the file. */
  readonly text?: string;
}

/**
 * Decides on the answer to GET or HEAD for a file that is there: conditions
 * first (RFC 9110 §13), then the range (RFC 9110 §14).
 */
export function answerFile(
  request: Pick<Request, "method" | "headers">,
  representation: Representation,
): FileAnswer {
  const { etag, hasVariants, name, size } = representation;
  const { lifetime = cacheLifetime(name) } = representation;
  // RFC 9110 §12.5.5: also where the choice did not change this answer.
  const vary = { ...(hasVariants && { vary: "Accept-Encoding" }) };
  const precondition = checkPreconditions(request.headers, representation);
  if (precondition === "failed") {
    return {
      status: 412,
      fields: { ...vary, etag, "cache-control": REVALIDATED },
      text: "The file is not in the state that you asked for.\n",
    };
  }
  const kept = { ...vary, etag, "cache-control": lifetime };
  // RFC 9110 §15.4.5: what a cache needs, not what it has.
  if (precondition === "not_modified") return { status: 304, fields: kept };

  const range = rangeOf(request, representation);
  if (range === "unsatisfiable") {
    return {
      status: 416,
      fields: {
        ...vary,
        etag,
        "cache-control": REVALIDATED,
        "content-range": `bytes */${size}`,
      },
      text: `The file has ${size} bytes.\n`,
    };
  }
  const part = range ?? { first: 0, last: size - 1 };
  const fields = {
    ...kept,
    ...describe(representation),
    "content-length": `${part.last - part.first + 1}`,
  };
  if (range === undefined) {
    return { status: 200, fields, ...(size > 0 && { part }) };
  }
  const place = `bytes ${part.first}-${part.last}/${size}`;
  return { status: 206, fields: { ...fields, "content-range": place }, part };
}

function rangeOf(
  { method, headers }: Pick<Request, "method" | "headers">,
  { etag, modified, hasVariants, size }: Representation,
): ByteRange | "unsatisfiable" | undefined {
  const range = headers.get("range");
  // RFC 9110 §14.2: a range of anything but GET means nothing.
  if (range === null || method !== "GET") return undefined;
  // Variants may share a date, and their parts must not be put together.
  const validators = hasVariants ? { etag } : { etag, modified };
  if (!isRangeCurrent(headers, validators)) return undefined;
  return parseByteRange(range, size);
}

function describe(
  { name, coding, modified, type = typeOf(name) }: Representation,
): Record<string, string> {
  return {
    "accept-ranges": "bytes",
    "content-type": type,
    ...(coding !== undefined && { "content-encoding": coding }),
    ...(modified?.settled && {
      "last-modified": new Date(modified.time).toUTCString(),
    }),
  };
}

function typeOf(name: string): string {
  const extension = /\.[^.]+$/.exec(name)?.[0];
  return extension && contentType(extension) || "application/octet-stream";
}
