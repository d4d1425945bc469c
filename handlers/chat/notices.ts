import type { Chat } from "./chat.ts";
import { ChatRefusal } from "./errors.ts";
import type { ChatMessage } from "./model.ts";
import { isDirectRoom } from "./names.ts";
import type { OnlinePerson } from "./online_people.ts";
import { readerStanding } from "./permissions.ts";
import type { ChatSession } from "./session.ts";

/**
 * Tells those whom a message concerns, at their connections that are not in its
 * room: who is mentioned, and may read it, and the other one of two.
 */
export function tellConcerned(chat: Chat, message: ChatMessage): void {
  const { room, mentions = [] } = message;
  if (isDirectRoom(room)) {
    chat.runErrand(async () => {
      const members = await chat.store.rooms.members(room, { limit: 2 });
      tell(chat, message, members.map(({ id }) => id));
    });
    return;
  }
  for (const id of mentions) {
    const online = chat.people.get(id);
    if (online === undefined || elsewhere(online, room).length === 0) continue;
    chat.runErrand(async () => {
      if (await mayRead(chat, online, room)) tell(chat, message, [id]);
    });
  }
}

function tell(
  chat: Chat,
  message: ChatMessage,
  people: readonly string[],
): void {
  for (const id of people) {
    const online = id === message.from.id ? undefined : chat.people.get(id);
    if (online === undefined) continue;
    const sessions = elsewhere(online, message.room);
    if (sessions.length === 0) continue;
    const frame = chat.encode({ type: "notice", message });
    for (const session of sessions) session.send(frame);
  }
}

function elsewhere(
  online: OnlinePerson,
  room: string,
): readonly ChatSession[] {
  return online.sessions.filter((session) => !session.isIn(room));
}

async function mayRead(
  chat: Chat,
  { person }: OnlinePerson,
  room: string,
): Promise<boolean> {
  try {
    await readerStanding(chat, { person, isOwner: false }, room);
    return true;
  } catch (error) {
    if (error instanceof ChatRefusal) return false;
    throw error;
  }
}
