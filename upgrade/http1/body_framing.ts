import { DIGIT, isMadeOf } from "./char_class.ts";
import { HttpError } from "./errors.ts";
import { isToken, trimOws } from "./fields.ts";

/** How the end of a request body is found, RFC 9112 §6. */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

/** What decides about the framing of a request. */
export interface FramingFields {
  /** The request method. */
  readonly method: string;
  /** The version of the request. */
  readonly version: "HTTP/1.0" | "HTTP/1.1";
  /** The values of all Content-Length lines. */
  readonly contentLength: readonly string[];
  /** The values of all Transfer-Encoding lines. */
  readonly transferEncoding: readonly string[];
}

const NONE: BodyFraming = { kind: "none" };
const CHUNKED: BodyFraming = { kind: "chunked" };

/**
 * Decides how the body of a request is framed, and refuses whatever two
 * recipients could read in two ways.
 *
 * @throws {HttpError} `bad_content_length`, `conflicting_content_length`,
 * `content_length_with_transfer_encoding`, `bad_transfer_encoding`,
 * `transfer_coding_not_supported`, `transfer_encoding_in_http_1_0`,
 * `connect_with_body`
 */
export function readBodyFraming(fields: FramingFields): BodyFraming {
  const { contentLength, transferEncoding } = fields;
  if (transferEncoding.length === 0 && contentLength.length === 0) return NONE;
  if (transferEncoding.length > 0) {
    // RFC 9112 §6.1: such a message is faulty, even if a sender of HTTP/1.0
    // meant it.
    if (fields.version === "HTTP/1.0") {
      throw new HttpError("transfer_encoding_in_http_1_0");
    }
    // RFC 9112 §6.3: it ought to be handled as an error, for it might be an
    // attempt at request smuggling.
    if (contentLength.length > 0) {
      throw new HttpError("content_length_with_transfer_encoding");
    }
    checkTransferEncoding(transferEncoding);
  }
  const framing: BodyFraming = transferEncoding.length > 0
    ? CHUNKED
    : { kind: "length", length: readContentLength(contentLength) };
  // RFC 9110 §9.3.6: CONNECT has no content; what follows its head belongs to
  // the tunnel, so a body there would be read in two ways.
  if (fields.method === "CONNECT" && hasContent(framing)) {
    throw new HttpError("connect_with_body");
  }
  return framing;
}

/** Says whether a body so framed has, or may have, a byte of content. */
export function hasContent(framing: BodyFraming): boolean {
  return framing.kind === "chunked" ||
    (framing.kind === "length" && framing.length > 0);
}

function readContentLength(values: readonly string[]): number {
  // RFC 9110 §8.6: a repeated value may be taken as one if all are the same.
  const [first = "", ...others] = values.flatMap((value) =>
    value.split(",").map(trimOws)
  );
  if (others.some((other) => other !== first)) {
    throw new HttpError("conflicting_content_length");
  }
  const length = Number(first);
  if (
    first === "" || !isMadeOf(first, DIGIT) || !Number.isSafeInteger(length)
  ) {
    throw new HttpError("bad_content_length");
  }
  return length;
}

function checkTransferEncoding(values: readonly string[]): void {
  // The list is read without the leniency of RFC 9110 §5.6.1.2: an empty
  // element here is how a request is made to look chunked to one recipient
  // only.
  const codings = values.flatMap((value) =>
    value.split(",").map((coding) => trimOws(coding).toLowerCase())
  );
  const last = codings.pop();
  // RFC 9112 §6.3: 400 if chunked is not the final coding.
  // RFC 9112 §7.1: chunked has no parameters and is applied once.
  const names = codings.map((coding) => trimOws(coding.split(";", 1)[0] ?? ""));
  if (
    last !== "chunked" ||
    names.some((name) => name === "chunked" || !isToken(name))
  ) {
    throw new HttpError("bad_transfer_encoding");
  }
  // RFC 9112 §6.1: 501 for a coding that the server does not understand.
  if (names.length > 0) throw new HttpError("transfer_coding_not_supported");
}
