import { isoTime } from "../clock.ts";
import { MORE_LIMITS } from "../limits.ts";
import { dropInvite, invite, listInvites } from "../operations/invites.ts";
import {
  readId,
  readLimit,
  readOptionalId,
  readOptionalNumber,
  readRoom,
} from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** Invitations to private rooms. */
export const INVITE_REQUESTS: RequestKinds<
  "invite" | "invites" | "drop_invite"
> = {
  invite: {
    parse: (fields, ref) => ({
      type: "invite",
      room: readRoom(fields),
      lasts: readOptionalNumber(fields, "lasts", {
        min: 1,
        max: MORE_LIMITS.invite,
      }) ?? MORE_LIMITS.defaultInvite,
      uses: readOptionalNumber(fields, "uses", {
        min: 1,
        max: MORE_LIMITS.inviteUses,
      }) ?? 1,
      ref,
    }),
    async handle(request, session) {
      const made = await invite(session.chat, session.actor, request);
      session.reply({
        type: "invited",
        room: request.room,
        id: made.id,
        invite: made.invite,
        expires: isoTime(made.expires),
        ref: request.ref,
      });
    },
  },

  invites: {
    parse: (fields, ref) => ({
      type: "invites",
      room: readRoom(fields),
      after: readOptionalId(fields, "after"),
      limit: readLimit(fields),
      ref,
    }),
    async handle(request, session) {
      const { room, ref } = request;
      const list = await listInvites(session.chat, session.actor, request);
      session.reply({ type: "invites", room, ...list, ref });
    },
  },

  drop_invite: {
    parse: (fields, ref) => ({
      type: "drop_invite",
      room: readRoom(fields),
      invite: readId(fields, "invite"),
      ref,
    }),
    async handle(request, session) {
      await dropInvite(session.chat, session.actor, request);
      session.reply({ type: "done", ref: request.ref });
    },
  },
};
