const REQUEST_FIELDS = [
  "Host: 127.0.0.1",
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
];

// Longer than the head of any server here, with the frame that may follow it.
const HEAD_BYTES = 4096;

/** A connection to a server whose handshake is over. */
export interface Opened {
  /** The connection. */
  readonly conn: Deno.TcpConn;
  /** The head of the answer, with the blank line at its end. */
  readonly head: string;
  /** What came behind it. */
  readonly rest: Uint8Array<ArrayBuffer>;
}

/**
 * Opens a WebSocket on this machine, as a client that trusts the server. Throws
 * an `Error` when the server does not accept.
 */
export async function openWebSocket(
  port: number,
  { path, fields }: {
    readonly path: string;
    readonly fields: readonly string[];
  },
): Promise<Opened> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const lines = [`GET ${path} HTTP/1.1`, ...REQUEST_FIELDS, ...fields];
  const request = new TextEncoder().encode(lines.join("\r\n") + "\r\n\r\n");
  await writeAll(conn, request);
  const { head, rest } = await readHead(conn);
  if (head.startsWith("HTTP/1.1 101 ")) return { conn, head, rest };
  throw new Error(`the handshake was answered by ${head.split("\r\n")[0]}`);
}

/** Writes all bytes. */
export async function writeAll(
  conn: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(bytes.subarray(written));
  }
}

async function readHead(conn: Deno.Conn): Promise<Omit<Opened, "conn">> {
  const bytes = new Uint8Array(HEAD_BYTES);
  let length = 0;
  for (;;) {
    const read = await conn.read(bytes.subarray(length));
    if (read === null) throw new Error("the handshake was not answered");
    length += read;
    // In Latin-1 a byte is a character, so that places are the same in both.
    const text = new TextDecoder("latin1").decode(bytes.subarray(0, length));
    const end = text.indexOf("\r\n\r\n") + 4;
    if (end < 4) continue;
    return { head: text.slice(0, end), rest: bytes.slice(end, length) };
  }
}
