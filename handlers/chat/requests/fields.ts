import { ChatRefusal } from "../errors.ts";
import { CHAT_LIMITS, MORE_LIMITS } from "../limits.ts";
import { isDirectRoom, normalizeName, normalizeRoom } from "../names.ts";
import { hasLength, isClean, isSayable } from "../text.ts";

/** A message of a client of which nothing has been checked. */
export type Fields = Readonly<Record<string, unknown>>;

/** The name of a direct room, which the server makes. */
const DIRECT_ROOM = /^@[\w-]{1,63}$/;

/** A file's hash. */
const HASH = /^sha256-[0-9a-f]{64}$/;

/** An emoji; some are commonly sent without the variation selector. */
const EMOJI = /^(?:\p{RGI_Emoji}|\p{Extended_Pictographic})$/v;

/** The longest id that is looked up, in characters. */
const MAX_ID = 64;

/** The longest secret or token that is looked at, in characters. */
const MAX_SECRET = 8192;

/** Refuses a request because of one field. */
export function invalidField(field: string): ChatRefusal {
  return new ChatRefusal("invalid_field", { field });
}

/** Normalises the name of a room, be it one that the server has made. */
export function roomName(value: unknown): string | undefined {
  if (typeof value === "string" && isDirectRoom(value)) {
    return DIRECT_ROOM.test(value) ? value : undefined;
  }
  return normalizeRoom(value);
}

/** Reads `room`. */
export function readRoom(fields: Fields): string {
  const room = roomName(fields.room);
  if (room === undefined) throw new ChatRefusal("invalid_room");
  return room;
}

/** Reads `room` if it is there. */
export function readOptionalRoom(fields: Fields): string | undefined {
  return fields.room === undefined ? undefined : readRoom(fields);
}

/** Reads `name` as that of a person. */
export function readName(fields: Fields): string {
  const name = normalizeName(fields.name);
  if (name === undefined) throw new ChatRefusal("invalid_name");
  return name;
}

/** Reads an id that the server has given. */
export function readId(fields: Fields, field: string): string {
  const value = fields[field];
  if (!isString(value, MAX_ID)) throw invalidField(field);
  return value;
}

/** Reads an id that the server has given, if it is there. */
export function readOptionalId(
  fields: Fields,
  field: string,
): string | undefined {
  return fields[field] === undefined ? undefined : readId(fields, field);
}

/** Reads a secret or a token. */
export function readSecret(fields: Fields, field: string): string {
  const value = fields[field];
  if (!isString(value, MAX_SECRET)) throw invalidField(field);
  return value;
}

/** Reads a secret or a token, if it is there. */
export function readOptionalSecret(
  fields: Fields,
  field: string,
): string | undefined {
  return fields[field] === undefined ? undefined : readSecret(fields, field);
}

/** Reads a password that exists; a new one is judged where it is set. */
export function readPassword(fields: Fields, field: string): string {
  const value = fields[field];
  if (typeof value !== "string") throw invalidField(field);
  return value;
}

/** Reads a whole number in a range. */
export function readNumber(
  fields: Fields,
  field: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = fields[field];
  if (!Number.isSafeInteger(value)) throw invalidField(field);
  const number = value as number;
  if (number < min || number > max) throw invalidField(field);
  return number;
}

/** Reads a whole number in a range, if it is there. */
export function readOptionalNumber(
  fields: Fields,
  field: string,
  range: { readonly min: number; readonly max: number },
): number | undefined {
  return fields[field] === undefined
    ? undefined
    : readNumber(fields, field, range);
}

/** Reads the number of a message. */
export function readOffset(fields: Fields, field = "offset"): number {
  return readNumber(fields, field, { min: 1, max: Number.MAX_SAFE_INTEGER });
}

/** Reads the number of a message, if it is there. */
export function readOptionalOffset(
  fields: Fields,
  field: string,
): number | undefined {
  return fields[field] === undefined ? undefined : readOffset(fields, field);
}

/** Reads `limit`; what is over the most is the most. */
export function readLimit(
  fields: Fields,
  { most = CHAT_LIMITS.page, fallback = MORE_LIMITS.defaultPage }: {
    readonly most?: number;
    readonly fallback?: number;
  } = {},
): number {
  const limit = readOptionalNumber(fields, "limit", {
    min: 1,
    max: Number.MAX_SAFE_INTEGER,
  });
  return Math.min(limit ?? fallback, most);
}

/** Reads what is true or false. */
export function readFlag(
  fields: Fields,
  field: string,
  fallback?: boolean,
): boolean {
  const value = fields[field] ?? fallback;
  if (typeof value !== "boolean") throw invalidField(field);
  return value;
}

/** Reads `text`, which may be empty where something else is said. */
export function readText(
  fields: Fields,
  { mayBeEmpty = false }: { readonly mayBeEmpty?: boolean } = {},
): string {
  const { text } = fields;
  if (typeof text === "string") {
    if (mayBeEmpty && text === "") return text;
    if (isSayable(text, CHAT_LIMITS.text)) return text;
  }
  throw new ChatRefusal("invalid_text");
}

/** Reads `topic`; none is an empty one. */
export function readTopic(fields: Fields): string {
  const { topic = "" } = fields;
  if (typeof topic === "string" && isClean(topic, CHAT_LIMITS.topic)) {
    return topic;
  }
  throw new ChatRefusal("invalid_topic");
}

/** Reads `reason`; none is an empty one. */
export function readReason(fields: Fields): string {
  const { reason = "" } = fields;
  if (typeof reason === "string" && isClean(reason, MORE_LIMITS.reason)) {
    return reason;
  }
  throw invalidField("reason");
}

/** Reads the sender's own `id` of a message. */
export function readMessageId(fields: Fields): string {
  const { id } = fields;
  if (!isString(id, MORE_LIMITS.id)) throw invalidField("id");
  return id;
}

/** Reads `emoji`. */
export function readEmoji(fields: Fields): string {
  const { emoji } = fields;
  if (
    typeof emoji === "string" &&
    hasLength(emoji, { min: 1, max: MORE_LIMITS.emoji }) && EMOJI.test(emoji)
  ) return emoji;
  throw invalidField("emoji");
}

/** Reads `mentions`, each once, if it is there. */
export function readMentions(fields: Fields): readonly string[] | undefined {
  const { mentions } = fields;
  if (mentions === undefined) return undefined;
  if (
    !Array.isArray(mentions) || mentions.length > MORE_LIMITS.mentions ||
    !mentions.every((each) => isString(each, MAX_ID))
  ) throw invalidField("mentions");
  return mentions.length === 0 ? undefined : [...new Set<string>(mentions)];
}

/** Reads `attachments`, if it is there. */
export function readAttachments(
  fields: Fields,
): readonly { readonly hash: string; readonly name: string }[] | undefined {
  const { attachments } = fields;
  if (attachments === undefined) return undefined;
  if (
    !Array.isArray(attachments) || attachments.length > MORE_LIMITS.attachments
  ) throw invalidField("attachments");
  if (attachments.length === 0) return undefined;
  return attachments.map((each: unknown) => {
    if (isObject(each)) {
      const { hash, name } = each;
      if (typeof hash === "string" && HASH.test(hash) && isFileName(name)) {
        return { hash, name };
      }
    }
    throw invalidField("attachments");
  });
}

/** Tells whether a value is an object as JSON has them. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Tells whether a value is a well-formed string of 1 to `max` characters. */
export function isString(value: unknown, max: number): value is string {
  return typeof value === "string" && value.length > 0 &&
    hasLength(value, { min: 1, max }) && value.isWellFormed();
}

/** A name that is none of a folder, and nothing that cannot be seen. */
export function isFileName(name: unknown): name is string {
  return isString(name, MORE_LIMITS.fileName) &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}/\\]/u.test(name) && !/^\.{1,2}$/.test(name);
}
