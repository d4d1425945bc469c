import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type { SlowRequest } from "../client_messages.ts";
import { isoTime } from "../clock.ts";
import type { RoomChangedMessage } from "../server_messages.ts";
import { noted } from "./log.ts";
import { mustBeAllowedIn } from "./target.ts";

/**
 * Sets how many seconds have to lie between two messages of a member; 0 for none.
 *
 * Refuses with `not_allowed`, `too_fast`, or as the room may not be read.
 */
export async function setSlow(
  chat: Chat,
  actor: Actor,
  { room, seconds }: Omit<SlowRequest, "type" | "ref">,
): Promise<void> {
  await mustBeAllowedIn(chat, actor, { action: "slow", room });
  await chat.store.rooms.update(room, {
    slow: seconds,
    ...noted(chat, actor, { action: "slow", room, detail: `${seconds} s` }),
  });
  tellChanged(chat, room, { slow: seconds });
}

/**
 * Deletes a room with its history.
 *
 * Refuses as {@linkcode setSlow} does.
 */
export async function deleteRoom(
  chat: Chat,
  actor: Actor,
  room: string,
): Promise<void> {
  await mustBeAllowedIn(chat, actor, { action: "delete_room", room });
  await chat.store.rooms.drop(
    room,
    noted(chat, actor, { action: "delete_room", room }),
  );
  tellChanged(chat, room, { gone: true });
}

/**
 * Deletes the history of a room, which gets another epoch.
 *
 * Refuses as {@linkcode setSlow} does.
 */
export async function resetRoom(
  chat: Chat,
  actor: Actor,
  room: string,
): Promise<void> {
  await mustBeAllowedIn(chat, actor, { action: "reset_room", room });
  const stored = chat.store.rooms.reset(
    room,
    chat.newId(),
    noted(chat, actor, { action: "reset_room", room }),
  );
  // At once, while the step waits in the store: whoever joins again comes after
  // it, and nobody who knows the room as it was hears what is said in the new one.
  tellChanged(chat, room, { reset: true });
  await stored;
}

function tellChanged(
  chat: Chat,
  room: string,
  what: Pick<RoomChangedMessage, "slow" | "gone" | "reset">,
): void {
  const time = isoTime(chat.clock.now());
  chat.publish({
    type: "room_changed",
    message: { type: "room_changed", room, ...what, time },
  });
}
