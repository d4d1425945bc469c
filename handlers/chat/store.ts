import type {
  AttachmentInfo,
  AuditEntry,
  ChatMessage,
  Person,
  RoomKind,
  RoomRole,
} from "./model.ts";

/**
 * What the chat keeps. Times are milliseconds since 1970.
 *
 * Every method is one atomic step: a promise that resolves says that its effect
 * is stored and survives the end of the process. Steps happen in the order of
 * their calls, and their promises settle in that order. A promise that rejects
 * says that nothing was stored.
 *
 * What one step of a room stores and what others hear of it is told to the
 * `onAppend` and `onChange` listeners in the order of offsets and changes,
 * before the promise of the step resolves; so one that several processes share
 * can tell all of them in the same order.
 */
export interface ChatStore extends AsyncDisposable {
  /** Who there is. */
  readonly people: PersonStore;
  /** On which devices. */
  readonly sessions: SessionStore;
  /** Which rooms there are, and who is what in them. */
  readonly rooms: RoomStore;
  /** What was said. */
  readonly messages: MessageStore;
  /** Who is banned, and what moderators have done. */
  readonly moderation: ModerationStore;
  /** Which files there are. */
  readonly attachments: AttachmentStore;
  /** Which programs may use the API. */
  readonly tokens: TokenStore;
}

/** What a moderator has done, before it has a number. */
export type NewAuditEntry = Omit<AuditEntry, "n">;

/** An option of the steps that moderators take. */
export interface Noted {
  /** Noted in the same step, unless the step changes nothing. */
  readonly audit?: NewAuditEntry | undefined;
}

/** A person as it is stored. */
export interface StoredPerson extends Person {
  /** How the person came to be. */
  readonly kind: "guest" | "account" | "jwt" | "bot";
  /** Whether the person owns the server. */
  readonly isOwner: boolean;
  /** The password's hash as `passwords.ts` writes it; accounts only. */
  readonly password?: string;
  /** Guests: until when the name is held once nobody is connected. */
  readonly heldUntil?: number;
  /** When the person came to be. */
  readonly created: number;
}

/** Who there is, and who has which name. */
export interface PersonStore {
  /**
   * Adds a person. The name is taken if another one has the same `nameKey`,
   * unless that is a guest whose `heldUntil` is before `now`: that one loses it.
   * An id that is there already counts as a name that is taken.
   */
  add(
    person: StoredPerson,
    options: { readonly nameKey: string; readonly now: number },
  ): Promise<"added" | "name_taken">;
  /** By the id. */
  get(id: string): Promise<StoredPerson | undefined>;
  /** By the key of the name. */
  named(nameKey: string): Promise<StoredPerson | undefined>;
  /** Gives a person another name; it is taken as for {@linkcode add}. */
  rename(
    id: string,
    options: {
      readonly name: string;
      readonly nameKey: string;
      readonly now: number;
    },
  ): Promise<"renamed" | "name_taken">;
  /** Sets the password's hash if it still is `was`, and says whether. */
  setPassword(
    id: string,
    change: { readonly hash: string; readonly was: string | undefined },
  ): Promise<boolean>;
  /** Holds a guest's name until a time, or without an end. */
  hold(id: string, until: number | undefined): Promise<void>;
  /**
   * To be called once at the start: nobody is connected, so names that are held
   * without an end are held until `until`.
   */
  holdAll(until: number): Promise<void>;
  /** Whether there is an account. */
  hasAccounts(): Promise<boolean>;
  /**
   * Deletes guests whose name is not held, who have no session to come back by,
   * and of whom nothing is left that says something to others: no message,
   * reaction, version, file, invitation or token, no role, no membership of a
   * room that is not public, and no ban. Of those whose name is somebody else's
   * it ends the sessions. Bit by bit, so this is not one step, and each guest is
   * looked at once a week at most. Says how many are deleted.
   */
  prune(now: number): Promise<number>;
}

/** A device on which somebody is who they are. */
export interface StoredSession {
  /** What others may see of it; not the secret. */
  readonly id: string;
  /** The id of whose session it is. */
  readonly person: string;
  /** When it began. */
  readonly created: number;
  /** When it was last used. */
  readonly used: number;
}

/** Sessions, found by the SHA-256 of their secret in lower-case hexadecimal. */
export interface SessionStore {
  /** Adds a session under the hash of its secret. */
  add(session: StoredSession, hash: string): Promise<void>;
  /** By the hash of its secret. */
  find(hash: string): Promise<StoredSession | undefined>;
  /** Says when it was used. */
  touch(id: string, used: number): Promise<void>;
  /** All sessions of a person, oldest first. */
  of(person: string): Promise<readonly StoredSession[]>;
  /** Says whether there was such a session of that person. */
  drop(id: string, person: string): Promise<boolean>;
  /** Drops all of a person but one, and gives their ids. */
  dropOthers(person: string, kept?: string): Promise<readonly string[]>;
  /**
   * Drops those that were last used before a time; bit by bit, so this is not one
   * step. Says how many they were.
   */
  prune(before: number): Promise<number>;
}

/** A room as it is stored. */
export interface StoredRoom {
  /** The room's name. */
  readonly room: string;
  /** Who may come in. */
  readonly kind: RoomKind;
  /** What it is about. */
  readonly topic: string;
  /** Another one when the numbers begin anew. */
  readonly epoch: string;
  /** The number of the last message; 0 if there was none. */
  readonly offset: number;
  /** The number of the last change; 0 if there was none. */
  readonly change: number;
  /** Slow mode in seconds; 0 if it is off. */
  readonly slow: number;
  /** When it was made. */
  readonly created: number;
}

/** What a room knows of a person. */
export interface Membership {
  /** The person's id. */
  readonly person: string;
  /** What the person is in the room. */
  readonly role: RoomRole;
  /** The offset up to which the person has read. */
  readonly read: number;
  /** Until when the person may not speak. */
  readonly mutedUntil?: number;
}

/** A room in the list of somebody. */
export interface ListedRoom extends StoredRoom {
  /** The offset up to which the person has read. */
  readonly read: number;
  /** How many messages it has not. */
  readonly unread: number;
  /** How many of these mention it. */
  readonly mentions: number;
  /** The last message. */
  readonly last?: ChatMessage;
  /** Of a direct room: the other person. */
  readonly with?: Person;
}

/** An invitation to a private room as it is stored. */
export interface StoredInvite {
  /** What it is ended by; not the secret. */
  readonly id: string;
  /** The room's name. */
  readonly room: string;
  /** Who has made it. */
  readonly by: Person;
  /** How many people may still use it. */
  readonly uses: number;
  /** When it ends. */
  readonly expires: number;
  /** When it was made. */
  readonly created: number;
}

/** What has come of {@linkcode RoomStore.dropUnused}. */
export interface DroppedRooms {
  /** Those that are deleted. */
  readonly rooms: readonly string[];
  /** Where to go on; absent if there are no more. */
  readonly next?: string;
}

/** Rooms, and who is what in them. */
export interface RoomStore {
  /**
   * Adds a room with members; unless there is one of that name, or one of the
   * people is not there any more.
   */
  add(
    room: Omit<StoredRoom, "offset" | "change">,
    members: readonly { readonly person: string; readonly role: RoomRole }[],
  ): Promise<"added" | "room_exists" | "person_unknown">;
  /** By the name. */
  get(room: string): Promise<StoredRoom | undefined>;
  /**
   * Public rooms and those that `person` is a member of, by name, after `after`.
   * Without a person, all public rooms, with nothing unread. Unread counts are
   * exact up to 1,000.
   */
  list(options: {
    readonly person?: string;
    readonly after?: string;
    readonly limit: number;
  }): Promise<readonly ListedRoom[]>;
  /** Changes what is given of it. */
  update(
    room: string,
    change: Noted & { readonly topic?: string; readonly slow?: number },
  ): Promise<void>;
  /** Deletes the room with all that is in it. */
  drop(room: string, options?: Noted): Promise<void>;
  /**
   * Deletes some rooms, made before a time, of which nobody has made anything:
   * direct ones without a message, and public ones that have also no topic, no
   * slow mode, no moderator and nothing in the audit log. One whose messages are
   * all forgotten stays as well while an owner can come back to it. `isKept` says
   * which stay in any case, and has no effects. To be called again with `next` as
   * `after`.
   */
  dropUnused(options: {
    readonly before: number;
    readonly after?: string | undefined;
    readonly isKept: (room: string) => boolean;
  }): Promise<DroppedRooms>;
  /** Deletes its messages; offset and change are 0, and the epoch is this one. */
  reset(room: string, epoch: string, options?: Noted): Promise<void>;
  /** What the room knows of a person, if it knows it. */
  membership(room: string, person: string): Promise<Membership | undefined>;
  /**
   * Adds a membership, or changes what is given of it. Changes nothing and gives
   * `false` if there is no such room or person, or if its last owner would be
   * none. Who is made a plain member loses its invitations to the room.
   */
  setMembership(
    room: string,
    person: string,
    change: Noted & {
      readonly role?: RoomRole;
      readonly mutedUntil?: number | undefined;
    },
  ): Promise<boolean>;
  /**
   * Ends a membership, if there is one, and the person's invitations to the room;
   * `false` if it is that of the last owner, which stays.
   */
  dropMembership(room: string, person: string): Promise<boolean>;
  /**
   * Memberships with the people's names, those first whom the server knows
   * longest, after the person `after`.
   */
  members(
    room: string,
    options: { readonly after?: string; readonly limit: number },
  ): Promise<readonly (Membership & Person)[]>;
  /** Only the owners and moderators of a room. */
  staff(room: string): Promise<readonly Membership[]>;
  /**
   * Adds an invitation under the hash of its secret. Changes nothing and gives
   * `false` if there is no such room, or if `by` is neither an owner nor a
   * moderator of it, unless `anybody` may make one.
   */
  addInvite(
    hash: string,
    invite: StoredInvite,
    options?: Noted & { readonly anybody?: boolean },
  ): Promise<boolean>;
  /** The invitations to a room that can be used, by their ids, after one of them. */
  invites(
    room: string,
    options: {
      readonly after?: string | undefined;
      readonly limit: number;
      readonly now: number;
    },
  ): Promise<readonly StoredInvite[]>;
  /** One of those, by its id. */
  invite(
    room: string,
    id: string,
    now: number,
  ): Promise<StoredInvite | undefined>;
  /** Ends an invitation; says whether there was one. */
  dropInvite(room: string, id: string, options?: Noted): Promise<boolean>;
  /**
   * Deletes invitations that are too old; bit by bit, so this is not one step.
   * Says how many they were.
   */
  pruneInvites(now: number): Promise<number>;
  /**
   * Uses an invitation up and makes the person a member, if it is valid.
   */
  useInvite(
    hash: string,
    options: {
      readonly room: string;
      readonly person: string;
      readonly now: number;
    },
  ): Promise<boolean>;
  /**
   * The marker never goes back, nor beyond the last message. In a public room
   * this adds a membership, elsewhere not. Counts are exact up to 1,000.
   */
  markRead(
    room: string,
    person: string,
    offset: number,
  ): Promise<{
    readonly read: number;
    readonly unread: number;
    readonly mentions: number;
  }>;
}

/** A message to be stored. */
export interface NewMessage {
  /** The room's name. */
  readonly room: string;
  /** The sender's own id of the message. */
  readonly id: string;
  /** Who says it. */
  readonly from: Person;
  /** What is said. */
  readonly text: string;
  /** When. */
  readonly time: number;
  /** The offset of the message that it answers. */
  readonly replyTo?: number | undefined;
  /** The ids of those whom it mentions. */
  readonly mentions?: readonly string[] | undefined;
  /** Hashes of attachments with the names they have here. */
  readonly attachments?:
    | readonly { readonly hash: string; readonly name: string }[]
    | undefined;
}

/** What has come of a message to be stored. */
export type Appended =
  | { readonly message: ChatMessage; readonly repeated: boolean }
  | "room_unknown"
  | "message_unknown"
  | "attachment_unknown";

/** What has come of a change to a message. */
export type Changed =
  | { readonly message: ChatMessage; readonly change: number }
  /** It is as it was. */
  | "unchanged"
  | "message_unknown"
  | "too_many_reactions";

/** A change as others hear of it. */
export interface MessageChange {
  /** The message as it is now. */
  readonly message: ChatMessage;
  /** The number of the change. */
  readonly change: number;
}

/** Messages in JSON as an export has them: see `docs/running.md`. */
export type ExportLine = Readonly<Record<string, unknown>>;

/** Messages: in the order of their offsets, in each room. */
export interface MessageStore {
  /**
   * Told of every new message once it is stored, in the order of offsets, of
   * those of a commit together. It must not throw.
   */
  onAppend: ((messages: readonly ChatMessage[]) => void) | null;
  /** Told of every change once it is stored. It must not throw. */
  onChange: ((changes: readonly MessageChange[]) => void) | null;

  /**
   * Stores a message under the next offset; or finds the one that the same
   * person has stored under the same id in that room.
   */
  append(message: NewMessage): Promise<Appended>;
  /** One message, if there is one of that offset. */
  get(room: string, offset: number): Promise<ChatMessage | undefined>;
  /** Lets a message say something else. */
  edit(
    room: string,
    offset: number,
    edit: {
      readonly text: string;
      readonly mentions?: readonly string[];
      readonly by: string;
      readonly time: number;
    },
  ): Promise<Changed>;
  /** Takes a message back. */
  remove(
    room: string,
    offset: number,
    options: Noted & { readonly by: string; readonly time: number },
  ): Promise<Changed>;
  /** Adds a person's reaction, or takes it back. */
  react(
    room: string,
    offset: number,
    reaction: {
      readonly emoji: string;
      readonly person: string;
      readonly on: boolean;
      readonly maxDifferent: number;
    },
  ): Promise<Changed>;
  /** What the message was: its earlier texts and the present one, oldest first. */
  versions(room: string, offset: number): Promise<
    readonly {
      readonly text: string;
      readonly time: number;
      readonly by: Person;
    }[]
  >;
  /** A page, oldest first; without `before`, `after` and `around` the newest. */
  page(
    room: string,
    options: {
      readonly before?: number | undefined;
      readonly after?: number | undefined;
      readonly around?: number | undefined;
      readonly limit: number;
    },
  ): Promise<{
    readonly messages: readonly ChatMessage[];
    readonly older: boolean;
    readonly newer: boolean;
  }>;
  /**
   * What has come after a position, with the room as it is in that same step;
   * `undefined` in place of both lists if it is more than `limit`, if some of it
   * is not kept any more, or if the epoch is another one.
   */
  since(
    room: string,
    position: {
      readonly epoch: string;
      readonly offset: number;
      readonly change: number;
    },
    limit: number,
  ): Promise<
    {
      readonly room: StoredRoom;
      readonly missed:
        | {
          readonly messages: readonly ChatMessage[];
          readonly changed: readonly ChatMessage[];
        }
        | undefined;
    } | undefined
  >;
  /** The newest page with the room as it is in that same step. */
  newest(room: string, limit: number): Promise<
    {
      readonly room: StoredRoom;
      readonly messages: readonly ChatMessage[];
      readonly older: boolean;
    } | undefined
  >;
  /**
   * Messages with every word, the last one as a beginning, newest first, that
   * are not deleted. Without `rooms`: in all public ones and those of `person`.
   * `next` continues where this page ends.
   */
  search(options: {
    readonly words: readonly string[];
    readonly room?: string | undefined;
    readonly person?: string | undefined;
    readonly before?: number | undefined;
    readonly limit: number;
  }): Promise<{
    readonly messages: readonly ChatMessage[];
    readonly next?: number;
  }>;
  /**
   * Forgets messages older than a time, and all but the newest `keep` of a room;
   * bit by bit, so this is not one step. Says how many they were.
   */
  prune(options: {
    readonly before?: number | undefined;
    readonly keep?: number | undefined;
  }): Promise<number>;
  /**
   * The room, its members and all its messages, a line each, from one snapshot.
   * Of a room that there is not, nothing.
   */
  export(room: string): AsyncIterable<ExportLine>;
  /** Makes a room of an export. Throws a `TypeError` for what is none. */
  import(lines: AsyncIterable<ExportLine>): Promise<StoredRoom | "room_exists">;
}

/** A ban as it is stored. */
export interface StoredBan {
  /** Absent: from the whole server. */
  readonly room?: string | undefined;
  /** Who is banned. */
  readonly person: Person;
  /** The addresses that are banned with the person. */
  readonly addresses: readonly string[];
  /** Who has done it. */
  readonly by: Person;
  /** When it ends, if it does. */
  readonly until?: number | undefined;
  /** Why. */
  readonly reason: string;
  /** When it was done. */
  readonly time: number;
}

/** Bans, and what moderators have done. */
export interface ModerationStore {
  /**
   * One person has one ban in a room, and one of the server. From a room: it
   * loses its role there, and its membership of a private one, but not those of
   * the last owner. From the server: it loses its invitations to all rooms.
   */
  ban(ban: StoredBan, options?: Noted): Promise<void>;
  /** Ends a ban; says whether there was one. */
  unban(
    room: string | undefined,
    person: string,
    options?: Noted,
  ): Promise<boolean>;
  /** The ban of a person from a room, or from the server, that is in force. */
  banOf(
    person: string,
    options: { readonly room?: string | undefined; readonly now: number },
  ): Promise<StoredBan | undefined>;
  /** The ban from the server that is in force for an address. */
  addressBan(address: string, now: number): Promise<StoredBan | undefined>;
  /** Those in force, of a room or of the server. */
  bans(room: string | undefined, now: number): Promise<readonly StoredBan[]>;
  /**
   * Deletes bans that have ended; bit by bit, so this is not one step. Says how
   * many they were.
   */
  prune(now: number): Promise<number>;
  /** Notes what a moderator has done that changes nothing in the store. */
  log(entry: NewAuditEntry): Promise<void>;
  /**
   * Newest first; without a room, all. Of a room: what has been done since it was
   * made, not in another one that had the name before.
   */
  audit(options: {
    readonly room?: string | undefined;
    readonly before?: number | undefined;
    readonly limit: number;
  }): Promise<readonly AuditEntry[]>;
}

/** What is known of files; the files themselves are kept elsewhere, by hash. */
export interface AttachmentStore {
  /**
   * Adds a file. One that is there already stays as it is, but counts as added
   * at the later time.
   */
  add(
    info: Omit<AttachmentInfo, "name">,
    options: { readonly by: string; readonly time: number },
  ): Promise<void>;
  /** By the hash. */
  get(hash: string): Promise<Omit<AttachmentInfo, "name"> | undefined>;
  /** Hashes of files added before a time that no message has, which it forgets. */
  dropUnused(before: number): Promise<readonly string[]>;
}

/** A token of the API as it is stored. */
export interface StoredToken {
  /** What it is ended by. */
  readonly id: string;
  /** What it is called. */
  readonly name: string;
  /** What it may do. */
  readonly scopes: readonly string[];
  /** The person that it speaks as. */
  readonly person: string;
  /** The only room it is for, if there is one. */
  readonly room?: string | undefined;
  /** When it was made. */
  readonly created: number;
}

/** Tokens of the API, found by the SHA-256 of their secret in hexadecimal. */
export interface TokenStore {
  /**
   * Adds a token under the hash of its secret. One for one room makes the person
   * a member of it.
   */
  add(token: StoredToken, hash: string, options?: Noted): Promise<void>;
  /** By the hash of its secret. */
  find(hash: string): Promise<StoredToken | undefined>;
  /** All of them. */
  list(): Promise<readonly StoredToken[]>;
  /** Ends a token; says whether there was one. */
  drop(id: string, options?: Noted): Promise<boolean>;
}
