import type { Person, RoomRole } from "../model.ts";
import type {
  DroppedRooms,
  ListedRoom,
  Membership,
  Noted,
  RoomStore,
  StoredInvite,
  StoredRoom,
} from "../store.ts";
import {
  addInvite,
  dropInvite,
  findInvite,
  listInvites,
  pruneInvites,
  useInvite,
} from "./invites.ts";
import {
  dropMembership,
  findMembership,
  isLastOwner,
  memberPage,
  setMembership,
  staffOf,
} from "./memberships.ts";
import { addAudit, dropBansOf } from "./moderation.ts";
import type { Parts } from "./parts.ts";
import { listRooms } from "./room_list.ts";
import { addHistory, addRoom, findRoom, storedRoom } from "./room_rows.ts";
import { countUnread } from "./unread.ts";
import { dropUnusedRooms } from "./unused_rooms.ts";

/** The rooms of a store in SQLite. */
export class SqliteRooms implements RoomStore {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  add(
    room: Omit<StoredRoom, "offset" | "change">,
    members: readonly { readonly person: string; readonly role: RoomRole }[],
  ): Promise<"added" | "room_exists" | "person_unknown"> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      if (findRoom(connection, room.room) !== undefined) return "room_exists";
      if (members.some(({ person }) => personRows.find(person) === undefined)) {
        return "person_unknown";
      }
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
    change: Noted & { readonly topic?: string; readonly slow?: number },
  ): Promise<void> {
    const { connection, turns } = this.#parts;
    return turns.write(() => {
      const count = connection.run(
        `UPDATE rooms SET topic = coalesce(?1, topic), slow = coalesce(?2, slow)
         WHERE room = ?3 AND (topic <> ?1 OR slow <> ?2)`,
        change.topic ?? null,
        change.slow ?? null,
        room,
      );
      if (count > 0) addAudit(connection, change.audit);
    });
  }

  drop(room: string, { audit }: Noted = {}): Promise<void> {
    const { connection } = this.#parts;
    return this.#endHistory(room, ({ row }) => {
      addAudit(connection, audit);
      dropBansOf(connection, room);
      // Another room of that name is none of theirs.
      connection.run("DELETE FROM tokens WHERE room = ?", room);
      connection.run("DELETE FROM rooms WHERE row = ?", row);
    });
  }

  reset(room: string, epoch: string, { audit }: Noted = {}): Promise<void> {
    const { connection } = this.#parts;
    return this.#endHistory(room, ({ row }) => {
      addAudit(connection, audit);
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
    change: Noted & {
      readonly role?: RoomRole;
      readonly mutedUntil?: number | undefined;
    },
  ): Promise<boolean> {
    const { connection, personRows, turns } = this.#parts;
    return turns.write(() => {
      const row = findRoom(connection, room)?.row;
      const who = personRows.find(person);
      if (row === undefined || who === undefined) return false;
      const { role } = change;
      const isDemotion = role !== undefined && role !== "owner";
      if (isDemotion && isLastOwner(this.#parts, room, person)) return false;
      if (setMembership(connection, row, who, change)) {
        addAudit(connection, change.audit);
      }
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
    invite: StoredInvite,
    options: Noted & { readonly anybody?: boolean } = {},
  ): Promise<boolean> {
    const parts = this.#parts;
    return parts.turns.write(() =>
      addInvite(parts, hash, { ...options, invite })
    );
  }

  invites(
    room: string,
    options: {
      readonly after?: string | undefined;
      readonly limit: number;
      readonly now: number;
    },
  ): Promise<readonly StoredInvite[]> {
    const parts = this.#parts;
    return parts.turns.read(() => listInvites(parts, room, options));
  }

  invite(
    room: string,
    id: string,
    now: number,
  ): Promise<StoredInvite | undefined> {
    const parts = this.#parts;
    return parts.turns.read(() => findInvite(parts, room, { id, now }));
  }

  dropInvite(
    room: string,
    id: string,
    { audit }: Noted = {},
  ): Promise<boolean> {
    const parts = this.#parts;
    return parts.turns.write(() => dropInvite(parts, room, { id, audit }));
  }

  useInvite(
    hash: string,
    use: {
      readonly room: string;
      readonly person: string;
      readonly now: number;
    },
  ): Promise<boolean> {
    const parts = this.#parts;
    return parts.turns.write(() => useInvite(parts, hash, use));
  }

  pruneInvites(now: number): Promise<number> {
    return pruneInvites(this.#parts, now);
  }

  dropUnused(
    options: {
      readonly before: number;
      readonly after?: string | undefined;
      readonly isKept: (room: string) => boolean;
    },
  ): Promise<DroppedRooms> {
    const { reaper, turns } = this.#parts;
    reaper.resume();
    const dropped = turns.write(() => dropUnusedRooms(this.#parts, options));
    dropped.then(({ histories }) => {
      for (const history of histories) reaper.delete(history);
    }, () => {});
    return dropped;
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
