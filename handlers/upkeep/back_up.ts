import { backupStore, StoreError } from "../chat/mod.ts";
import { dataFolder } from "./data_folder.ts";

/** The name of a file that is kept: its SHA-256. */
const HASH = /^[0-9a-f]{64}$/;

/**
 * Copies all that is kept into a new folder, which can be the `data` of a server
 * as it is. A server may use the original at the same time: the copy is as it
 * was at one moment, with every file that a message of it has.
 *
 * The folder has its name only once it is whole.
 *
 * @throws {StoreError} with the code `target_exists` if there is a folder or
 * file of that name, and those of `backupStore`.
 */
export async function backUp(data: string, target: string): Promise<void> {
  const from = dataFolder(data);
  const part = `${target}.part`;
  if (await exists(target)) {
    throw new StoreError("target_exists", { path: target });
  }
  await makeFolder(part);
  try {
    const to = dataFolder(part);
    await backupStore(from.store, to.store);
    // After the store: a file is there before a message has it.
    await copyFiles(from.files, to.files);
    await Deno.rename(part, target);
  } catch (error) {
    await Deno.remove(part, { recursive: true });
    throw error;
  }
}

async function makeFolder(path: string): Promise<void> {
  try {
    // Nobody else on the machine may read what people say.
    await Deno.mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    throw new StoreError("target_exists", { cause: error, path });
  }
}

async function copyFiles(from: string, to: string): Promise<void> {
  if (!await exists(from)) return;
  await Deno.mkdir(to);
  for await (const { name } of Deno.readDir(from)) {
    // What is being uploaded has no hash yet.
    if (!HASH.test(name)) continue;
    try {
      await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    } catch (error) {
      // It was removed just now, so no message has it.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
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
