import type { ByteRange } from "../static/byte_range.ts";
import {
  type IncomingFile,
  type KeptFile,
  type KeptFiles,
  SpaceAccount,
} from "./kept_files.ts";

/** Options of {@linkcode MemoryFiles}. */
export interface MemoryFilesOptions {
  /** How many bytes all files may have together. Default: 128 MiB. */
  readonly maxBytes?: number | undefined;
}

/** Files in memory, for a server that keeps nothing. */
export class MemoryFiles implements KeptFiles {
  readonly #files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly #space: SpaceAccount;

  /** Makes an empty one. */
  constructor({ maxBytes = 128 * 1024 * 1024 }: MemoryFilesOptions = {}) {
    this.#space = new SpaceAccount(maxBytes);
  }

  /** How many bytes the files have together, those being written too. */
  get bytes(): number {
    return this.#space.used;
  }

  /** See {@linkcode KeptFiles.begin}. */
  begin(): Promise<IncomingFile> {
    return Promise.resolve(
      new IncomingMemoryFile(this.#files, this.#space),
    );
  }

  /** See {@linkcode KeptFiles.open}. */
  open(digest: string): Promise<KeptFile | undefined> {
    const bytes = this.#files.get(digest);
    return Promise.resolve(bytes && new KeptMemoryFile(bytes));
  }

  /** See {@linkcode KeptFiles.remove}. */
  remove(digest: string): Promise<void> {
    const bytes = this.#files.get(digest);
    this.#files.delete(digest);
    this.#space.give(bytes?.length ?? 0);
    return Promise.resolve();
  }

  /** See {@linkcode KeptFiles.digests}. */
  async *digests(): AsyncIterable<string> {
    yield* this.#files.keys();
  }
}

class IncomingMemoryFile implements IncomingFile {
  readonly #files: Map<string, Uint8Array<ArrayBuffer>>;
  readonly #space: SpaceAccount;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;

  constructor(
    files: Map<string, Uint8Array<ArrayBuffer>>,
    space: SpaceAccount,
  ) {
    this.#files = files;
    this.#space = space;
  }

  // deno-lint-ignore require-await -- so that what it throws is a rejection.
  async write(chunk: Uint8Array): Promise<void> {
    this.#space.take(chunk.length);
    this.#size += chunk.length;
    this.#chunks.push(chunk.slice());
  }

  async keep(digest: string): Promise<void> {
    if (!this.#files.has(digest)) {
      this.#files.set(digest, await new Blob(this.#chunks).bytes());
      this.#size = 0;
    }
    await this[Symbol.asyncDispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#space.give(this.#size);
    this.#size = 0;
    this.#chunks = [];
    return Promise.resolve();
  }
}

class KeptMemoryFile implements KeptFile {
  readonly #bytes: Uint8Array<ArrayBuffer>;
  readonly size: number;

  constructor(bytes: Uint8Array<ArrayBuffer>) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read({ first, last }: ByteRange): ReadableStream<Uint8Array<ArrayBuffer>> {
    const part = this.#bytes.slice(first, last + 1);
    return new Blob([part]).stream();
  }

  [Symbol.dispose](): void {}
}
