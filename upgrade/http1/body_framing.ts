import { DIGIT, isMadeOf } from "./char_class.ts";
import { HttpError } from "./errors.ts";
import { isToken, trimOws } from "./fields.ts";
import type { HttpVersion } from "./version_parser.ts";

/** How the end of a request body is found, RFC 9112 §6. */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

/** The fields that frame a body. */
export interface FramingFields {
  /** The version of the message. */
  readonly version: HttpVersion;
  /** The values of all Content-Length lines. */
  readonly contentLength: readonly string[];
  /** The values of all Transfer-Encoding lines. */
  readonly transferEncoding: readonly string[];
}

/** What decides about the framing of a request. */
export interface RequestFramingFields extends FramingFields {
  /** The request method. */
  readonly method: string;
}

/** How the end of a response body is found, RFC 9112 §6.3. */
export type ResponseFraming = BodyFraming | { readonly kind: "until_close" };

/** What decides about the framing of a response. */
export interface ResponseFramingFields extends FramingFields {
  /** The method of the request that it answers. */
  readonly method: string;
  /** The status. */
  readonly status: number;
}

const NONE: BodyFraming = { kind: "none" };
const CHUNKED: BodyFraming = { kind: "chunked" };
const UNTIL_CLOSE: ResponseFraming = { kind: "until_close" };

/**
 * Decides how the body of a request is framed, and refuses whatever two
 * recipients could read in two ways.
 *
 * @throws {HttpError} `bad_content_length`, `conflicting_content_length`,
 * `content_length_with_transfer_encoding`, `bad_transfer_encoding`,
 * `transfer_coding_not_supported`, `transfer_encoding_in_http_1_0`,
 * `connect_with_body`
 */
export function readBodyFraming(fields: RequestFramingFields): BodyFraming {
  const framing = readFraming(fields);
  if (framing === undefined) return NONE;
  // RFC 9110 §9.3.6: CONNECT has no content; what follows its head belongs to
  // the tunnel, so a body there would be read in two ways.
  if (fields.method === "CONNECT" && hasContent(framing)) {
    throw new HttpError("connect_with_body");
  }
  return framing;
}

/**
 * Decides how the body of a response is framed, as strictly as that of a
 * request.
 *
 * @throws {HttpError} what {@linkcode readBodyFraming} throws, but for
 * `connect_with_body`
 */
export function readResponseFraming(
  fields: ResponseFramingFields,
): ResponseFraming {
  const { method, status } = fields;
  // RFC 9112 §6.3, 1: these end with their head, whatever its fields say.
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) {
    return NONE;
  }
  // RFC 9112 §6.3, 2: a tunnel begins right after the head.
  if (method === "CONNECT" && status < 300) return NONE;
  // RFC 9112 §6.3, 8: without a length, it is what comes until the end.
  return readFraming(fields) ?? UNTIL_CLOSE;
}

/** What the fields say; `undefined` when there are none. */
function readFraming(fields: FramingFields): BodyFraming | undefined {
  const { contentLength, transferEncoding } = fields;
  if (transferEncoding.length === 0 && contentLength.length === 0) {
    return undefined;
  }
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
  return transferEncoding.length > 0
    ? CHUNKED
    : { kind: "length", length: readContentLength(contentLength) };
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
