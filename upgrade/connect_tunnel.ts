import { type BasicAuth, formatBasicAuth } from "./basic_auth.ts";
import { onUpgrade } from "./on_upgrade.ts";
import { sendConnect, type SendConnectOptions } from "./send_request.ts";
import type { Upgraded } from "./upgraded.ts";

/** The options of {@linkcode connectTunnel}; all times are in milliseconds. */
export interface ConnectTunnelOptions extends SendConnectOptions {
  /**
   * Whom the proxy is to let through. It replaces a `Proxy-Authorization` among
   * the `headers`. Default: nobody.
   */
  readonly basicAuth?: BasicAuth;
}

/** A proxy made no tunnel: it answered CONNECT with no 2xx (RFC 9110 §9.3.6). */
export class TunnelRefusedError extends Error {
  /** The name of this class. */
  override readonly name = "TunnelRefusedError";
  /** Tells it from other errors; never changes between versions. */
  readonly code = "tunnel_refused";
  /**
   * What the proxy answered. Its body comes from the connection as it is read:
   * once that has been done to its end, the connection takes a further request.
   */
  readonly response: Response;

  /** Makes the error of an answer, and says its status. */
  constructor(response: Response, options?: ErrorOptions) {
    super(
      `Cannot open a tunnel: the proxy answered with status ${response.status}`,
      options,
    );
    this.response = response;
  }
}

/**
 * Opens a tunnel to `authority`, a host and a port, through the proxy at the
 * other end of `conn`, with CONNECT (RFC 9110 §9.3.6). Resolves to the tunnel,
 * which begins with the bytes that came early.
 *
 * Rejects with a {@linkcode TunnelRefusedError} when the proxy answers with no
 * 2xx; with a `TypeError`, before anything is sent, when `authority` or an option
 * is wrong; and otherwise as `sendRequest()` does. A connection that was refused
 * a tunnel still is the caller's: when the answer was read to its end it takes
 * a further request, unless the proxy has closed it (`connection_over`).
 *
 * The `signal` does nothing any more once there is a tunnel. Who wants to know
 * what a proxy says with its 2xx calls `sendConnect()` and `onUpgrade()`.
 *
 * ```ts
 * import { connectTunnel, onUpgrade, serve } from "./mod.ts";
 *
 * // All its tunnels lead to an echo.
 * await using proxy = serve({ port: 0 }, (request) => {
 *   onUpgrade(request).then(async (upgraded) => {
 *     using conn = upgraded;
 *     await conn.readable.pipeTo(conn.writable);
 *   }).catch((error) => console.error(error.message));
 *   return new Response();
 * });
 * const { port } = proxy.addr as Deno.NetAddr;
 *
 * using conn = await Deno.connect({ port });
 * using tunnel = await connectTunnel(conn, "echo.example:7");
 * await tunnel.write(new TextEncoder().encode("hello"));
 * await tunnel.closeWrite();
 * await new Response(tunnel.readable).text(); // "hello"
 * ```
 *
 * @example TLS to the server, through a proxy on a TCP connection
 * ```ts
 * import { connectTunnel, sendRequest } from "./mod.ts";
 *
 * async function getThrough(proxy: Deno.TcpConn, hostname: string) {
 *   const tunnel = await connectTunnel(proxy, `${hostname}:443`);
 *   const { io, readBuf } = tunnel.downcast();
 *   // In TLS the client speaks first.
 *   if (readBuf.length > 0) throw new Error("The server speaks no TLS");
 *   using conn = await Deno.startTls(io as Deno.TcpConn, { hostname });
 *   const request = new Request(`https://${hostname}/`);
 *   return await (await sendRequest(conn, request)).text();
 * }
 * ```
 *
 * @example Say who asks only when the proxy wants to know, on one connection
 * ```ts
 * import { type BasicAuth, connectTunnel, TunnelRefusedError } from "./mod.ts";
 *
 * async function open(proxy: Deno.Conn, to: string, basicAuth: BasicAuth) {
 *   try {
 *     return await connectTunnel(proxy, to);
 *   } catch (error) {
 *     if (!(error instanceof TunnelRefusedError)) throw error;
 *     if (error.response.status !== 407) throw error;
 *     await error.response.bytes();
 *     return await connectTunnel(proxy, to, { basicAuth });
 *   }
 * }
 * ```
 *
 * @example A tunnel in a tunnel, through two proxies
 * ```ts
 * import { connectTunnel } from "./mod.ts";
 *
 * async function openThroughTwo(first: Deno.Conn) {
 *   const tunnel = await connectTunnel(first, "second.example:3128");
 *   return await connectTunnel(tunnel, "a.example:80");
 * }
 * ```
 */
export async function connectTunnel(
  conn: Deno.Conn,
  authority: string,
  options: ConnectTunnelOptions = {},
): Promise<Upgraded> {
  const headers = proxyHeaders(options);
  const response = await sendConnect(conn, authority, { ...options, headers });
  if (!response.ok) throw new TunnelRefusedError(response);
  return await onUpgrade(response);
}

/**
 * Makes the fields of a request to a proxy. Throws a `TypeError` when a field, the
 * user name or the password is not valid.
 */
export function proxyHeaders(
  { headers, basicAuth }: Pick<ConnectTunnelOptions, "headers" | "basicAuth">,
): Headers {
  const all = new Headers(headers);
  if (basicAuth !== undefined) {
    all.set("proxy-authorization", formatBasicAuth(basicAuth));
  }
  return all;
}
