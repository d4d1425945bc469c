/**
 * WebSocket (RFC 6455) on a connection that has left HTTP: the protocol without
 * I/O, and the connection that drives it.
 *
 * @module
 */

export {
  upgradeWebSocket,
  type UpgradeWebSocketOptions,
  type WebSocketUpgrade,
} from "./accept.ts";
export {
  CLOSE_CODE,
  isSendableCloseCode,
  OPCODE,
  type Opcode,
} from "./codes.ts";
export { WebSocketClosedError, type WebSocketCloseInfo } from "./close_info.ts";
export { WebSocketConn } from "./conn.ts";
export type { WebSocketConnOptions, WebSocketSession } from "./conn_options.ts";
export type { DeflateOptions } from "./deflate_options.ts";
export type { DeflateParams } from "./deflate_negotiation.ts";
export {
  WEBSOCKET_ERRORS,
  WebSocketError,
  type WebSocketErrorCode,
} from "./errors.ts";
export type { Role } from "./frame_parser.ts";
export type { FrameQueue, MaskingKey } from "./frame_queue.ts";
export {
  acceptKey,
  checkHandshake,
  type Handshake,
  HANDSHAKE_ERRORS,
  type HandshakeOptions,
} from "./handshake.ts";
export type { ReceivedData } from "./inbox.ts";
export {
  EncodedMessage,
  EncodedMessages,
  encodeMessage,
  type EncodeMessageOptions,
  joinMessages,
  type WebSocketData,
  WebSocketMessage,
  type WebSocketSource,
} from "./message.ts";
export type { DeflaterSettings } from "./primed_deflater.ts";
export {
  type AgreedDeflate,
  type WebSocketCloseEvent,
  type WebSocketEvent,
  type WebSocketLimits,
  type WebSocketPieceEvent,
  type WebSocketPingEvent,
  WebSocketProtocol,
} from "./protocol.ts";
export {
  EXTENSION_ERRORS,
  ExtensionError,
  type ExtensionErrorCode,
} from "./extension_error.ts";
export { StreamedMessage } from "./streamed_message.ts";
export { toWebSocket } from "./websocket_adapter.ts";
export {
  CLIENT_HANDSHAKE_ERRORS,
  type ClientHandshakeErrorCode,
  type ClientHandshakeOptions,
  WebSocketHandshakeError,
  type WebSocketHandshakeErrorOptions,
} from "./client_handshake.ts";
export { connectWebSocket, type ConnectWebSocketOptions } from "./connect.ts";
export type { ConnectAttemptOptions } from "./connect_attempt.ts";
export type { DialOptions, WebSocketProxy } from "./dial.ts";
