import { createSecureContext } from "node:tls";
import { TlsServerConn } from "./_tls_conn.ts";

/** Where to listen: on a TCP port, with TLS or without, or on a unix socket. */
export interface ListenOptions {
  /** The port to listen on; 0 for one that is free. Default: 8000. */
  readonly port?: number;
  /** The address to listen on. Default: `127.0.0.1`, this machine only. */
  readonly hostname?: string;
  /** The certificate chain in PEM, for TLS; `key` belongs to it. Default: none. */
  readonly cert?: string;
  /** The private key in PEM. Default: none. */
  readonly key?: string;
  /**
   * The file of a unix socket, instead of a port. It goes when the listener
   * closes; for what a killed server left there is `removeStaleSocket()`.
   * Default: none.
   */
  readonly path?: string;
}

/** What connections are accepted from. */
export type ConnListener = Pick<Deno.Listener, "accept" | "addr" | "close">;

/**
 * Listens. Throws what `Deno.listen` throws; a `Deno.errors.InvalidData` when
 * the certificate or the key is wrong, and a `TypeError` when options exclude
 * each other.
 */
export function listen(options: ListenOptions): ConnListener {
  const { path, cert, key } = options;
  if ((cert === undefined) !== (key === undefined)) {
    throw new TypeError("Cannot listen: TLS needs both cert and key");
  }
  if (path !== undefined) return listenUnix(path, options);
  const { port = 8000, hostname = "127.0.0.1" } = options;
  if (cert === undefined || key === undefined) {
    return Deno.listen({ port, hostname });
  }
  return listenTls({ port, hostname, cert, key });
}

function listenUnix(path: string, options: ListenOptions): ConnListener {
  const { port, hostname, cert } = options;
  if (port !== undefined || hostname !== undefined || cert !== undefined) {
    throw new TypeError("Cannot listen: a path is all that a unix socket has");
  }
  return Deno.listen({ transport: "unix", path });
}

function listenTls(
  options: Required<Omit<ListenOptions, "path">>,
): ConnListener {
  const { port, hostname, cert, key } = options;
  checkPem(options);
  const secureContext = createSecureContext({ cert, key });
  const listener = Deno.listen({ port, hostname });
  return {
    addr: listener.addr,
    accept: async () =>
      new TlsServerConn(await listener.accept(), secureContext),
    close: () => listener.close(),
  };
}

// `createSecureContext` takes anything; `Deno.listenTls` judges the pair.
function checkPem(options: Deno.ListenTlsOptions & Deno.TlsCertifiedKeyPem) {
  try {
    Deno.listenTls(options).close();
  } catch (cause) {
    if (!(cause instanceof Error) || cause.constructor !== Error) throw cause;
    throw new Deno.errors.InvalidData(cause.message, { cause });
  }
}
