import { ChatRefusal } from "../errors.ts";
import { MORE_LIMITS } from "../limits.ts";
import { isDirectRoom } from "../names.ts";
import { enterRoom, makeRoom } from "../operations/enter_room.ts";
import { listMembers, listRooms, setTopic } from "../operations/rooms.ts";
import { mayMakeRooms, mustNotBeMuted } from "../permissions.ts";
import {
  type Fields,
  invalidField,
  isObject,
  isString,
  readFlag,
  readLimit,
  readNumber,
  readOptionalId,
  readOptionalSecret,
  readRoom,
  readTopic,
  roomName,
} from "./fields.ts";
import type { RequestKinds } from "./kind.ts";
import type { Position } from "../client_messages.ts";

const ANY_NUMBER = { min: 0, max: Number.MAX_SAFE_INTEGER };

/** Rooms, and who is in them. */
export const ROOM_REQUESTS: RequestKinds<
  "rooms" | "create" | "join" | "leave" | "members" | "topic"
> = {
  rooms: {
    parse: (fields, ref) => ({
      type: "rooms",
      after: readAfter(fields),
      limit: readLimit(fields),
      ref,
    }),
    async handle({ after, limit, ref }, session) {
      const { chat, actor } = session;
      const list = await listRooms(chat, actor, { after, limit });
      session.reply({ type: "rooms", ...list, ref });
    },
  },

  create: {
    parse(fields, ref) {
      const room = readRoom(fields);
      if (isDirectRoom(room)) throw new ChatRefusal("invalid_room");
      const { kind = "public" } = fields;
      if (kind !== "public" && kind !== "private") throw invalidField("kind");
      return { type: "create", room, kind, topic: readTopic(fields), ref };
    },
    async handle({ room, kind, topic, ref }, session) {
      if (!mayMakeRooms(session.actor, session.chat.config)) {
        throw new ChatRefusal("not_allowed");
      }
      if (!await makeRoom(session, { room, kind, topic })) {
        throw new ChatRefusal("room_exists");
      }
      await enterRoom(session, { room, limit: MORE_LIMITS.defaultPage, ref });
    },
  },

  join: {
    parse: (fields, ref) => ({
      type: "join",
      room: readRoom(fields),
      invite: readOptionalSecret(fields, "invite"),
      since: readPosition(fields),
      limit: readLimit(fields),
      ref,
    }),
    handle: (request, session) => enterRoom(session, request),
  },

  leave: {
    parse: (fields, ref) => ({
      type: "leave",
      room: readRoom(fields),
      for_good: readFlag(fields, "for_good", false),
      ref,
    }),
    async handle({ room, for_good, ref }, session) {
      const { chat, personId } = session;
      const live = session.room(room);
      if (for_good) {
        const stored = await chat.store.rooms.get(room);
        if (stored?.kind === "private") {
          // With the membership the mute would go, and an invitation be enough
          // to speak again.
          mustNotBeMuted(chat, live.member(personId) ?? {});
          // Its last owner has to give it to somebody, or delete it.
          if (!await chat.store.rooms.dropMembership(room, personId)) {
            throw new ChatRefusal("not_allowed");
          }
          session.leaves(live);
          // Its other devices may not stay where it is no member.
          chat.publish({ type: "expel", room, person: personId });
        }
      }
      session.leaves(live);
      session.reply({ type: "left", room, ref });
    },
  },

  members: {
    parse: (fields, ref) => ({
      type: "members",
      room: readRoom(fields),
      after: readOptionalId(fields, "after"),
      limit: readLimit(fields, {
        most: MORE_LIMITS.members,
        fallback: MORE_LIMITS.members,
      }),
      ref,
    }),
    async handle({ room, after, limit, ref }, session) {
      const { chat, actor } = session;
      session.room(room);
      const list = await listMembers(chat, actor, { room, after, limit });
      session.reply({ type: "members", room, ...list, ref });
    },
  },

  topic: {
    parse: (fields, ref) => ({
      type: "topic",
      room: readRoom(fields),
      topic: readTopic(fields),
      ref,
    }),
    async handle({ room, topic, ref }, session) {
      session.room(room);
      await setTopic(session.chat, session.actor, { room, topic });
      session.reply({ type: "done", ref });
    },
  },
};

function readAfter(fields: Fields): string | undefined {
  if (fields.after === undefined) return undefined;
  const after = roomName(fields.after);
  if (after === undefined) throw invalidField("after");
  return after;
}

function readPosition({ since }: Fields): Position | undefined {
  if (since === undefined) return undefined;
  if (!isObject(since)) throw invalidField("since");
  const { epoch } = since;
  if (!isString(epoch, 64)) throw invalidField("since");
  try {
    return {
      epoch,
      offset: readNumber(since, "offset", ANY_NUMBER),
      change: readNumber(since, "change", ANY_NUMBER),
    };
  } catch {
    throw invalidField("since");
  }
}
