import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import { ReadBuffer } from "./_read_buffer.ts";

// What is read first at most, in bytes.
const FIRST_READ = 1024;

/** What a stream over a connection does besides reading and writing. */
export interface ConnDuplexOptions {
  /**
   * What is read instead of the bytes that came; `undefined` when nothing is to be
   * read any more. Default: these.
   */
  readonly receive?: (bytes: Uint8Array) => Uint8Array | undefined;
  /** Writes all of some bytes. Default: to the connection. */
  readonly write?: (bytes: Uint8Array) => Promise<void>;
  /** Called when it is destroyed. Default: the connection is left as it is. */
  readonly onDestroy?: (buffer: ReadBuffer) => Promise<void>;
}

/** A connection as a stream of Node's, which its TLS and its HTTP/2 stand on. */
export function duplexOf(
  conn: Deno.Conn,
  options: ConnDuplexOptions = {},
): Duplex {
  const { receive = (bytes) => bytes, onDestroy } = options;
  const { write = (bytes) => writeAll(conn, bytes) } = options;
  const buffer = new ReadBuffer(conn, FIRST_READ);
  return new Duplex({
    allowHalfOpen: true,
    async read() {
      try {
        let bytes = new Uint8Array(0) as Uint8Array;
        let isOpen = true;
        while (isOpen && bytes.length === 0) {
          isOpen = await buffer.fill();
          const received = receive(buffer.unread);
          if (received === undefined) return;
          bytes = Buffer.from(received);
          buffer.consume(buffer.unread.length);
        }
        this.push(isOpen ? bytes : null);
      } catch (error) {
        this.destroy(error as Error);
      }
    },
    write(bytes: Uint8Array, _encoding, done) {
      write(bytes).then(() => done(), done);
    },
    async final(done) {
      // The peer may have closed before.
      await conn.closeWrite().catch(() => {});
      done();
    },
    async destroy(error, done) {
      await onDestroy?.(buffer);
      done(error);
    },
  });
}

async function writeAll(conn: Deno.Conn, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(bytes.subarray(written));
  }
}
