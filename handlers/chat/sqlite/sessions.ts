import type { SessionStore, StoredSession } from "../store.ts";
import type { Parts } from "./parts.ts";

const SELECT = `SELECT s.id, p.id AS person, s.created, s.used
  FROM sessions s JOIN people p ON p.row = s.person`;

/** How many sessions one step looks at. */
const SESSIONS_A_STEP = 1000;

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

  async prune(before: number): Promise<number> {
    const { turns } = this.#parts;
    let total = 0;
    let from: string | undefined = "";
    while (from !== undefined) {
      const first: string = from;
      const { count, next } = await turns.write(() =>
        this.#pruneSome(first, before)
      );
      total += count;
      from = next;
    }
    return total;
  }

  /** Looks at those that follow an id, and says where to go on. */
  #pruneSome(
    from: string,
    before: number,
  ): { readonly count: number; readonly next: string | undefined } {
    const { connection } = this.#parts;
    const next = connection.get<{ id: string }>(
      "SELECT id FROM sessions WHERE id > ? ORDER BY id LIMIT 1 OFFSET ?",
      from,
      SESSIONS_A_STEP - 1,
    )?.id;
    const count = connection.run(
      `DELETE FROM sessions WHERE id > ?1 AND (?2 IS NULL OR id <= ?2)
         AND (used < ?3 OR EXISTS (
           SELECT 1 FROM people p WHERE p.row = sessions.person
             AND p.kind = 'guest' AND p.name_key IS NULL))`,
      from,
      next ?? null,
      before,
    );
    return { count, next };
  }
}
