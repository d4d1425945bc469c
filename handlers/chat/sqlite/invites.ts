import type { Noted, StoredInvite } from "../store.ts";
import { findMembership, setMembership } from "./memberships.ts";
import { addAudit } from "./moderation.ts";
import type { Parts } from "./parts.ts";
import { PERSON_COLUMNS, type PersonColumns, personOf } from "./person_rows.ts";
import { pruneInSteps, ROWS_A_STEP } from "./prune_in_steps.ts";
import { findRoom } from "./room_rows.ts";

interface InviteRow extends PersonColumns {
  readonly invite: string;
  readonly room: string;
  readonly uses: number;
  readonly expires: number;
  readonly created: number;
}

const SELECT = `SELECT i.id AS invite, r.room, ${PERSON_COLUMNS}, i.uses,
    i.expires, i.created
  FROM rooms r CROSS JOIN invites i ON i.room = r.row
  JOIN people p ON p.row = i.person`;

function storedInvite(row: InviteRow): StoredInvite {
  const { invite: id, room, uses, expires, created } = row;
  return { id, room, by: personOf(row), uses, expires, created };
}

/** Adds an invitation, if who makes it may; says whether. */
export function addInvite(
  { connection, personRows }: Parts,
  hash: string,
  { invite, anybody = false, audit }: Noted & {
    readonly invite: StoredInvite;
    readonly anybody?: boolean;
  },
): boolean {
  const count = connection.run(
    `INSERT INTO invites (id, hash, room, person, uses, expires, created)
     SELECT ?1, ?2, r.row, ?4, ?5, ?6, ?7 FROM rooms r
     WHERE r.room = ?3 AND (?8 OR EXISTS (
       SELECT 1 FROM memberships m
       WHERE m.room = r.row AND m.person = ?4 AND m.role <> 'member'))`,
    invite.id,
    hash,
    invite.room,
    personRows.need(invite.by.id),
    invite.uses,
    invite.expires,
    invite.created,
    anybody ? 1 : 0,
  );
  if (count > 0) addAudit(connection, audit);
  return count > 0;
}

/** The invitations to a room that can be used, by their ids. */
export function listInvites(
  { connection }: Parts,
  room: string,
  { after = "", limit, now }: {
    readonly after?: string | undefined;
    readonly limit: number;
    readonly now: number;
  },
): StoredInvite[] {
  return connection.all<InviteRow>(
    `${SELECT} WHERE r.room = ? AND i.id > ? AND i.expires > ?
     ORDER BY i.id LIMIT ?`,
    room,
    after,
    now,
    limit,
  ).map(storedInvite);
}

/** One of those. */
export function findInvite(
  { connection }: Parts,
  room: string,
  { id, now }: { readonly id: string; readonly now: number },
): StoredInvite | undefined {
  const row = connection.get<InviteRow>(
    `${SELECT} WHERE r.room = ? AND i.id = ? AND i.expires > ?`,
    room,
    id,
    now,
  );
  return row && storedInvite(row);
}

/** Ends an invitation; says whether there was one. */
export function dropInvite(
  { connection }: Parts,
  room: string,
  { id, audit }: Noted & { readonly id: string },
): boolean {
  const count = connection.run(
    `DELETE FROM invites
     WHERE id = ? AND room = (SELECT row FROM rooms WHERE room = ?)`,
    id,
    room,
  );
  if (count > 0) addAudit(connection, audit);
  return count > 0;
}

/** Deletes the invitations that are too old, and says how many they were. */
export function pruneInvites(
  { connection, turns }: Parts,
  now: number,
): Promise<number> {
  return pruneInSteps(() =>
    turns.write(() => {
      const deleted = connection.run(
        `DELETE FROM invites WHERE id IN (
           SELECT id FROM invites WHERE expires <= ? LIMIT ?)`,
        now,
        ROWS_A_STEP,
      );
      return { looked: deleted, deleted };
    })
  );
}

/** Uses an invitation up and makes the person a member; says whether it could. */
export function useInvite(
  parts: Parts,
  hash: string,
  { room, person, now }: {
    readonly room: string;
    readonly person: string;
    readonly now: number;
  },
): boolean {
  const { connection, personRows } = parts;
  const row = findRoom(connection, room)?.row;
  const invite = row !== undefined && connection.get<{ uses: number }>(
    "SELECT uses FROM invites WHERE hash = ? AND room = ? AND expires > ?",
    hash,
    row,
    now,
  );
  if (!invite) return false;
  // Who is a member already uses nothing up.
  if (findMembership(parts, room, person) !== undefined) return true;
  setMembership(connection, row, personRows.need(person), {});
  if (invite.uses > 1) {
    connection.run("UPDATE invites SET uses = uses - 1 WHERE hash = ?", hash);
  } else connection.run("DELETE FROM invites WHERE hash = ?", hash);
  return true;
}
