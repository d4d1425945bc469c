import { StoreError, type StoreErrorCode } from "../store_error.ts";

/** Primary result codes of SQLite: https://sqlite.org/rescode.html. */
const BY_RESULT_CODE: Readonly<Record<number, StoreErrorCode>> = {
  5: "busy",
  6: "busy",
  8: "read_only",
  10: "failed",
  11: "damaged",
  13: "full",
  14: "cannot_open",
  26: "not_a_store",
};

/** SQLITE_IOERR_SHMSIZE: there is no room for the file that is `-shm`. */
const NO_ROOM = 4874;

/** `exec()` gives the words of SQLite without the code. */
const BY_WORDS: readonly (readonly [string, StoreErrorCode])[] = [
  ["database is locked", "busy"],
  ["attempt to write a readonly database", "read_only"],
  ["disk I/O error", "failed"],
  ["database disk image is malformed", "damaged"],
  ["database or disk is full", "full"],
  ["unable to open database file", "cannot_open"],
  ["file is not a database", "not_a_store"],
];

/**
 * What has happened to the file, when an error of SQLite says that something
 * has; `undefined` for all other errors.
 */
export function faultOf(error: unknown, path?: string): StoreError | undefined {
  if (error instanceof StoreError) return error;
  if (!(error instanceof Error)) return undefined;
  const { errcode } = error as { errcode?: unknown };
  const code = errcode === NO_ROOM ? "full" : typeof errcode === "number"
    // The lowest byte of an extended result code is the primary one.
    ? BY_RESULT_CODE[errcode & 0xff]
    : BY_WORDS.find(([words]) => error.message.startsWith(words))?.[1];
  if (code === undefined) return undefined;
  return new StoreError(code, {
    cause: error,
    ...(path === undefined ? {} : { path }),
  });
}
