import type { Noted, StoredToken, TokenStore } from "../store.ts";
import { setMembership } from "./memberships.ts";
import { addAudit } from "./moderation.ts";
import type { Parts } from "./parts.ts";
import { findRoom } from "./room_rows.ts";

interface TokenRow {
  readonly id: string;
  readonly name: string;
  readonly scopes: string;
  readonly person: string;
  readonly room: string | null;
  readonly created: number;
}

const SELECT = `SELECT t.id, t.name, t.scopes, p.id AS person, t.room, t.created
  FROM tokens t JOIN people p ON p.row = t.person`;

function storedToken(row: TokenRow): StoredToken {
  const { room, scopes, ...rest } = row;
  return {
    ...rest,
    scopes: JSON.parse(scopes),
    ...(room === null ? {} : { room }),
  };
}

/** The tokens of a store in SQLite. */
export class SqliteTokens implements TokenStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(
    token: StoredToken,
    hash: string,
    { audit }: Noted = {},
  ): Promise<void> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      const person = personRows.need(token.person);
      connection.run(
        `INSERT INTO tokens (id, hash, name, scopes, person, room, created)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        token.id,
        hash,
        token.name,
        JSON.stringify(token.scopes),
        person,
        token.room ?? null,
        token.created,
      );
      const room = token.room === undefined
        ? undefined
        : findRoom(connection, token.room);
      if (room !== undefined) setMembership(connection, room.row, person, {});
      addAudit(connection, audit);
    });
  }

  find(hash: string): Promise<StoredToken | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const row = connection.get<TokenRow>(`${SELECT} WHERE t.hash = ?`, hash);
      return row && storedToken(row);
    });
  }

  list(): Promise<readonly StoredToken[]> {
    const { connection, turns } = this.#parts;
    return turns.read(() =>
      connection.all<TokenRow>(`${SELECT} ORDER BY t.created, t.id`)
        .map(storedToken)
    );
  }

  drop(id: string, { audit }: Noted = {}): Promise<boolean> {
    const { connection, turns } = this.#parts;
    return turns.write(() => {
      const count = connection.run("DELETE FROM tokens WHERE id = ?", id);
      if (count > 0) addAudit(connection, audit);
      return count > 0;
    });
  }
}
