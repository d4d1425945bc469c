import type { Person, RoomRole } from "../model.ts";
import type { Membership } from "../store.ts";
import type { Connection } from "./connection.ts";
import type { Parts } from "./parts.ts";
import { PERSON_COLUMNS, type PersonColumns, personOf } from "./person_rows.ts";

interface MembershipRow {
  readonly person_id: string;
  readonly role: RoomRole;
  readonly read: number;
  readonly muted_until: number | null;
}

const MEMBERSHIPS = `memberships m
  JOIN rooms r ON r.row = m.room
  JOIN people p ON p.row = m.person`;

function membershipOf(row: MembershipRow): Membership {
  const { person_id: person, role, read, muted_until: mutedUntil } = row;
  return mutedUntil === null
    ? { person, role, read }
    : { person, role, read, mutedUntil };
}

/** What a room knows of a person. */
export function findMembership(
  { connection }: Parts,
  room: string,
  person: string,
): Membership | undefined {
  const row = connection.get<MembershipRow>(
    `SELECT p.id AS person_id, m.role, m.read, m.muted_until FROM ${MEMBERSHIPS}
     WHERE r.room = ? AND p.id = ?`,
    room,
    person,
  );
  return row && membershipOf(row);
}

/** Adds a membership, or changes what is given of it. */
export function setMembership(
  connection: Connection,
  room: number,
  person: number,
  change: {
    readonly role?: RoomRole;
    readonly mutedUntil?: number | undefined;
  },
): void {
  connection.run(
    `INSERT INTO memberships (room, person, role, read)
     VALUES (?1, ?2, coalesce(?3, 'member'), 0)
     ON CONFLICT DO UPDATE SET role = coalesce(?3, role)`,
    room,
    person,
    change.role ?? null,
  );
  if (!("mutedUntil" in change)) return;
  connection.run(
    "UPDATE memberships SET muted_until = ? WHERE room = ? AND person = ?",
    change.mutedUntil ?? null,
    room,
    person,
  );
}

/** Whether a person is an owner of a room, and the only one. */
export function isLastOwner(
  { connection }: Parts,
  room: string,
  person: string,
): boolean {
  const owners = staffOf({ connection }, room).filter(({ role }) =>
    role === "owner"
  );
  return owners.length === 1 && owners[0]!.person === person;
}

/** Ends a membership, if there is one. */
export function dropMembership(
  { connection }: Parts,
  room: string,
  person: string,
): void {
  connection.run(
    `DELETE FROM memberships
     WHERE room = (SELECT row FROM rooms WHERE room = ?)
       AND person = (SELECT row FROM people WHERE id = ?)`,
    room,
    person,
  );
}

/** Members after one of them, those first whom the server knows longest. */
export function memberPage(
  { connection, personRows }: Parts,
  room: string,
  { after, limit }: { readonly after?: string; readonly limit: number },
): (Membership & Person)[] {
  return connection.all<MembershipRow & PersonColumns>(
    `SELECT ${PERSON_COLUMNS}, m.role, m.read, m.muted_until FROM ${MEMBERSHIPS}
     WHERE r.room = ? AND m.person > ? ORDER BY m.person LIMIT ?`,
    room,
    after === undefined ? 0 : personRows.find(after) ?? 0,
    limit,
  ).map((row) => ({ ...membershipOf(row), ...personOf(row) }));
}

/** The owners and moderators. */
export function staffOf(
  { connection }: Pick<Parts, "connection">,
  room: string,
): Membership[] {
  return connection.all<MembershipRow>(
    // Without a word of it the index of all members is taken.
    `SELECT p.id AS person_id, m.role, m.read, m.muted_until
     FROM rooms r CROSS JOIN memberships m INDEXED BY memberships_staff
       ON m.room = r.row JOIN people p ON p.row = m.person
     WHERE r.room = ? AND m.role <> 'member' ORDER BY m.person`,
    room,
  ).map(membershipOf);
}
