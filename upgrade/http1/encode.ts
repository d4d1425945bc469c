import { STATUS_TEXT } from "@std/http";
import type { HttpError } from "./errors.ts";
import { isFieldValue, isToken } from "./fields.ts";
import { encodeLatin1 } from "./latin1.ts";

/** What {@linkcode formatResponseHead} writes. */
export interface ResponseHead {
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
 * Makes a response head, from the status line to the empty line, of which each
 * character is to be one byte.
 *
 * Nothing in a value can begin a line of its own: what could is refused.
 *
 * @throws {RangeError} if the status is not a whole number from 100 to 999
 * @throws {TypeError} if a field name is no token, or if a value or the reason
 * phrase has a control character or one above U+00FF
 *
 * @example
 * ```ts
 * import { formatResponseHead } from "./encode.ts";
 *
 * formatResponseHead({ status: 204, fields: [["Server", "switchboard"]] });
 * // HTTP/1.1 204 No Content␍␊Server: switchboard␍␊␍␊
 * ```
 */
export function formatResponseHead(head: ResponseHead): string {
  return statusLine(head) + formatFields(head.fields) + CRLF;
}

/**
 * Makes field lines, of which each character is to be one byte.
 *
 * @throws {TypeError} if a name is no token, or if a value has a control
 * character or one above U+00FF
 */
export function formatFields(
  fields: Iterable<readonly [name: string, value: string]>,
): string {
  let text = "";
  for (const [name, value] of fields) {
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
  return text;
}

/**
 * Makes the line before the data of a chunk of `size` bytes (RFC 9112 §7.1).
 *
 * @throws {RangeError} if `size` is not a whole number above 0: an empty chunk
 * would end the body
 */
export function formatChunkHeader(size: number): string {
  if (!Number.isSafeInteger(size) || size <= 0) {
    throw new RangeError(`Cannot write a chunk: its size is ${size}`);
  }
  return size.toString(16) + CRLF;
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
  const text = utf8.encode(`${error.message}\n`);
  const body = withoutBody ? new Uint8Array(0) : text;
  // RFC 9110 §7.8: who sends Upgrade lists it in Connection too.
  const upgrades = error.headers.some(([name]) =>
    name.toLowerCase() === "upgrade"
  );
  const connection = [
    ...(close ? ["close"] : []),
    ...(upgrades ? ["Upgrade"] : []),
  ];
  const head = formatResponseHead({
    status: error.status,
    fields: [
      ["Date", httpDate(now)],
      ...(connection.length === 0
        ? []
        : [["Connection", connection.join(", ")] as const]),
      ["Content-Type", "text/plain; charset=utf-8"],
      ["Content-Length", `${text.length}`],
      ...error.headers,
    ],
  });
  const bytes = new Uint8Array(head.length + body.length);
  encodeLatin1(head, bytes);
  bytes.set(body, head.length);
  return bytes;
}

function statusLine({ status, statusText }: ResponseHead): string {
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
  return `HTTP/1.1 ${status} ${reason}${CRLF}`;
}
