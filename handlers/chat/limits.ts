/** The limits of the protocol, as the `welcome` message states them. */
export interface ChatLimits {
  /** The longest name, in code points. */
  readonly name: number;
  /** The longest room name, in code points. */
  readonly room: number;
  /** The longest topic, in code points. */
  readonly topic: number;
  /** The longest message text, in code points. */
  readonly text: number;
  /** The most rooms one connection is in at once. */
  readonly rooms: number;
  /** The most messages of a page. */
  readonly page: number;
  /** The largest file, in bytes; 0 if there are no uploads. */
  readonly upload: number;
}

/** The limits that every {@linkcode Chat} of this protocol version keeps. */
export const CHAT_LIMITS = {
  name: 32,
  room: 64,
  topic: 250,
  text: 4000,
  rooms: 50,
  page: 100,
} as const satisfies Omit<ChatLimits, "upload">;

/** More limits of the protocol, which `welcome` does not state. */
export const MORE_LIMITS = {
  /** The longest `id` of a message, in characters. */
  id: 64,
  /** The longest `ref`, in characters. */
  ref: 64,
  /** The longest reason, in code points. */
  reason: 250,
  /** The most mentions in a message. */
  mentions: 20,
  /** The most attachments of a message. */
  attachments: 10,
  /** The longest name of a file, in code points. */
  fileName: 255,
  /** The longest emoji, in code points. */
  emoji: 16,
  /** How often a message may be edited: all its versions are one answer. */
  edits: 40,
  /** The most different reactions to a message. */
  reactions: 20,
  /** The most missed messages that are recovered, and as many changes. */
  missed: 500,
  /** How many messages or rooms are given when no `limit` is. */
  defaultPage: 50,
  /** How many members are given when no `limit` is, and the most. */
  members: 100,
  /** The most words of a query. */
  words: 32,
  /** The longest query, in code points: in some writing each is a word. */
  query: 250,
  /** The longest ban or mute that has an end, in seconds: 100 years. */
  lasts: 100 * 365 * 86_400,
  /** How long an invitation lasts when nothing else is said, in seconds. */
  defaultInvite: 86_400,
  /** The longest, in seconds: 30 days. */
  invite: 30 * 86_400,
  /** How many people may use an invitation, at most. */
  inviteUses: 1000,
  /** The most seconds between two messages by slow mode: a day. */
  slow: 86_400,
} as const;

/** The subprotocol's name, as `Sec-WebSocket-Protocol` carries it. */
export const CHAT_PROTOCOL = "switchboard.chat.v1";

/** The largest message a client may send, in bytes. */
export const MAX_MESSAGE_BYTES: number = 64 * 1024;
