import type { AuditEntry } from "../model.ts";
import type {
  ModerationStore,
  NewAuditEntry,
  Noted,
  StoredBan,
} from "../store.ts";
import type { Connection } from "./connection.ts";
import { dismiss, endInvitesOf } from "./memberships.ts";
import type { Parts } from "./parts.ts";
import { pruneInSteps, ROWS_A_STEP } from "./prune_in_steps.ts";

/** The room of a ban from the whole server. */
const SERVER = "";

interface BanRow {
  readonly room: string;
  readonly target: string;
  readonly moderator: string;
  readonly addresses: string;
  readonly until: number | null;
  readonly reason: string;
  readonly time: number;
}

const BAN_COLUMNS = `b.room, b.target, b.moderator, b.addresses, b.until,
  b.reason, b.time`;
const SELECT_BAN = `SELECT ${BAN_COLUMNS} FROM bans b`;

function storedBan(row: BanRow): StoredBan {
  const { room, target, moderator, addresses, until, reason, time } = row;
  return {
    ...(room === SERVER ? {} : { room }),
    person: JSON.parse(target),
    addresses: JSON.parse(addresses),
    by: JSON.parse(moderator),
    ...(until === null ? {} : { until }),
    reason,
    time,
  };
}

interface AuditRow {
  readonly n: number;
  readonly action: string;
  readonly room: string | null;
  readonly moderator: string;
  readonly person: string | null;
  readonly detail: string;
  readonly time: number;
}

function auditEntry(row: AuditRow): AuditEntry {
  const { n, action, room, moderator, person, detail, time } = row;
  return {
    n,
    action,
    ...(room === null ? {} : { room }),
    by: JSON.parse(moderator),
    ...(person === null ? {} : { person: JSON.parse(person) }),
    detail,
    time: new Date(time).toISOString(),
  };
}

/** Notes what a moderator does, as part of the step that does it. */
export function addAudit(
  connection: Connection,
  entry: NewAuditEntry | undefined,
): void {
  if (entry === undefined) return;
  const { action, room, by, person, detail, time } = entry;
  connection.run(
    `INSERT INTO audit (action, room, moderator, person, detail, time)
     VALUES (?, ?, ?, ?, ?, ?)`,
    action,
    room ?? null,
    JSON.stringify(by),
    person === undefined ? null : JSON.stringify(person),
    detail,
    Date.parse(time),
  );
}

/** Deletes the bans from a room. */
export function dropBansOf(connection: Connection, room: string): void {
  connection.run("DELETE FROM bans WHERE room = ?", room);
}

/** Bans and the audit log of a store in SQLite. */
export class SqliteModeration implements ModerationStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  ban(ban: StoredBan, { audit }: Noted = {}): Promise<void> {
    const { connection, personRows, turns } = this.#parts;
    const { room = SERVER, person, addresses, by, until, reason, time } = ban;
    return turns.write(() => {
      connection.run(
        `INSERT OR REPLACE INTO bans
           (room, person, target, moderator, addresses, until, reason, time)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
        room,
        person.id,
        JSON.stringify(person),
        JSON.stringify(by),
        JSON.stringify(addresses),
        until ?? null,
        reason,
        time,
      );
      addAudit(connection, audit);
      if (room !== SERVER) {
        dismiss(this.#parts, room, person.id);
        return;
      }
      const row = personRows.find(person.id);
      if (row !== undefined) endInvitesOf(connection, row);
      this.#dropAddresses(person.id);
      for (const address of addresses) {
        connection.run(
          "INSERT OR IGNORE INTO banned_addresses VALUES (?, ?)",
          address,
          person.id,
        );
      }
    });
  }

  unban(
    room: string | undefined,
    person: string,
    { audit }: Noted = {},
  ): Promise<boolean> {
    const { connection, turns } = this.#parts;
    return turns.write(() => {
      if (room === undefined) this.#dropAddresses(person);
      const count = connection.run(
        "DELETE FROM bans WHERE room = ? AND person = ?",
        room ?? SERVER,
        person,
      );
      if (count > 0) addAudit(connection, audit);
      return count > 0;
    });
  }

  banOf(
    person: string,
    { room, now }: { readonly room?: string | undefined; readonly now: number },
  ): Promise<StoredBan | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const row = connection.get<BanRow>(
        `${SELECT_BAN} WHERE b.room = ? AND b.person = ?
           AND (b.until IS NULL OR b.until > ?)`,
        room ?? SERVER,
        person,
        now,
      );
      return row && storedBan(row);
    });
  }

  addressBan(address: string, now: number): Promise<StoredBan | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const row = connection.get<BanRow>(
        // A cross join, so that the address leads: every handshake asks this.
        `SELECT ${BAN_COLUMNS} FROM banned_addresses a
         CROSS JOIN bans b ON b.person = a.person
         WHERE a.address = ? AND b.room = ?
           AND (b.until IS NULL OR b.until > ?)
         -- The one that lasts longest.
         ORDER BY b.until IS NOT NULL, b.until DESC LIMIT 1`,
        address,
        SERVER,
        now,
      );
      return row && storedBan(row);
    });
  }

  bans(room: string | undefined, now: number): Promise<readonly StoredBan[]> {
    const { connection, turns } = this.#parts;
    return turns.read(() =>
      connection.all<BanRow>(
        `${SELECT_BAN} WHERE b.room = ? AND (b.until IS NULL OR b.until > ?)
         ORDER BY b.time, b.person`,
        room ?? SERVER,
        now,
      ).map(storedBan)
    );
  }

  prune(now: number): Promise<number> {
    const { connection, turns } = this.#parts;
    return pruneInSteps(() =>
      turns.write(() => {
        const ended = connection.all<{ room: string; person: string }>(
          "SELECT room, person FROM bans WHERE until <= ? LIMIT ?",
          now,
          ROWS_A_STEP,
        );
        for (const { room, person } of ended) {
          if (room === SERVER) this.#dropAddresses(person);
          connection.run(
            "DELETE FROM bans WHERE room = ? AND person = ?",
            room,
            person,
          );
        }
        return { looked: ended.length, deleted: ended.length };
      })
    );
  }

  log(entry: NewAuditEntry): Promise<void> {
    const { connection, turns } = this.#parts;
    return turns.write(() => addAudit(connection, entry));
  }

  audit(
    { room, before, limit }: {
      readonly room?: string | undefined;
      readonly before?: number | undefined;
      readonly limit: number;
    },
  ): Promise<readonly AuditEntry[]> {
    const { connection, turns } = this.#parts;
    const end = before ?? Number.MAX_SAFE_INTEGER;
    return turns.read(() =>
      (room === undefined
        ? connection.all<AuditRow>(
          "SELECT * FROM audit WHERE n < ? ORDER BY n DESC LIMIT ?",
          end,
          limit,
        )
        : this.#auditOf(room, { end, limit })).map(auditEntry)
    );
  }

  #auditOf(
    room: string,
    { end, limit }: { readonly end: number; readonly limit: number },
  ): AuditRow[] {
    const { connection } = this.#parts;
    const { created = 0 } = connection.get<{ created: number }>(
      "SELECT created FROM rooms WHERE room = ?",
      room,
    ) ?? {};
    const rows = connection.all<AuditRow>(
      "SELECT * FROM audit WHERE room = ? AND n < ? ORDER BY n DESC LIMIT ?",
      room,
      end,
      limit,
    );
    // What is older was done in another room that had the name.
    const older = rows.findIndex(({ time }) => time < created);
    return older < 0 ? rows : rows.slice(0, older);
  }

  #dropAddresses(person: string): void {
    this.#parts.connection.run(
      "DELETE FROM banned_addresses WHERE person = ?",
      person,
    );
  }
}
