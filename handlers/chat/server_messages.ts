import type { ChatErrorCode } from "./errors.ts";
import type { ChatLimits } from "./limits.ts";
import type {
  AuditEntry,
  ChatMessage,
  Member,
  Person,
  RoomKind,
  RoomRole,
} from "./model.ts";

/** What each message of the server has. */
export interface ServerTyped<Type extends string> {
  /** Says which message this is. */
  readonly type: Type;
}

/** What each answer has. */
export interface ServerAnswer<Type extends string> extends ServerTyped<Type> {
  /** That of the request, if it had one. */
  readonly ref?: string | undefined;
}

/** What each message about a room has. */
export interface ServerRoomMessage<Type extends string>
  extends ServerTyped<Type> {
  /** The room's name, normalised. */
  readonly room: string;
}

/** The first message of the server. */
export interface WelcomeMessage extends ServerTyped<"welcome"> {
  /** How people say who they are. */
  readonly identity: "open" | "accounts" | "jwt";
  /** Whether `hello` with a name is taken. */
  readonly guests: boolean;
  /** Whether `register` is taken. */
  readonly registration: boolean;
  /** The page that makes tokens, if there is one. */
  readonly login?: string | undefined;
  /** What this server allows. */
  readonly limits: ChatLimits;
  /** The time by the server's clock. */
  readonly time: string;
}

/** Answers who has said who they are. */
export interface ReadyMessage extends ServerAnswer<"ready"> {
  /** Who one is. */
  readonly person: Person;
  /** A secret that makes one the same person again, if it is new. */
  readonly resume?: string | undefined;
  /** Whether one is the owner of the server. */
  readonly owner?: true | undefined;
  /** When the identity ends, if it does. */
  readonly expires?: string | undefined;
}

/** Answers `rename`. */
export interface RenamedMessage extends ServerAnswer<"renamed"> {
  /** The person with the new name. */
  readonly person: Person;
}

/** A session as its person sees it. */
export interface SessionEntry {
  /** What it is revoked by. */
  readonly id: string;
  /** Whether it is that of this connection. */
  readonly current: boolean;
  /** When it began. */
  readonly created: string;
  /** When it was last used. */
  readonly used: string;
}

/** Answers `sessions`. */
export interface SessionsMessage extends ServerAnswer<"sessions"> {
  /** All sessions of the person. */
  readonly sessions: readonly SessionEntry[];
}

/** Says that a request has been carried out. */
export type DoneMessage = ServerAnswer<"done">;

/** A room in the list of rooms. */
export interface RoomEntry {
  /** The room's name. */
  readonly room: string;
  /** Who may come in. */
  readonly kind: RoomKind;
  /** What it is about. */
  readonly topic: string;
  /** How many members are there now. */
  readonly count: number;
  /** The number of its last message. */
  readonly offset: number;
  /** How far one has read. */
  readonly read: number;
  /** How many messages one has not read. */
  readonly unread: number;
  /** How many of them mention one. */
  readonly mentions: number;
  /** The last message, in short. */
  readonly last?:
    | Pick<ChatMessage, "offset" | "from" | "text" | "time">
    | undefined;
  /** Of a direct room: the other person. */
  readonly with?: Person | undefined;
}

/** Answers `rooms`. */
export interface RoomsMessage extends ServerAnswer<"rooms"> {
  /** Rooms, by name. */
  readonly rooms: readonly RoomEntry[];
  /** Whether there are more. */
  readonly more: boolean;
}

/** Answers `join`, `create` and `direct`. */
export interface JoinedMessage
  extends ServerAnswer<"joined">, ServerRoomMessage<"joined"> {
  /** Who may come in. */
  readonly kind: RoomKind;
  /** What it is about. */
  readonly topic: string;
  /** Another one when the numbers begin anew. */
  readonly epoch: string;
  /** The number of the last message. */
  readonly offset: number;
  /** The number of the last change. */
  readonly change: number;
  /** What one is in this room. */
  readonly role: RoomRole;
  /** How far one has read. */
  readonly read: number;
  /** The seconds between two messages of a member; 0 if none are asked. */
  readonly slow: number;
  /** Until when one may not speak. */
  readonly muted?: string | undefined;
  /** How many members are there. */
  readonly count: number;
  /** Those who are, unless they are many. */
  readonly members?: readonly Member[] | undefined;
  /** Whether the lists are all that was missed; there if `since` was. */
  readonly recovered?: boolean | undefined;
  /** Messages, oldest first. */
  readonly messages: readonly ChatMessage[];
  /** Older messages that have changed, as they are now. */
  readonly changed: readonly ChatMessage[];
  /** Whether there are older ones. */
  readonly more: boolean;
  /** Of a direct room: the other person. */
  readonly with?: Person | undefined;
  /** When it happened. */
  readonly time: string;
}

/** Answers `leave`. */
export interface LeftMessage
  extends ServerAnswer<"left">, ServerRoomMessage<"left"> {}

/** Says what has changed about who is in a room. */
export interface PresenceMessage extends ServerRoomMessage<"presence"> {
  /** How many are there now. */
  readonly count: number;
  /** Who came. */
  readonly joined?: readonly Member[] | undefined;
  /** The ids of those who went. */
  readonly left?: readonly string[] | undefined;
  /** Who is not what they were. */
  readonly changed?: readonly Member[] | undefined;
  /** Instead of the others: who is there. */
  readonly members?: readonly Member[] | undefined;
  /** When it was so. */
  readonly time: string;
}

/** Answers `members`. */
export interface MembersMessage
  extends ServerAnswer<"members">, ServerRoomMessage<"members"> {
  /** Members, by id. */
  readonly members: readonly Member[];
  /** Whether there are more. */
  readonly more: boolean;
}

/** Answers `invite`. */
export interface InvitedMessage
  extends ServerAnswer<"invited">, ServerRoomMessage<"invited"> {
  /** What it is ended by. */
  readonly id: string;
  /** The secret that makes a member of who shows it. */
  readonly invite: string;
  /** When it ends. */
  readonly expires: string;
}

/** An invitation to a private room, without its secret. */
export interface InviteEntry {
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

/** Answers `invites`. */
export interface InvitesMessage
  extends ServerAnswer<"invites">, ServerRoomMessage<"invites"> {
  /** Those that can be used, by their ids. */
  readonly invites: readonly InviteEntry[];
  /** Whether there are more. */
  readonly more: boolean;
}

/** Says that a room is not what it was. */
export interface RoomChangedMessage extends ServerRoomMessage<"room_changed"> {
  /** What it is about, if that has changed. */
  readonly topic?: string | undefined;
  /** The seconds between two messages of a member, if that has changed. */
  readonly slow?: number | undefined;
  /** Whether it was deleted. */
  readonly gone?: true | undefined;
  /** Whether its history was. */
  readonly reset?: true | undefined;
  /** When it happened. */
  readonly time: string;
}

/** Answers `send`: the message is stored. */
export interface SentMessage
  extends ServerAnswer<"sent">, ServerRoomMessage<"sent"> {
  /** The sender's own id of the message. */
  readonly id: string;
  /** Its number in the room. */
  readonly offset: number;
  /** When it was stored. */
  readonly time: string;
  /** Whether it had been sent before. */
  readonly repeated?: true | undefined;
}

/** What was said. */
export interface RoomMessage extends ServerTyped<"message">, ChatMessage {}

/** A message as it is now. */
export interface ChangedMessage extends ServerRoomMessage<"changed"> {
  /** The number of the change. */
  readonly change: number;
  /** The message. */
  readonly message: ChatMessage;
}

/** What a message was at some time. */
export interface MessageVersion {
  /** What it said. */
  readonly text: string;
  /** Since when. */
  readonly time: string;
  /** Who made it say so. */
  readonly by: Person;
}

/** Answers `versions`. */
export interface VersionsMessage
  extends ServerAnswer<"versions">, ServerRoomMessage<"versions"> {
  /** Which message. */
  readonly offset: number;
  /** What it was, oldest first. */
  readonly versions: readonly MessageVersion[];
}

/** Says that somebody types; true for six seconds. */
export interface TypingMessage extends ServerRoomMessage<"typing"> {
  /** Who does. */
  readonly person: Person;
}

/** Says how far one has read. */
export interface ReadMessage
  extends ServerAnswer<"read">, ServerRoomMessage<"read"> {
  /** The last message that was read. */
  readonly offset: number;
  /** How many were not. */
  readonly unread: number;
  /** How many of these mention one. */
  readonly mentions: number;
}

/** A message elsewhere that concerns one. */
export interface NoticeMessage extends ServerTyped<"notice"> {
  /** The message. */
  readonly message: ChatMessage;
}

/** Answers `history`. */
export interface HistoryMessage
  extends ServerAnswer<"history">, ServerRoomMessage<"history"> {
  /** The room's epoch. */
  readonly epoch: string;
  /** Messages, oldest first. */
  readonly messages: readonly ChatMessage[];
  /** Whether there are older ones. */
  readonly older: boolean;
  /** Whether there are newer ones. */
  readonly newer: boolean;
}

/** Answers `search`. */
export interface FoundMessage extends ServerAnswer<"found"> {
  /** Messages, newest first. */
  readonly messages: readonly ChatMessage[];
  /** Whether there are more. */
  readonly more: boolean;
  /** The `before` of the next page, if there are. */
  readonly next?: number | undefined;
}

/** Says what a moderator has done to one. */
export interface ModeratedMessage extends ServerTyped<"moderated"> {
  /** The room's name. Absent: the whole server. */
  readonly room?: string | undefined;
  /** What was done. */
  readonly action: "kick" | "mute" | "ban" | "role";
  /** The role that one has now, if that was done. */
  readonly role?: RoomRole | undefined;
  /** When it ends, if it does; now, if it was ended. */
  readonly until?: string | undefined;
  /** Why. */
  readonly reason: string;
}

/** A ban as moderators see it. */
export interface BanEntry {
  /** Who is kept out. */
  readonly person: Person;
  /** Who has done it. */
  readonly by: Person;
  /** When it ends, if it does. */
  readonly until?: string | undefined;
  /** Why. */
  readonly reason: string;
  /** When it was done. */
  readonly time: string;
}

/** Answers `bans`. */
export interface BansMessage extends ServerAnswer<"bans"> {
  /** The room's name. Absent: the whole server. */
  readonly room?: string | undefined;
  /** Those in force, by the people's ids. */
  readonly bans: readonly BanEntry[];
  /** Whether there are more. */
  readonly more: boolean;
}

/** Answers `audit`. */
export interface AuditMessage extends ServerAnswer<"audit"> {
  /** What moderators have done, newest first. */
  readonly entries: readonly AuditEntry[];
  /** Whether there are more. */
  readonly more: boolean;
}

/** A token of the API, without its secret. */
export interface TokenEntry {
  /** What it is ended by. */
  readonly id: string;
  /** What it is called. */
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly string[];
  /** The only room it is for. */
  readonly room?: string | undefined;
}

/** Answers `create_token`. */
export interface TokenMessage extends ServerAnswer<"token"> {
  /** The token. */
  readonly token: TokenEntry;
  /** Its secret, which is shown once. */
  readonly secret: string;
}

/** Answers `tokens`. */
export interface TokensMessage extends ServerAnswer<"tokens"> {
  /** All tokens of the API. */
  readonly tokens: readonly TokenEntry[];
}

/** What an error says besides its code. */
export interface ErrorDetails {
  /** The room that the request named, if that was a valid name. */
  readonly room?: string | undefined;
  /** The field with a wrong value, of `invalid_field`. */
  readonly field?: string | undefined;
  /** In how many seconds to try again. */
  readonly retry_after?: number | undefined;
  /** When a ban or a mute ends, if it does. */
  readonly until?: string | undefined;
  /** Why there is a ban or a mute. */
  readonly reason?: string | undefined;
}

/** Why a request was refused. The connection goes on. */
export interface ErrorMessage extends ServerAnswer<"error">, ErrorDetails {
  /** What was wrong, for programs. */
  readonly code: ChatErrorCode;
  /** The cause in one plain sentence. */
  readonly message: string;
}

/** Everything the server says. Times are ISO 8601, UTC, with milliseconds. */
export type ServerMessage =
  | WelcomeMessage
  | ReadyMessage
  | RenamedMessage
  | SessionsMessage
  | DoneMessage
  | RoomsMessage
  | JoinedMessage
  | LeftMessage
  | PresenceMessage
  | MembersMessage
  | InvitedMessage
  | InvitesMessage
  | RoomChangedMessage
  | SentMessage
  | RoomMessage
  | ChangedMessage
  | VersionsMessage
  | TypingMessage
  | ReadMessage
  | NoticeMessage
  | HistoryMessage
  | FoundMessage
  | ModeratedMessage
  | BansMessage
  | AuditMessage
  | TokenMessage
  | TokensMessage
  | ErrorMessage;
