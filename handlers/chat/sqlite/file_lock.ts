import { StoreError } from "../store_error.ts";

/**
 * Makes this process the only one that writes to a store, until it is disposed of
 * or the process ends. Others may still read the store.
 */
export class FileLock implements Disposable {
  readonly #file: Deno.FsFile;

  /**
   * Takes the lock.
   *
   * @throws {StoreError} `in_use` if another process has it; `read_only`, `full`
   * or `cannot_open` if there can be no such file.
   */
  constructor(path: string) {
    this.#file = open(path);
    if (this.#file.tryLockSync(true)) return;
    this.#file.close();
    throw new StoreError("in_use", { path });
  }

  [Symbol.dispose](): void {
    // A program that is being started has the file open too, until it runs.
    this.#file.unlockSync();
    this.#file.close();
  }
}

function open(path: string): Deno.FsFile {
  try {
    // A file of its own: closing any other descriptor of a database would drop
    // the locks that SQLite has on it (https://sqlite.org/howtocorrupt.html).
    return Deno.openSync(`${path}-lock`, { create: true, write: true });
  } catch (cause) {
    const { code } = cause as { readonly code?: unknown };
    const isReadOnly = cause instanceof Deno.errors.PermissionDenied ||
      code === "EROFS";
    if (isReadOnly) throw new StoreError("read_only", { cause, path });
    const isFull = code === "ENOSPC" || code === "EDQUOT";
    throw new StoreError(isFull ? "full" : "cannot_open", { cause, path });
  }
}
