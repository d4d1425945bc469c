import type { ByteRange } from "../static/byte_range.ts";

/** Where files are kept, each under the SHA-256 of its bytes. */
export interface KeptFiles {
  /** Begins a file whose hash is not known yet. */
  begin(): Promise<IncomingFile>;
  /** Opens a file; `undefined` if it is not there. */
  open(digest: string): Promise<KeptFile | undefined>;
  /** Removes a file, if it is there. */
  remove(digest: string): Promise<void>;
  /** The digests of those that are there. */
  digests(): AsyncIterable<string>;
}

/** A file that is being written. Disposed before it is kept, it leaves nothing. */
export interface IncomingFile extends AsyncDisposable {
  /**
   * Writes what comes next.
   *
   * @throws {NoSpaceError} when there is no room for it.
   */
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Keeps the file. It is on the disk, if it is to be on one, when the promise
   * resolves. In place of one that is there already it changes nothing.
   *
   * @param digest The SHA-256 of what was written, in lower-case hexadecimal.
   */
  keep(digest: string): Promise<void>;
}

/** A file that is kept, open for reading. */
export interface KeptFile extends Disposable {
  /** In bytes. */
  readonly size: number;
  /** A body of some of its bytes; it closes the file when it ends. */
  read(part: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** Says that no more files can be kept: the disk, or the share of it, is full. */
export class NoSpaceError extends Error {
  override readonly name = "NoSpaceError";
  /** For programs. */
  readonly code = "no_space";

  /** `cause` is what the system said, if it did. */
  constructor(options?: ErrorOptions) {
    super("Cannot keep the file: there is no room for it", options);
  }
}

/** Counts the bytes of all files that are kept, or about to be. */
export class SpaceAccount {
  readonly #most: number;
  #used: number;

  /** `most` is how many bytes there may be, `used` how many there are. */
  constructor(most: number, used = 0) {
    this.#most = most;
    this.#used = used;
  }

  /** How many bytes there are. */
  get used(): number {
    return this.#used;
  }

  /** Counts more bytes. Throws a {@linkcode NoSpaceError} if it is too much. */
  take(bytes: number): void {
    if (this.#used + bytes > this.#most) throw new NoSpaceError();
    this.#used += bytes;
  }

  /** Counts fewer bytes. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
