/**
 * A room as its user sees it.
 *
 * @module
 */

import type { ChatError } from "./errors.d.ts";
import type {
  AttachmentInfo,
  AuditEntry,
  Ban,
  ChatMessage,
  Found,
  HistoryPage,
  Invite,
  Member,
  MessageVersion,
  Person,
  Position,
  Presence,
  ReadMark,
  RoomChanged,
  RoomKind,
  RoomRole,
  Sent,
} from "./wire.d.ts";

/** A message of one's own that is not stored yet, or was refused. */
export interface OutgoingMessage {
  /** Its id, chosen at random. */
  readonly id: string;
  /** What it says. */
  readonly text: string;
  /** The offset of the message that it answers. */
  readonly replyTo?: number;
  /** The ids of people. */
  readonly mentions?: readonly string[];
  /** Its files. */
  readonly attachments?: readonly Pick<AttachmentInfo, "hash" | "name">[];
  /** What has become of it. */
  readonly state: "sending" | "sent" | "failed";
  /** Why it has failed. */
  readonly error?: ChatError;
  /** Its number, once it is stored. */
  readonly offset?: number;
}

/** What a message has besides its text. */
export interface SendOptions {
  /** The offset of the message that it answers. */
  readonly replyTo?: number;
  /** The ids of people. */
  readonly mentions?: readonly string[];
  /** What {@linkcode ChatClient.upload} has given, or its hash and name. */
  readonly attachments?: readonly Pick<AttachmentInfo, "hash" | "name">[];
}

/** What happens in a room. */
export interface RoomEvents {
  /** A message, each once and in order, those that were missed too. */
  message: ChatMessage;
  /** A message as it is now, after an edit, a deletion or a reaction. */
  changed: ChatMessage;
  /** Who has come, gone or changed; `room.members` is up to date. */
  presence: Presence;
  /** Who is typing now. */
  typing: readonly Person[];
  /** How far one has read, on whatever device. */
  read: ReadMark;
  /** The topic or slow mode. */
  room_changed: RoomChanged;
  /** What has become of a message of one's own. */
  outgoing: OutgoingMessage;
  /** One is in the room, again. */
  joined: Position;
  /**
   * Too much was missed, or the history was reset: `room.messages` is the newest
   * page, and what one knew of the room is not true any more.
   */
  reset: Position;
  /** One is not in the room any more; the error says why, if one did not ask for it. */
  left: ChatError | undefined;
}

/**
 * A room that one is in. It stays right when the connection is lost and comes
 * back. What it holds is replaced, never changed in place, but for `members`.
 *
 * Iterating over it gives the messages that have come since one has joined, and
 * then each as it comes, until one leaves the room; of those that have come
 * before, as many as `messages` holds. A loop that follows another goes on where
 * that one was left.
 */
export interface ChatRoom extends AsyncIterable<ChatMessage, undefined> {
  /** What it is called. */
  readonly name: string;
  /** Who may come in. */
  readonly kind: RoomKind;
  /** What it is about. */
  readonly topic: string;
  /** What one is there. */
  readonly role: RoomRole;
  /** Whether the server says what happens here: not while it is connecting. */
  readonly isJoined: boolean;
  /** Of a direct room: the other person. */
  readonly with: Person | undefined;
  /** How many members are there. */
  readonly count: number;
  /** Who is there, by id; `undefined` while they are too many. */
  readonly members: ReadonlyMap<string, Member> | undefined;
  /** The newest messages without holes, oldest first. */
  readonly messages: readonly ChatMessage[];
  /** Whether there are older ones than `messages`. */
  readonly hasOlder: boolean;
  /** What this client has seen. */
  readonly position: Position;
  /** The offset up to which one has read. */
  readonly read: number;
  /** Slow mode in seconds; 0 if it is off. */
  readonly slow: number;
  /** There while one is muted. */
  readonly muted: { readonly until?: string } | undefined;
  /** Who is typing now. */
  readonly typists: readonly Person[];
  /** Messages of one's own that are not stored, in order; the last 50 failed ones too. */
  readonly outgoing: readonly OutgoingMessage[];

  /** Listens; returns a function that ends it. */
  on<T extends keyof RoomEvents>(
    type: T,
    listener: (event: RoomEvents[T]) => void,
  ): () => void;

  /**
   * Says something. Resolves when it is stored, however often the connection is
   * lost before; refusals that say when to try again are obeyed. Rejects with
   * another refusal; with `left` or `closed` when that comes first; and with
   * `unconfirmed` when one has become somebody else while the answer was on its
   * way. Nobody has to await it: `outgoing` tells the same.
   */
  send(text: string, options?: SendOptions): Promise<Sent>;
  /** Sends a message that has failed once more. Does nothing if there is none. */
  retry(id: string): void;
  /** Forgets a message that has failed. */
  discard(id: string): void;
  /** Says that one is typing; call it at every key, it tells every 3 s. */
  typing(): void;
  /** Says how far one has read. Default: all of it. */
  markRead(offset?: number): Promise<ReadMark>;

  /** Puts the next older page before `messages`. Resolves to what is new. */
  loadOlder(limit?: number): Promise<readonly ChatMessage[]>;
  /** A page of the history; without a place the newest. `messages` stays as it is. */
  history(
    place?: {
      readonly before?: number;
      readonly after?: number;
      readonly around?: number;
      readonly limit?: number;
    },
  ): Promise<HistoryPage>;
  /** Messages of this room with every word of the query, newest first. */
  search(
    query: string,
    options?: { readonly before?: number; readonly limit?: number },
  ): Promise<Found>;

  /** Changes a message of one's own. */
  edit(
    offset: number,
    edit: { readonly text: string; readonly mentions?: readonly string[] },
  ): Promise<void>;
  /** Deletes a message for all. */
  remove(
    offset: number,
    options?: { readonly reason?: string },
  ): Promise<void>;
  /** Reacts to a message, or takes the reaction back. */
  react(
    offset: number,
    reaction: { readonly emoji: string; readonly on?: boolean },
  ): Promise<void>;
  /** What a message was; for moderators. */
  versions(offset: number): Promise<readonly MessageVersion[]>;

  /** All members of a private room, by pages; of others those who are there. */
  listMembers(
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<{ readonly members: readonly Member[]; readonly more: boolean }>;
  /**
   * Makes an invitation to a private room; `lasts` in seconds. Its secret,
   * `invite`, is told this once; by its `id` it can be ended.
   */
  invite(
    options?: { readonly lasts?: number; readonly uses?: number },
  ): Promise<
    { readonly id: string; readonly invite: string; readonly expires: string }
  >;
  /**
   * The invitations that can be used, whoever made them, by their ids, after one
   * of them; for moderators.
   */
  invites(
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<
    { readonly invites: readonly Invite[]; readonly more: boolean }
  >;
  /** Ends an invitation, by its id. Rejects with `unknown_invite` if there is none. */
  dropInvite(id: string): Promise<void>;
  /** Changes the topic. */
  setTopic(topic: string): Promise<void>;
  /** Makes the person leave. */
  kick(person: string, options?: { readonly reason?: string }): Promise<void>;
  /** Lets the person only read; `lasts` in seconds, 0 ends it. */
  mute(
    person: string,
    options: { readonly lasts: number; readonly reason?: string },
  ): Promise<void>;
  /** Keeps the person out; `lasts` in seconds, for ever without it. */
  ban(
    person: string,
    options?: { readonly lasts?: number; readonly reason?: string },
  ): Promise<void>;
  /** Ends a ban. */
  unban(person: string): Promise<void>;
  /** Who is banned, by the people's ids, after one of them. */
  bans(
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<{ readonly bans: readonly Ban[]; readonly more: boolean }>;
  /** So many seconds lie between two messages of a member; 0 ends it. */
  setSlow(seconds: number): Promise<void>;
  /** Gives the person a role. */
  setRole(person: string, role: RoomRole): Promise<void>;
  /** What moderators have done, newest first. */
  audit(
    options?: { readonly before?: number; readonly limit?: number },
  ): Promise<
    { readonly entries: readonly AuditEntry[]; readonly more: boolean }
  >;

  /**
   * Leaves; with `forGood` the membership of a private room is given up too.
   * Messages that are not stored yet fail with `left`.
   */
  leave(options?: { readonly forGood?: boolean }): Promise<void>;
}
