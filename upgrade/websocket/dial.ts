import { encodeBase64 } from "@std/encoding";
import { onUpgrade } from "../on_upgrade.ts";
import { type ExchangeOptions, sendConnect } from "../send_request.ts";
import { keepResponse } from "./kept_response.ts";
import { cannotConnect, WebSocketHandshakeError } from "./client_handshake.ts";
import type { ConnectAttempt } from "./connect_attempt.ts";

/** The attempt as a whole has a time limit; its parts need none. */
export const NO_LIMITS: ExchangeOptions = {
  headTimeout: Infinity,
  bodyTimeout: Infinity,
  writeTimeout: Infinity,
};

/** The proxy that a connection goes through. */
export interface WebSocketProxy {
  /** Where it listens: `http:`, a host and a port. */
  readonly url: string | URL;
  /** Whom the proxy is to let through, by RFC 7617. Default: nobody. */
  readonly basicAuth?: {
    /** Without a colon. */
    readonly username: string;
    /** Any text. */
    readonly password: string;
  };
  /** Further fields of the request to the proxy. Default: none. */
  readonly headers?: HeadersInit;
}

/** How a server is reached. */
export interface DialOptions {
  /**
   * Certificates in PEM that are trusted besides the usual ones, for wss.
   * Default: none.
   */
  readonly caCerts?: readonly string[];
  /** The proxy to go through, by CONNECT (RFC 9110 §9.3.6). Default: none. */
  readonly proxy?: WebSocketProxy;
}

/** Connects to the server that a URL of ws or wss names. */
export async function dial(
  target: URL,
  attempt: ConnectAttempt,
  options: DialOptions,
): Promise<Deno.Conn> {
  const { proxy } = options;
  const hop = proxy === undefined ? target : readProxyUrl(proxy.url);
  const headers = proxy && proxyHeaders(proxy);
  const tcp = await Deno.connect({
    hostname: hostOf(hop),
    port: portOf(hop),
    signal: attempt.signal,
  });
  attempt.own(tcp);
  tcp.setNoDelay(true);
  const isSecure = target.protocol === "wss:";
  if (headers === undefined) {
    return isSecure ? await secure(tcp, target, { options, attempt }) : tcp;
  }
  const authority = `${target.hostname}:${portOf(target)}`;
  const response = await keepResponse(
    await sendConnect(tcp, authority, {
      ...NO_LIMITS,
      headers,
      signal: attempt.signal,
    }),
  );
  if (!response.ok) {
    throw new WebSocketHandshakeError("proxy_refused", { response });
  }
  const tunnel = await onUpgrade(response);
  if (!isSecure) return tunnel;
  // RFC 8446 §4.1.2: in TLS the client speaks first.
  if (tunnel.downcast().readBuf.length > 0) {
    throw new WebSocketHandshakeError("proxy_spoke_first", { response });
  }
  return await secure(tcp, target, { options, attempt });
}

/** Begins TLS (RFC 6455 §4.1, 5), for HTTP/1.1, which alone has an upgrade. */
async function secure(
  tcp: Deno.TcpConn,
  target: URL,
  { options, attempt }: {
    readonly options: DialOptions;
    readonly attempt: ConnectAttempt;
  },
): Promise<Deno.TlsConn> {
  const tls = await Deno.startTls(tcp, {
    hostname: hostOf(target),
    caCerts: [...options.caCerts ?? []],
    alpnProtocols: ["http/1.1"],
  });
  attempt.own(tls);
  await tls.handshake();
  return tls;
}

function readProxyUrl(url: string | URL): URL {
  const read = new URL(url);
  if (read.protocol !== "http:") {
    throw cannotConnect(`the scheme of its proxy is ${read.protocol}`);
  }
  if (read.username !== "" || read.password !== "") {
    throw cannotConnect("the URL of its proxy has a user name or a password");
  }
  return read;
}

function proxyHeaders({ basicAuth, headers: given }: WebSocketProxy): Headers {
  const headers = new Headers(given);
  if (basicAuth === undefined) return headers;
  const { username, password } = basicAuth;
  // RFC 7617 §2: the first colon ends the user name.
  if (username.includes(":")) {
    throw cannotConnect("the user name for its proxy has a colon");
  }
  const credentials = encodeBase64(`${username}:${password}`);
  headers.set("proxy-authorization", `Basic ${credentials}`);
  return headers;
}

/** The host without the brackets of an IPv6 address, which TLS knows not. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "wss:" ? 443 : 80) : Number(port);
}
