import type { PersonStore, StoredPerson } from "../store.ts";
import { pruneGuests } from "./guests.ts";
import type { Parts } from "./parts.ts";
import { PERSON_COLUMNS, type PersonColumns, personOf } from "./person_rows.ts";

interface PersonRow extends PersonColumns {
  readonly kind: StoredPerson["kind"];
  readonly is_owner: number;
  readonly password: string | null;
  readonly held_until: number | null;
  readonly created: number;
}

const SELECT = `SELECT ${PERSON_COLUMNS},
  p.kind, p.is_owner, p.password, p.held_until, p.created FROM people p`;

function storedPerson(row: PersonRow): StoredPerson {
  return {
    ...personOf(row),
    kind: row.kind,
    isOwner: row.is_owner === 1,
    ...(row.password === null ? {} : { password: row.password }),
    ...(row.held_until === null ? {} : { heldUntil: row.held_until }),
    created: row.created,
  };
}

/** The people of a store in SQLite. */
export class SqlitePeople implements PersonStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(
    person: StoredPerson,
    { nameKey, now }: { readonly nameKey: string; readonly now: number },
  ): Promise<"added" | "name_taken"> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      if (personRows.find(person.id) !== undefined) return "name_taken";
      if (!this.#free(nameKey, now)) return "name_taken";
      connection.run(
        `INSERT INTO people
           (id, name, name_key, kind, is_bot, is_owner, password, held_until,
            created)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        person.id,
        person.name,
        nameKey,
        person.kind,
        person.bot ? 1 : 0,
        person.isOwner ? 1 : 0,
        person.password ?? null,
        person.heldUntil ?? null,
        person.created,
      );
      return "added";
    });
  }

  get(id: string): Promise<StoredPerson | undefined> {
    return this.#find("id", id);
  }

  named(nameKey: string): Promise<StoredPerson | undefined> {
    return this.#find("name_key", nameKey);
  }

  rename(
    id: string,
    { name, nameKey, now }: {
      readonly name: string;
      readonly nameKey: string;
      readonly now: number;
    },
  ): Promise<"renamed" | "name_taken"> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      const row = personRows.need(id);
      if (!this.#free(nameKey, now, row)) return "name_taken";
      if (this.#isKept(name, { nameKey, person: row })) return "name_taken";
      connection.run(
        "UPDATE people SET name = ?, name_key = ? WHERE row = ?",
        name,
        nameKey,
        row,
      );
      return "renamed";
    });
  }

  setPassword(
    id: string,
    { hash, was }: { readonly hash: string; readonly was: string | undefined },
  ): Promise<boolean> {
    const { connection, turns } = this.#parts;
    return turns.write(() =>
      connection.run(
        "UPDATE people SET password = ? WHERE id = ? AND password IS ?",
        hash,
        id,
        was ?? null,
      ) > 0
    );
  }

  hold(id: string, until: number | undefined): Promise<void> {
    const { connection, turns } = this.#parts;
    return turns.write(() => {
      connection.run(
        "UPDATE people SET held_until = ? WHERE id = ?",
        until ?? null,
        id,
      );
    });
  }

  holdAll(until: number): Promise<void> {
    const { connection, turns } = this.#parts;
    return turns.write(() => {
      connection.run(
        `UPDATE people SET held_until = ? WHERE kind = 'guest'
           AND name_key IS NOT NULL AND held_until IS NULL`,
        until,
      );
    });
  }

  hasAccounts(): Promise<boolean> {
    const { connection, turns } = this.#parts;
    return turns.read(() =>
      connection.get("SELECT 1 FROM people WHERE kind = 'account' LIMIT 1") !==
        undefined
    );
  }

  prune(now: number): Promise<number> {
    return pruneGuests(this.#parts, now);
  }

  /** Makes a name free for a person, if nobody else holds it. */
  #free(nameKey: string, now: number, person?: number): boolean {
    const { connection } = this.#parts;
    // Who has this key, or has kept a name of it (see `exactNameKey()`).
    const holder = connection.get<
      { row: number; kind: string; held_until: number | null }
    >(
      `SELECT row, kind, held_until FROM people
       WHERE name_key >= ?1 AND name_key < ?1 || char(2)
       ORDER BY name_key LIMIT 1`,
      nameKey,
    );
    if (holder === undefined || holder.row === person) return true;
    const { row, kind, held_until: until } = holder;
    if (kind !== "guest" || until === null || until >= now) return false;
    // Nobody can be this one any more: it is looked at soon.
    connection.run(
      "UPDATE people SET name_key = NULL, look_at = 0 WHERE row = ?",
      row,
    );
    return true;
  }

  /** Whether somebody else has kept a name, in whatever case. */
  #isKept(
    name: string,
    { nameKey, person }: {
      readonly nameKey: string;
      readonly person: number;
    },
  ): boolean {
    return this.#parts.connection.all<{ name: string }>(
      `SELECT name FROM people WHERE name_key >= ?1 || char(1)
         AND name_key < ?1 || char(2) AND row <> ?2`,
      nameKey,
      person,
    ).some((kept) => kept.name.toLowerCase() === name.toLowerCase());
  }

  #find(
    column: "id" | "name_key",
    value: string,
  ): Promise<StoredPerson | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const row = connection.get<PersonRow>(
        `${SELECT} WHERE p.${column} = ?`,
        value,
      );
      return row && storedPerson(row);
    });
  }
}
