/**
 * The client as its users see it.
 *
 * @module
 */

import type { ChatError } from "./errors.d.ts";
import type {
  AttachmentInfo,
  AuditEntry,
  Ban,
  ChatMessage,
  ChatRequests,
  Found,
  HistoryPage,
  Invite,
  ListedRoom,
  Member,
  MessageVersion,
  Moderated,
  Person,
  Position,
  Presence,
  ReadMark,
  Ready,
  RoomChanged,
  RoomKind,
  RoomRole,
  Sent,
  SessionInfo,
  Welcome,
} from "./wire.d.ts";

/** Who somebody is. */
export type Identity =
  /** A guest, who is somebody new. */
  | { readonly name: string }
  /** Who one was, by the secret of an earlier `ready`. */
  | { readonly resume: string }
  /** Whom a JSON Web Token names. It is asked for a fresh one when one is needed. */
  | { readonly token: () => string | Promise<string> }
  /** An account. */
  | { readonly login: { readonly name: string; readonly password: string } }
  /** A new account; `code` makes it the owner of the server. */
  | {
    readonly register: {
      readonly name: string;
      readonly password: string;
      readonly code?: string;
    };
  };

/** What a client keeps its memory in. `localStorage` and `sessionStorage` fit. */
export interface ChatStorage {
  /** Gives what was kept. */
  getItem(key: string): string | null;
  /** Keeps something. */
  setItem(key: string, value: string): void;
  /** Forgets it. */
  removeItem(key: string): void;
}

/** What is used of a `WebSocket`. */
export interface WebSocketLike {
  /** As of WHATWG. */
  onopen: ((event: never) => void) | null;
  /** As of WHATWG. */
  onmessage: ((event: never) => void) | null;
  /** As of WHATWG. */
  onclose: ((event: never) => void) | null;
  /** As of WHATWG. */
  onerror: ((event: never) => void) | null;
  /** Sends a message of text. */
  send(text: string): void;
  /** Closes it. */
  close(code?: number): void;
}

/** A constructor as that of `WebSocket`; that of `npm:ws` fits. */
export type WebSocketConstructor = new (
  url: string,
  protocol: string,
) => WebSocketLike;

/** How `connectChat()` connects. Times are in milliseconds. */
export interface ChatOptions {
  /**
   * Who one is. A secret in `storage` comes first: with it, one is who one was.
   * Default: nobody, until {@linkcode ChatClient.signIn}.
   */
  readonly identity?: Identity;
  /**
   * Keeps the secret to come back with, messages that are not stored yet, and
   * positions. One client at a time may use the same keys. Default: memory.
   */
  readonly storage?: ChatStorage;
  /** What the keys in `storage` begin with. Default: `switchboard-chat`. */
  readonly storageKey?: string;
  /** Default: the global one, which Node has from version 22 on. */
  readonly WebSocket?: WebSocketConstructor;
  /**
   * How long to wait before an attempt, after so many failed ones. Default: full
   * jitter from 0.5 s to 30 s.
   */
  readonly backoff?: (failures: number) => number;
  /** From 0 up to but not including 1. Default: `Math.random`. */
  readonly random?: () => number;
  /** After so much silence the server is asked for a sign of life. Default: 30 s. */
  readonly silence?: number;
  /** A server that has to say something has so long. Default: 15 s. */
  readonly answerTime?: number;
  /** After so long a request is rejected with `timeout`. Default: 30 s. */
  readonly requestTimeout?: number;
  /** So many messages of a room are held, unless older ones are asked for. Default: 1,000. */
  readonly windowSize?: number;
  /** Closes the client. */
  readonly signal?: AbortSignal;
}

/** Why there is no connection. */
export type OfflineReason =
  /** It was lost, or the server was not there; `retryAt` says what comes next. */
  | "lost"
  /** Nobody has said who one is: `signIn()`. */
  | "signed_out"
  /** The server does not take the identity; `error` says why: `signIn()`. */
  | "refused"
  /** The session or token has ended: `signIn()`. */
  | "ended"
  /** The server's owner or the API has ended it: `reconnect()`, if the person asks for it. */
  | "disconnected"
  /** One is banned from the server. */
  | "banned"
  /** The protocol was broken; to try again would not help. */
  | "broken";

/** How the client stands. */
export type ChatStatus =
  | { readonly state: "connecting" }
  | { readonly state: "online" }
  | {
    readonly state: "offline";
    readonly reason: OfflineReason;
    /** When the next attempt is made, in milliseconds since 1970. */
    readonly retryAt?: number;
    /** How the last connection was closed. */
    readonly closeCode?: number;
    /** What the server said. */
    readonly error?: ChatError;
  }
  | { readonly state: "closed" };

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

/** What happens to a client. */
export interface ClientEvents {
  /** The connection has come or gone. */
  status: ChatStatus;
  /** What the server allows. */
  welcome: Welcome;
  /** Who one is, after each connecting. */
  ready: Ready;
  /** A message that concerns one in a room where one is not. */
  notice: ChatMessage;
  /** One was kicked, muted or banned, or was given another role. */
  moderated: Moderated;
  /** Something is wrong that no promise tells. */
  error: ChatError;
}

/** Whatever the client tells: its own events, and those of all rooms. */
export type ChatEvents =
  & { [T in keyof ClientEvents]: [event: ClientEvents[T]] }
  & { [T in keyof RoomEvents]: [event: RoomEvents[T], room: ChatRoom] };

/** How a request is made. */
export interface RequestOptions {
  /** Rejects the promise; what was sent is carried out nevertheless. */
  readonly signal?: AbortSignal;
  /** In milliseconds. Default: the client's `requestTimeout`. */
  readonly timeout?: number;
}

/** How a room is joined. */
export interface JoinOptions {
  /** The secret of an invitation to a private room. */
  readonly invite?: string;
  /** How many messages to begin with. Default: 50. */
  readonly limit?: number;
  /**
   * Goes on where an earlier client with the same storage has been: what was
   * missed comes as `message` events. Default: `false`, the newest page.
   */
  readonly catchUp?: boolean;
  /** Stops waiting. */
  readonly signal?: AbortSignal;
}

/** How much of a file is sent, in bytes. */
export interface UploadProgress {
  /** So many are sent. */
  readonly loaded: number;
  /** So many there are. */
  readonly total: number;
}

/** How a file is uploaded. */
export interface UploadOptions {
  /** The file's name. Default: that of a `File`, or `file`. */
  readonly name?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
  /**
   * Is told how far it is: several times where there is `XMLHttpRequest`, as in
   * browsers, elsewhere when all is sent.
   */
  readonly onProgress?: (progress: UploadProgress) => void;
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

/** A connection to a chat server that comes back. */
export interface ChatClient extends Disposable {
  /** How it stands. */
  readonly status: ChatStatus;
  /** Who one is; `undefined` before the first `ready`. */
  readonly person: Person | undefined;
  /** What the server has said of itself. */
  readonly welcome: Welcome | undefined;
  /** Whether one owns the server. */
  readonly isOwner: boolean;
  /** The rooms one is in, by name. */
  readonly joinedRooms: ReadonlyMap<string, ChatRoom>;

  /** Listens; returns a function that ends it. */
  on<T extends keyof ChatEvents>(
    type: T,
    listener: (...event: ChatEvents[T]) => void,
  ): () => void;

  /** Resolves as soon as one is online; rejects when that takes a `signIn()` or more. */
  whenReady(): Promise<Person>;
  /**
   * Says who one is, anew. A client that is online connects again. Resolves when
   * the server has taken it, and rejects with its refusal.
   */
  signIn(identity: Identity): Promise<Person>;
  /** Ends this session, and forgets its secret. */
  logout(): Promise<void>;
  /** Takes another name. */
  rename(name: string): Promise<Person>;
  /** Changes the password; all other sessions end. */
  changePassword(
    passwords: { readonly old: string; readonly new: string },
  ): Promise<void>;
  /** Where one is signed in. */
  sessions(): Promise<readonly SessionInfo[]>;
  /** Ends a session. */
  revoke(session: string): Promise<void>;
  /** Says whether one is away. */
  setAway(away: boolean): Promise<void>;

  /** The rooms there are for one, by name. */
  rooms(
    options?: { readonly after?: string; readonly limit?: number },
  ): Promise<{ readonly rooms: readonly ListedRoom[]; readonly more: boolean }>;
  /**
   * Enters a room, or comes back to it. Waits for the connection as long as it
   * takes. A room that one is in is given as it is.
   */
  join(room: string, options?: JoinOptions): Promise<ChatRoom>;
  /** Makes a room, and enters it. Default: public, without a topic. */
  create(
    room: string,
    options?: { readonly kind?: "public" | "private"; readonly topic?: string },
  ): Promise<ChatRoom>;
  /** Enters the room of two people. */
  direct(person: string): Promise<ChatRoom>;
  /** Messages with every word of the query, in all rooms that one may read. */
  search(
    query: string,
    options?: {
      readonly room?: string;
      readonly before?: number;
      readonly limit?: number;
    },
  ): Promise<Found>;
  /**
   * Uploads a file, for `attachments`. Rejects with the server's refusal, with
   * `upload_failed` when the connection was lost, and with the reason of
   * `signal`.
   */
  upload(file: Blob, options?: UploadOptions): Promise<AttachmentInfo>;

  /**
   * Makes a request that has no method of its own here. It waits for the
   * connection. Rejects with a {@linkcode ChatError}: the refusal, or `timeout`;
   * or `disconnected` when the connection was lost before the answer came, unless
   * it only asks: then it is asked again.
   */
  request<T extends keyof ChatRequests>(
    type: T,
    fields: ChatRequests[T]["fields"],
    options?: RequestOptions,
  ): Promise<ChatRequests[T]["answer"]>;

  /** Tries to connect at once. */
  reconnect(): void;
  /**
   * Ends all; resolves when the connection is closed. Messages that are not
   * stored are rejected with `closed`, and stay in `storage`.
   */
  close(): Promise<void>;
}
