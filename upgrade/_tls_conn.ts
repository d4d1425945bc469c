import type { Buffer } from "node:buffer";
import { type SecureContext, TLSSocket } from "node:tls";
import { duplexOf } from "./_conn_duplex.ts";
import { Deadline } from "./_deadline.ts";

// How long the last bytes and the goodbye of TLS may take to leave, in
// milliseconds.
const GOODBYE = 1_000;
// RFC 8446 §6.2: the fatal alert handshake_failure, in a record of its own. The
// stream of Node's ends a handshake that fails without a word.
const HANDSHAKE_FAILURE = Uint8Array.of(21, 3, 3, 0, 2, 2, 40);

/**
 * The server's side of TLS on a TCP connection, with the shape of
 * `Deno.TlsConn`. What goes wrong with TLS, in the handshake or later, is a
 * `Deno.errors.ConnectionReset` to who reads or writes.
 *
 * `Deno.listenTls` will not do here: `close()` of its connections waits without
 * an end for the handshake, or for a peer that reads nothing, so that each such
 * client would keep a file descriptor for as long as it likes.
 */
export class TlsServerConn implements Deno.TlsConn {
  readonly #tcp: Deno.TcpConn;
  readonly #socket: TLSSocket;
  readonly #handshake = Promise.withResolvers<Deno.TlsHandshakeInfo>();
  readonly #ended = Promise.withResolvers<void>();
  #wake: (() => void) | undefined;
  #rest: Uint8Array | undefined;
  #atEnd = false;
  #isSecure = false;
  #isClosed = false;
  #failure: Error | undefined;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #writable: WritableStream<Uint8Array<ArrayBufferLike>> | undefined;

  /** The address of this side. */
  readonly localAddr: Deno.NetAddr;
  /** The address of the client. */
  readonly remoteAddr: Deno.NetAddr;
  /** Resolves when the TCP connection under it is closed. */
  readonly ended: Promise<void> = this.#ended.promise;

  /** Begins with the client's handshake on a connection, which it closes. */
  constructor(tcp: Deno.TcpConn, secureContext: SecureContext) {
    this.#tcp = tcp;
    this.localAddr = tcp.localAddr;
    this.remoteAddr = tcp.remoteAddr;
    this.#handshake.promise.catch(() => {});
    const socket = this.#socket = new TLSSocket(duplexOf(tcp), {
      isServer: true,
      secureContext,
      // RFC 7301 §3.2: a client that offers only other protocols is refused.
      ALPNProtocols: ["http/1.1"],
    });
    const wake = () => this.#wakeReaders();
    socket.on("secure", () => {
      this.#isSecure = true;
      const { alpnProtocol } = socket;
      this.#handshake.resolve({ alpnProtocol: alpnProtocol || null });
    });
    socket.on("readable", wake);
    socket.on("end", () => {
      this.#atEnd = true;
      wake();
    });
    socket.on("error", (error: Error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("The connection closed")));
  }

  /** Whether `close()` was called. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Sends small writes at once, or lets TCP gather them. */
  setNoDelay(noDelay?: boolean): void {
    this.#tcp.setNoDelay(noDelay);
  }

  /** Resolves when the handshake is done. */
  handshake(): Promise<Deno.TlsHandshakeInfo> {
    return this.#handshake.promise;
  }

  /** Reads what has come, or waits for it; null at the end. */
  async read(target: Uint8Array): Promise<number | null> {
    for (;;) {
      this.#check();
      const chunk = this.#rest ?? this.#socket.read() as Buffer | null;
      if (chunk !== null) {
        const count = Math.min(chunk.length, target.length);
        target.set(chunk.subarray(0, count));
        this.#rest = count < chunk.length ? chunk.subarray(count) : undefined;
        return count;
      }
      if (this.#atEnd) return null;
      if (this.#failure !== undefined) throw lossOf(this.#failure);
      await new Promise<void>((resolve) => {
        const before = this.#wake;
        this.#wake = () => {
          before?.();
          resolve();
        };
      });
    }
  }

  /** Writes all of `bytes`; resolves when the peer has room for them. */
  async write(bytes: Uint8Array): Promise<number> {
    this.#check();
    if (this.#failure !== undefined) throw lossOf(this.#failure);
    await new Promise<void>((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(lossOf(error));
        else resolve();
      });
    });
    return bytes.length;
  }

  /** Ends the sending direction. RFC 8446 §6.1: with close_notify. */
  async closeWrite(): Promise<void> {
    this.#check();
    await new Promise<void>((resolve) => {
      this.#socket.once("close", resolve);
      this.#socket.end(resolve);
    });
  }

  /**
   * Closes it when what was written has left, and the goodbye of TLS after it. A
   * peer that does not take them within a second is cut off, and one that is
   * still in its handshake at once.
   */
  close(): void {
    this.#check();
    this.#isClosed = true;
    this.#wakeReaders();
    if (this.#failure !== undefined) return;
    if (!this.#isSecure) return this.#destroy();
    this.#limitGoodbye();
    this.#socket.end(() => this.#destroy());
  }

  /** Closes it, if it is open. */
  [Symbol.dispose](): void {
    if (!this.#isClosed) this.close();
  }

  /** Does nothing: an open connection always keeps the process alive. */
  ref(): void {}

  /** Does nothing: an open connection always keeps the process alive. */
  unref(): void {}

  /** The received bytes as a stream. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= new ReadableStream({
      pull: async (controller) => {
        const target = new Uint8Array(0x4000);
        const count = await this.read(target);
        if (count !== null) {
          return controller.enqueue(target.subarray(0, count));
        }
        controller.close();
      },
    }, { highWaterMark: 0 });
  }

  /** The bytes to send as a stream. */
  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    return this.#writable ??= new WritableStream({
      write: async (bytes) => {
        await this.write(bytes);
      },
      close: () => this.closeWrite(),
    });
  }

  #check(): void {
    if (this.#isClosed) {
      throw new Deno.errors.BadResource("The connection is closed");
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = error;
    this.#handshake.reject(lossOf(error));
    this.#wakeReaders();
    if (this.#isSecure || this.#isClosed) return this.#destroy();
    this.#limitGoodbye();
    this.#tcp.write(HANDSHAKE_FAILURE).catch(() => {})
      .then(() => this.#destroy());
  }

  /** Lets those who wait for bytes look again, in the order of their calls. */
  #wakeReaders(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #limitGoodbye(): void {
    const deadline = new Deadline(() => this.#destroy());
    deadline.set(GOODBYE);
    this.#ended.promise.then(() => deadline[Symbol.dispose]());
  }

  #destroy(): void {
    this.#socket.destroy();
    try {
      this.#tcp.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
    this.#ended.resolve();
  }
}

function lossOf(cause: Error): Error {
  return new Deno.errors.ConnectionReset(cause.message, { cause });
}
