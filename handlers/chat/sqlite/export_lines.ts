import { CHAT_LIMITS } from "../limits.ts";
import type { AttachmentInfo, Person, RoomKind, RoomRole } from "../model.ts";
import { normalizeRoom } from "../names.ts";
import type { ExportLine } from "../store.ts";
import { isClean } from "../text.ts";
import { EXPORT_FORMAT, EXPORT_VERSION } from "./export.ts";
import type { RoomRow } from "./room_rows.ts";

const KINDS: readonly RoomKind[] = ["public", "private", "direct"];
const ROLES: readonly RoomRole[] = ["owner", "moderator", "member"];

/** The first line. */
export type HeaderLine = Omit<RoomRow, "row" | "history">;

/** A line of a member. */
export interface MemberLine {
  readonly member: Person;
  readonly role: RoomRole;
  readonly read: number;
  readonly mutedUntil: number | undefined;
}

/** A line of a message. */
export interface MessageLine {
  readonly offset: number;
  readonly id: string;
  readonly from: Person;
  readonly text: string;
  readonly time: number;
  readonly replyTo: number | undefined;
  readonly mentions: readonly string[];
  readonly attachments: readonly AttachmentInfo[];
  readonly edited: number | undefined;
  readonly isDeleted: boolean;
  readonly change: number;
  readonly reactions: readonly {
    readonly emoji: string;
    readonly person: Person;
  }[];
  readonly versions: readonly {
    readonly text: string;
    readonly time: number;
    readonly by: Person;
  }[];
}

/**
 * Reads the first line.
 *
 * @throws {TypeError} if it is none.
 */
export function headerLine(line: ExportLine | undefined): HeaderLine {
  if (line?.format !== EXPORT_FORMAT) {
    fail("the first line is no header of one");
  }
  if (line.version !== EXPORT_VERSION) fail("it is of another version");
  const header = {
    room: string(line, "room"),
    kind: oneOf(line, "kind", KINDS),
    topic: string(line, "topic"),
    epoch: string(line, "epoch"),
    offset: count(line, "offset"),
    change: count(line, "change"),
    forgotten: count(line, "forgotten"),
    forgotten_change: count(line, "forgotten_change"),
    slow: count(line, "slow"),
    created: time(line, "created"),
  };
  if (!isRoomOf(header)) {
    fail(`there can be no ${header.kind} room of that name`);
  }
  if (header.forgotten > header.offset) fail('"forgotten" is too large');
  return header;
}

/** What a name is of: those of direct rooms are made by the server. */
function isRoomOf({ room, kind }: Pick<HeaderLine, "room" | "kind">): boolean {
  return kind === "direct"
    ? /^@[\w-]{1,63}$/.test(room)
    : normalizeRoom(room) === room;
}

/**
 * Reads a line of a member.
 *
 * @throws {TypeError} if it is none.
 */
export function memberLine(line: ExportLine): MemberLine {
  return {
    member: person(line, "member"),
    role: oneOf(line, "role", ROLES),
    read: count(line, "read"),
    mutedUntil: optional(line, "muted_until", time),
  };
}

/**
 * Reads a line of a message.
 *
 * @throws {TypeError} if it is none.
 */
export function messageLine(line: ExportLine): MessageLine {
  return {
    offset: count(line, "message"),
    id: string(line, "id"),
    from: person(line, "from"),
    text: text(line, "text"),
    time: time(line, "time"),
    replyTo: optional(line, "reply_to", count),
    mentions: list(line, "mentions").map((id) =>
      string({ mentions: id }, "mentions")
    ),
    attachments: objects(line, "attachments").map((file) => ({
      hash: string(file, "hash"),
      name: string(file, "name"),
      type: string(file, "type"),
      size: count(file, "size"),
    })),
    edited: optional(line, "edited", time),
    isDeleted: line.deleted === true,
    change: optional(line, "change", count) ?? 0,
    reactions: objects(line, "reactions").map((reaction) => ({
      emoji: string(reaction, "emoji"),
      person: person(reaction, "person"),
    })),
    versions: objects(line, "versions").map((version) => ({
      text: text(version, "text"),
      time: time(version, "time"),
      by: person(version, "by"),
    })),
  };
}

/**
 * Refuses an export.
 *
 * @throws {TypeError} always.
 */
export function fail(reason: string): never {
  throw new TypeError(`Cannot import the room: ${reason}`);
}

type Fields = Readonly<Record<string, unknown>>;

function string(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : failAt(name, "a string");
}

function text(fields: Fields, name: string): string {
  const value = string(fields, name);
  return isClean(value, CHAT_LIMITS.text) ? value : failAt(name, "a text");
}

function count(fields: Fields, name: string): number {
  const value = fields[name];
  return Number.isSafeInteger(value) && value as number >= 0
    ? value as number
    : failAt(name, "a whole number");
}

function time(fields: Fields, name: string): number {
  const value = Date.parse(string(fields, name));
  return Number.isNaN(value) ? failAt(name, "a time") : value;
}

function oneOf<Value extends string>(
  fields: Fields,
  name: string,
  values: readonly Value[],
): Value {
  return values.find((value) => value === fields[name]) ??
    failAt(name, `one of ${values.join(", ")}`);
}

function optional<Value>(
  fields: Fields,
  name: string,
  read: (fields: Fields, name: string) => Value,
): Value | undefined {
  return fields[name] === undefined ? undefined : read(fields, name);
}

function list(fields: Fields, name: string): readonly unknown[] {
  const value = fields[name] ?? [];
  return Array.isArray(value) ? value : failAt(name, "a list");
}

function objects(fields: Fields, name: string): readonly Fields[] {
  return list(fields, name).map((value) =>
    isObject(value) ? value : failAt(name, "a list of objects")
  );
}

function person(fields: Fields, name: string): Person {
  const value = fields[name];
  if (!isObject(value)) failAt(name, "a person");
  const id = string(value, "id");
  const shown = string(value, "name");
  return value.bot === true
    ? { id, name: shown, bot: true }
    : { id, name: shown };
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null;
}

function failAt(name: string, expected: string): never {
  fail(`"${name}" has to be ${expected}`);
}
