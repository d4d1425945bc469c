import type { Parts } from "./parts.ts";
import { pruneInSteps, ROWS_A_STEP } from "./prune_in_steps.ts";

/** A guest who cannot go yet is looked at again after a week, in milliseconds. */
const LOOK_AGAIN = 7 * 24 * 60 * 60 * 1000;

/**
 * Whether somebody (row ?1, id ?2) can come back, or has left what says something
 * to others. What it has read, and that it was mentioned, does not.
 */
const IS_KEPT = `SELECT
  EXISTS (SELECT 1 FROM sessions WHERE person = ?1)
  OR EXISTS (SELECT 1 FROM messages WHERE person = ?1)
  OR EXISTS (SELECT 1 FROM versions WHERE person = ?1)
  OR EXISTS (SELECT 1 FROM reactions WHERE person = ?1)
  OR EXISTS (SELECT 1 FROM attachments WHERE person = ?1)
  OR EXISTS (SELECT 1 FROM invites WHERE person = ?1)
  OR EXISTS (SELECT 1 FROM tokens WHERE person = ?1)
  OR EXISTS (
    SELECT 1 FROM memberships m JOIN rooms r ON r.row = m.room
    WHERE m.person = ?1 AND (m.role <> 'member' OR r.kind <> 'public'))
  -- A ban can be ended only of somebody whom there is.
  OR EXISTS (SELECT 1 FROM bans WHERE person = ?2) AS is_kept`;

interface GuestRow {
  readonly row: number;
  readonly id: string;
  readonly is_nameless: number;
}

/**
 * Deletes the guests whom nobody can be any more and who have left nothing, and
 * the sessions of those whose name is somebody else's. Says how many guests.
 */
export function pruneGuests(parts: Parts, now: number): Promise<number> {
  return pruneInSteps(() =>
    parts.turns.write(() => {
      const guests = parts.connection.all<GuestRow>(
        `SELECT row, id, name_key IS NULL AS is_nameless
         FROM people INDEXED BY people_to_look_at
         WHERE kind = 'guest' AND held_until IS NOT NULL
           AND max(held_until, look_at) < ? LIMIT ?`,
        now,
        ROWS_A_STEP,
      );
      const gone = guests.filter((guest) => pruneGuest(parts, guest, now));
      return { looked: guests.length, deleted: gone.length };
    })
  );
}

/** Says whether the guest is deleted. */
function pruneGuest(
  { connection, personRows }: Parts,
  { row, id, is_nameless }: GuestRow,
  now: number,
): boolean {
  // Nobody comes back without the name.
  if (is_nameless) {
    connection.run("DELETE FROM sessions WHERE person = ?", row);
  }
  if (connection.get<{ is_kept: number }>(IS_KEPT, row, id)!.is_kept) {
    const next = now + LOOK_AGAIN;
    connection.run("UPDATE people SET look_at = ? WHERE row = ?", next, row);
    return false;
  }
  connection.run("DELETE FROM memberships WHERE person = ?", row);
  connection.run("DELETE FROM mentions WHERE person = ?", row);
  connection.run("DELETE FROM people WHERE row = ?", row);
  personRows.forget(id);
  return true;
}
