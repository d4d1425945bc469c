import { StoreError } from "../store_error.ts";
import type { Connection } from "./connection.ts";
import { SCHEMA_1 } from "./schema.ts";
import { SCHEMA_2 } from "./schema_2.ts";
import { SCHEMA_3 } from "./schema_3.ts";

/** "SwBd": what says in the file that it is a store of this program. */
export const APPLICATION_ID = 0x53774264;

/** What makes each version of the one before; the first of an empty file. */
const MIGRATIONS: readonly string[] = [SCHEMA_1, SCHEMA_2, SCHEMA_3];

/**
 * Brings a file to the newest version, each step in its own transaction, so that
 * a crash between two leaves the file at a version.
 *
 * @throws {StoreError} `newer_store`, or `not_a_store` when it is of another
 * program.
 */
export function migrate(
  connection: Connection,
  path: string,
  migrations: readonly string[] = MIGRATIONS,
): void {
  const version = versionOf(connection, path);
  if (version > migrations.length) {
    throw new StoreError("newer_store", { path });
  }
  for (const [index, sql] of migrations.entries()) {
    if (index < version) continue;
    connection.exec("BEGIN IMMEDIATE");
    try {
      connection.exec(sql);
      connection.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
      connection.exec(`PRAGMA user_version = ${index + 1}`);
      connection.exec("COMMIT");
    } catch (error) {
      if (connection.inTransaction) connection.exec("ROLLBACK");
      throw error;
    }
  }
}

/**
 * The version of a file; 0 if it is empty.
 *
 * @throws {StoreError} `not_a_store` when it is of another program.
 */
export function versionOf(connection: Connection, path: string): number {
  const { id, version, tables } = connection.get<
    { id: number; version: number; tables: number }
  >(
    `SELECT application_id AS id, user_version AS version,
       (SELECT count(*) FROM sqlite_schema) AS tables
     FROM pragma_application_id, pragma_user_version`,
  )!;
  const isEmpty = tables === 0 && id === 0 && version === 0;
  if (id !== APPLICATION_ID && !isEmpty) {
    throw new StoreError("not_a_store", { path });
  }
  return version;
}
