import type { Chat } from "../chat.ts";
import type { RoomRole } from "../model.ts";
import type { ModeratedMessage } from "../server_messages.ts";

/** Tells a person, at all devices, what was done to it. */
export function tellModerated(
  chat: Chat,
  person: string,
  what: Omit<ModeratedMessage, "type">,
): void {
  const message = { type: "moderated", ...what } as const;
  chat.publish({ type: "tell_person", person, message });
}

/** Tells all processes what somebody is in a room now. */
export function tellStanding(
  chat: Chat,
  room: string,
  { person, role = "member", mutedUntil }: {
    readonly person: string;
    readonly role?: RoomRole | undefined;
    readonly mutedUntil?: number | undefined;
  },
): void {
  chat.publish({ type: "standing", room, person, role, mutedUntil });
}
