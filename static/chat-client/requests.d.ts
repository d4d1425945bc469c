/**
 * What a client may ask with `ChatClient.request()`, and what is answered.
 *
 * @module
 */

import type {
  ApiToken,
  AuditEntry,
  Ban,
  Done,
  Found,
  HistoryPage,
  Invite,
  ListedRoom,
  Member,
  MessageVersion,
  Person,
  ReadMark,
  RoomRole,
  SessionInfo,
  TokenScope,
} from "./wire.d.ts";

/** An act on somebody in a room. */
export interface ActOn {
  /** The room. */
  readonly room: string;
  /** Who. */
  readonly person: string;
  /** Why. */
  readonly reason?: string;
}

/** Each request that `ChatClient.request()` takes: its fields and its answer. */
export interface ChatRequests {
  /** `rename` */
  rename: {
    fields: { readonly name: string };
    answer: { readonly type: "renamed"; readonly person: Person };
  };
  /** `change_password` */
  change_password: {
    fields: { readonly old: string; readonly new: string };
    answer: Done;
  };
  /** `sessions` */
  sessions: {
    fields: Readonly<Record<never, never>>;
    answer: {
      readonly type: "sessions";
      readonly sessions: readonly SessionInfo[];
    };
  };
  /** `revoke` */
  revoke: { fields: { readonly session: string }; answer: Done };
  /** `status` */
  status: { fields: { readonly away: boolean }; answer: Done };
  /** `rooms` */
  rooms: {
    fields: { readonly after?: string; readonly limit?: number };
    answer: {
      readonly type: "rooms";
      readonly rooms: readonly ListedRoom[];
      readonly more: boolean;
    };
  };
  /** `members` */
  members: {
    fields: {
      readonly room: string;
      readonly after?: string;
      readonly limit?: number;
    };
    answer: {
      readonly type: "members";
      readonly room: string;
      readonly members: readonly Member[];
      readonly more: boolean;
    };
  };
  /** `invite` */
  invite: {
    fields: {
      readonly room: string;
      readonly lasts?: number;
      readonly uses?: number;
    };
    answer: {
      readonly type: "invited";
      readonly room: string;
      readonly id: string;
      readonly invite: string;
      readonly expires: string;
    };
  };
  /** `invites` */
  invites: {
    fields: {
      readonly room: string;
      readonly after?: string;
      readonly limit?: number;
    };
    answer: {
      readonly type: "invites";
      readonly room: string;
      readonly invites: readonly Invite[];
      readonly more: boolean;
    };
  };
  /** `drop_invite` */
  drop_invite: {
    fields: { readonly room: string; readonly invite: string };
    answer: Done;
  };
  /** `topic` */
  topic: {
    fields: { readonly room: string; readonly topic: string };
    answer: Done;
  };
  /** `edit` */
  edit: {
    fields: {
      readonly room: string;
      readonly offset: number;
      readonly text: string;
      readonly mentions?: readonly string[];
    };
    answer: Done;
  };
  /** `delete` */
  delete: {
    fields: {
      readonly room: string;
      readonly offset: number;
      readonly reason?: string;
    };
    answer: Done;
  };
  /** `react` */
  react: {
    fields: {
      readonly room: string;
      readonly offset: number;
      readonly emoji: string;
      readonly on: boolean;
    };
    answer: Done;
  };
  /** `versions` */
  versions: {
    fields: { readonly room: string; readonly offset: number };
    answer: {
      readonly type: "versions";
      readonly room: string;
      readonly offset: number;
      readonly versions: readonly MessageVersion[];
    };
  };
  /** `read` */
  read: {
    fields: { readonly room: string; readonly offset: number };
    answer: ReadMark;
  };
  /** `history` */
  history: {
    fields: {
      readonly room: string;
      readonly before?: number;
      readonly after?: number;
      readonly around?: number;
      readonly limit?: number;
    };
    answer: HistoryPage;
  };
  /** `search` */
  search: {
    fields: {
      readonly query: string;
      readonly room?: string;
      readonly before?: number;
      readonly limit?: number;
    };
    answer: Found;
  };
  /** `kick` */
  kick: { fields: ActOn; answer: Done };
  /** `mute` */
  mute: { fields: ActOn & { readonly lasts: number }; answer: Done };
  /** `ban` */
  ban: {
    fields: {
      readonly room?: string;
      readonly person: string;
      readonly lasts?: number;
      readonly addresses?: boolean;
      readonly reason?: string;
    };
    answer: Done;
  };
  /** `unban` */
  unban: {
    fields: { readonly room?: string; readonly person: string };
    answer: Done;
  };
  /** `slow` */
  slow: {
    fields: { readonly room: string; readonly seconds: number };
    answer: Done;
  };
  /** `role` */
  role: {
    fields: {
      readonly room: string;
      readonly person: string;
      readonly role: RoomRole;
    };
    answer: Done;
  };
  /** `bans` */
  bans: {
    fields: {
      readonly room?: string;
      readonly after?: string;
      readonly limit?: number;
    };
    answer: {
      readonly type: "bans";
      readonly room?: string;
      readonly bans: readonly Ban[];
      readonly more: boolean;
    };
  };
  /** `audit` */
  audit: {
    fields: {
      readonly room?: string;
      readonly before?: number;
      readonly limit?: number;
    };
    answer: {
      readonly type: "audit";
      readonly entries: readonly AuditEntry[];
      readonly more: boolean;
    };
  };
  /** `delete_room` */
  delete_room: { fields: { readonly room: string }; answer: Done };
  /** `reset_room` */
  reset_room: { fields: { readonly room: string }; answer: Done };
  /** `create_token` */
  create_token: {
    fields: {
      readonly name: string;
      readonly scopes: readonly TokenScope[];
      readonly room?: string;
    };
    answer: {
      readonly type: "token";
      readonly token: ApiToken;
      readonly secret: string;
    };
  };
  /** `tokens` */
  tokens: {
    fields: Readonly<Record<never, never>>;
    answer: { readonly type: "tokens"; readonly tokens: readonly ApiToken[] };
  };
  /** `drop_token` */
  drop_token: { fields: { readonly token: string }; answer: Done };
}
