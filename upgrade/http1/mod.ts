/**
 * HTTP/1.1 messages without input or output (RFC 9110, RFC 9112): bytes in,
 * checked values out, and values in, bytes out.
 *
 * {@linkcode HeadParser} reads request heads, {@linkcode BodyDecoder} request
 * bodies; {@linkcode formatResponseHead} and its neighbours write responses.
 * Whatever a peer does wrong is an {@linkcode HttpError} with a code of
 * {@linkcode HTTP_ERRORS}.
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
export type { BodyFraming } from "./body_framing.ts";
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
export type { HttpVersion, RequestHead } from "./request_head.ts";
export type { TargetForm } from "./request_target.ts";
