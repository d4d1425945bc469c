import type { Person, RoomRole } from "../model.ts";
import type {
  ListedRoom,
  Membership,
  RoomStore,
  StoredRoom,
} from "../store.ts";
import {
  dropMembership,
  findMembership,
  isLastOwner,
  memberPage,
  setMembership,
  staffOf,
} from "./memberships.ts";
import { dropBansOf } from "./moderation.ts";
import type { Parts } from "./parts.ts";
import { listRooms } from "./room_list.ts";
import { addHistory, addRoom, findRoom, storedRoom } from "./room_rows.ts";
import { countUnread } from "./unread.ts";

/** The rooms of a store in SQLite. */
export class SqliteRooms implements RoomStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(
    room: Omit<StoredRoom, "offset" | "change">,
    members: readonly { readonly person: string; readonly role: RoomRole }[],
  ): Promise<"added" | "room_exists"> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      if (findRoom(connection, room.room) !== undefined) return "room_exists";
      const row = addRoom(connection, {
        ...room,
        history: addHistory(connection),
        offset: 0,
        change: 0,
        forgotten: 0,
        forgotten_change: 0,
      });
      for (const { person, role } of members) {
        setMembership(connection, row, personRows.need(person), { role });
      }
      return "added";
    });
  }

  get(room: string): Promise<StoredRoom | undefined> {
    const { connection, turns } = this.#parts;
    return turns.read(() => {
      const row = findRoom(connection, room);
      return row && storedRoom(row);
    });
  }

  list(
    options: {
      readonly person?: string;
      readonly after?: string;
      readonly limit: number;
    },
  ): Promise<readonly ListedRoom[]> {
    return this.#parts.turns.read(() => listRooms(this.#parts, options));
  }

  update(
    room: string,
    change: { readonly topic?: string; readonly slow?: number },
  ): Promise<void> {
    const { connection, turns } = this.#parts;
    return turns.write(() => {
      connection.run(
        `UPDATE rooms SET topic = coalesce(?, topic), slow = coalesce(?, slow)
         WHERE room = ?`,
        change.topic ?? null,
        change.slow ?? null,
        room,
      );
    });
  }

  drop(room: string): Promise<void> {
    const { connection } = this.#parts;
    return this.#endHistory(room, ({ row }) => {
      dropBansOf(connection, room);
      // Another room of that name is none of theirs.
      connection.run("DELETE FROM tokens WHERE room = ?", room);
      connection.run("DELETE FROM rooms WHERE row = ?", row);
    });
  }

  reset(room: string, epoch: string): Promise<void> {
    const { connection } = this.#parts;
    return this.#endHistory(room, ({ row }) => {
      connection.run(
        `UPDATE rooms SET history = ?, epoch = ?, offset = 0, change = 0,
           forgotten = 0, forgotten_change = 0 WHERE row = ?`,
        addHistory(connection),
        epoch,
        row,
      );
      connection.run("UPDATE memberships SET read = 0 WHERE room = ?", row);
    });
  }

  membership(room: string, person: string): Promise<Membership | undefined> {
    const { turns } = this.#parts;
    return turns.read(() => findMembership(this.#parts, room, person));
  }

  setMembership(
    room: string,
    person: string,
    change: {
      readonly role?: RoomRole;
      readonly mutedUntil?: number | undefined;
    },
  ): Promise<boolean> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      const found = findRoom(connection, room);
      if (found === undefined) return false;
      const { role } = change;
      const isDemotion = role !== undefined && role !== "owner";
      if (isDemotion && isLastOwner(this.#parts, room, person)) return false;
      setMembership(connection, found.row, personRows.need(person), change);
      return true;
    });
  }

  dropMembership(room: string, person: string): Promise<boolean> {
    const { turns } = this.#parts;
    return turns.write(() => {
      if (isLastOwner(this.#parts, room, person)) return false;
      dropMembership(this.#parts, room, person);
      return true;
    });
  }

  members(
    room: string,
    options: { readonly after?: string; readonly limit: number },
  ): Promise<readonly (Membership & Person)[]> {
    return this.#parts.turns.read(() => memberPage(this.#parts, room, options));
  }

  staff(room: string): Promise<readonly Membership[]> {
    return this.#parts.turns.read(() => staffOf(this.#parts, room));
  }

  addInvite(
    hash: string,
    invite: {
      readonly room: string;
      readonly by?: string | undefined;
      readonly expires: number;
      readonly uses: number;
    },
  ): Promise<void> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      const row = findRoom(connection, invite.room)?.row;
      if (row === undefined) return;
      connection.run(
        `INSERT INTO invites (hash, room, person, expires, uses)
         VALUES (?, ?, ?, ?, ?)`,
        hash,
        row,
        invite.by === undefined ? null : personRows.need(invite.by),
        invite.expires,
        invite.uses,
      );
    });
  }

  useInvite(
    hash: string,
    { room, person, now }: {
      readonly room: string;
      readonly person: string;
      readonly now: number;
    },
  ): Promise<boolean> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      const invite = connection.get<{ row: number }>(
        `SELECT r.row FROM invites i JOIN rooms r ON r.row = i.room
         WHERE i.hash = ? AND r.room = ? AND i.expires > ? AND i.uses > 0
           AND (i.person IS NULL OR EXISTS (
             SELECT 1 FROM memberships m WHERE m.room = i.room
               AND m.person = i.person AND m.role <> 'member'
           ))`,
        hash,
        room,
        now,
      );
      if (invite === undefined) return false;
      // Who is a member already uses nothing up.
      if (findMembership(this.#parts, room, person) !== undefined) return true;
      setMembership(connection, invite.row, personRows.need(person), {});
      connection.run(
        "UPDATE invites SET uses = uses - 1 WHERE hash = ?",
        hash,
      );
      connection.run("DELETE FROM invites WHERE uses = 0 OR expires <= ?", now);
      return true;
    });
  }

  markRead(
    room: string,
    person: string,
    offset: number,
  ): Promise<{
    readonly read: number;
    readonly unread: number;
    readonly mentions: number;
  }> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      const found = findRoom(connection, room);
      if (found === undefined) return { read: 0, unread: 0, mentions: 0 };
      const row = personRows.need(person);
      const { read: before = 0 } = connection.get<{ read: number }>(
        "SELECT read FROM memberships WHERE room = ? AND person = ?",
        found.row,
        row,
      ) ?? {};
      const read = Math.max(before, Math.min(offset, found.offset));
      if (read > before) this.#setRead(found, row, read);
      return { read, ...countUnread(connection, found, { person: row, read }) };
    });
  }

  #setRead(
    room: { readonly row: number; readonly kind: string },
    person: number,
    read: number,
  ): void {
    const { connection } = this.#parts;
    // Reading makes nobody a member where members alone may read.
    if (room.kind === "public") {
      setMembership(connection, room.row, person, {});
    }
    connection.run(
      "UPDATE memberships SET read = ? WHERE room = ? AND person = ?",
      read,
      room.row,
      person,
    );
  }

  /** Runs a step that takes its history from a room, and then deletes that. */
  #endHistory(
    room: string,
    end: (room: { readonly row: number }) => void,
  ): Promise<void> {
    const { connection, reaper, turns } = this.#parts;
    let history: number | undefined;
    const done = turns.write<void>(() => {
      const found = findRoom(connection, room);
      history = found?.history;
      if (found !== undefined) end(found);
    });
    done.then(() => {
      if (history !== undefined) reaper.delete(history);
    }, () => {});
    return done;
  }
}
