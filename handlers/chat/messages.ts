import type { ChatLimits } from "./limits.ts";
import type { ChatErrorCode } from "./errors.ts";

/** A member of a room, as others see it. */
export interface Member {
  /** Made by the server; lives as long as the connection. */
  readonly id: string;
  /** The name the member chose, in NFC. */
  readonly name: string;
}

/** A client's wish to be called by a name. */
export interface NameRequest {
  /** Says which message this is. */
  readonly type: "name";
  /** The wanted name, normalised. */
  readonly name: string;
  /** The secret that lets a later connection take the name over. */
  readonly key?: string | undefined;
  /** Comes back in the answer. */
  readonly ref?: string | undefined;
}

/** A client's wish to enter a room. */
export interface JoinRequest {
  /** Says which message this is. */
  readonly type: "join";
  /** The room's name, normalised. */
  readonly room: string;
  /** Comes back in the answer. */
  readonly ref?: string | undefined;
}

/** A client's wish to leave a room. */
export interface LeaveRequest {
  /** Says which message this is. */
  readonly type: "leave";
  /** The room's name, normalised. */
  readonly room: string;
  /** Comes back in the answer. */
  readonly ref?: string | undefined;
}

/** A client's wish to say something in a room it is in. */
export interface SayRequest {
  /** Says which message this is. */
  readonly type: "message";
  /** The room's name, normalised. */
  readonly room: string;
  /** What is said, as it was sent. */
  readonly text: string;
  /** Comes back in the message that everybody gets. */
  readonly ref?: string | undefined;
}

/** Everything a client may ask, checked and normalised. */
export type ChatRequest =
  | NameRequest
  | JoinRequest
  | LeaveRequest
  | SayRequest;

/** The first message on every connection. */
export interface WelcomeMessage {
  /** Says which message this is. */
  readonly type: "welcome";
  /** The id of the new member. */
  readonly member: string;
  /** What the server accepts at most. */
  readonly limits: ChatLimits;
}

/** The answer to a {@linkcode NameRequest}. */
export interface NamedMessage {
  /** Says which message this is. */
  readonly type: "named";
  /** The asker under its new name. */
  readonly member: Member;
  /** That of the request, if it had one. */
  readonly ref?: string | undefined;
}

/** The answer to a {@linkcode JoinRequest}. */
export interface JoinedMessage {
  /** Says which message this is. */
  readonly type: "joined";
  /** The room's name. */
  readonly room: string;
  /** Who is in the room, in order of joining, the asker included. */
  readonly members: readonly Member[];
  /** When it happened. */
  readonly time: string;
  /** That of the request, if it had one. */
  readonly ref?: string | undefined;
}

/** The answer to a {@linkcode LeaveRequest}. */
export interface LeftMessage {
  /** Says which message this is. */
  readonly type: "left";
  /** The room's name. */
  readonly room: string;
  /** That of the request, if it had one. */
  readonly ref?: string | undefined;
}

/** Tells the others in a room who came. */
export interface MemberJoinedMessage {
  /** Says which message this is. */
  readonly type: "member_joined";
  /** The room's name. */
  readonly room: string;
  /** Whom it is about. */
  readonly member: Member;
  /** When it happened. */
  readonly time: string;
}

/** Tells the others in a room who went or lost the connection. */
export interface MemberLeftMessage {
  /** Says which message this is. */
  readonly type: "member_left";
  /** The room's name. */
  readonly room: string;
  /** Whom it is about. */
  readonly member: Member;
  /** When it happened. */
  readonly time: string;
}

/** Tells everybody in a room, the renamer too, who has a new name. */
export interface MemberRenamedMessage {
  /** Says which message this is. */
  readonly type: "member_renamed";
  /** The room's name. */
  readonly room: string;
  /** The member under the new name. */
  readonly member: Member;
  /** The old name. */
  readonly was: string;
  /** When it happened. */
  readonly time: string;
}

/** What was said, for everybody in the room, the sender too. */
export interface RoomMessage {
  /** Says which message this is. */
  readonly type: "message";
  /** The room's name. */
  readonly room: string;
  /** The message's own id, made by the server. */
  readonly id: string;
  /** Who said it. */
  readonly from: Member;
  /** What was said. */
  readonly text: string;
  /** When it happened. */
  readonly time: string;
  /** That of the request, if it had one. */
  readonly ref?: string | undefined;
}

/** Why a request was refused. The connection goes on. */
export interface ErrorMessage {
  /** Says which message this is. */
  readonly type: "error";
  /** What was wrong, for programs. */
  readonly code: ChatErrorCode;
  /** The cause in one plain sentence. */
  readonly message: string;
  /** That of the request, if it was a valid one. */
  readonly ref?: string | undefined;
  /** The room the request named, if the name was a valid one. */
  readonly room?: string | undefined;
}

/** Everything the server says. Times are ISO 8601, UTC, with milliseconds. */
export type ServerMessage =
  | WelcomeMessage
  | NamedMessage
  | JoinedMessage
  | LeftMessage
  | MemberJoinedMessage
  | MemberLeftMessage
  | MemberRenamedMessage
  | RoomMessage
  | ErrorMessage;
