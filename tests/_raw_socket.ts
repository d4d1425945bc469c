import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createConnection } from "node:net";

/** How long one action of a {@linkcode RawSocket} may take. */
const TIME_LIMIT = 5_000;

const utf8 = new TextEncoder();

/** Connects to a port of this machine. */
export async function connect(port: number): Promise<RawSocket> {
  return new RawSocket(await Deno.connect({ hostname: "127.0.0.1", port }));
}

/**
 * A TCP or TLS connection on which a test says exactly what it wants, and reads what
 * comes. Each action rejects, and closes the connection, when it takes longer
 * than 5 s; the error tells what had come until then.
 *
 * Text is one character a byte both ways, but for `send`, which takes UTF-8.
 */
export class RawSocket implements Disposable {
  /** The connection. */
  readonly conn: Deno.TcpConn | Deno.TlsConn;
  // Read, and not asked for yet.
  #unread: Uint8Array = new Uint8Array(0);

  /** Talks over `conn`, which it closes. */
  constructor(conn: Deno.TcpConn | Deno.TlsConn) {
    // Without this a segment could wait for the acknowledgement of another.
    if ("setNoDelay" in conn) conn.setNoDelay(true);
    this.conn = conn;
  }

  /** Sends all of `data`. */
  send(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? utf8.encode(data) : data;
    return this.#limit("send", async () => {
      let sent = 0;
      while (sent < bytes.length) {
        sent += await this.conn.write(bytes.subarray(sent));
      }
    });
  }

  /** Sends `data` in writes of one byte each. */
  async sendBytewise(data: string | Uint8Array): Promise<void> {
    const bytes = typeof data === "string" ? utf8.encode(data) : data;
    for (const byte of bytes) await this.send(Uint8Array.of(byte));
  }

  /** Reads `count` bytes; rejects when the connection ends before. */
  readExactly(count: number): Promise<Uint8Array<ArrayBuffer>> {
    return this.#limit(`read ${count} bytes`, async () => {
      while (this.#unread.length < count) await this.#demand(`${count} bytes`);
      return this.#take(count);
    });
  }

  /** Reads up to and with `end`; rejects when the connection ends before. */
  readUntil(end: string): Promise<string> {
    const what = JSON.stringify(end);
    return this.#limit(`read until ${what}`, async () => {
      for (;;) {
        const at = textOf(this.#unread).indexOf(end);
        if (at >= 0) return textOf(this.#take(at + end.length));
        await this.#demand(what);
      }
    });
  }

  /** Reads all that comes until the peer ends its sending direction. */
  readToEnd(): Promise<Uint8Array<ArrayBuffer>> {
    return this.#limit("read to the end", async () => {
      while (await this.#fill());
      return this.#take(this.#unread.length);
    });
  }

  /** As {@linkcode readToEnd}, as text. */
  async readTextToEnd(): Promise<string> {
    return textOf(await this.readToEnd());
  }

  /** Ends the sending direction. */
  closeWrite(): Promise<void> {
    return this.conn.closeWrite();
  }

  /** Closes the connection, at once and in both directions. */
  close(): void {
    try {
      this.conn.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** Closes the connection, if it is still open. */
  [Symbol.dispose](): void {
    this.close();
  }

  async #demand(what: string): Promise<void> {
    if (await this.#fill()) return;
    throw new Error(`The connection ended before ${what}${this.#came()}`);
  }

  async #fill(): Promise<boolean> {
    const target = new Uint8Array(0x10000);
    const read = await this.conn.read(target);
    if (read === null) return false;
    const all = new Uint8Array(this.#unread.length + read);
    all.set(this.#unread);
    all.set(target.subarray(0, read), this.#unread.length);
    this.#unread = all;
    return true;
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#unread.slice(0, count);
    this.#unread = this.#unread.subarray(count);
    return taken as Uint8Array<ArrayBuffer>;
  }

  #came(): string {
    const start = textOf(this.#unread.subarray(0, 500));
    return `; ${this.#unread.length} bytes came: ${JSON.stringify(start)}`;
  }

  async #limit<T>(action: string, act: () => Promise<T>): Promise<T> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.close();
    }, TIME_LIMIT);
    try {
      return await act();
    } catch (cause) {
      if (!late) throw cause;
      throw new Error(
        `Cannot ${action}: ${TIME_LIMIT} ms are over${this.#came()}`,
        { cause },
      );
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Connects, sends `data`, and resets the connection when `moment` resolves: the
 * peer gets no end of the stream, but an error.
 */
export async function sendAndReset(
  port: number,
  { data, moment }: { data: string; moment: Promise<unknown> },
): Promise<void> {
  const socket = createConnection(port, "127.0.0.1");
  await once(socket, "connect");
  socket.write(data);
  await moment;
  socket.resetAndDestroy();
  await once(socket, "close");
}

/** Makes a text of bytes, one character a byte. */
export function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("latin1");
}
