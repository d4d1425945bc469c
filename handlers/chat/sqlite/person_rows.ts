import type { Person } from "../model.ts";
import type { Connection } from "./connection.ts";

/** The most rows that are remembered, at some 100 bytes each. */
const MAX_ROWS = 20_000;

/** The columns of `people`, as `p`, that make a {@linkcode Person}. */
export const PERSON_COLUMNS = "p.id AS person_id, p.name, p.is_bot";

/** A row with {@linkcode PERSON_COLUMNS}. */
export interface PersonColumns {
  readonly person_id: string;
  readonly name: string;
  readonly is_bot: number;
}

/** Makes a person of the columns. */
export function personOf(row: PersonColumns): Person {
  const { person_id: id, name, is_bot } = row;
  return is_bot === 1 ? { id, name, bot: true } : { id, name };
}

/** Which row of `people` has which id. */
export class PersonRows {
  readonly #connection: Connection;
  readonly #rows = new Map<string, number>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** The row of a person, if there is one. */
  find(id: string): number | undefined {
    const known = this.#rows.get(id);
    if (known !== undefined) return known;
    const row = this.#connection.get<{ row: number }>(
      "SELECT row FROM people WHERE id = ?",
      id,
    )?.row;
    if (row !== undefined) this.#remember(id, row);
    return row;
  }

  /**
   * The row of a person that has to be there.
   *
   * @throws {RangeError} if there is none.
   */
  need(id: string): number {
    const row = this.find(id);
    if (row === undefined) {
      throw new RangeError(`Cannot store: there is no person ${id}`);
    }
    return row;
  }

  /** The row of a person; one that is not known becomes a guest of no name. */
  ensure(person: Person, now: number): number {
    const known = this.find(person.id);
    if (known !== undefined) return known;
    this.#connection.run(
      `INSERT INTO people (id, name, kind, is_bot, is_owner, held_until, created)
       VALUES (?, ?, ?, ?, 0, 0, ?)`,
      person.id,
      person.name,
      person.bot ? "bot" : "guest",
      person.bot ? 1 : 0,
      now,
    );
    return this.find(person.id)!;
  }

  /** Forgets the row of a person who is deleted. */
  forget(id: string): void {
    this.#rows.delete(id);
  }

  /** Forgets all rows: some may have never come to be. */
  clear(): void {
    this.#rows.clear();
  }

  #remember(id: string, row: number): void {
    if (this.#rows.size >= MAX_ROWS) this.#rows.clear();
    this.#rows.set(id, row);
  }
}
