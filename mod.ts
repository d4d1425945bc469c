/**
 * Switchboard: the connection that stops speaking HTTP.
 *
 * {@linkcode serve} speaks HTTP/1.1 on raw connections; {@linkcode onUpgrade}
 * hands a connection over to another protocol, whole; and
 * {@linkcode upgradeWebSocket} makes a WebSocket of it.
 *
 * ```ts
 * import { serve, upgradeWebSocket } from "./mod.ts";
 *
 * await using server = serve({ port: 0 }, (request) => {
 *   const { socket, response } = upgradeWebSocket(request);
 *   socket.forEach((message) => socket.send(message));
 *   return response;
 * });
 * ```
 *
 * @module
 */

export {
  type BasicAuth,
  type BodyLimits,
  connectTunnel,
  type ConnectTunnelOptions,
  type ConnListener,
  type ErrorCallbacks,
  type ErrorContext,
  type ExchangeOptions,
  h2c,
  type Handler,
  type HeadLimits,
  HTTP_ERRORS,
  HttpError,
  type HttpErrorCode,
  type HttpErrorOptions,
  HttpResponseError,
  type HttpResponseErrorCode,
  HttpServer,
  isTcpConn,
  isTlsConn,
  isUnixConn,
  type ListenOptions,
  type Network,
  onUpgrade,
  type OtherHttpErrorOptions,
  parseCidr,
  removeStaleSocket,
  RESPONSE_ERRORS,
  type ResponseHeadLimits,
  sendConnect,
  type SendConnectOptions,
  sendInterim,
  sendRequest,
  type SendRequestOptions,
  serve,
  serveConn,
  type ServeConnOptions,
  type ServeHandlerInfo,
  type ServeOptions,
  SERVER_ERRORS,
  type ServerErrorCode,
  TrustedProxies,
  TunnelRefusedError,
  UPGRADE_ERRORS,
  Upgraded,
  type UpgradedParts,
  UpgradeError,
  type UpgradeErrorCode,
  upgrades,
  type UpgradesOptions,
} from "./upgrade/mod.ts";
export {
  acceptKey,
  type AgreedDeflate,
  checkHandshake,
  CLOSE_CODE,
  type DeflateOptions,
  type DeflateParams,
  type DeflaterSettings,
  EncodedMessage,
  EncodedMessages,
  encodeMessage,
  type EncodeMessageOptions,
  EXTENSION_ERRORS,
  ExtensionError,
  type ExtensionErrorCode,
  type FrameQueue,
  type Handshake,
  HANDSHAKE_ERRORS,
  type HandshakeOptions,
  isSendableCloseCode,
  joinMessages,
  type MaskingKey,
  OPCODE,
  type Opcode,
  type ReceivedData,
  type Role,
  StreamedMessage,
  toWebSocket,
  upgradeWebSocket,
  type UpgradeWebSocketOptions,
  WEBSOCKET_ERRORS,
  WebSocketClosedError,
  type WebSocketCloseEvent,
  type WebSocketCloseInfo,
  WebSocketConn,
  type WebSocketConnOptions,
  type WebSocketData,
  WebSocketError,
  type WebSocketErrorCode,
  type WebSocketEvent,
  type WebSocketLimits,
  WebSocketMessage,
  type WebSocketPieceEvent,
  type WebSocketPingEvent,
  WebSocketProtocol,
  type WebSocketSession,
  type WebSocketSource,
  type WebSocketUpgrade,
} from "./upgrade/websocket/mod.ts";
export {
  CLIENT_HANDSHAKE_ERRORS,
  type ClientHandshakeErrorCode,
  type ClientHandshakeOptions,
  type ConnectAttemptOptions,
  connectWebSocket,
  type ConnectWebSocketOptions,
  type DialOptions,
  WebSocketHandshakeError,
  type WebSocketHandshakeErrorOptions,
  type WebSocketProxy,
} from "./upgrade/websocket/mod.ts";
