import {
  deleteMessage,
  editMessage,
  react,
  versions,
} from "../operations/change.ts";
import { send } from "../operations/send.ts";
import type { ChatMessage } from "../model.ts";
import {
  readAttachments,
  readEmoji,
  readFlag,
  readMentions,
  readMessageId,
  readOffset,
  readOptionalOffset,
  readReason,
  readRoom,
  readText,
} from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** Messages, and what happens to them. */
export const MESSAGE_REQUESTS: RequestKinds<
  "send" | "edit" | "delete" | "react" | "versions" | "typing" | "read"
> = {
  send: {
    parse(fields, ref) {
      const room = readRoom(fields);
      const attachments = readAttachments(fields);
      return {
        type: "send",
        room,
        id: readMessageId(fields),
        text: readText(fields, { mayBeEmpty: attachments !== undefined }),
        reply_to: readOptionalOffset(fields, "reply_to"),
        mentions: readMentions(fields),
        attachments,
        ref,
      };
    },
    async handle(request, session) {
      const { room, id, ref } = request;
      session.room(room);
      const ack = (
        { offset, time }: ChatMessage,
        repeated?: true,
      ) =>
        session.reply({ type: "sent", room, id, offset, time, repeated, ref });
      let isAcked = false;
      const { message, repeated } = await send(session.chat, session.actor, {
        ...request,
        // Before everybody else hears of it.
        onStored(message) {
          isAcked = true;
          ack(message);
        },
      });
      if (!isAcked) ack(message, repeated || undefined);
    },
  },

  edit: {
    parse: (fields, ref) => ({
      type: "edit",
      room: readRoom(fields),
      offset: readOffset(fields),
      // Whether it may be empty is up to the message.
      text: readText(fields, { mayBeEmpty: true }),
      mentions: readMentions(fields),
      ref,
    }),
    async handle(request, session) {
      session.room(request.room);
      await editMessage(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },

  delete: {
    parse: (fields, ref) => ({
      type: "delete",
      room: readRoom(fields),
      offset: readOffset(fields),
      reason: readReason(fields),
      ref,
    }),
    async handle(request, session) {
      session.room(request.room);
      await deleteMessage(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },

  react: {
    parse: (fields, ref) => ({
      type: "react",
      room: readRoom(fields),
      offset: readOffset(fields),
      emoji: readEmoji(fields),
      on: readFlag(fields, "on", true),
      ref,
    }),
    async handle(request, session) {
      session.room(request.room);
      await react(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },

  versions: {
    parse: (fields, ref) => ({
      type: "versions",
      room: readRoom(fields),
      offset: readOffset(fields),
      ref,
    }),
    async handle({ room, offset, ref }, session) {
      session.room(room);
      const { chat, actor } = session;
      const found = await versions(chat, actor, { room, offset });
      session.reply({ type: "versions", room, offset, versions: found, ref });
    },
  },

  typing: {
    parse: (fields, ref) => ({ type: "typing", room: readRoom(fields), ref }),
    handle({ room }, session) {
      const { chat, person } = session;
      const until = session.room(room).member(person.id)?.mutedUntil ?? 0;
      if (session.typesTooFast() || until > chat.clock.now()) return;
      chat.publish({
        type: "tell_room",
        room,
        message: { type: "typing", room, person },
        from: person.id,
        except: person.id,
      });
    },
  },

  read: {
    parse: (fields, ref) => ({
      type: "read",
      room: readRoom(fields),
      offset: readOffset(fields),
      ref,
    }),
    async handle({ room, offset, ref }, session) {
      session.room(room);
      const { chat, personId } = session;
      const marked = await chat.store.rooms.markRead(room, personId, offset);
      const message = {
        type: "read",
        room,
        offset: marked.read,
        unread: marked.unread,
        mentions: marked.mentions,
      } as const;
      session.reply({ ...message, ref });
      chat.publish({
        type: "tell_person",
        person: personId,
        message,
        except: session.id,
      });
    },
  },
};
