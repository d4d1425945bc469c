import { HttpError } from "./errors.ts";

/**
 * Every way in which a request gets no valid response: a stable code, and a
 * sentence for the person who runs the client.
 */
export const RESPONSE_ERRORS = {
  bad_status_line:
    "The status line is not a version, a status and a reason, each after one space.",
  bad_status: "The status is not a number from 100 to 599.",
  version_not_supported: "The server speaks neither HTTP/1.1 nor HTTP/1.0.",
  bare_lf: "A line of the response ends with LF alone.",
  bare_cr: "A CR in the response is not followed by LF.",
  obs_fold: "A field line of the response begins with white space.",
  bad_field_name:
    "A field name of the response is empty or has a character it may not have.",
  bad_field_value: "A field value of the response has a control character.",
  head_too_large: "The status line and the header fields are too large.",
  too_many_fields: "The response has too many header fields.",
  bad_connection: "The Connection field of the response is no list of tokens.",
  bad_content_length:
    "The Content-Length of the response is not a whole number in range.",
  conflicting_content_length:
    "The response has Content-Length values that differ.",
  content_length_with_transfer_encoding:
    "The response has both Content-Length and Transfer-Encoding.",
  bad_transfer_encoding:
    "The Transfer-Encoding of the response does not end with chunked, once.",
  transfer_coding_not_supported:
    "The response has a transfer coding that was not asked for.",
  transfer_encoding_in_http_1_0:
    "An HTTP/1.0 response may not have Transfer-Encoding.",
  bad_chunk_size: "A chunk size of the response is not a hexadecimal number.",
  chunk_too_large:
    "A chunk size of the response is larger than can be counted.",
  bad_chunk_extension: "A chunk extension of the response is not well formed.",
  chunk_extension_too_long:
    "The chunk extensions of the response are too long.",
  bad_chunk_end:
    "The data of a chunk of the response is not followed by CR LF.",
  bad_trailer: "A trailer field of the response tries to change the framing.",
  trailers_too_large: "The trailer fields of the response are too large.",
  too_many_trailers: "The response has too many trailer fields.",
  unexpected_content: "A response of status 205 has content.",
  too_many_interim: "The server sends interim responses without an end.",
  bad_switch:
    "A response of status 101 does not name the protocol in Upgrade, or Connection does not list upgrade.",
  unexpected_switch:
    "The server switches protocols, but the request offered none.",
  protocol_not_offered:
    "The server switches to a protocol that the request did not offer.",
  no_response: "The server closed the connection without an answer.",
  incomplete_head: "The connection ended in the middle of the response's head.",
  incomplete_body: "The connection ended in the middle of the response's body.",
  incomplete_request:
    "The server switched protocols and took no more of the request.",
  head_timeout: "The server did not answer in time.",
  body_timeout: "The next part of the response's body did not come in time.",
  write_timeout: "The server did not take the request in time.",
  connection_in_use:
    "The connection is in use: its last request is still being sent, or the response was not read to its end.",
  connection_over:
    "The connection takes no further request: it is closed, or has left HTTP.",
} as const;

/** A code of {@linkcode RESPONSE_ERRORS}. */
export type HttpResponseErrorCode = keyof typeof RESPONSE_ERRORS;

/**
 * A request that got no valid response: the server broke the rules, took too
 * long or went away.
 *
 * It is no {@linkcode HttpError}, which a handler of our own would answer as if
 * its client had done wrong.
 */
export class HttpResponseError extends Error {
  /** `HttpResponseError`. */
  override readonly name = "HttpResponseError";
  /** What went wrong: a name that does not change between versions. */
  readonly code: HttpResponseErrorCode;

  /** Makes the error of a code, with the sentence of its table. */
  constructor(code: HttpResponseErrorCode, options?: ErrorOptions) {
    super(RESPONSE_ERRORS[code], options);
    this.code = code;
  }
}

/**
 * What an error of the grammar that requests and responses share is called when
 * a response has it. Any other error is given back as it is.
 */
export function asResponseError(error: unknown): unknown {
  if (!(error instanceof HttpError)) return error;
  const { code } = error;
  if (!Object.hasOwn(RESPONSE_ERRORS, code)) return error;
  return new HttpResponseError(code as HttpResponseErrorCode);
}
