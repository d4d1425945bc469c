import { CHAT_LIMITS, MORE_LIMITS } from "../chat/limits.ts";

/** A schema of JSON Schema 2020-12, as OpenAPI 3.1 has it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?:
    | "object"
    | "array"
    | "string"
    | "integer"
    | "number"
    | "boolean";
  readonly description?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

const TEXT = { type: "string" } as const;
const FLAG = { type: "boolean", const: true } as const;
const NUMBER = { type: "integer", minimum: 0 } as const;
const TIME = { type: "string", format: "date-time" } as const;
const OFFSET = {
  type: "integer",
  minimum: 1,
  description: "The number of a message in its room.",
} as const;
const HASH = { type: "string", pattern: "^sha256-[0-9a-f]{64}$" } as const;
const FILE_NAME = {
  type: "string",
  minLength: 1,
  maxLength: MORE_LIMITS.fileName,
} as const;
const KIND = { type: "string", enum: ["public", "private", "direct"] } as const;

function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

function list(items: Schema, description: string): Schema {
  return { type: "array", items, description };
}

/** An object; a property whose name ends with `?` may be absent. */
function object(
  description: string,
  properties: Readonly<Record<string, Schema>>,
): Schema {
  const entries = Object.entries(properties);
  return {
    type: "object",
    description,
    properties: Object.fromEntries(
      entries.map(([name, schema]) => [name.replace("?", ""), schema]),
    ),
    required: entries.map(([name]) => name).filter((name) =>
      !name.endsWith("?")
    ),
  };
}

const NEW_MESSAGE = {
  "text?": {
    type: "string",
    maxLength: CHAT_LIMITS.text,
    description: "What is said; may be absent if there are attachments.",
  },
  "reply_to?": OFFSET,
  "mentions?": {
    type: "array",
    maxItems: MORE_LIMITS.mentions,
    items: TEXT,
    description: "The ids of those whom it mentions.",
  },
  "attachments?": {
    type: "array",
    maxItems: MORE_LIMITS.attachments,
    items: ref("NewAttachment"),
    description: "Files that have been sent before.",
  },
} as const satisfies Readonly<Record<string, Schema>>;

/** Everything that is sent and answered as JSON, by name. */
export const SCHEMAS = {
  Person: object("Somebody.", {
    id: TEXT,
    name: TEXT,
    "bot?": { ...FLAG, description: "Whether a program speaks." },
  }),
  Member: object("Somebody in a room.", {
    id: TEXT,
    name: TEXT,
    "bot?": FLAG,
    "role?": { type: "string", enum: ["owner", "moderator"] },
    "away?": FLAG,
    "guest?": FLAG,
    "offline?": FLAG,
  }),
  Attachment: object("A file of a message, at `/files/{hash}/{name}`.", {
    hash: HASH,
    name: FILE_NAME,
    type: { type: "string", description: "The media type." },
    size: { ...NUMBER, description: "In bytes." },
  }),
  NewAttachment: object("A file that a message is to have.", {
    hash: HASH,
    name: FILE_NAME,
  }),
  Reaction: object("Who has reacted with an emoji.", {
    emoji: TEXT,
    count: NUMBER,
    people: list(TEXT, "Their ids, at most the first 50."),
  }),
  Message: object("A message.", {
    room: TEXT,
    offset: OFFSET,
    id: { type: "string", description: "The sender's own id of it." },
    from: ref("Person"),
    text: { type: "string", description: "Empty when it was deleted." },
    time: TIME,
    "reply_to?": OFFSET,
    "mentions?": list(TEXT, "The ids of those whom it mentions."),
    "attachments?": list(ref("Attachment"), "Its files."),
    "reactions?": list(ref("Reaction"), "What others think of it."),
    "edited?": TIME,
    "deleted?": FLAG,
  }),
  NewMessage: object("A message to be said.", NEW_MESSAGE),
  HookMessage: object("A message to be said; other fields are ignored.", {
    "text?": NEW_MESSAGE["text?"],
    "content?": {
      ...NEW_MESSAGE["text?"],
      description: "If no text is there.",
    },
  }),
  LastMessage: object("The last message of a room, in short.", {
    offset: OFFSET,
    from: ref("Person"),
    text: TEXT,
    time: TIME,
  }),
  ListedRoom: object("A room in a list.", {
    room: TEXT,
    kind: KIND,
    topic: TEXT,
    count: { ...NUMBER, description: "How many members are there now." },
    offset: { ...NUMBER, description: "The number of its last message." },
    read: { ...NUMBER, description: "How far the caller has read." },
    unread: NUMBER,
    mentions: { ...NUMBER, description: "How many unread ones mention it." },
    "last?": ref("LastMessage"),
    "with?": ref("Person"),
  }),
  Room: object("A room.", {
    room: TEXT,
    kind: KIND,
    topic: TEXT,
    count: { ...NUMBER, description: "How many members are there now." },
    epoch: {
      type: "string",
      description: "Another one when the numbers begin anew.",
    },
    offset: { ...NUMBER, description: "The number of its last message." },
    change: { ...NUMBER, description: "The number of its last change." },
    slow: {
      ...NUMBER,
      description: "Seconds between two messages of a member.",
    },
  }),
  RoomList: object("Rooms, by name.", {
    rooms: list(ref("ListedRoom"), "The rooms."),
    more: { type: "boolean", description: "Whether there are more." },
  }),
  MemberList: object("Members of a room.", {
    room: TEXT,
    members: list(ref("Member"), "The members, by id."),
    more: { type: "boolean", description: "Whether there are more." },
  }),
  MessagePage: object("A page of messages.", {
    room: TEXT,
    epoch: TEXT,
    messages: list(ref("Message"), "The messages, oldest first."),
    older: { type: "boolean", description: "Whether there are older ones." },
    newer: { type: "boolean", description: "Whether there are newer ones." },
  }),
  FoundMessages: object("Messages that were found.", {
    messages: list(ref("Message"), "The messages, newest first."),
    more: { type: "boolean", description: "Whether there are more." },
    "next?": { ...NUMBER, description: "The `before` of the next page." },
  }),
  Problem: object("Why a request is refused (RFC 9457).", {
    title: TEXT,
    status: { type: "integer", minimum: 400, maximum: 599 },
    detail: TEXT,
    code: { type: "string", description: "What was wrong, for programs." },
    "room?": TEXT,
    "field?": { type: "string", description: "Which field is wrong." },
    "retry_after?": {
      type: "number",
      minimum: 0,
      description: "In how many seconds to try again.",
    },
    "until?": TIME,
    "reason?": TEXT,
  }),
  Description: {
    type: "object",
    description: "This description.",
  },
} as const satisfies Readonly<Record<string, Schema>>;

/** The name of a schema. */
export type SchemaName = keyof typeof SCHEMAS;
