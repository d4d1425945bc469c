/**
 * The client as its users see it.
 *
 * @module
 */

import type { ChatRoom, RoomEvents } from "./chat_room.d.ts";
import type { ChatError } from "./errors.d.ts";
import type {
  AttachmentInfo,
  ChatMessage,
  ChatRequests,
  Found,
  ListedRoom,
  Moderated,
  Person,
  Ready,
  SessionInfo,
  Welcome,
} from "./wire.d.ts";

export type * from "./chat_room.d.ts";

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
