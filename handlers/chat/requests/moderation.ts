import { MORE_LIMITS } from "../limits.ts";
import type { RoomRole } from "../model.ts";
import {
  banFromRoom,
  kick,
  mute,
  setRole,
  unbanFromRoom,
} from "../operations/moderate_member.ts";
import { deleteRoom, resetRoom, setSlow } from "../operations/moderate_room.ts";
import { listAudit, listBans } from "../operations/moderation_lists.ts";
import { banFromServer, unbanFromServer } from "../operations/server_bans.ts";
import {
  type Fields,
  invalidField,
  readFlag,
  readId,
  readLimit,
  readNumber,
  readOptionalId,
  readOptionalNumber,
  readOptionalOffset,
  readOptionalRoom,
  readReason,
  readRoom,
} from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** What moderators and owners do. */
export const MODERATION_REQUESTS: RequestKinds<
  | "kick"
  | "mute"
  | "ban"
  | "unban"
  | "slow"
  | "role"
  | "bans"
  | "audit"
  | "delete_room"
  | "reset_room"
> = {
  kick: {
    parse: (fields, ref) => ({
      type: "kick",
      room: readRoom(fields),
      person: readId(fields, "person"),
      reason: readReason(fields),
      ref,
    }),
    async handle(request, session) {
      await kick(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },

  mute: {
    parse: (fields, ref) => ({
      type: "mute",
      room: readRoom(fields),
      person: readId(fields, "person"),
      lasts: readOptionalNumber(fields, "lasts", {
        min: 0,
        max: MORE_LIMITS.lasts,
      }),
      reason: readReason(fields),
      ref,
    }),
    async handle(request, session) {
      await mute(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },

  ban: {
    parse(fields, ref) {
      const room = readOptionalRoom(fields);
      const person = readId(fields, "person");
      const lasts = readOptionalNumber(fields, "lasts", {
        min: 1,
        max: MORE_LIMITS.lasts,
      });
      const addresses = readFlag(fields, "addresses", false);
      // A room keeps no addresses out, and must not seem to.
      if (addresses && room !== undefined) throw invalidField("addresses");
      const reason = readReason(fields);
      return { type: "ban", room, person, lasts, addresses, reason, ref };
    },
    async handle({ room, ...request }, session) {
      const { chat, actor } = session;
      if (room === undefined) await banFromServer(chat, actor, request);
      else await banFromRoom(chat, actor, { ...request, room });
      session.reply({ type: "done", ref: request.ref });
    },
  },

  unban: {
    parse: (fields, ref) => ({
      type: "unban",
      room: readOptionalRoom(fields),
      person: readId(fields, "person"),
      ref,
    }),
    async handle({ room, person, ref }, session) {
      const { chat, actor } = session;
      if (room === undefined) await unbanFromServer(chat, actor, person);
      else await unbanFromRoom(chat, actor, { room, person });
      session.reply({ type: "done", ref });
    },
  },

  slow: {
    parse: (fields, ref) => ({
      type: "slow",
      room: readRoom(fields),
      seconds: readNumber(fields, "seconds", { min: 0, max: MORE_LIMITS.slow }),
      ref,
    }),
    async handle(request, session) {
      await setSlow(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },

  role: {
    parse: (fields, ref) => ({
      type: "role",
      room: readRoom(fields),
      person: readId(fields, "person"),
      role: readRole(fields),
      ref,
    }),
    async handle(request, session) {
      await setRole(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },

  bans: {
    parse: (fields, ref) => ({
      type: "bans",
      room: readOptionalRoom(fields),
      after: readOptionalId(fields, "after"),
      limit: readLimit(fields),
      ref,
    }),
    async handle(request, session) {
      const { room, ref } = request;
      const list = await listBans(session.chat, session.actor, request);
      session.reply({ type: "bans", room, ...list, ref });
    },
  },

  audit: {
    parse: (fields, ref) => ({
      type: "audit",
      room: readOptionalRoom(fields),
      before: readOptionalOffset(fields, "before"),
      limit: readLimit(fields),
      ref,
    }),
    async handle(request, session) {
      const list = await listAudit(session.chat, session.actor, request);
      session.reply({ type: "audit", ...list, ref: request.ref });
    },
  },

  delete_room: {
    parse: (fields, ref) => ({
      type: "delete_room",
      room: readRoom(fields),
      ref,
    }),
    async handle({ room, ref }, session) {
      await deleteRoom(session.chat, session.actor, room);
      session.reply({ type: "done", ref });
    },
  },

  reset_room: {
    parse: (fields, ref) => ({
      type: "reset_room",
      room: readRoom(fields),
      ref,
    }),
    async handle({ room, ref }, session) {
      await resetRoom(session.chat, session.actor, room);
      session.reply({ type: "done", ref });
    },
  },
};

function readRole({ role }: Fields): RoomRole {
  if (role === "owner" || role === "moderator" || role === "member") {
    return role;
  }
  throw invalidField("role");
}
