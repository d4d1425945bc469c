/**
 * Connections that begin with HTTP/1.1 and may leave it for another protocol.
 *
 * {@linkcode serve} answers requests on raw connections: TCP, TLS or unix
 * sockets; {@linkcode sendRequest} sends them. After a 101, or any 2xx to
 * CONNECT, both sides get the whole connection from {@linkcode onUpgrade}, with
 * every byte that came early readable first.
 *
 * @module
 */

export {
  type BodyLimits,
  type HeadLimits,
  HTTP_ERRORS,
  HttpError,
  type HttpErrorCode,
  type HttpErrorOptions,
  HttpResponseError,
  type HttpResponseErrorCode,
  type OtherHttpErrorOptions,
  RESPONSE_ERRORS,
  type ResponseHeadLimits,
} from "./http1/mod.ts";
export {
  onUpgrade,
  UPGRADE_ERRORS,
  UpgradeError,
  type UpgradeErrorCode,
} from "./on_upgrade.ts";
export type { BasicAuth } from "./basic_auth.ts";
export { isTcpConn, isTlsConn, isUnixConn } from "./conn_kind.ts";
export {
  connectTunnel,
  type ConnectTunnelOptions,
  TunnelRefusedError,
} from "./connect_tunnel.ts";
export { sendInterim } from "./interim.ts";
export { type ConnListener, type ListenOptions } from "./listen.ts";
export {
  type ErrorCallbacks,
  type ErrorContext,
  SERVER_ERRORS,
  type ServerErrorCode,
} from "./report.ts";
export {
  type ExchangeOptions,
  sendConnect,
  type SendConnectOptions,
  sendRequest,
  type SendRequestOptions,
} from "./send_request.ts";
export { HttpServer, serve, type ServeOptions } from "./serve.ts";
export {
  type Handler,
  serveConn,
  type ServeConnOptions,
  type ServeHandlerInfo,
} from "./serve_conn.ts";
export { type Network, parseCidr } from "./network.ts";
export { TrustedProxies } from "./trusted_proxy.ts";
export { upgrades, type UpgradesOptions } from "./upgrades.ts";
export { h2c } from "./h2c.ts";
export { removeStaleSocket } from "./unix_socket.ts";
export { Upgraded, type UpgradedParts } from "./upgraded.ts";
