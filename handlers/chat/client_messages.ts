import type { RoomKind, RoomRole } from "./model.ts";
import type { TokenScope } from "./token_scopes.ts";

/** What each request has. */
export interface ClientMessage<Type extends string> {
  /** Says which request this is. */
  readonly type: Type;
  /** Comes back in the answer. */
  readonly ref?: string | undefined;
}

/** What each request about a room has. */
export interface ClientRoomMessage<Type extends string>
  extends ClientMessage<Type> {
  /** The room's name, normalised. */
  readonly room: string;
}

/** Where a page of messages is; one at most of these, an offset each. */
export interface PagePlace {
  /** The page ends before it. */
  readonly before?: number | undefined;
  /** The page begins after it. */
  readonly after?: number | undefined;
  /** The page has it in its middle. */
  readonly around?: number | undefined;
}

/** How far a client knows a room. */
export interface Position {
  /** The room's epoch. */
  readonly epoch: string;
  /** The last message that is known. */
  readonly offset: number;
  /** The last change that is known. */
  readonly change: number;
}

/** A file that a message is to have. */
export interface NewAttachment {
  /** `sha256-` and 64 hexadecimal digits. */
  readonly hash: string;
  /** The name that the file has in this message. */
  readonly name: string;
}

/** Comes in by exactly one of a name, a resume secret and a token. */
export interface HelloRequest extends ClientMessage<"hello"> {
  /** The name that is wanted, normalised. */
  readonly name?: string | undefined;
  /** The secret of an earlier `ready`. */
  readonly resume?: string | undefined;
  /** A JSON Web Token. */
  readonly token?: string | undefined;
}

/** Makes an account. */
export interface RegisterRequest extends ClientMessage<"register"> {
  /** The name that is wanted, normalised. */
  readonly name: string;
  /** The password. */
  readonly password: string;
  /** The code that makes the server's owner. */
  readonly code?: string | undefined;
}

/** Comes in with an account. */
export interface LoginRequest extends ClientMessage<"login"> {
  /** The account's name. */
  readonly name: string;
  /** Its password. */
  readonly password: string;
}

/** Stays longer, by a newer token. */
export interface RefreshRequest extends ClientMessage<"refresh"> {
  /** A JSON Web Token of the same person. */
  readonly token: string;
}

/** Takes another name. */
export interface RenameRequest extends ClientMessage<"rename"> {
  /** The name that is wanted, normalised. */
  readonly name: string;
}

/** Takes another password. */
export interface ChangePasswordRequest
  extends ClientMessage<"change_password"> {
  /** The one so far. */
  readonly old: string;
  /** The one from now on. */
  readonly new: string;
}

/** Asks where one is logged in. */
export type SessionsRequest = ClientMessage<"sessions">;

/** Ends a session of one's own. */
export interface RevokeRequest extends ClientMessage<"revoke"> {
  /** The session's id. */
  readonly session: string;
}

/** Ends the session of this connection. */
export type LogoutRequest = ClientMessage<"logout">;

/** Says whether somebody is at this device. */
export interface StatusRequest extends ClientMessage<"status"> {
  /** Whether nobody is. */
  readonly away: boolean;
}

/** Asks whether the server is there; says nothing of being away. */
export type PingRequest = ClientMessage<"ping">;

/** Asks which rooms there are. */
export interface RoomsRequest extends ClientMessage<"rooms"> {
  /** The list begins after this name. */
  readonly after?: string | undefined;
  /** The most rooms wanted. */
  readonly limit: number;
}

/** Makes a room, and joins it. */
export interface CreateRequest extends ClientRoomMessage<"create"> {
  /** Who may come in. */
  readonly kind: Exclude<RoomKind, "direct">;
  /** What it is about. */
  readonly topic: string;
}

/** Enters a room. */
export interface JoinRequest extends ClientRoomMessage<"join"> {
  /** The secret of an invitation. */
  readonly invite?: string | undefined;
  /** What is known of the room already. */
  readonly since?: Position | undefined;
  /** The most messages wanted when not all that were missed are given. */
  readonly limit: number;
}

/** Enters the room of two people. */
export interface DirectRequest extends ClientMessage<"direct"> {
  /** The id of the other person. */
  readonly person: string;
}

/** Leaves a room. */
export interface LeaveRequest extends ClientRoomMessage<"leave"> {
  /** Whether the membership is given up as well. */
  readonly for_good: boolean;
}

/** Asks who is in a room. */
export interface MembersRequest extends ClientRoomMessage<"members"> {
  /** The list begins after this id. */
  readonly after?: string | undefined;
  /** The most members wanted. */
  readonly limit: number;
}

/** Makes an invitation to a private room. */
export interface InviteRequest extends ClientRoomMessage<"invite"> {
  /** How many seconds it lasts. */
  readonly lasts: number;
  /** How many people may use it. */
  readonly uses: number;
}

/** Asks which invitations to a private room there are. */
export interface InvitesRequest extends ClientRoomMessage<"invites"> {
  /** The list begins after this id. */
  readonly after?: string | undefined;
  /** The most invitations wanted. */
  readonly limit: number;
}

/** Ends an invitation to a private room. */
export interface DropInviteRequest extends ClientRoomMessage<"drop_invite"> {
  /** Its id. */
  readonly invite: string;
}

/** Gives a room a topic. */
export interface TopicRequest extends ClientRoomMessage<"topic"> {
  /** What it is about. */
  readonly topic: string;
}

/** Says something. */
export interface SendRequest extends ClientRoomMessage<"send"> {
  /** The sender's own id of the message. */
  readonly id: string;
  /** What is said; empty only if there are attachments. */
  readonly text: string;
  /** The offset of the message that it answers. */
  readonly reply_to?: number | undefined;
  /** The ids of those whom it mentions. */
  readonly mentions?: readonly string[] | undefined;
  /** The files that it has. */
  readonly attachments?: readonly NewAttachment[] | undefined;
}

/** Says something else instead. */
export interface EditRequest extends ClientRoomMessage<"edit"> {
  /** Which message. */
  readonly offset: number;
  /** What it says from now on. */
  readonly text: string;
  /** The ids of those whom it mentions from now on. */
  readonly mentions?: readonly string[] | undefined;
}

/** Takes a message back. */
export interface DeleteRequest extends ClientRoomMessage<"delete"> {
  /** Which message. */
  readonly offset: number;
  /** Why. */
  readonly reason: string;
}

/** Adds a reaction of one's own, or takes it back. */
export interface ReactRequest extends ClientRoomMessage<"react"> {
  /** Which message. */
  readonly offset: number;
  /** The reaction. */
  readonly emoji: string;
  /** Whether it is added. */
  readonly on: boolean;
}

/** Asks what a message was before. */
export interface VersionsRequest extends ClientRoomMessage<"versions"> {
  /** Which message. */
  readonly offset: number;
}

/** Says that somebody types. */
export type TypingRequest = ClientRoomMessage<"typing">;

/** Says how far one has read. */
export interface ReadRequest extends ClientRoomMessage<"read"> {
  /** The last message that was read. */
  readonly offset: number;
}

/** Asks for a page of messages. */
export interface HistoryRequest
  extends ClientRoomMessage<"history">, PagePlace {
  /** The most messages wanted. */
  readonly limit: number;
}

/** Asks for messages with words. */
export interface SearchRequest extends ClientMessage<"search"> {
  /** The words of the query: 1 to 32. */
  readonly words: readonly string[];
  /** The only room to be searched. */
  readonly room?: string | undefined;
  /** The `next` of the page before. */
  readonly before?: number | undefined;
  /** The most messages wanted. */
  readonly limit: number;
}

/** What each request about a person in a room has. */
export interface ClientPersonMessage<Type extends string>
  extends ClientRoomMessage<Type> {
  /** The person's id. */
  readonly person: string;
  /** Why. */
  readonly reason: string;
}

/** Makes somebody leave a room. */
export type KickRequest = ClientPersonMessage<"kick">;

/** Makes somebody silent. */
export interface MuteRequest extends ClientPersonMessage<"mute"> {
  /** How many seconds it lasts; 0 ends it. Absent: for ever. */
  readonly lasts?: number | undefined;
}

/** Keeps somebody out, of a room or of the server. */
export interface BanRequest extends ClientMessage<"ban"> {
  /** The room's name. Absent: the whole server. */
  readonly room?: string | undefined;
  /** The person's id. */
  readonly person: string;
  /** How many seconds it lasts. Absent: for ever. */
  readonly lasts?: number | undefined;
  /** Whether the person's addresses are banned as well. */
  readonly addresses: boolean;
  /** Why. */
  readonly reason: string;
}

/** Ends a ban. */
export interface UnbanRequest extends ClientMessage<"unban"> {
  /** The room's name. Absent: the whole server. */
  readonly room?: string | undefined;
  /** The person's id. */
  readonly person: string;
}

/** Sets the slow mode of a room. */
export interface SlowRequest extends ClientRoomMessage<"slow"> {
  /** The seconds between two messages of a member; 0 ends it. */
  readonly seconds: number;
}

/** Gives somebody a role. */
export interface RoleRequest extends ClientRoomMessage<"role"> {
  /** The person's id. */
  readonly person: string;
  /** The role from now on. */
  readonly role: RoomRole;
}

/** Asks who is banned. */
export interface BansRequest extends ClientMessage<"bans"> {
  /** The room's name. Absent: the whole server. */
  readonly room?: string | undefined;
  /** The list begins after this person's id. */
  readonly after?: string | undefined;
  /** The most bans wanted. */
  readonly limit: number;
}

/** Asks what moderators have done. */
export interface AuditRequest extends ClientMessage<"audit"> {
  /** The room's name. Absent: everywhere. */
  readonly room?: string | undefined;
  /** Entries with a smaller number only. */
  readonly before?: number | undefined;
  /** The most entries wanted. */
  readonly limit: number;
}

/** Deletes a room with its history. */
export type DeleteRoomRequest = ClientRoomMessage<"delete_room">;

/** Deletes the history of a room. */
export type ResetRoomRequest = ClientRoomMessage<"reset_room">;

/** Makes a token of the API. */
export interface CreateTokenRequest extends ClientMessage<"create_token"> {
  /** What it is called, and whoever speaks with it, normalised. */
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly TokenScope[];
  /** The only room it is for. */
  readonly room?: string | undefined;
}

/** Asks which tokens of the API there are. */
export type TokensRequest = ClientMessage<"tokens">;

/** Ends a token of the API. */
export interface DropTokenRequest extends ClientMessage<"drop_token"> {
  /** Its id. */
  readonly token: string;
}

/** Everything that a client may ask, checked and normalised. */
export type ChatRequest =
  | HelloRequest
  | RegisterRequest
  | LoginRequest
  | RefreshRequest
  | RenameRequest
  | ChangePasswordRequest
  | SessionsRequest
  | RevokeRequest
  | LogoutRequest
  | StatusRequest
  | PingRequest
  | RoomsRequest
  | CreateRequest
  | JoinRequest
  | DirectRequest
  | LeaveRequest
  | MembersRequest
  | InviteRequest
  | InvitesRequest
  | DropInviteRequest
  | TopicRequest
  | SendRequest
  | EditRequest
  | DeleteRequest
  | ReactRequest
  | VersionsRequest
  | TypingRequest
  | ReadRequest
  | HistoryRequest
  | SearchRequest
  | KickRequest
  | MuteRequest
  | BanRequest
  | UnbanRequest
  | SlowRequest
  | RoleRequest
  | BansRequest
  | AuditRequest
  | DeleteRoomRequest
  | ResetRoomRequest
  | CreateTokenRequest
  | TokensRequest
  | DropTokenRequest;

/** The `type` of a request. */
export type ChatRequestType = ChatRequest["type"];
