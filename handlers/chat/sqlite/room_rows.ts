import type { StoredRoom } from "../store.ts";
import type { Connection } from "./connection.ts";

/** A row of `rooms`. */
export interface RoomRow extends StoredRoom {
  readonly row: number;
  /** Which messages are its own. */
  readonly history: number;
  /** Messages up to this offset are forgotten. */
  readonly forgotten: number;
  /** The last change of those that are forgotten. */
  readonly forgotten_change: number;
}

/** The row of a room, if there is one. */
export function findRoom(
  connection: Connection,
  room: string,
): RoomRow | undefined {
  return connection.get<RoomRow>("SELECT * FROM rooms WHERE room = ?", room);
}

/** What others may know of a row. */
export function storedRoom(row: RoomRow): StoredRoom {
  const { room, kind, topic, epoch, offset, change, slow, created } = row;
  return { room, kind, topic, epoch, offset, change, slow, created };
}

/** Makes an empty history. */
export function addHistory(connection: Connection): number {
  return connection.get<{ history: number }>(
    "INSERT INTO histories DEFAULT VALUES RETURNING history",
  )!.history;
}

/** Makes a room of a history. */
export function addRoom(
  connection: Connection,
  room: Omit<RoomRow, "row">,
): number {
  return connection.get<{ row: number }>(
    `INSERT INTO rooms (room, kind, topic, slow, created, history, epoch,
       offset, change, forgotten, forgotten_change)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING row`,
    room.room,
    room.kind,
    room.topic,
    room.slow,
    room.created,
    room.history,
    room.epoch,
    room.offset,
    room.change,
    room.forgotten,
    room.forgotten_change,
  )!.row;
}
