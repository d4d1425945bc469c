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
export {
  type WebSocketCloseInfo,
  WebSocketConn,
  type WebSocketConnOptions,
  type WebSocketSession,
} from "./conn.ts";
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
  encodeMessage,
  type WebSocketData,
  WebSocketMessage,
} from "./message.ts";
export {
  type WebSocketCloseEvent,
  type WebSocketEvent,
  type WebSocketLimits,
  type WebSocketPingEvent,
  WebSocketProtocol,
} from "./protocol.ts";
