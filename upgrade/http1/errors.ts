import { isFieldValue, isToken } from "./fields.ts";

/**
 * Every violation that this HTTP/1.1 layer and the connection above it report:
 * a stable code, the status that answers it, and a sentence for a person.
 */
export const HTTP_ERRORS = {
  bad_request_line: {
    status: 400,
    message:
      "The request line is not a method, a target and a version, each after one space.",
  },
  bad_method: {
    status: 400,
    message: "The request method has a character that no method may have.",
  },
  method_too_long: {
    status: 501,
    message: "The request method is longer than any that this server knows.",
  },
  bad_target: {
    status: 400,
    message: "The request target is not valid for this method.",
  },
  misdirected: {
    status: 421,
    message: "The target has another scheme than this connection.",
  },
  target_too_long: {
    status: 414,
    message: "The request target is too long.",
  },
  version_not_supported: {
    status: 505,
    message: "This server speaks HTTP/1.1 and HTTP/1.0 only.",
  },
  bare_lf: {
    status: 400,
    message: "A line ends with LF alone; it has to end with CR LF.",
  },
  bare_cr: {
    status: 400,
    message: "A CR is not followed by LF.",
  },
  obs_fold: {
    status: 400,
    message: "A field line begins with white space.",
  },
  bad_field_name: {
    status: 400,
    message: "A field name is empty or has a character it may not have.",
  },
  bad_field_value: {
    status: 400,
    message: "A field value has a control character.",
  },
  head_too_large: {
    status: 431,
    message: "The request line and the header fields are too large.",
  },
  too_many_fields: {
    status: 431,
    message: "The request has too many header fields.",
  },
  missing_host: {
    status: 400,
    message: "An HTTP/1.1 request needs a Host field.",
  },
  duplicate_host: {
    status: 400,
    message: "The request has more than one Host field.",
  },
  bad_host: {
    status: 400,
    message: "The Host field is not a host with an optional port.",
  },
  bad_connection: {
    status: 400,
    message: "The Connection field is not a list of tokens.",
  },
  bad_upgrade: {
    status: 400,
    message: "The Upgrade field is not a list of protocols.",
  },
  http2_settings_missing: {
    status: 400,
    message: "An upgrade to h2c needs an HTTP2-Settings field.",
  },
  http2_settings_repeated: {
    status: 400,
    message: "The request has more than one HTTP2-Settings field.",
  },
  http2_settings_not_in_connection: {
    status: 400,
    message: "The Connection field has to list HTTP2-Settings.",
  },
  bad_http2_settings: {
    status: 400,
    message: "The HTTP2-Settings field is not settings in base64url.",
  },
  http2_setting_out_of_range: {
    status: 400,
    message: "A value of HTTP2-Settings is out of its range.",
  },
  connect_over_http2: {
    status: 501,
    message: "This server speaks CONNECT over HTTP/1.1 only.",
  },
  bad_content_length: {
    status: 400,
    message: "The Content-Length field is not a whole number in range.",
  },
  conflicting_content_length: {
    status: 400,
    message: "The request has Content-Length values that differ.",
  },
  content_length_with_transfer_encoding: {
    status: 400,
    message: "The request has both Content-Length and Transfer-Encoding.",
  },
  bad_transfer_encoding: {
    status: 400,
    message: "Transfer-Encoding has to end with chunked, once.",
  },
  transfer_coding_not_supported: {
    status: 501,
    message: "This server knows no transfer coding but chunked.",
  },
  transfer_encoding_in_http_1_0: {
    status: 400,
    message: "An HTTP/1.0 request may not have Transfer-Encoding.",
  },
  connect_with_body: {
    status: 400,
    message: "A CONNECT request may not have a body.",
  },
  expectation_failed: {
    status: 417,
    message: "This server meets no expectation but 100-continue.",
  },
  bad_chunk_size: {
    status: 400,
    message: "A chunk size is not a hexadecimal number.",
  },
  chunk_too_large: {
    status: 400,
    message: "A chunk size is larger than can be counted.",
  },
  bad_chunk_extension: {
    status: 400,
    message: "A chunk extension is not well formed.",
  },
  chunk_extension_too_long: {
    status: 400,
    message: "The chunk extensions are too long.",
  },
  bad_chunk_end: {
    status: 400,
    message: "The data of a chunk is not followed by CR LF.",
  },
  bad_trailer: {
    status: 400,
    message: "A trailer field tries to change the framing or the host.",
  },
  trailers_too_large: {
    status: 431,
    message: "The trailer fields are too large.",
  },
  too_many_trailers: {
    status: 431,
    message: "The request has too many trailer fields.",
  },
  body_too_large: {
    status: 413,
    message: "The request body is too large.",
  },
  incomplete_body: {
    status: 400,
    message: "The request body ended before it was complete.",
  },
  head_timeout: {
    status: 408,
    message: "The request head took too long to arrive.",
  },
  body_timeout: {
    status: 408,
    message: "The request body took too long to arrive.",
  },
  upgrade_required: {
    status: 426,
    message: "This address speaks only the protocols that Upgrade lists.",
  },
  too_many_connections: {
    status: 429,
    message: "There are too many connections from your address.",
  },
  internal_error: {
    status: 500,
    message: "The server failed to answer this request.",
  },
} as const;

/** A code of {@linkcode HTTP_ERRORS}. */
export type HttpErrorCode = keyof typeof HTTP_ERRORS;

/** What a code of {@linkcode HTTP_ERRORS} does not say by itself. */
export interface HttpErrorOptions {
  /** The status of the answer, 400 to 599. Default: that of the code. */
  readonly status?: number;
  /** The sentence a person reads. Default: that of the code. */
  readonly message?: string;
  /**
   * Further fields of the answer, such as `Allow`. Default: none.
   *
   * The fields that carry the answer itself (`Connection`, `Content-Length`,
   * `Content-Type`, `Date`, `Transfer-Encoding`) cannot be given.
   */
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/** What a code outside {@linkcode HTTP_ERRORS} has to say. */
export interface OtherHttpErrorOptions extends HttpErrorOptions {
  /** The status of the answer, 400 to 599. */
  readonly status: number;
  /** The sentence a person reads. */
  readonly message: string;
}

const OWN_FIELDS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "date",
  "transfer-encoding",
]);

/**
 * A request that is answered with an error status.
 *
 * The message goes to the client, so it must hold nothing secret.
 *
 * @example
 * ```ts
 * import { HttpError } from "./errors.ts";
 *
 * const tooLong = new HttpError("target_too_long");
 * const wrongMethod = new HttpError("method_not_allowed", {
 *   status: 405,
 *   message: "Only GET is served here.",
 *   headers: [["Allow", "GET, HEAD"]],
 * });
 * ```
 */
export class HttpError extends Error {
  /** `HttpError`. */
  override readonly name: string = "HttpError";
  /** The status that answers the request. */
  readonly status: number;
  /** The violation: a name that does not change between versions. */
  readonly code: string;
  /** Further fields of the answer. */
  readonly headers: readonly (readonly [name: string, value: string])[];

  /** Makes the error of a known code. */
  constructor(code: HttpErrorCode, options?: HttpErrorOptions);
  /**
   * Makes an error of any other code.
   *
   * @throws {RangeError} if the status is not 400 to 599
   * @throws {TypeError} if a header name or value may not be sent, or is one
   * that the answer sets by itself
   */
  constructor(code: string, options: OtherHttpErrorOptions);
  constructor(code: string, options: HttpErrorOptions = {}) {
    const known = Object.hasOwn(HTTP_ERRORS, code)
      ? HTTP_ERRORS[code as HttpErrorCode]
      : undefined;
    super(
      options.message ?? known?.message,
      "cause" in options ? { cause: options.cause } : undefined,
    );
    this.code = code;
    this.status = errorStatus(options.status ?? known?.status);
    this.headers = errorHeaders(options.headers ?? []);
  }
}

function errorStatus(status: number | undefined): number {
  if (!Number.isInteger(status) || status! < 400 || status! > 599) {
    throw new RangeError(
      `Cannot make an HttpError: the status ${status} is not 400 to 599`,
    );
  }
  return status!;
}

function errorHeaders(
  headers: Iterable<readonly [name: string, value: string]>,
): readonly (readonly [name: string, value: string])[] {
  const list = [...headers];
  for (const [name, value] of list) {
    if (
      !isToken(name) || !isFieldValue(value) ||
      OWN_FIELDS.has(name.toLowerCase())
    ) {
      throw new TypeError(
        `Cannot make an HttpError: the header ${JSON.stringify(name)} ` +
          "may not be sent with it",
      );
    }
  }
  return list;
}
