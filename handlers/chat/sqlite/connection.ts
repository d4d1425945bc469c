import {
  DatabaseSync,
  type SQLInputValue,
  type StatementSync,
} from "node:sqlite";

/** A database with its prepared statements, each made once. */
export class Connection {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Opens the file, or makes it; `":memory:"` is a database without one. */
  constructor(path: string, options: { readonly readOnly?: boolean } = {}) {
    this.#database = new DatabaseSync(path, {
      readOnly: options.readOnly ?? false,
    });
  }

  /** Whether a transaction has begun and not ended. */
  get inTransaction(): boolean {
    return this.#database.isTransaction;
  }

  /** Runs statements that are used once. */
  exec(sql: string): void {
    this.#database.exec(sql);
  }

  /** Runs a statement and says how many rows it has changed. */
  run(sql: string, ...values: readonly SQLInputValue[]): number {
    return Number(this.#statement(sql).run(...values).changes);
  }

  /** The first row. The caller says what the statement's rows are. */
  get<Row>(sql: string, ...values: readonly SQLInputValue[]): Row | undefined {
    return this.#statement(sql).get(...values) as Row | undefined;
  }

  /** All rows. The caller says what the statement's rows are. */
  all<Row>(sql: string, ...values: readonly SQLInputValue[]): Row[] {
    return this.#statement(sql).all(...values) as Row[];
  }

  /** Closes the file; the connection is of no use any more. */
  close(): void {
    this.#statements.clear();
    this.#database.close();
  }

  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
