import { isoTime } from "../clock.ts";
import { MORE_LIMITS } from "../limits.ts";
import { invite } from "../operations/invite.ts";
import { readOptionalNumber, readRoom } from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** Invitations to private rooms. */
export const INVITE_REQUESTS: RequestKinds<"invite"> = {
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
        invite: made.invite,
        expires: isoTime(made.expires),
        ref: request.ref,
      });
    },
  },
};
