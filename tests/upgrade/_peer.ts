import { RawSocket } from "../_raw_socket.ts";

/**
 * Runs a client on one connection to a server that says what `serve` says. Both
 * ends are closed when both are over.
 */
export async function withPeer(
  serve: (peer: RawSocket) => Promise<void>,
  test: (conn: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  using conn = await Deno.connect({ hostname, port });
  using peer = new RawSocket(await listener.accept());
  await Promise.all([serve(peer), test(conn)]);
}

/** Reads the head of a request, up to and with the empty line. */
export function readHead(peer: RawSocket): Promise<string> {
  return peer.readUntil("\r\n\r\n");
}

/** Waits until the other side has closed, in order or with a reset. */
export async function closed(peer: RawSocket): Promise<void> {
  try {
    await peer.readToEnd();
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
}

/** Makes the first reads of a connection bring so many bytes at most. */
export function limitReads(conn: Deno.Conn, ...sizes: number[]): void {
  const read = conn.read.bind(conn);
  const limited = (target: Uint8Array) =>
    read(target.subarray(0, sizes.shift() ?? target.length));
  Object.defineProperty(conn, "read", { value: limited });
}
