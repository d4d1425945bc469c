import type { Person, RoomRole } from "../model.ts";
import type { Membership } from "../store.ts";
import type { Connection } from "./connection.ts";
import type { Parts } from "./parts.ts";
import { PERSON_COLUMNS, type PersonColumns, personOf } from "./person_rows.ts";
import { findRoom } from "./room_rows.ts";

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

/** Adds a membership, or changes what is given of it; says whether it did. */
export function setMembership(
  connection: Connection,
  room: number,
  person: number,
  change: {
    readonly role?: RoomRole;
    readonly mutedUntil?: number | undefined;
  },
): boolean {
  let count = connection.run(
    `INSERT INTO memberships (room, person, role, read)
     VALUES (?1, ?2, coalesce(?3, 'member'), 0)
     ON CONFLICT DO UPDATE SET role = ?3 WHERE role <> ?3`,
    room,
    person,
    change.role ?? null,
  );
  if (change.role === "member") endInvitesOf(connection, person, room);
  if ("mutedUntil" in change) {
    count += connection.run(
      `UPDATE memberships SET muted_until = ?3
       WHERE room = ?1 AND person = ?2 AND muted_until IS NOT ?3`,
      room,
      person,
      change.mutedUntil ?? null,
    );
  }
  return count > 0;
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
  { connection, personRows }: Parts,
  name: string,
  id: string,
): void {
  const room = findRoom(connection, name)?.row;
  const person = personRows.find(id);
  if (room === undefined || person === undefined) return;
  connection.run(
    "DELETE FROM memberships WHERE room = ? AND person = ?",
    room,
    person,
  );
  endInvitesOf(connection, person, room);
}

/** Ends the invitations that a person has made, to one room or to all. */
export function endInvitesOf(
  connection: Connection,
  person: number,
  room?: number,
): void {
  connection.run(
    "DELETE FROM invites WHERE person = ?1 AND (?2 IS NULL OR room = ?2)",
    person,
    room ?? null,
  );
}

/**
 * Takes a person's role in a room, and its membership of a private one, unless
 * the room would have no owner then.
 */
export function dismiss(parts: Parts, name: string, person: string): void {
  const { connection, personRows } = parts;
  const room = findRoom(connection, name);
  if (room === undefined || isLastOwner(parts, name, person)) return;
  if (room.kind === "private") dropMembership(parts, name, person);
  else if (findMembership(parts, name, person) !== undefined) {
    const role = "member";
    setMembership(connection, room.row, personRows.need(person), { role });
  }
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
