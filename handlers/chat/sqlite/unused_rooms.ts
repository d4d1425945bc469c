import type { DroppedRooms } from "../store.ts";
import type { Parts } from "./parts.ts";
import { ROWS_A_STEP } from "./prune_in_steps.ts";

/**
 * Whether a moderator has ever done something in a room: the newest entry tells,
 * older ones may be of another room that had the name. Of one in which something
 * was said once, also whether an owner of it can come back.
 */
const IS_KEPT = `coalesce((
    SELECT a.time >= r.created FROM audit a WHERE a.room = r.room
    ORDER BY a.n DESC LIMIT 1), 0)
  OR EXISTS (
    -- Without a word of it the index of all members is taken.
    SELECT 1 FROM memberships m INDEXED BY memberships_staff
      JOIN people p ON p.row = m.person
    WHERE m.room = r.row AND m.role <> 'member' AND (m.role = 'moderator' OR (
      m.role = 'owner' AND r.offset > 0 AND (
        p.kind <> 'guest' OR EXISTS (
          SELECT 1 FROM sessions s WHERE s.person = p.row)))))`;

interface UnusedRow {
  readonly row: number;
  readonly room: string;
  readonly history: number;
  readonly created: number;
  readonly is_kept: number;
}

/** See `RoomStore.dropUnused()`; `histories` are what is left of them. */
export function dropUnusedRooms(
  { connection }: Parts,
  { before, after = "0 0", isKept }: {
    readonly before: number;
    readonly after?: string | undefined;
    readonly isKept: (room: string) => boolean;
  },
): DroppedRooms & { readonly histories: readonly number[] } {
  const [created = 0, row = 0] = after.split(" ").map(Number);
  const found = connection.all<UnusedRow>(
    `SELECT r.row, r.room, r.history, r.created, (${IS_KEPT}) AS is_kept
     FROM rooms r INDEXED BY rooms_unused
     WHERE r.kind <> 'private' AND r.offset = r.forgotten AND r.topic = ''
       AND r.slow = 0 AND r.created < ? AND (r.created, r.row) > (?, ?)
     ORDER BY r.created, r.row LIMIT ?`,
    before,
    created,
    row,
    ROWS_A_STEP,
  );
  const unused = found.filter(({ room, is_kept }) => !is_kept && !isKept(room));
  for (const { row } of unused) {
    connection.run("DELETE FROM rooms WHERE row = ?", row);
  }
  const last = found.at(ROWS_A_STEP - 1);
  return {
    rooms: unused.map(({ room }) => room),
    histories: unused.map(({ history }) => history),
    ...(last === undefined ? {} : { next: `${last.created} ${last.row}` }),
  };
}
