import { type PendingRead, Rewind } from "./_rewind.ts";

// Room for what one read of the stream may bring, in bytes.
const PIECE = 0x4000;

/** What an {@linkcode Upgraded} is made of. */
export interface UpgradedParts<Io extends Deno.Conn = Deno.Conn> {
  /** The connection itself. */
  readonly io: Io;
  /** The bytes that came early: they stand before what `io` reads. */
  readonly readBuf: Uint8Array;
}

/** Whom an upgraded connection tells what becomes of it. */
export interface UpgradedOwner {
  /** It was closed, or its socket was given away. Called once. */
  onReleased(): void;
  /** The protocol that took over has failed with an error of its own. */
  onFailed(error: unknown): void;
}

/** What the side that hands over a connection knows besides. */
interface Handover {
  /** A read that is under way; what it brings stands after the early bytes. */
  readonly pending?: PendingRead | undefined;
  readonly owner?: UpgradedOwner;
}

/**
 * A connection that has stopped speaking HTTP (RFC 9110 §7.8).
 *
 * It is used as a `Deno.Conn`. The bytes that the peer sent together with its
 * last HTTP message are read first, in order, then those of the socket.
 *
 * ```ts
 * import { onUpgrade, serve } from "./mod.ts";
 *
 * await using server = serve({ port: 0 }, (request) => {
 *   onUpgrade(request).then(async (upgraded) => {
 *     using conn = upgraded;
 *     await conn.readable.pipeTo(conn.writable);
 *   }).catch((error) => console.error(error.message));
 *   const headers = { connection: "upgrade", upgrade: "echo" };
 *   return new Response(null, { status: 101, headers });
 * });
 * ```
 */
export class Upgraded implements Deno.Conn {
  readonly #io: Deno.Conn;
  readonly #owner: UpgradedOwner | undefined;
  #isReleased = false;
  #rewind: Rewind | undefined;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  #controller: ReadableByteStreamController | undefined;
  // What read() and what the stream has begun to read last.
  #reading: Promise<number | null> | undefined;
  #pulling: Promise<void> | undefined;
  #isCancelled = false;
  #writable: WritableStream<Uint8Array<ArrayBufferLike>> | undefined;
  #used = false;
  #given = false;

  /**
   * Called when the server that accepted the connection begins to shut down:
   * the time for the protocol to say goodbye. Default: `null`.
   */
  onshutdown: (() => void) | null = null;

  /** Puts the parts together, the reverse of {@linkcode Upgraded.downcast}. */
  constructor(parts: UpgradedParts, { pending, owner }: Handover = {}) {
    this.#io = parts.io;
    const { readBuf } = parts;
    if (readBuf.length > 0 || pending !== undefined) {
      this.#rewind = new Rewind(readBuf, pending);
    }
    this.#owner = owner;
  }

  /** The address of this side. */
  get localAddr(): Deno.Addr {
    return this.#io.localAddr;
  }

  /** The address of the peer. */
  get remoteAddr(): Deno.Addr {
    return this.#io.remoteAddr;
  }

  /**
   * Reads into `target` and resolves to the number of bytes, or to `null` at the
   * end of the stream. Rejects when the connection was reset or closed.
   *
   * It goes on where `readable` has stopped, and `readable` where it has. Throws a
   * `TypeError` while that stream is locked, and when it holds bytes that come
   * first: those of a read that was under way when its lock changed hands.
   */
  read(target: Uint8Array): Promise<number | null> {
    this.#use("read");
    if (this.#readable !== undefined) {
      if (this.#readable.locked && !this.#isCancelled) {
        throw new TypeError("Cannot read: the readable stream is locked");
      }
      if (this.#controller!.desiredSize! < 0) {
        throw new TypeError("Cannot read: the readable stream has bytes left");
      }
      if (this.#pulling !== undefined) {
        return this.#reading = this.#pulling.then(() => this.#next(target));
      }
    }
    return this.#reading = this.#next(target);
  }

  /**
   * Writes some of `source`, maybe not all of it, and resolves to the number of
   * bytes written, as `Deno.Conn` does. `writable` writes everything.
   */
  write(source: Uint8Array): Promise<number> {
    this.#demand("write");
    return this.#io.write(source);
  }

  /** Ends the sending direction; the peer reads the end of the stream. */
  closeWrite(): Promise<void> {
    this.#demand("close for writing");
    return this.#io.closeWrite();
  }

  /** Closes the connection in both directions at once. */
  close(): void {
    this.#demand("close");
    // First, for the socket throws if it has been closed behind this object.
    this.#release();
    this.#io.close();
  }

  /**
   * The receiving direction as a byte stream; it reads the early bytes first, and
   * nothing before it is asked. Cancelling it leaves the connection open; what it
   * was reading then is read by `read()`.
   */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    this.#use("read");
    return this.#readable ??= new ReadableStream({
      type: "bytes",
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pulling = this.#pull(),
      cancel: () => {
        this.#isCancelled = true;
      },
    });
  }

  /**
   * The sending direction as a stream. Closing it ends that direction only;
   * aborting it closes the connection.
   */
  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    this.#demand("write");
    // That of Deno.Conn closes both directions at the end of one.
    return this.#writable ??= new WritableStream({
      write: async (source) => {
        let written = 0;
        while (written < source.length) {
          written += await this.write(source.subarray(written));
        }
      },
      close: () => this.closeWrite(),
      abort: () => this[Symbol.dispose](),
    });
  }

  /** Keeps the process alive while a read is under way, as it does at first. */
  ref(): void {
    this.#io.ref();
  }

  /**
   * Lets the process end while a read is under way, but for one with TLS that a
   * server has accepted.
   */
  unref(): void {
    this.#io.unref();
  }

  /**
   * Tells the server that accepted the connection of an error in the protocol
   * that took over, as if its handler had thrown it; nothing without a server.
   */
  report(error: unknown): void {
    this.#owner?.onFailed(error);
  }

  /**
   * Takes the connection apart into the socket and the bytes that came early and
   * must be treated as read before anything from it. This object is of no use
   * after that, and whoever has the socket has to close it.
   *
   * Throws a `TypeError` when something has been read, the readable stream was
   * taken, or it was taken apart before: bytes could be lost.
   */
  downcast(): UpgradedParts {
    this.#demand("downcast");
    if (this.#used) {
      throw new TypeError("Cannot downcast: the connection has been read from");
    }
    this.#given = true;
    const readBuf = this.#rewind?.takeBytes() ?? new Uint8Array(0);
    this.#rewind?.replayOn(this.#io);
    this.#release();
    return { io: this.#io, readBuf };
  }

  /** Closes the connection, if it still is this object's. */
  [Symbol.dispose](): void {
    if (this.#given) return;
    try {
      this.close();
    } catch (error) {
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  #next(target: Uint8Array): Promise<number | null> {
    if (this.#rewind === undefined) return this.#io.read(target);
    if (this.#rewind.done) {
      this.#rewind = undefined;
      return this.#io.read(target);
    }
    return this.#rewind.read(target, (rest) => this.#io.read(rest));
  }

  /** Reads once for the stream; what it does not want any more is put back. */
  async #pull(): Promise<void> {
    const controller = this.#controller!;
    try {
      // What a read() that was begun before brings is its own.
      await this.#reading?.catch(() => {});
      const { byteLength = PIECE } = controller.byobRequest?.view ?? {};
      const target = new Uint8Array(byteLength);
      const count = await this.#next(target);
      const bytes = target.subarray(0, count ?? 0);
      if (this.#isCancelled || !this.#readable!.locked) this.#putBack(bytes);
      else if (count !== null) controller.enqueue(bytes);
      else {
        controller.close();
        controller.byobRequest?.respond(0);
      }
    } finally {
      this.#pulling = undefined;
    }
  }

  #putBack(bytes: Uint8Array): void {
    this.#rewind ??= new Rewind(new Uint8Array(0));
    this.#rewind.putBack(bytes);
  }

  #release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#owner?.onReleased();
  }

  #use(action: string): void {
    this.#demand(action);
    this.#used = true;
  }

  #demand(action: string): void {
    if (!this.#given) return;
    throw new TypeError(`Cannot ${action}: the connection was taken apart`);
  }
}
