import { StoreError } from "../chat/mod.ts";
import { streamPart } from "../static/file_part.ts";
import {
  type IncomingFile,
  type KeptFile,
  type KeptFiles,
  NoSpaceError,
  SpaceAccount,
} from "./kept_files.ts";

/** What a file is called until it is kept. */
const INCOMING = "incoming-";

/** What a file is called that is kept. */
const DIGEST = /^[0-9a-f]{64}$/;

/** Options of {@linkcode DiskFiles.open}. */
export interface DiskFilesOptions {
  /** How many bytes all files may have together. Default: 10 GiB. */
  readonly maxBytes?: number | undefined;
}

/** Files in a folder, each named by the SHA-256 of its bytes. */
export class DiskFiles implements KeptFiles {
  readonly #folder: string;
  readonly #space: SpaceAccount;

  private constructor(folder: string, space: SpaceAccount) {
    this.#folder = folder;
    this.#space = space;
  }

  /**
   * Opens a folder, which is made if it is not there, and removes what uploads
   * have left that a crash has cut off. One process at a time may use it.
   *
   * Rejects with what the system says when the folder cannot be used.
   */
  static async open(
    folder: string,
    { maxBytes = 10 * 1024 ** 3 }: DiskFilesOptions = {},
  ): Promise<DiskFiles> {
    // Nobody else on the machine may read what people send.
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    let used = 0;
    for await (const { isFile, name } of Deno.readDir(folder)) {
      const path = `${folder}/${name}`;
      if (!isFile) continue;
      if (name.startsWith(INCOMING)) await Deno.remove(path);
      else used += (await Deno.stat(path)).size;
    }
    return new DiskFiles(folder, new SpaceAccount(maxBytes, used));
  }

  /** How many bytes the files have together, those being written too. */
  get bytes(): number {
    return this.#space.used;
  }

  /** See {@linkcode KeptFiles.begin}. */
  async begin(): Promise<IncomingFile> {
    const path = `${this.#folder}/${INCOMING}${crypto.randomUUID()}`;
    const file = await asFault(() =>
      Deno.open(path, { write: true, createNew: true })
    );
    return new IncomingDiskFile(file, {
      path,
      folder: this.#folder,
      space: this.#space,
    });
  }

  /** See {@linkcode KeptFiles.open}. */
  async open(digest: string): Promise<KeptFile | undefined> {
    using cleanup = new DisposableStack();
    const file = await unlessAbsent(() => Deno.open(this.#pathOf(digest)));
    if (file === undefined) return undefined;
    cleanup.use(file);
    const { size } = await file.stat();
    cleanup.move();
    return {
      size,
      read: (part) => streamPart(file, part),
      [Symbol.dispose]: () => file.close(),
    };
  }

  /** See {@linkcode KeptFiles.remove}. */
  async remove(digest: string): Promise<void> {
    const path = this.#pathOf(digest);
    const info = await unlessAbsent(() => Deno.stat(path));
    if (info === undefined) return;
    await Deno.remove(path);
    this.#space.give(info.size);
  }

  /** See {@linkcode KeptFiles.digests}. */
  async *digests(): AsyncIterable<string> {
    for await (const { isFile, name } of Deno.readDir(this.#folder)) {
      if (isFile && DIGEST.test(name)) yield name;
    }
  }

  #pathOf(digest: string): string {
    return `${this.#folder}/${digest}`;
  }
}

class IncomingDiskFile implements IncomingFile {
  readonly #file: Deno.FsFile;
  readonly #path: string;
  readonly #folder: string;
  readonly #space: SpaceAccount;
  #size = 0;
  #isOpen = true;
  #isKept = false;

  constructor(file: Deno.FsFile, { path, folder, space }: {
    readonly path: string;
    readonly folder: string;
    readonly space: SpaceAccount;
  }) {
    this.#file = file;
    this.#path = path;
    this.#folder = folder;
    this.#space = space;
  }

  async write(chunk: Uint8Array): Promise<void> {
    this.#space.take(chunk.length);
    this.#size += chunk.length;
    let rest = chunk;
    while (rest.length > 0) {
      const written = await asFault(() => this.#file.write(rest));
      rest = rest.subarray(written);
    }
  }

  async keep(digest: string): Promise<void> {
    await asFault(() => this.#file.sync());
    this.#close();
    const path = `${this.#folder}/${digest}`;
    const replaced = await unlessAbsent(() => Deno.stat(path));
    await Deno.rename(this.#path, path);
    this.#isKept = true;
    if (replaced !== undefined) this.#space.give(replaced.size);
    // The name as well is to survive a power cut.
    using folder = await Deno.open(this.#folder);
    await folder.sync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#close();
    if (this.#isKept) return;
    this.#space.give(this.#size);
    this.#size = 0;
    await unlessAbsent(() => Deno.remove(this.#path));
  }

  #close(): void {
    if (this.#isOpen) this.#file.close();
    this.#isOpen = false;
  }
}

/** Says in words for people what the disk refuses. */
async function asFault<Value>(action: () => Promise<Value>): Promise<Value> {
  try {
    return await action();
  } catch (cause) {
    switch ((cause as { readonly code?: unknown }).code) {
      case "ENOSPC":
      case "EDQUOT":
        throw new NoSpaceError({ cause });
      case "EROFS":
      case "EACCES":
        throw new StoreError("read_only", { cause });
      case "EIO":
        throw new StoreError("failed", { cause });
    }
    throw cause;
  }
}

async function unlessAbsent<Value>(
  action: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
