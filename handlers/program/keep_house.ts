import type { Config } from "../config/mod.ts";
import {
  dropUnusedRooms,
  type FaultLog,
  type Uploads,
  type WebSocketChat,
} from "../mod.ts";
import { Housekeeping } from "../upkeep/mod.ts";

const DAY_MS = 24 * 60 * 60 * 1000;

/** So old is a room of which nobody has made anything when it goes. */
const UNUSED_ROOM_DAYS = 30;

/**
 * Forgets what has to go: messages that are too old, sessions that nobody can
 * come back by, rooms of which nobody has made anything, guests whom nobody can be
 * any more, what has ended, and files that no message has.
 */
export function keepHouse(
  config: Config,
  { chat, uploads, faults }: {
    readonly chat: WebSocketChat;
    readonly uploads: Uploads;
    readonly faults: FaultLog;
  },
): Housekeeping {
  const { "retention.days": days, "retention.messages": keep } = config;
  const { store } = chat;
  let hasBegun = false;
  return new Housekeeping([
    async () => {
      if (days === undefined && keep === undefined) return;
      const before = days === undefined
        ? undefined
        : Date.now() - days * DAY_MS;
      await store.messages.prune({ before, keep });
    },
    () => chat.touchSessions(),
    () => store.sessions.prune(Date.now() - config["session-days"] * DAY_MS),
    async () => {
      // At the start, nobody has come back to any room.
      if (hasBegun) {
        await dropUnusedRooms(chat, {
          before: Date.now() - UNUSED_ROOM_DAYS * DAY_MS,
          keep: config["rooms.default"],
        });
      }
      hasBegun = true;
    },
    () => store.moderation.prune(Date.now()),
    () => store.rooms.pruneInvites(Date.now()),
    // After what they may have left.
    () => store.people.prune(Date.now()),
    () => uploads.dropUnused(Date.now() - DAY_MS),
    () => uploads.dropStrays(),
  ], { onError: (error) => faults.report(error) });
}
