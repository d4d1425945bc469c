import { MORE_LIMITS } from "../limits.ts";
import { directRoom } from "../operations/direct_room.ts";
import { enterRoom } from "../operations/enter_room.ts";
import { readId } from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** The room of two people. */
export const DIRECT_REQUESTS: RequestKinds<"direct"> = {
  direct: {
    parse: (fields, ref) => ({
      type: "direct",
      person: readId(fields, "person"),
      ref,
    }),
    async handle({ person, ref }, session) {
      const room = await directRoom(session.chat, session.actor, person);
      await enterRoom(session, { room, limit: MORE_LIMITS.defaultPage, ref });
    },
  },
};
