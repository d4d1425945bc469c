import { ChatRefusal } from "../errors.ts";
import { MORE_LIMITS } from "../limits.ts";
import { history, search } from "../operations/history.ts";
import { hasLength } from "../text.ts";
import {
  type Fields,
  invalidField,
  readLimit,
  readOptionalOffset,
  readOptionalRoom,
  readRoom,
} from "./fields.ts";
import type { RequestKinds } from "./kind.ts";

/** What FTS5 and people take for a word: letters, marks and digits. */
const WORD = /[\p{L}\p{M}\p{N}]+/gu;

/** What has been said. */
export const HISTORY_REQUESTS: RequestKinds<"history" | "search"> = {
  history: {
    parse(fields, ref) {
      const room = readRoom(fields);
      const before = readOptionalOffset(fields, "before");
      const after = readOptionalOffset(fields, "after");
      const around = readOptionalOffset(fields, "around");
      const places = [before, after, around].filter((each) => each);
      if (places.length > 1) {
        throw invalidField(around === undefined ? "after" : "around");
      }
      const limit = readLimit(fields);
      return { type: "history", room, before, after, around, limit, ref };
    },
    async handle({ room, before, after, around, limit, ref }, session) {
      const { chat, actor } = session;
      session.room(room);
      const place = { before, after, around };
      const page = await history(chat, actor, { room, ...place, limit });
      session.reply({ type: "history", room, ...page, ref });
    },
  },

  search: {
    parse: (fields, ref) => ({
      type: "search",
      words: readWords(fields),
      room: readOptionalRoom(fields),
      before: readOptionalOffset(fields, "before"),
      limit: readLimit(fields),
      ref,
    }),
    async handle(query, session) {
      const { chat, actor } = session;
      if (query.room !== undefined) session.room(query.room);
      const { messages, next } = await search(chat, actor, query);
      const more = next !== undefined;
      session.reply({ type: "found", messages, more, next, ref: query.ref });
    },
  },
};

function readWords({ query }: Fields): readonly string[] {
  if (typeof query !== "string") throw invalidField("query");
  if (!hasLength(query, { min: 1, max: MORE_LIMITS.query })) {
    throw new ChatRefusal("invalid_query");
  }
  const words = query.match(WORD) ?? [];
  if (words.length === 0 || words.length > MORE_LIMITS.words) {
    throw new ChatRefusal("invalid_query");
  }
  return words;
}
