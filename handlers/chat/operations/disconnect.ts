import type { Chat } from "../chat.ts";
import { CHAT_CLOSE } from "../close_codes.ts";

/** Ends all connections of a person with 4002. */
export function disconnect(
  chat: Chat,
  person: string,
  { reason = "disconnected" }: { readonly reason?: string } = {},
): void {
  chat.publish({
    type: "disconnect",
    person,
    code: CHAT_CLOSE.disconnected,
    reason,
  });
}

/** Ends the connections of sessions of a person with 4003. */
export function endSessions(
  chat: Chat,
  person: string,
  sessions: readonly string[],
): void {
  chat.publish({
    type: "disconnect",
    person,
    sessions,
    code: CHAT_CLOSE.sessionEnded,
    reason: "the session has ended",
  });
}
