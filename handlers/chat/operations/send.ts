import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import type { SendRequest } from "../client_messages.ts";
import { ChatRefusal } from "../errors.ts";
import type { ChatMessage } from "../model.ts";
import { mayDo, mustNotBeMuted, readerStanding } from "../permissions.ts";
import { mustNotBeTooFast } from "./rates.ts";

/** What is to be said. */
export type NewText = Omit<SendRequest, "type" | "ref">;

/** What has been said. */
export interface Sent {
  /** The message as it is stored. */
  readonly message: ChatMessage;
  /** Whether it had been sent before. */
  readonly repeated: boolean;
}

/**
 * Says something in a room, once for each `id` of the actor. `onStored` is
 * called before others hear of it, unless it had been sent before.
 *
 * Refuses with `room_unknown`, `invite_required`, `banned`, `muted`,
 * `slow_mode`, `too_fast`, `message_unknown` or `attachment_unknown`.
 */
export async function send(
  chat: Chat,
  actor: Actor,
  { onStored, ...text }: NewText & {
    readonly onStored?: (message: ChatMessage) => void;
  },
): Promise<Sent> {
  const { room, id } = text;
  const { person } = actor;
  const standing = await readerStanding(chat, actor, room);
  mustNotBeMuted(chat, standing);
  const live = chat.rooms.get(room);
  if (!mayDo(actor, "speak_at_once", { room, role: standing.role })) {
    const wait = live?.waitOf(person.id) ?? 0;
    if (wait > 0) throw new ChatRefusal("slow_mode", { retry_after: wait });
  }
  mustNotBeTooFast(chat, actor, "messages");

  const key = { room, person: person.id, id };
  const forget = onStored && chat.onceStored(key, onStored);
  // Before it is stored: other devices of the person speak meanwhile.
  const takeBack = live?.speaks(person.id);
  let isSaid = false;
  try {
    const result = await chat.store.messages.append({
      room,
      id,
      from: person,
      text: text.text,
      time: chat.clock.now(),
      replyTo: text.reply_to,
      mentions: text.mentions,
      attachments: text.attachments,
    });
    if (typeof result === "string") throw new ChatRefusal(result);
    isSaid = !result.repeated;
    return result;
  } finally {
    if (!isSaid) takeBack?.();
    forget?.();
  }
}
