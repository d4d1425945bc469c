import type { ChatCloseCode } from "./close_codes.ts";
import type { Member, RoomRole } from "./model.ts";
import type { RoomChangedMessage, ServerMessage } from "./server_messages.ts";

/**
 * What happens now and is not stored. What is stored, messages and their
 * changes, is told by the store itself, in its order.
 */
export type LiveEvent =
  /** A person is in a room: it came, or is not what it was. */
  | { readonly type: "present"; readonly room: string; readonly member: Member }
  /** A person is not in a room any more, at any of its devices. */
  | { readonly type: "gone"; readonly room: string; readonly person: string }
  /** Everybody in a room, but for one person, is told something of `from`. */
  | {
    readonly type: "tell_room";
    readonly room: string;
    readonly message: ServerMessage;
    readonly from?: string | undefined;
    readonly except?: string | undefined;
  }
  /** Each connection of a person is told something, but for one of them. */
  | {
    readonly type: "tell_person";
    readonly person: string;
    readonly message: ServerMessage;
    readonly except?: string | undefined;
  }
  /** A room has changed; if it is gone or reset, nobody is in it any more. */
  | { readonly type: "room_changed"; readonly message: RoomChangedMessage }
  /** A person has another role in a room, or may not speak until a time. */
  | {
    readonly type: "standing";
    readonly room: string;
    readonly person: string;
    readonly role: RoomRole;
    readonly mutedUntil?: number | undefined;
  }
  /** A person has to leave a room, with all its devices. */
  | { readonly type: "expel"; readonly room: string; readonly person: string }
  /** Connections of a person end: those of some of its sessions, or all. */
  | {
    readonly type: "disconnect";
    readonly person: string;
    readonly sessions?: readonly string[] | undefined;
    readonly code: ChatCloseCode;
    readonly reason: string;
  };

/**
 * Tells all processes of one chat what happens now.
 *
 * Events of one room, and events of one person, reach every process in one
 * order, the one that published them too. A broker of several processes keeps
 * who is present where: it tells `gone` when no process has that person in the
 * room any more, also when a process is heard of no longer, and tells a process
 * that opens a room who is there.
 */
export interface Broker {
  /** Told of each event. It does not throw. */
  onEvent: ((event: LiveEvent) => void) | null;
  /** Tells an event to all. */
  publish(event: LiveEvent): void;
}

/** The broker of a chat that is one process: it tells at once. */
export class LocalBroker implements Broker {
  /** See {@linkcode Broker.onEvent}. */
  onEvent: ((event: LiveEvent) => void) | null = null;

  /** See {@linkcode Broker.publish}. */
  publish(event: LiveEvent): void {
    this.onEvent?.(event);
  }
}
