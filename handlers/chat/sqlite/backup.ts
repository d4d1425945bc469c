import { backup, DatabaseSync } from "node:sqlite";
import { StoreError } from "../store_error.ts";
import { Connection } from "./connection.ts";
import { faultOf } from "./fault.ts";
import { versionOf } from "./migrations.ts";

/**
 * Copies a store into another file, as it is at one moment; a server may use it
 * at the same time. A file of that name is never overwritten, and the name is
 * there only once the copy is whole.
 *
 * @example
 * ```ts ignore
 * await backupStore("data/chat.db", "backups/2026-01-02.db");
 * ```
 *
 * @throws {StoreError} with the code `target_exists`, `not_a_store`,
 * `cannot_open`, `full` or `failed`.
 */
export async function backupStore(path: string, target: string): Promise<void> {
  const part = `${target}.part`;
  for (const file of [target, part]) {
    if (await exists(file)) {
      throw new StoreError("target_exists", { path: file });
    }
  }
  try {
    await copy(path, part);
    await sync(part);
    await Deno.rename(part, target);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    throw faultOf(error, path) ?? error;
  }
}

async function copy(path: string, target: string): Promise<void> {
  checkVersion(path);
  const source = new DatabaseSync(path, { readOnly: true });
  try {
    source.exec("PRAGMA busy_timeout = 10000");
    // All pages in one step, and so of one moment. VACUUM INTO would want every
    // permission there is, because it attaches a database.
    await backup(source, target, { rate: -1 });
  } catch (error) {
    const fault = faultOf(error, path);
    // The source is only read.
    throw fault?.code === "full" ? faultOf(error, target) : fault ?? error;
  } finally {
    source.close();
  }
}

function checkVersion(path: string): void {
  const connection = new Connection(path, { readOnly: true });
  try {
    versionOf(connection, path);
  } finally {
    connection.close();
  }
}

async function sync(path: string): Promise<void> {
  using file = await Deno.open(path, { read: true, write: true });
  await file.sync();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.lstat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
