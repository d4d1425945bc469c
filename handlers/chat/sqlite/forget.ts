import type { Connection } from "./connection.ts";
import { unindexMessage } from "./search_index.ts";

/** What has been forgotten. */
export interface Forgotten {
  readonly count: number;
  /** The last offset of them; 0 if there was none. */
  readonly offset: number;
  /** The last change of them; 0 if there was none. */
  readonly change: number;
}

/**
 * Deletes the oldest messages of a history, up to an offset and a number of
 * them, with all that belongs to them.
 */
export function forgetMessages(
  connection: Connection,
  history: number,
  { to, limit }: { readonly to: number; readonly limit: number },
): Forgotten {
  const rows = connection.all<{ row: number; offset: number; change: number }>(
    `SELECT row, offset, change FROM messages
     WHERE history = ? AND offset <= ? ORDER BY offset LIMIT ?`,
    history,
    to,
    limit,
  );
  for (const { row } of rows) {
    unindexMessage(connection, row);
    connection.run("DELETE FROM messages WHERE row = ?", row);
  }
  const offset = rows.at(-1)?.offset ?? 0;
  connection.run(
    "DELETE FROM mentions WHERE history = ? AND offset <= ?",
    history,
    offset,
  );
  return {
    count: rows.length,
    offset,
    change: Math.max(0, ...rows.map(({ change }) => change)),
  };
}
