import type { SessionStore, StoredSession } from "../store.ts";
import type { Parts } from "./parts.ts";
import { pruneInSteps, ROWS_A_STEP } from "./prune_in_steps.ts";

const SELECT = `SELECT s.id, p.id AS person, s.created, s.used
  FROM sessions s JOIN people p ON p.row = s.person`;

/** The sessions of a store in SQLite. */
export class SqliteSessions implements SessionStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(session: StoredSession, hash: string): Promise<void> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      connection.run(
        `INSERT INTO sessions (id, hash, person, created, used)
         VALUES (?, ?, ?, ?, ?)`,
        session.id,
        hash,
        personRows.need(session.person),
        session.created,
        session.used,
      );
    });
  }

  find(hash: string): Promise<StoredSession | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const row = connection.get<StoredSession>(
        `${SELECT} WHERE s.hash = ?`,
        hash,
      );
      return row && { ...row };
    });
  }

  touch(id: string, used: number): Promise<void> {
    const { connection, turns } = this.#parts;
    return turns.write(() => {
      connection.run("UPDATE sessions SET used = ? WHERE id = ?", used, id);
    });
  }

  of(person: string): Promise<readonly StoredSession[]> {
    const { connection, turns } = this.#parts;
    return turns.read(() =>
      connection.all<StoredSession>(
        `${SELECT} WHERE p.id = ? ORDER BY s.created, s.id`,
        person,
      ).map((row) => ({ ...row }))
    );
  }

  drop(id: string, person: string): Promise<boolean> {
    const { connection, turns } = this.#parts;
    return turns.write(() =>
      connection.run(
        `DELETE FROM sessions WHERE id = ?
           AND person = (SELECT row FROM people WHERE id = ?)`,
        id,
        person,
      ) > 0
    );
  }

  dropOthers(person: string, kept?: string): Promise<readonly string[]> {
    const { connection, turns } = this.#parts;
    return turns.write(() =>
      connection.all<{ id: string }>(
        `DELETE FROM sessions
         WHERE person = (SELECT row FROM people WHERE id = ?) AND id IS NOT ?
         RETURNING id`,
        person,
        kept ?? null,
      ).map(({ id }) => id)
    );
  }

  prune(before: number): Promise<number> {
    const { connection, turns } = this.#parts;
    return pruneInSteps(() =>
      turns.write(() => {
        const deleted = connection.run(
          `DELETE FROM sessions WHERE id IN (
             SELECT id FROM sessions WHERE used < ? LIMIT ?)`,
          before,
          ROWS_A_STEP,
        );
        return { looked: deleted, deleted };
      })
    );
  }
}
