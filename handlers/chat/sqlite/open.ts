import type { ChatStore } from "../store.ts";
import { SqliteAttachments } from "./attachments.ts";
import { Connection } from "./connection.ts";
import { faultOf } from "./fault.ts";
import { FileLock } from "./file_lock.ts";
import { GroupCommit } from "./group_commit.ts";
import { SqliteMessages } from "./messages.ts";
import { migrate } from "./migrations.ts";
import { SqliteModeration } from "./moderation.ts";
import { renewNameKeys } from "./name_keys.ts";
import type { Parts } from "./parts.ts";
import { SqlitePeople } from "./people.ts";
import { PersonRows } from "./person_rows.ts";
import { Reaper } from "./reaper.ts";
import { SqliteRooms } from "./rooms.ts";
import { SqliteSessions } from "./sessions.ts";
import { SqliteTokens } from "./tokens.ts";

/** Where a store is. */
export interface SqliteStoreOptions {
  /** The file, which is made if there is none; `":memory:"` keeps nothing. */
  readonly path: string;
}

/**
 * Opens a store in one file of SQLite, and brings the file to the newest version.
 * What a promise of it says is stored is on the disk, and survives a power cut.
 * One process at a time may have it open; it holds a lock on a file beside it
 * whose name ends with `-lock`.
 *
 * @example
 * ```ts
 * import { openStore } from "./mod.ts";
 *
 * await using store = openStore({ path: ":memory:" });
 * await store.people.hasAccounts(); // false
 * ```
 *
 * @throws {StoreError} with the code `in_use`, `newer_store`, `not_a_store`,
 * `cannot_open`, `read_only`, `full`, `failed` or `damaged`.
 */
export function openStore({ path }: SqliteStoreOptions): ChatStore {
  const lock = path === ":memory:" ? undefined : new FileLock(path);
  let connection: Connection | undefined;
  try {
    connection = new Connection(path);
    connection.exec("PRAGMA busy_timeout = 1000; PRAGMA foreign_keys = ON");
    // What is not a store, or a newer one, is refused before it is changed.
    migrate(connection, path);
    configure(connection);
    renewNameKeys(connection);
    return new SqliteStore(connection, { path, lock });
  } catch (error) {
    connection?.close();
    lock?.[Symbol.dispose]();
    throw faultOf(error, path) ?? error;
  }
}

function configure(connection: Connection): void {
  connection.exec("PRAGMA journal_mode = WAL");
  // A commit is on the disk when it returns.
  connection.exec("PRAGMA synchronous = FULL");
  // Pages that change often are copied out of the log once, not many times.
  connection.exec("PRAGMA wal_autocheckpoint = 4000");
  connection.exec("PRAGMA cache_size = -65536");
  // The file of the log is made small again after a large transaction.
  connection.exec("PRAGMA journal_size_limit = 67108864");
}

class SqliteStore implements ChatStore {
  readonly people: SqlitePeople;
  readonly sessions: SqliteSessions;
  readonly rooms: SqliteRooms;
  readonly messages: SqliteMessages;
  readonly moderation: SqliteModeration;
  readonly attachments: SqliteAttachments;
  readonly tokens: SqliteTokens;

  readonly #connection: Connection;
  readonly #turns: GroupCommit;
  readonly #lock: FileLock | undefined;

  constructor(
    connection: Connection,
    { path, lock }: {
      readonly path: string;
      readonly lock: FileLock | undefined;
    },
  ) {
    const personRows = new PersonRows(connection);
    const turns = new GroupCommit(connection, {
      listener: {
        committed: () => this.messages.committed(),
        rolledBack: () => {
          personRows.clear();
          this.messages.rolledBack();
        },
      },
    });
    const reaper = new Reaper(connection, turns);
    const parts: Parts = { connection, turns, personRows, reaper };
    this.people = new SqlitePeople(parts);
    this.sessions = new SqliteSessions(parts);
    this.rooms = new SqliteRooms(parts);
    this.messages = new SqliteMessages(parts, path);
    this.moderation = new SqliteModeration(parts);
    this.attachments = new SqliteAttachments(parts);
    this.tokens = new SqliteTokens(parts);
    this.#connection = connection;
    this.#turns = turns;
    this.#lock = lock;
  }

  /** Stores what was asked for before, and closes the file. */
  [Symbol.asyncDispose](): Promise<void> {
    if (this.#turns.close()) {
      this.#connection.close();
      this.#lock?.[Symbol.dispose]();
    }
    return Promise.resolve();
  }
}
