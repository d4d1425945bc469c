/**
 * What the protocol `switchboard.chat.v1` says, as types: `docs/chat-protocol.md`
 * tells what each field means.
 *
 * @module
 */

import type { ChatRequests } from "./requests.d.ts";

export type * from "./requests.d.ts";

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

/** A file that a message has; it is at `/files/<hash>/<name>`. */
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
  /** What they reacted with. */
  readonly emoji: string;
  /** How many did. */
  readonly count: number;
  /** The ids of those who did, at most the first 50. */
  readonly people: readonly string[];
}

/** A message as everybody gets it. */
export interface ChatMessage {
  /** The room it was said in. */
  readonly room: string;
  /** Its number in the room, from 1 on, without holes. */
  readonly offset: number;
  /** The sender's own id of it. */
  readonly id: string;
  /** Who said it. */
  readonly from: Person;
  /** What is said; plain text. Empty when it was deleted. */
  readonly text: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly time: string;
  /** The offset of the message that it answers. */
  readonly reply_to?: number;
  /** The ids of those whom it mentions. */
  readonly mentions?: readonly string[];
  /** Its files. */
  readonly attachments?: readonly AttachmentInfo[];
  /** Who has reacted to it. */
  readonly reactions?: readonly Reaction[];
  /** When it was last edited. */
  readonly edited?: string;
  /** Whether it was deleted. */
  readonly deleted?: true;
}

/** Something that a moderator has done. */
export interface AuditEntry {
  /** Its number, which grows. */
  readonly n: number;
  /** The request's type, such as `ban`. */
  readonly action: string;
  /** The room; absent for the whole server. */
  readonly room?: string;
  /** Who did it. */
  readonly by: Person;
  /** To whom. */
  readonly person?: Person;
  /** One line for people. */
  readonly detail: string;
  /** ISO 8601 in UTC with milliseconds. */
  readonly time: string;
}

/** What the server says at once. */
export interface Welcome {
  /** Says what it is. */
  readonly type: "welcome";
  /** How the server knows people. */
  readonly identity: "open" | "accounts" | "jwt";
  /** Whether a name is enough. */
  readonly guests: boolean;
  /** Whether people can register. */
  readonly registration: boolean;
  /** The page that makes tokens, where one comes with a token. */
  readonly login?: string;
  /** What the server allows, by name. */
  readonly limits: Readonly<Record<string, number>>;
  /** The server's clock. */
  readonly time: string;
}

/** Who one is. */
export interface Ready {
  /** Says what it is. */
  readonly type: "ready";
  /** Who one is. */
  readonly person: Person;
  /** The secret to come back with, when it is new. */
  readonly resume?: string;
  /** Whether one owns the server. */
  readonly owner?: boolean;
  /** When the identity ends, if it does. */
  readonly expires?: string;
}

/** Where one is in the history of a room. */
export interface Position {
  /** Another one after the room's history was reset. */
  readonly epoch: string;
  /** The number of the last message. */
  readonly offset: number;
  /** The number of the last change to a message. */
  readonly change: number;
}

/** The answer to `join`, `create` and `direct`. */
export interface Joined extends Position {
  /** Says what it is. */
  readonly type: "joined";
  /** The room. */
  readonly room: string;
  /** Who may come in. */
  readonly kind: RoomKind;
  /** What it is about. */
  readonly topic: string;
  /** What one is there. */
  readonly role: RoomRole;
  /** The offset up to which one has read. */
  readonly read: number;
  /** Slow mode in seconds; 0 if it is off. */
  readonly slow: number;
  /** Until when one is muted. */
  readonly muted?: string;
  /** How many members are there. */
  readonly count: number;
  /** Who is there, unless they are many. */
  readonly members?: readonly Member[];
  /** There when `since` was: whether all that was missed is here. */
  readonly recovered?: boolean;
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  /** Older messages that have changed, as they are now. */
  readonly changed?: readonly ChatMessage[];
  /** Whether there are messages older than `messages`. */
  readonly more: boolean;
  /** By the server's clock; ISO 8601 in UTC. */
  readonly time: string;
  /** Of a direct room: the other person. */
  readonly with?: Person;
}

/** Who has come, gone or changed. */
export interface Presence {
  /** Says what it is. */
  readonly type: "presence";
  /** The room. */
  readonly room: string;
  /** How many are there. */
  readonly count: number;
  /** Replaces all that was known. */
  readonly members?: readonly Member[];
  /** Who came. */
  readonly joined?: readonly Member[];
  /** Ids. */
  readonly left?: readonly string[];
  /** Who is not as they were. */
  readonly changed?: readonly Member[];
  /** By the server's clock; ISO 8601 in UTC. */
  readonly time: string;
}

/** What has become of a room. */
export interface RoomChanged {
  /** Says what it is. */
  readonly type: "room_changed";
  /** The room. */
  readonly room: string;
  /** What it is about. */
  readonly topic?: string;
  /** Slow mode in seconds. */
  readonly slow?: number;
  /** The room was deleted. */
  readonly gone?: boolean;
  /** Its history was deleted. */
  readonly reset?: boolean;
  /** By the server's clock; ISO 8601 in UTC. */
  readonly time: string;
}

/** Somebody has kicked, muted or banned the person, or changed its role. */
export interface Moderated {
  /** Says what it is. */
  readonly type: "moderated";
  /** Absent: on the whole server. */
  readonly room?: string;
  /** What was done: `kick`, `mute`, `ban` or `role`. */
  readonly action: string;
  /** The role that one has now, if that was done. */
  readonly role?: RoomRole;
  /** Absent: it has no end. Now: it was ended. */
  readonly until?: string;
  /** Why. */
  readonly reason?: string;
}

/** How far the person has read. */
export interface ReadMark {
  /** Says what it is. */
  readonly type: "read";
  /** The room. */
  readonly room: string;
  /** The number of the message. */
  readonly offset: number;
  /** How many messages one has not read. */
  readonly unread: number;
  /** How many of these mention one. */
  readonly mentions: number;
}

/** A request has been carried out. */
export interface Done {
  /** Says what it is. */
  readonly type: "done";
}

/** A message is stored. */
export interface Sent {
  /** Says what it is. */
  readonly type: "sent";
  /** The room. */
  readonly room: string;
  /** What it is known by. */
  readonly id: string;
  /** The number of the message. */
  readonly offset: number;
  /** By the server's clock; ISO 8601 in UTC. */
  readonly time: string;
  /** Whether it had been stored before. */
  readonly repeated?: boolean;
}

/** A room in the list of rooms. */
export interface ListedRoom {
  /** The room. */
  readonly room: string;
  /** Who may come in. */
  readonly kind: RoomKind;
  /** What it is about. */
  readonly topic: string;
  /** How many are there. */
  readonly count: number;
  /** The number of its last message. */
  readonly offset: number;
  /** How far one has read. */
  readonly read: number;
  /** How many messages one has not read. */
  readonly unread: number;
  /** How many of these mention one. */
  readonly mentions: number;
  /** The last message, in short. */
  readonly last?: Pick<ChatMessage, "offset" | "from" | "text" | "time">;
  /** Of a direct room: the other person. */
  readonly with?: Person;
}

/** A device on which the person is signed in. */
export interface SessionInfo {
  /** What it is known by. */
  readonly id: string;
  /** Whether it is this one. */
  readonly current: boolean;
  /** When it began. */
  readonly created: string;
  /** When it was used last. */
  readonly used: string;
}

/** A page of the history. */
export interface HistoryPage {
  /** Says what it is. */
  readonly type: "history";
  /** The room. */
  readonly room: string;
  /** The epoch of the room. */
  readonly epoch: string;
  /** Oldest first. */
  readonly messages: readonly ChatMessage[];
  /** Whether there are older ones. */
  readonly older: boolean;
  /** Whether there are newer ones. */
  readonly newer: boolean;
}

/** What a search has found. */
export interface Found {
  /** Says what it is. */
  readonly type: "found";
  /** Newest first. */
  readonly messages: readonly ChatMessage[];
  /** Whether there are more. */
  readonly more: boolean;
  /** Ask for the next page with `before: next`. */
  readonly next?: number;
}

/** What a message was. */
export interface MessageVersion {
  /** What it said. */
  readonly text: string;
  /** By the server's clock; ISO 8601 in UTC. */
  readonly time: string;
  /** Who has done it. */
  readonly by: Person;
}

/** A ban. */
export interface Ban {
  /** Who. */
  readonly person: Person;
  /** Who has done it. */
  readonly by: Person;
  /** When it ends, if it does. */
  readonly until?: string;
  /** Why. */
  readonly reason: string;
  /** By the server's clock; ISO 8601 in UTC. */
  readonly time: string;
}

/** An invitation to a private room; its secret is told to who makes it alone. */
export interface Invite {
  /** What it is ended by. */
  readonly id: string;
  /** Who has made it. */
  readonly by: Person;
  /** How many people may still use it. */
  readonly uses: number;
  /** When it ends. */
  readonly expires: string;
  /** When it was made. */
  readonly time: string;
}

/** What a token of the HTTP API may be allowed. */
export type TokenScope =
  | "messages:read"
  | "messages:write"
  | "rooms:read"
  | "members:read"
  | "people:disconnect"
  | "uploads:write";

/** A token of the HTTP API. */
export interface ApiToken {
  /** What it is known by. */
  readonly id: string;
  /** What it is called. */
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly string[];
  /** The room. */
  readonly room?: string;
}

/** A refusal; `code` is one of `docs/chat-protocol.md`. */
export interface ErrorAnswer {
  /** Says what it is. */
  readonly type: "error";
  /** What is wrong, for programs. */
  readonly code: string;
  /** One sentence for people. */
  readonly message: string;
  /** The room. */
  readonly room?: string;
  /** The field of `invalid_field`. */
  readonly field?: string;
  /** After how many seconds to try again. */
  readonly retry_after?: number;
  /** When it ends, if it does. */
  readonly until?: string;
  /** Why. */
  readonly reason?: string;
}

/** Everything that the server may say and this client knows. */
export type ServerMessage =
  & { readonly ref?: string }
  & (
    | Welcome
    | Ready
    | Joined
    | Presence
    | RoomChanged
    | Moderated
    | ReadMark
    | Sent
    | ErrorAnswer
    | (ChatMessage & { readonly type: "message" })
    | {
      readonly type: "changed";
      readonly room: string;
      readonly change: number;
      readonly message: ChatMessage;
    }
    | {
      readonly type: "typing";
      readonly room: string;
      readonly person: Person;
    }
    | { readonly type: "notice"; readonly message: ChatMessage }
    | { readonly type: "left"; readonly room: string }
    | ChatRequests[keyof ChatRequests]["answer"]
  );
