/**
 * What the chat keeps, in one file of SQLite.
 *
 * @module
 */

export { backupStore } from "./backup.ts";
export { openStore, type SqliteStoreOptions } from "./open.ts";
