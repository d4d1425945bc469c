import { exactNameKey, NAME_KEY_VERSION, nameKey } from "../names.ts";
import type { Connection } from "./connection.ts";

interface Named {
  readonly row: number;
  readonly name: string;
  readonly name_key: string;
  readonly kind: string;
}

/**
 * Makes the keys of all names anew when they were made by another version of
 * {@linkcode nameKey}.
 *
 * When two people have the same key then, it is that of the one who has been
 * there longer; who is no guest comes before guests. A guest loses the name;
 * anybody else keeps it, found by {@linkcode exactNameKey} alone.
 */
export function renewNameKeys(connection: Connection): void {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const version = "SELECT version FROM name_keys";
    const stored = connection.get<{ version: number }>(version)?.version;
    if (stored !== NAME_KEY_VERSION) {
      renewAll(connection);
      connection.run("UPDATE name_keys SET version = ?", NAME_KEY_VERSION);
    }
    connection.exec("COMMIT");
  } catch (error) {
    if (connection.inTransaction) connection.exec("ROLLBACK");
    throw error;
  }
}

function renewAll(connection: Connection): void {
  const people = connection.all<Named>(
    `SELECT row, name, name_key, kind FROM people WHERE name_key IS NOT NULL
     ORDER BY kind = 'guest', created, row`,
  );
  const taken = new Set<string>();
  const changes: { readonly row: number; readonly key: string | null }[] = [];
  for (const { row, name, name_key, kind } of people) {
    const key = nameKey(name);
    const free = !taken.has(key)
      ? key
      : kind === "guest"
      ? null
      : exactNameKey(name);
    if (free !== null) taken.add(free);
    if (free !== name_key) changes.push({ row, key: free });
  }
  // One may get the key that another one has had.
  for (const { row } of changes) {
    connection.run("UPDATE people SET name_key = NULL WHERE row = ?", row);
  }
  for (const { row, key } of changes) {
    if (key !== null) {
      connection.run("UPDATE people SET name_key = ? WHERE row = ?", key, row);
    } else {
      // Nobody can be this one any more: it is looked at soon.
      connection.run(
        `UPDATE people SET held_until = coalesce(held_until, 0), look_at = 0
         WHERE row = ?`,
        row,
      );
    }
  }
}
