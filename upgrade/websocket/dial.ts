import type { BasicAuth } from "../basic_auth.ts";
import {
  connectTunnel,
  proxyHeaders,
  TunnelRefusedError,
} from "../connect_tunnel.ts";
import type { ExchangeOptions } from "../send_request.ts";
import { cannotConnect, WebSocketHandshakeError } from "./client_handshake.ts";
import type { ConnectAttempt } from "./connect_attempt.ts";
import { keepResponse } from "./kept_response.ts";

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
  /** Whom the proxy is to let through. Default: nobody. */
  readonly basicAuth?: BasicAuth;
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
  const tunnel = await connectTunnel(tcp, authority, {
    ...NO_LIMITS,
    headers,
    signal: attempt.signal,
  }).catch(async (error) => {
    throw await keepRefusal(error);
  });
  if (!isSecure) return tunnel;
  // RFC 8446 §4.1.2: in TLS the client speaks first.
  if (tunnel.downcast().readBuf.length > 0) {
    throw new WebSocketHandshakeError("proxy_spoke_first");
  }
  return await secure(tcp, target, { options, attempt });
}

/** Makes of a proxy's refusal an error whose response outlives the connection. */
async function keepRefusal(error: unknown): Promise<unknown> {
  if (!(error instanceof TunnelRefusedError)) return error;
  const response = await keepResponse(error.response);
  return new WebSocketHandshakeError("proxy_refused", { response });
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

/** The host without the brackets of an IPv6 address, which TLS knows not. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

function portOf({ port, protocol }: URL): number {
  return port === "" ? (protocol === "wss:" ? 443 : 80) : Number(port);
}
