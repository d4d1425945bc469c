/** Somebody, as others see them. */
export interface Person {
  /** Made by the server; never changes, and is never given again. */
  readonly id: string;
  /** The name, normalised. */
  readonly name: string;
  /** Whether a program speaks through the API. */
  readonly bot?: true;
}

/** What somebody is in a room. */
export type RoomRole = "owner" | "moderator" | "member";

/** Who may come into a room. */
export type RoomKind = "public" | "private" | "direct";

/** A person in a room. */
export interface Member extends Person {
  /** The role in that room; absent for plain members. */
  readonly role?: "owner" | "moderator";
  /** Whether nobody is at any of the person's devices. */
  readonly away?: true;
  /** Whether the person has no account where others have one. */
  readonly guest?: true;
  /** Whether the person is not there now. */
  readonly offline?: true;
}

/** A file that a message has. */
export interface AttachmentInfo {
  /** `sha256-` and the SHA-256 of its bytes in lower-case hexadecimal. */
  readonly hash: string;
  /** The name of the file. */
  readonly name: string;
  /** The media type. */
  readonly type: string;
  /** The length in bytes. */
  readonly size: number;
}

/** Who has reacted to a message with an emoji. */
export interface Reaction {
  /** The emoji. */
  readonly emoji: string;
  /** How many have. */
  readonly count: number;
  /** The ids of those who did, at most the first 50. */
  readonly people: readonly string[];
}

/** A message as everybody gets it. */
export interface ChatMessage {
  /** The room's name. */
  readonly room: string;
  /** Its number in the room, from 1 on, without holes. */
  readonly offset: number;
  /** The sender's own id of it. */
  readonly id: string;
  /** Who says it, by the name it had then. */
  readonly from: Person;
  /** What is said; empty when it was deleted. */
  readonly text: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  /** The offset of the message that it answers. */
  readonly reply_to?: number;
  /** The ids of those whom it mentions. */
  readonly mentions?: readonly string[];
  /** The files that it has. */
  readonly attachments?: readonly AttachmentInfo[];
  /** What others think of it. */
  readonly reactions?: readonly Reaction[];
  /** When it was last edited. */
  readonly edited?: string;
  /** Whether it was taken back. */
  readonly deleted?: true;
}

/** Something that a moderator has done. */
export interface AuditEntry {
  /** Its number, which grows. */
  readonly n: number;
  /** The request's type, such as `ban`. */
  readonly action: string;
  /** The room in which it was done; absent for the whole server. */
  readonly room?: string;
  /** Who has done it. */
  readonly by: Person;
  /** To whom it was done. */
  readonly person?: Person;
  /** One line for people. */
  readonly detail: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly time: string;
}
