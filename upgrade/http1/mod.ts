/**
 * HTTP/1.1 messages without input or output (RFC 9110, RFC 9112): bytes in,
 * checked values out, and values in, bytes out.
 *
 * {@linkcode HeadParser} reads request heads, {@linkcode ResponseHeadParser}
 * response heads, {@linkcode BodyDecoder} bodies;
 * {@linkcode formatResponseHead}, {@linkcode formatRequestHead} and their
 * neighbours write. Whatever a client does wrong is an {@linkcode HttpError} with
 * a code of {@linkcode HTTP_ERRORS}; what a server does wrong is an
 * {@linkcode HttpResponseError}.
 *
 * @module
 */

export { isAuthority } from "./authority.ts";
export {
  BodyDecoder,
  type BodyLimits,
  type DecodedBody,
  DEFAULT_BODY_LIMITS,
} from "./body_decoder.ts";
export type { BodyFraming, ResponseFraming } from "./body_framing.ts";
export {
  CHUNK_END,
  CONTINUE,
  encodeErrorResponse,
  type ErrorResponseOptions,
  formatChunkHeader,
  formatResponseHead,
  httpDate,
  LAST_CHUNK,
  type ResponseHead,
} from "./encode.ts";
export { formatRequestHead, type RequestHeadParts } from "./encode_request.ts";
export {
  HTTP_ERRORS,
  HttpError,
  type HttpErrorCode,
  type HttpErrorOptions,
  type OtherHttpErrorOptions,
} from "./errors.ts";
export {
  type FieldLines,
  fieldValues,
  isFieldValue,
  isToken,
  parseProtocolList,
  parseTokenList,
  trimOws,
} from "./fields.ts";
export {
  DEFAULT_HEAD_LIMITS,
  type HeadLimits,
  HeadParser,
} from "./head_parser.ts";
export { encodeLatin1 } from "./latin1.ts";
export type { RequestHead } from "./request_head.ts";
export { parseRequestTarget, type TargetForm } from "./request_target.ts";
export {
  asResponseError,
  HttpResponseError,
  type HttpResponseErrorCode,
  RESPONSE_ERRORS,
} from "./response_errors.ts";
export type { ReceivedResponseHead } from "./response_head.ts";
export {
  DEFAULT_RESPONSE_HEAD_LIMITS,
  type ResponseHeadLimits,
  ResponseHeadParser,
} from "./response_head_parser.ts";
export type { HttpVersion } from "./version_parser.ts";
