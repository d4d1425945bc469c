import { Upgraded } from "./upgraded.ts";

/**
 * Whether a connection is a bare TCP connection, on either side: neither one with
 * TLS nor an {@linkcode Upgraded} on top of it.
 *
 * ```ts
 * import { isTcpConn, type Upgraded } from "../mod.ts";
 *
 * function takeSocket(upgraded: Upgraded) {
 *   const { io, readBuf } = upgraded.downcast();
 *   if (isTcpConn(io)) io.setKeepAlive(true);
 *   return { io, readBuf };
 * }
 * ```
 */
export function isTcpConn(conn: Deno.Conn): conn is Deno.TcpConn {
  return "setNoDelay" in conn && !isTlsConn(conn);
}

/**
 * Whether a connection has TLS, on either side: a client's of Deno, or one that
 * `serve()` has accepted, which has the shape of a `Deno.TlsConn`.
 */
export function isTlsConn(conn: Deno.Conn): conn is Deno.TlsConn {
  return "handshake" in conn;
}

/**
 * Whether a connection is a unix socket, on either side, and not an
 * {@linkcode Upgraded} on top of it.
 */
export function isUnixConn(conn: Deno.Conn): conn is Deno.UnixConn {
  return conn.localAddr.transport === "unix" && !(conn instanceof Upgraded);
}
