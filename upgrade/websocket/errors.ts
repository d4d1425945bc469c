import { CLOSE_CODE } from "./codes.ts";

/**
 * Everything a peer can do against the WebSocket protocol: a stable code, the
 * close code that answers it, and the reason that is sent with it.
 */
export const WEBSOCKET_ERRORS = {
  reserved_bits: [
    CLOSE_CODE.protocolError,
    "A reserved bit is set without an extension",
  ],
  reserved_opcode: [CLOSE_CODE.protocolError, "The opcode is reserved"],
  unmasked_frame: [
    CLOSE_CODE.protocolError,
    "A client's frame is not masked",
  ],
  masked_frame: [CLOSE_CODE.protocolError, "A server's frame is masked"],
  non_minimal_length: [
    CLOSE_CODE.protocolError,
    "The payload length is not in its shortest form",
  ],
  length_out_of_range: [
    CLOSE_CODE.protocolError,
    "The payload length is over 2^63-1",
  ],
  control_too_long: [
    CLOSE_CODE.protocolError,
    "A control frame is over 125 bytes",
  ],
  fragmented_control: [
    CLOSE_CODE.protocolError,
    "A control frame is fragmented",
  ],
  unexpected_continuation: [
    CLOSE_CODE.protocolError,
    "A continuation has no message to continue",
  ],
  expected_continuation: [
    CLOSE_CODE.protocolError,
    "A message began before the last one ended",
  ],
  bad_close_payload: [
    CLOSE_CODE.protocolError,
    "A Close frame has one byte where a code needs two",
  ],
  bad_close_code: [
    CLOSE_CODE.protocolError,
    "The close code is not allowed in a frame",
  ],
  invalid_utf8: [CLOSE_CODE.invalidPayload, "The text is not valid UTF-8"],
  invalid_deflate: [
    CLOSE_CODE.invalidPayload,
    "The compressed message is not valid DEFLATE data",
  ],
  message_too_big: [
    CLOSE_CODE.messageTooBig,
    "The message is over the size limit",
  ],
  frame_too_big: [CLOSE_CODE.messageTooBig, "The frame is over the size limit"],
  too_many_fragments: [
    CLOSE_CODE.messageTooBig,
    "The message has too many fragments",
  ],
  too_slow: [
    CLOSE_CODE.policyViolation,
    "Too slow to read: too much was waiting to be sent",
  ],
} as const satisfies Record<string, readonly [closeCode: number, text: string]>;

/** The stable code of a violation of the WebSocket protocol. */
export type WebSocketErrorCode = keyof typeof WEBSOCKET_ERRORS;

/** A peer broke the WebSocket protocol or a limit; the connection is failed. */
export class WebSocketError extends Error {
  /** The name of this class. */
  override readonly name = "WebSocketError";
  /** Which rule was broken; never changes between versions. */
  readonly code: WebSocketErrorCode;
  /** The close code that the peer is sent. */
  readonly closeCode: number;

  /** Makes the error of one violation, with the words of its table. */
  constructor(code: WebSocketErrorCode) {
    const [closeCode, text] = WEBSOCKET_ERRORS[code];
    super(text);
    this.code = code;
    this.closeCode = closeCode;
  }
}
