import type { Actor } from "../actor.ts";
import type { Chat } from "../chat.ts";
import { isoTime } from "../clock.ts";
import type {
  DeleteRequest,
  EditRequest,
  ReactRequest,
  VersionsRequest,
} from "../client_messages.ts";
import { ChatRefusal } from "../errors.ts";
import { MORE_LIMITS } from "../limits.ts";
import type { ChatMessage } from "../model.ts";
import {
  mustBeAllowed,
  mustNotBeMuted,
  readerStanding,
} from "../permissions.ts";
import type { MessageVersion } from "../server_messages.ts";
import type { Changed } from "../store.ts";
import { noted } from "./log.ts";
import { mustNotBeTooFast } from "./rates.ts";

/**
 * Lets the author of a message say something else instead.
 *
 * Refuses with `message_unknown`, `not_allowed`, `invalid_text`, `muted`,
 * `too_many_edits`, `too_fast`, or as the room may not be read.
 */
export async function editMessage(
  chat: Chat,
  actor: Actor,
  edit: Omit<EditRequest, "type" | "ref">,
): Promise<void> {
  const standing = await readerStanding(chat, actor, edit.room);
  mustNotBeMuted(chat, standing);
  mustNotBeTooFast(chat, actor, "changes");
  const message = await find(chat, edit);
  if (message.from.id !== actor.person.id) throw new ChatRefusal("not_allowed");
  if (edit.text === "" && message.attachments === undefined) {
    throw new ChatRefusal("invalid_text");
  }
  if (message.edited !== undefined) await mustNotBeEditedTooOften(chat, edit);
  check(
    await chat.store.messages.edit(edit.room, edit.offset, {
      text: edit.text,
      ...(edit.mentions === undefined ? {} : { mentions: edit.mentions }),
      by: actor.person.id,
      time: chat.clock.now(),
    }),
  );
}

/**
 * Takes a message back: of one's own, or as a moderator, which is noted.
 *
 * Refuses with `message_unknown`, `not_allowed`, `too_fast`, or as the room may
 * not be read.
 */
export async function deleteMessage(
  chat: Chat,
  actor: Actor,
  { room, offset, reason }: Omit<DeleteRequest, "type" | "ref">,
): Promise<void> {
  const { role } = await readerStanding(chat, actor, room);
  mustNotBeTooFast(chat, actor, "changes");
  const message = await find(chat, { room, offset });
  const isOwn = message.from.id === actor.person.id;
  if (!isOwn) mustBeAllowed(actor, "delete", { room, role });
  check(
    await chat.store.messages.remove(room, offset, {
      by: actor.person.id,
      time: chat.clock.now(),
      ...(isOwn ? {} : noted(chat, actor, {
        action: "delete",
        room,
        person: message.from,
        detail: reason === ""
          ? `message ${offset}`
          : `message ${offset}: ${reason}`,
      })),
    }),
  );
}

/**
 * Adds a reaction of the actor, or takes it back.
 *
 * Refuses with `message_unknown`, `too_many_reactions`, `muted`, `too_fast`, or
 * as the room may not be read.
 */
export async function react(
  chat: Chat,
  actor: Actor,
  { room, offset, emoji, on }: Omit<ReactRequest, "type" | "ref">,
): Promise<void> {
  const standing = await readerStanding(chat, actor, room);
  mustNotBeMuted(chat, standing);
  mustNotBeTooFast(chat, actor, "changes");
  check(
    await chat.store.messages.react(room, offset, {
      emoji,
      person: actor.person.id,
      on,
      maxDifferent: MORE_LIMITS.reactions,
    }),
  );
}

/**
 * What a message was before, for moderators.
 *
 * Refuses with `message_unknown`, `not_allowed`, or as the room may not be read.
 */
export async function versions(
  chat: Chat,
  actor: Actor,
  { room, offset }: Omit<VersionsRequest, "type" | "ref">,
): Promise<readonly MessageVersion[]> {
  const { role } = await readerStanding(chat, actor, room);
  mustBeAllowed(actor, "versions", { room, role });
  const found = await chat.store.messages.versions(room, offset);
  if (found.length === 0) throw new ChatRefusal("message_unknown");
  return found.map((each) => ({ ...each, time: isoTime(each.time) }));
}

async function mustNotBeEditedTooOften(
  { store }: Chat,
  { room, offset }: { readonly room: string; readonly offset: number },
): Promise<void> {
  const { length } = await store.messages.versions(room, offset);
  if (length > MORE_LIMITS.edits) throw new ChatRefusal("too_many_edits");
}

async function find(
  chat: Chat,
  { room, offset }: { readonly room: string; readonly offset: number },
): Promise<ChatMessage> {
  const message = await chat.store.messages.get(room, offset);
  if (message === undefined || message.deleted) {
    throw new ChatRefusal("message_unknown");
  }
  return message;
}

function check(changed: Changed): void {
  if (typeof changed === "string" && changed !== "unchanged") {
    throw new ChatRefusal(changed);
  }
}
