import type { ReadConfig } from "../config/mod.ts";
import { openStore } from "../mod.ts";
import { backUp, dataFolder, readLines, writeLines } from "../upkeep/mod.ts";
import { openStoreOf } from "./open.ts";
import { isOfSystem, reasonOf, UsageError } from "./usage_error.ts";

/** A command besides none, which starts the server. */
export interface Command {
  /** What it is given, as the help names it, if it is given anything. */
  readonly operand: string | undefined;
  /** Does it; gives what whoever has asked for it is told, if anything. */
  run(read: ReadConfig, operand: string): Promise<string | void>;
}

/** All commands, by their names. */
export const COMMANDS: ReadonlyMap<string, Command> = new Map<string, Command>([
  ["backup", { run: backupCommand, operand: "TARGET" }],
  ["export", { run: exportCommand, operand: "ROOM" }],
  ["import", { run: importCommand, operand: undefined }],
]);

async function backupCommand(
  { config }: ReadConfig,
  target: string,
): Promise<string> {
  const { data } = config;
  try {
    await backUp(data, target);
  } catch (error) {
    if (!isOfSystem(error)) throw error;
    throw new UsageError(`Cannot write ${target}: ${reasonOf(error)}.`);
  }
  return `${data} is copied to ${target}.`;
}

async function exportCommand(
  { config }: ReadConfig,
  room: string,
): Promise<void> {
  const { store: file } = dataFolder(config.data);
  if (!await exists(file)) throw new UsageError(`There is no ${file}.`);
  await using store = openStore({ path: file });
  const count = await writeLines(
    store.messages.export(room),
    Deno.stdout.writable,
  );
  if (count === 0) throw new UsageError(`There is no room "${room}".`);
}

async function importCommand({ config }: ReadConfig): Promise<string> {
  await using store = await openStoreOf({ ...config, memory: false });
  let imported;
  try {
    imported = await store.messages.import(readLines(Deno.stdin.readable));
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(`${error.message}.`);
    throw error;
  }
  if (imported === "room_exists") {
    throw new UsageError("There is a room of that name, which is kept.");
  }
  const { room, offset } = imported;
  const messages = offset === 1 ? "1 message" : `${offset} messages`;
  return `The room "${room}" has ${messages}.`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
