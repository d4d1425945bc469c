import { STATUS_TEXT } from "@std/http";
import type { HttpError } from "./errors.ts";
import { isFieldValue, isToken } from "./fields.ts";

/** What {@linkcode encodeResponseHead} writes. */
export interface ResponseHead {
  /** The version of the status line. Default: `HTTP/1.1`. */
  readonly version?: "HTTP/1.0" | "HTTP/1.1";
  /** The status, 100 to 999. */
  readonly status: number;
  /** The reason phrase. Default: the registered one, or none. */
  readonly statusText?: string;
  /** The field lines, written in order and with their case kept. */
  readonly fields: Iterable<readonly [name: string, value: string]>;
}

/** How {@linkcode encodeErrorResponse} answers. */
export interface ErrorResponseOptions {
  /** The time for Date in milliseconds since 1970. Default: now. */
  readonly now?: number;
  /** Leave the body away, for the answer to HEAD. Default: `false`. */
  readonly withoutBody?: boolean;
  /** Whether the connection ends with it. Default: `true`. */
  readonly close?: boolean;
}

const utf8 = new TextEncoder();
const CRLF = "\r\n";
const NO_BODY = new Uint8Array(0);
const MS_A_SECOND = 1000;

/** The interim response that lets a client send its body, RFC 9110 §15.2.1. */
export const CONTINUE: Uint8Array<ArrayBuffer> = utf8.encode(
  "HTTP/1.1 100 Continue\r\n\r\n",
);

/** The end of a chunked body without trailer fields, RFC 9112 §7.1. */
export const LAST_CHUNK: Uint8Array<ArrayBuffer> = utf8.encode("0\r\n\r\n");

/** The line end after the data of a chunk. */
export const CHUNK_END: Uint8Array<ArrayBuffer> = utf8.encode(CRLF);

/**
 * Makes the bytes of a response head, from the status line to the empty line.
 *
 * Nothing in a value can begin a line of its own: what could is refused.
 *
 * @throws {RangeError} if the status is not a whole number from 100 to 999
 * @throws {TypeError} if a field name is no token, or if a value or the reason
 * phrase has a control character or one above U+00FF
 *
 * @example
 * ```ts
 * import { encodeResponseHead } from "./encode.ts";
 *
 * encodeResponseHead({ status: 204, fields: [["Server", "switchboard"]] });
 * // HTTP/1.1 204 No Content␍␊Server: switchboard␍␊␍␊
 * ```
 */
export function encodeResponseHead(
  head: ResponseHead,
): Uint8Array<ArrayBuffer> {
  return encodeResponse(head, NO_BODY);
}

/**
 * Makes the bytes of a response head and of a body after it, so that both go
 * out in one write. It copies the body, which suits small ones.
 *
 * @throws {RangeError | TypeError} as {@linkcode encodeResponseHead} does
 */
export function encodeResponse(
  head: ResponseHead,
  body: Uint8Array,
): Uint8Array<ArrayBuffer> {
  const text = formatResponseHead(head);
  const bytes = new Uint8Array(text.length + body.length);
  writeLatin1(text, bytes);
  if (body.length > 0) bytes.set(body, text.length);
  return bytes;
}

/**
 * Makes one chunk of a chunked body; no bytes for no data, because a chunk
 * without data would end the body. It copies the data: for large data write
 * {@linkcode encodeChunkHeader}, the data and {@linkcode CHUNK_END}.
 */
export function encodeChunk(data: Uint8Array): Uint8Array<ArrayBuffer> {
  if (data.length === 0) return new Uint8Array(0);
  const header = encodeChunkHeader(data.length);
  const chunk = new Uint8Array(header.length + data.length + CRLF.length);
  chunk.set(header);
  chunk.set(data, header.length);
  chunk.set(CHUNK_END, header.length + data.length);
  return chunk;
}

/**
 * Makes the line before the data of a chunk of `size` bytes.
 *
 * @throws {RangeError} if `size` is not a whole number above 0
 */
export function encodeChunkHeader(size: number): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(size) || size <= 0) {
    throw new RangeError(`Cannot write a chunk: its size is ${size}`);
  }
  return utf8.encode(size.toString(16) + CRLF);
}

let dateSecond = NaN;
let dateText = "";

/**
 * Writes a time as an HTTP date (RFC 9110 §5.6.7), such as
 * `Sun, 06 Nov 1994 08:49:37 GMT`. The text is made once a second.
 *
 * @param now the time in milliseconds since 1970
 * @throws {RangeError} if `now` is no time
 */
export function httpDate(now: number): string {
  const second = Math.floor(now / MS_A_SECOND);
  if (second !== dateSecond) {
    const date = new Date(second * MS_A_SECOND);
    if (Number.isNaN(date.getTime())) {
      throw new RangeError(`Cannot write a date: ${now} is no time`);
    }
    dateText = date.toUTCString();
    dateSecond = second;
  }
  return dateText;
}

/**
 * Makes the whole response that reports an error: the message as a line of
 * plain text, and the end of the connection unless it goes on.
 */
export function encodeErrorResponse(
  error: HttpError,
  options: ErrorResponseOptions = {},
): Uint8Array<ArrayBuffer> {
  const { now = Date.now(), withoutBody = false, close = true } = options;
  const body = utf8.encode(`${error.message}\n`);
  // RFC 9110 §7.8: who sends Upgrade lists it in Connection too.
  const upgrades = error.headers.some(([name]) =>
    name.toLowerCase() === "upgrade"
  );
  const connection = [
    ...(close ? ["close"] : []),
    ...(upgrades ? ["Upgrade"] : []),
  ];
  const head: ResponseHead = {
    status: error.status,
    fields: [
      ["Date", httpDate(now)],
      ...(connection.length === 0
        ? []
        : [["Connection", connection.join(", ")] as const]),
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Content-Length", `${body.length}`],
      ...error.headers,
    ],
  };
  return encodeResponse(head, withoutBody ? NO_BODY : body);
}

function formatResponseHead(head: ResponseHead): string {
  let text = statusLine(head);
  for (const [name, value] of head.fields) {
    if (!isToken(name)) {
      throw new TypeError(
        `Cannot write the field ${
          JSON.stringify(name)
        }: no field has this name`,
      );
    }
    if (!isFieldValue(value)) {
      throw new TypeError(
        `Cannot write the field ${JSON.stringify(name)}: ` +
          "its value has a character that no field may have",
      );
    }
    text += name + ": " + value + CRLF;
  }
  return text + CRLF;
}

function statusLine({ version, status, statusText }: ResponseHead): string {
  if (!Number.isInteger(status) || status < 100 || status > 999) {
    throw new RangeError(`Cannot write the status ${status}`);
  }
  const reason = statusText ?? STATUS_TEXT[status] ?? "";
  if (!isFieldValue(reason)) {
    throw new TypeError(
      "Cannot write the status line: " +
        "its reason has a character that no reason may have",
    );
  }
  // RFC 9112 §4: the space stays when there is no reason phrase.
  return `${version ?? "HTTP/1.1"} ${status} ${reason}${CRLF}`;
}

function writeLatin1(text: string, bytes: Uint8Array): void {
  // The encoder is the fastest writer of ASCII, and of ASCII alone it makes
  // one byte a character. What it makes of other text is written over.
  const { read, written } = utf8.encodeInto(text, bytes);
  if (read === text.length && written === text.length) return;
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
}
