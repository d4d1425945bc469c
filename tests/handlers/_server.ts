import { type Handler, serve } from "../../upgrade/mod.ts";

/** Runs a test against a real server on a free port. */
export async function withServer(
  handler: Handler,
  test: (port: number) => Promise<void>,
): Promise<void> {
  await using server = serve({ hostname: "127.0.0.1", port: 0 }, handler);
  await test((server.addr as Deno.NetAddr).port);
}

/** A TCP connection on which a test says exactly what it wants. */
export class RawClient implements Disposable {
  readonly #conn: Deno.Conn;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Connects and sends a text as it is. */
  static async send(port: number, text: string): Promise<RawClient> {
    const client = new RawClient(
      await Deno.connect({ hostname: "127.0.0.1", port }),
    );
    await client.write(new TextEncoder().encode(text));
    return client;
  }

  /** Connects and opens a WebSocket; the answer's head has been read. */
  static async openWebSocket(
    port: number,
    path: string,
    fields: Readonly<Record<string, string>> = {},
  ): Promise<RawClient> {
    const client = await RawClient.send(port, handshake(path, fields));
    await client.readHead();
    return client;
  }

  /** Sends one text message, masked with zeros, so that it stays as it is. */
  async sendText(text: string): Promise<void> {
    const payload = new TextEncoder().encode(text);
    if (payload.length > 125) throw new RangeError("Too long for a test");
    await this.write(
      Uint8Array.of(0x81, 0x80 | payload.length, 0, 0, 0, 0, ...payload),
    );
  }

  /** Sends a Close frame without a code. */
  async sendClose(): Promise<void> {
    await this.write(Uint8Array.of(0x88, 0x80, 0, 0, 0, 0));
  }

  /** Reads until the empty line that ends a head; returns the status line. */
  async readHead(): Promise<string> {
    let head = "";
    const byte = new Uint8Array(1);
    while (!head.endsWith("\r\n\r\n") && await this.#conn.read(byte) !== null) {
      head += String.fromCharCode(...byte);
    }
    return head.slice(0, head.indexOf("\r\n"));
  }

  /** Reads as many bytes as are wanted, or fewer if the server closes. */
  async read(count: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(count);
    let read = 0;
    while (read < count) {
      const more = await this.#conn.read(bytes.subarray(read));
      if (more === null) break;
      read += more;
    }
    return bytes.subarray(0, read);
  }

  /** Reads one short text message. */
  async readText(): Promise<string> {
    const [opcode, short = 0] = await this.read(2);
    if (opcode !== 0x81) throw new TypeError(`Not text: ${opcode}`);
    const [high = 0, low = 0] = short === 126 ? await this.read(2) : [0, short];
    return new TextDecoder().decode(await this.read(high * 256 + low));
  }

  /** Reads all that comes until the server closes. */
  async readToEnd(): Promise<Uint8Array> {
    return await new Response(this.#conn.readable).bytes();
  }

  async write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      written += await this.#conn.write(bytes.subarray(written));
    }
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // Reading to the end has closed it.
    }
  }
}

/** A client's opening handshake. */
export function handshake(
  path: string,
  fields: Readonly<Record<string, string>> = {},
): string {
  const lines = Object.entries({
    "Host": "localhost",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
    ...fields,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
