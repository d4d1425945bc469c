import { acceptKey } from "../../../upgrade/websocket/mod.ts";
import { RawSocket } from "../../_raw_socket.ts";

/** A server for one connection, which says exactly what a test wants. */
export interface AnsweringServer {
  /** Its URL with the scheme ws. */
  readonly url: string;
  /** Its port. */
  readonly port: number;
}

/**
 * Runs a test against a server that accepts one connection and says what `serve`
 * says. Both are over when this is.
 */
export async function withAnswering(
  serve: (peer: RawSocket) => Promise<unknown>,
  test: (server: AnsweringServer) => Promise<unknown>,
): Promise<void> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const served = async () => {
    using peer = new RawSocket(await listener.accept());
    await serve(peer);
  };
  const url = `ws://127.0.0.1:${port}/chat?room=1`;
  await Promise.all([served(), test({ url, port })]);
}

/** The answer that opens a WebSocket; an empty value leaves a field out. */
export function switching(
  head: string,
  changes: Readonly<Record<string, string>> = {},
): string {
  const key = /^sec-websocket-key: (.*)\r$/im.exec(head)?.[1] ?? "";
  const fields = Object.entries({
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Accept": acceptKey(key),
    ...changes,
  }).filter(([, value]) => value !== "");
  const lines = fields.map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("")}\r\n`;
}
